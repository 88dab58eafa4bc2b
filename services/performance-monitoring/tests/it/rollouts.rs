//! What a rollout has come to.

use customs::TrialArm;
use events::{DeclarationSelected, Envelope};
use rest::{Principal, Role};
use serde_json::json;

use crate::world::{Case, World, moment};

/// The selection of `case`, taken on one side of a rollout.
fn on_trial(case: &Case, candidate: bool, weight: u16, scores: (f64, f64)) -> Envelope {
    let envelope = case.selected();
    let mut selected: DeclarationSelected = envelope.decode().unwrap();
    selected.selection.trial = Some(TrialArm {
        rollout: "second".into(),
        candidate,
        weight,
        champion_probability: Some(scores.0),
        candidate_probability: Some(scores.1),
    });
    let id = selected.selection.id;
    Envelope::new(&[id.0.as_bytes()], envelope.occurred_at, 1_003_000, None, selected).into_raw()
}

/// 40 declarations in the shadow, then 80 of which every fourth is the candidate's; every other is examined because of the
/// model, a tenth by chance. The candidate finds in every fourth of what it examines, the champion in every second.
async fn lived() -> World {
    let world = World::new().await;
    let mut events = Vec::new();
    for number in 0..120_u32 {
        let (day, weight) = if number < 40 { (5, 0) } else { (20, 2_500) };
        let candidate = weight > 0 && number % 4 == 0;
        let scores = if candidate { (0.6, 0.1) } else { (0.2, 0.2) };
        let trigger = if number % 10 == 9 { "random" } else { "model" };
        let examined = number % 2 == 1 || number % 8 == 0;
        let case = if examined { Case::red(number, day, trigger) } else { Case::green(number, day) };
        events.push(on_trial(&case, candidate, weight, scores));
        if examined {
            let found = if candidate { number % 32 == 0 } else { number % 4 == 1 };
            events.extend([case.ordered(), case.resulted(1, "final", found, 10)]);
        }
    }
    // Not of the rollout.
    events.extend([Case::red(500, 20, "model").selected(), Case::green(501, 20).selected()]);
    world.hear(&events).await;
    world
}

#[tokio::test]
async fn both_sides_are_counted_and_findings_are_told_by_share() {
    let world = lived().await;
    let report = world.ask("/v1/reports/rollouts/second").await;
    let (candidate, champion) = (&report["candidate"], &report["champion"]);
    assert_eq!((&candidate["declarations"], &champion["declarations"]), (&json!(20), &json!(100)));
    assert_eq!(candidate["slow"], 20, "they took 3 s");
    // Of the candidate's every other is a multiple of eight; drawn ones end in nine and are nobody's credit.
    assert_eq!((&candidate["examined"], &candidate["matured"]), (&json!(10), &json!(10)));
    assert_eq!(champion["examined"], champion["matured"]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.iter().map(|group| group["weight"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 2_500]);
    assert_eq!(findings[1]["candidate"], candidate["findings"]);
    assert!(report["examinations"].as_u64() > champion["examined"].as_u64());
    let cells: u64 =
        report["scores"].as_array().unwrap().iter().map(|cell| cell["declarations"].as_u64().unwrap()).sum();
    assert_eq!(cells, 120);

    let later = world.ask(&format!("/v1/reports/rollouts/second?from={}", moment(10, 0))).await;
    assert_eq!(later["champion"]["declarations"], 60);
    let young = world.ask("/v1/reports/rollouts/second?maturitySeconds=400000000&slowMs=5000").await;
    assert_eq!((&young["maturedLabels"], &young["candidate"]["slow"]), (&json!(0), &json!(0)));
    let none = world.ask("/v1/reports/rollouts/unknown").await;
    assert_eq!(none["examinations"], 0);
}

#[tokio::test]
async fn what_the_candidate_let_through_is_listed_most_suspect_first() {
    let world = lived().await;
    let list = world.ask("/v1/reports/rollouts/second/let-through").await;
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 10, "the candidate's that nobody examined");
    assert!(list.iter().all(|one| one["champion"] == 0.6 && one["candidate"] == 0.1 && one["office"] == "118"));
    let (status, _) =
        world.ask_as(&Principal::new("d", [Role::DataScientist]), "/v1/reports/rollouts/second/let-through").await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_candidate_that_suspects_everybody_let_through_what_the_champion_suspects_more_than_others() {
    let world = World::new().await;
    let scored = |number: u32| {
        let doubt = f64::from(number) / 100.0;
        on_trial(&Case::green(number, 20), true, 2_500, (doubt, 0.9 - doubt))
    };
    world.hear(&(0..20).map(scored).collect::<Vec<_>>()).await;
    let list = world.ask("/v1/reports/rollouts/second/let-through").await;
    let suspected: Vec<f64> = list.as_array().unwrap().iter().map(|one| one["champion"].as_f64().unwrap()).collect();
    assert_eq!(suspected, [0.19, 0.18, 0.17, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1]);
}

#[tokio::test]
async fn the_same_messages_again_change_nothing() {
    let world = lived().await;
    let before = world.ask("/v1/reports/rollouts/second").await;
    let world = world.with_lost_queue().await;
    let case = Case::green(2, 5);
    world.hear(&[on_trial(&case, false, 0, (0.2, 0.2))]).await;
    assert_eq!(world.ask("/v1/reports/rollouts/second").await, before);
}
