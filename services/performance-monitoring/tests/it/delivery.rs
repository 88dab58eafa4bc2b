use events::Movement;
use serde_json::json;

use crate::world::{Case, World};

#[tokio::test]
async fn redelivered_event_has_no_second_effect() {
    let world = World::new().await;
    let case = Case::red(1, 3, "model");
    let events = [case.selected(), case.ordered(), case.resulted(1, "final", true, 5)];
    world.hear(&events).await;
    let before = world.ask("/v1/reports/summary").await;
    assert_eq!(before["declarations"], 1);
    assert_eq!(before["findings"], 1);
    let metrics = world.metrics.render().unwrap();
    assert!(metrics.contains(r#"monitoring_selections_total{channel="red"} 1"#), "{metrics}");
    assert!(metrics.contains(r#"monitoring_findings_total{trigger="model"} 1"#), "{metrics}");

    let world = world.with_lost_queue().await;
    world.hear(&events).await;
    assert_eq!(world.ask("/v1/reports/summary").await, before);
    let metrics = world.metrics.render().unwrap();
    assert!(!metrics.contains("monitoring_selections_total{"), "{metrics}");
}

#[tokio::test]
async fn an_annulled_finding_leaves_every_count() {
    let world = World::new().await;
    let case = Case::red(1, 3, "filter");
    world.hear(&[case.selected(), case.ordered(), case.resulted(1, "final", true, 5)]).await;
    let found = world.ask("/v1/reports/summary").await;
    assert_eq!(found["additionalDuty"], json!([{"amount": "100.1", "currency": "USD"}]));
    assert_eq!(found["seizures"][0]["quantities"], json!({"KGM": "2.5"}));
    assert_eq!(found["findingsByKind"], json!([{"key": "undervaluation", "n": 1}]));
    world.hear(&[case.resulted(2, "annulled", true, 30)]).await;
    let annulled = world.ask("/v1/reports/summary").await;
    assert_eq!(annulled["findings"], 0);
    assert_eq!(annulled["findingRate"]["n"], 1);
    assert_eq!(annulled["additionalDuty"], json!([]));
    assert_eq!(annulled["seizures"], json!([]));
    assert_eq!(annulled["findingsByKind"], json!([]));
}

#[tokio::test]
async fn an_earlier_version_that_comes_late_changes_nothing() {
    let world = World::new().await;
    let case = Case::red(1, 3, "model");
    world.hear(&[case.selected(), case.resulted(2, "annulled", true, 30)]).await;
    let before = world.ask("/v1/reports/summary").await;
    world.hear(&[case.resulted(1, "final", true, 5)]).await;
    assert_eq!(world.ask("/v1/reports/summary").await, before);
}

#[tokio::test]
async fn all_versions_in_one_batch_end_at_the_highest() {
    let world = World::new().await;
    let case = Case::red(1, 3, "model");
    let results = [
        case.resulted(1, "final", true, 5),
        case.resulted(3, "annulled", true, 50),
        case.resulted(2, "appealed", true, 30),
    ];
    world.publish(&[case.selected(), case.ordered()]).await;
    world.hear(&results).await;
    let summary = world.ask("/v1/reports/summary").await;
    assert_eq!((&summary["findings"], &summary["findingRate"]["n"]), (&json!(0), &json!(1)));
    assert_eq!(summary["additionalDuty"], json!([]));
}

#[tokio::test]
async fn the_order_between_publishers_does_not_matter() {
    let case = Case::red(1, 3, "model");
    let events = [
        case.selected(),
        case.ordered(),
        case.moved(Movement::Arrived, 10),
        case.moved(Movement::Released, 30),
        case.resulted(1, "final", true, 5),
    ];
    let mut answers = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 4, 0, 2, 1]] {
        let world = World::new().await;
        for index in order {
            world.hear(std::slice::from_ref(&events[index])).await;
        }
        answers.push((
            world.ask("/v1/reports/summary").await,
            world.ask("/v1/reports/release-times").await,
            world.ask("/v1/reports/findings").await,
        ));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(answers[0].1["byChannel"][0]["medianHours"], 30.0);
}

#[tokio::test]
async fn a_later_selection_replaces_and_an_earlier_one_does_not() {
    let world = World::new().await;
    let first = Case::green(1, 3);
    let amended = Case { version: 2, ..Case::red(1, 3, "filter") };
    world.hear(&[first.selected(), amended.selected(), first.selected()]).await;
    let summary = world.ask("/v1/reports/summary").await;
    assert_eq!(summary["channels"], json!({"green": 0, "orange": 0, "red": 1}));
    assert_eq!(summary["declarations"], 1);
}

#[tokio::test]
async fn a_message_without_its_shape_goes_to_the_dead_letters_and_blocks_nobody() {
    use queue::{Queue, Stream};
    let world = World::new().await;
    let mut broken = Case::green(1, 3).selected();
    broken.body = serde_json::value::RawValue::from_string("{\"summary\":7}".to_owned()).unwrap();
    world.publish(&[broken, Case::green(2, 3).selected()]).await;
    for worker in world.service.workers() {
        worker.step().await.unwrap();
    }
    assert_eq!(world.ask("/v1/reports/summary").await["declarations"], 1);
    let stream = Stream::of(events::Service::PerformanceMonitoring);
    assert_eq!(world.queue.depth(&stream).await.unwrap().unfinished, 1);
}
