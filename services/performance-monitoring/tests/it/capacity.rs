use serde_json::json;

use crate::world::{Case, World, capacity};

#[tokio::test]
async fn whole_controls_are_compared_with_what_was_ordered_within_the_plan() {
    let world = World::new().await;
    world.publish(&[capacity(1, 0, 0.5, 1.0)]).await;
    let mut number = 0;
    for day in 0..31 {
        number += 1;
        world.publish(&[Case::green(number, day).selected()]).await;
        if day % 2 == 1 {
            number += 1;
            let case = Case::red(number, day, if day == 29 { "officer" } else { "model" });
            world.publish(&[case.selected(), case.ordered()]).await;
        }
    }
    world.settle().await;
    let report = world.ask("/v1/reports/channels").await;
    // The plan of 31 December is Lima's: it begins there on the evening before.
    let january = report["months"].as_array().unwrap().iter().find(|line| line["month"] == "2026-01").unwrap();
    assert_eq!(january["channels"], json!({"green": 31, "orange": 0, "red": 15}));
    assert_eq!(january["physical"]["ordered"], 14);
    assert_eq!(january["physical"]["others"], 1);
    assert_eq!(january["physical"]["overruns"], 0);
    let planned = january["physical"]["planned"].as_i64().unwrap();
    assert!((15..=16).contains(&planned), "{planned}");
    assert_eq!(report["offices"][0]["office"], "118");
    assert_eq!(report["capacityErrorMax"], json!(null), "no office-month is planned at 20");
}

#[tokio::test]
async fn ordering_beyond_plan_and_carry_is_an_overrun_and_mandates_are_counted_apart() {
    let world = World::new().await;
    world.publish(&[capacity(1, 0, 1.0, 1.0)]).await;
    for number in 0..4 {
        let case = Case::red(number, 1, "model");
        world.publish(&[case.selected(), case.ordered()]).await;
    }
    let mut mandate = Case::red(9, 1, "mandate").control();
    mandate.order.over_plan = true;
    let key = *mandate.id.0.as_bytes();
    let at = mandate.ordered_at;
    let ordered = events::ControlOrdered { control: mandate, escalated_from: None };
    let ordered = events::Envelope::new(&[&key], at, 0, None, ordered);
    world.hear(&[ordered.into_raw()]).await;
    let report = world.ask("/v1/reports/channels").await;
    // Three days of one (31 December to 2 January in Lima) and one carried make four, so the four are covered.
    assert_eq!(report["overruns"], 0);
    assert_eq!(report["mandatoryOverPlan"], 1);
    let case = Case::red(10, 1, "model");
    world.hear(&[case.selected(), case.ordered()]).await;
    assert_eq!(world.ask("/v1/reports/channels").await["overruns"], 1);
    // A random draw that stands although nothing is left is an overrun as well, and no mandate.
    let mut drawn = Case::red(11, 1, "random").control();
    drawn.order.over_plan = true;
    let (key, at) = (*drawn.id.0.as_bytes(), drawn.ordered_at);
    let ordered = events::ControlOrdered { control: drawn, escalated_from: None };
    world.hear(&[events::Envelope::new(&[&key], at, 0, None, ordered).into_raw()]).await;
    let report = world.ask("/v1/reports/channels").await;
    assert_eq!((&report["overruns"], &report["mandatoryOverPlan"]), (&json!(2), &json!(1)));
}

fn months(report: &serde_json::Value) -> Vec<String> {
    let lines = report["months"].as_array().unwrap().iter();
    lines.filter(|line| line["channels"]["green"] == 1).map(|line| line["month"].to_string()).collect()
}

#[tokio::test]
async fn a_time_zone_that_becomes_known_moves_the_days() {
    let world = World::new().await;
    // Version 15 is decided 14 hours after noon of 31 January: 02:00 UTC on 1 February, 21:00 of the 31st in Lima.
    let case = Case { version: 15, ..Case::green(1, 30) };
    world.hear(&[case.selected()]).await;
    assert_eq!(months(&world.ask("/v1/reports/channels").await), [r#""2026-02""#]);
    world.hear(&[capacity(5, 0, 2.0, 0.0)]).await;
    assert_eq!(months(&world.ask("/v1/reports/channels").await), [r#""2026-01""#]);
}

#[tokio::test]
async fn a_lower_epoch_is_refused() {
    let world = World::new().await;
    world.hear(&[Case::green(1, 20).selected(), capacity(5, 0, 2.0, 0.0)]).await;
    let before = world.ask("/v1/reports/channels").await;
    world.hear(&[capacity(4, 3, 7.0, 0.0)]).await;
    assert_eq!(world.ask("/v1/reports/channels").await, before);
    world.hear(&[capacity(6, 3, 7.0, 0.0)]).await;
    assert_ne!(world.ask("/v1/reports/channels").await, before);
}
