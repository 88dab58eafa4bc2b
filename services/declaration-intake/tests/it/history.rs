use clients::{BulkReceipt, Client, PastControl, PastDeclaration, ReceiptStatus};
use customs::{Finding, FindingKind, ItemOutcome, ItemResult, Method, Nature, NewResult, ResultStage, Trigger};
use events::{ControlResulted, LabelOrigin, Service as Name};
use jiff::SignedDuration;
use rest::Role;

use crate::world::{World, accepted, numbered};

fn past(number: u32, outcome: ItemOutcome, findings: Vec<Finding>) -> PastDeclaration {
    let declaration = numbered(number);
    let examined_at = declaration.acceptance_date_time + SignedDuration::from_hours(20);
    let result = NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at,
        established_at: examined_at + SignedDuration::from_hours(2),
        items: vec![ItemResult { sequence: declaration.items[0].sequence, outcome, findings }],
        remarks: None,
        targeting: None,
    };
    PastDeclaration { declaration, control: Some(PastControl { method: Method::Physical, examined_at, result }) }
}

fn finding() -> Finding {
    Finding {
        kind: FindingKind::Undervaluation,
        national_code: None,
        field: None,
        declared: None,
        found: None,
        nature: Nature::SuspectedFraud,
        in_traders_favour: false,
        measures: Vec::new(),
    }
}

async fn send(world: &World, lines: &[PastDeclaration]) -> Vec<BulkReceipt> {
    let client = Client::new(&world.url, world.token(&[Role::ModelManager])).unwrap();
    let lines: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let mut receipts = Vec::new();
    client.record_history(lines, |receipt| receipts.push(receipt)).await.unwrap();
    receipts
}

#[tokio::test]
async fn past_is_announced_with_its_own_dates_and_never_decided() {
    let world = World::new().await;
    let lines =
        [past(1, ItemOutcome::Finding, vec![finding()]), PastDeclaration { declaration: numbered(2), control: None }];
    let receipts = send(&world, &lines).await;
    assert!(receipts.iter().all(|receipt| receipt.status == ReceiptStatus::Accepted), "{receipts:?}");
    let announced = world.announced(Name::FeatureStore).await;
    let declarations = accepted(&announced);
    assert!(declarations.iter().all(|accepted| accepted.history));
    assert_eq!(declarations.len(), 2);
    let results: Vec<ControlResulted> = announced.iter().filter_map(|it| it.decode().ok()).collect();
    assert_eq!(results.len(), 1);
    let result = &results[0];
    assert_eq!(result.origin, LabelOrigin::History);
    assert_eq!(result.result.known_at, lines[0].control.as_ref().unwrap().result.established_at);
    assert_eq!(result.control.declaration, receipts[0].id);
    assert_eq!(result.control.order.trigger, Trigger::IncumbentSystem);
    assert_eq!(announced[0].occurred_at, lines[0].declaration.acceptance_date_time);

    world.process_clock.skip(std::time::Duration::from_mins(1));
    assert_eq!(world.step(2).await, 0);

    let again = send(&world, &lines).await;
    assert!(again.iter().all(|receipt| receipt.status == ReceiptStatus::Known));
    assert!(world.announced(Name::FeatureStore).await.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn contradictory_result_is_refused_with_its_place() {
    let world = World::new().await;
    let receipts = send(&world, &[past(1, ItemOutcome::Conform, vec![finding()])]).await;
    let problem = receipts[0].problem.as_ref().unwrap();
    assert_eq!(problem.code, "result-contradictory");
    assert_eq!(problem.errors[0].pointer, "/control/result/items/0/findings");
    assert!(world.announced(Name::FeatureStore).await.is_empty());
    world.stop().await;
}
