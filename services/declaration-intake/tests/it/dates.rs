//! A mistyped date is noted, and decides nothing.

use customs::{Declaration, NoteCode, Severity, Timestamp};
use events::{DeclarationAccepted, Service as Name};
use jiff::SignedDuration;

use crate::world::{World, accepted, numbered};

fn dated(number: u32, at: Timestamp) -> Declaration {
    Declaration { acceptance_date_time: at, ..numbered(number) }
}

async fn announced(world: &World) -> Vec<DeclarationAccepted> {
    accepted(&world.announced(Name::Scoring).await)
}

fn severity(notes: &[customs::Note]) -> Option<Severity> {
    let date = |note: &&customs::Note| note.code == NoteCode::ImpossibleDate && note.pointer == "/acceptanceDateTime";
    notes.iter().find(date).map(|note| note.severity)
}

#[tokio::test]
async fn date_of_the_future_is_noted_and_counts_as_now() {
    let world = World::new().await;
    let client = world.client();
    let now = world.clock.now();
    let future: Timestamp = "2027-03-02T12:00:00Z".parse().unwrap();
    for (number, date) in [(1, future), (2, customs::rfc3339::LAST)] {
        let receipt = client.lodge(&dated(number, date), false).await.unwrap();
        assert_eq!(severity(&receipt.notes), Some(Severity::Error));
        let announced = announced(&world).await;
        assert_eq!((announced[0].accepted_at, announced[0].declaration.acceptance_date_time), (now, date));
        // What was declared stays what was declared.
        assert_eq!(client.declaration(receipt.id, None).await.unwrap().version, 1);
    }
    let strict = client.lodge(&dated(3, future), true).await.unwrap_err();
    assert_eq!(strict.code(), Some("declaration-noted"));
    world.stop().await;
}

#[tokio::test]
async fn date_long_past_is_noted_and_counts_as_now() {
    let world = World::new().await;
    let client = world.client();
    let now = world.clock.now();
    let recent = now - SignedDuration::from_hours(20);
    let receipt = client.lodge(&dated(1, recent), false).await.unwrap();
    assert_eq!((severity(&receipt.notes), announced(&world).await[0].accepted_at), (None, recent));
    for (number, hours, expected) in [(2, 30, Severity::Warning), (3, 2_000, Severity::Error)] {
        let receipt = client.lodge(&dated(number, now - SignedDuration::from_hours(hours)), false).await.unwrap();
        assert_eq!(severity(&receipt.notes), Some(expected));
        assert_eq!(announced(&world).await[0].accepted_at, now);
    }
    world.stop().await;
}

#[tokio::test]
async fn amendment_is_accepted_when_it_is_recorded_unless_it_brings_a_date() {
    let world = World::new().await;
    let client = world.client();
    let now = world.clock.now();
    let first = now - SignedDuration::from_hours(3);
    let id = client.lodge(&dated(1, first), false).await.unwrap().id;
    let kept = client.amend(id, &Declaration { packages: Some(7), ..dated(1, first) }).await.unwrap();
    assert_eq!(severity(&kept.notes), None);
    let second = now - SignedDuration::from_hours(1);
    client.amend(id, &Declaration { packages: Some(8), ..dated(1, second) }).await.unwrap();
    let times: Vec<Timestamp> = announced(&world).await.iter().map(|accepted| accepted.accepted_at).collect();
    assert_eq!(times, [first, now, second]);
    world.stop().await;
}

#[tokio::test]
async fn date_that_an_amendment_keeps_is_not_judged_again() {
    let world = World::new().await;
    let first = world.clock.now();
    let id = world.client().lodge(&dated(1, first), false).await.unwrap().id;
    let later = first + SignedDuration::from_hours(24 * 60);
    let world = world.restart(lifecycle::Clock::fixed(later)).await;
    let client = world.client();
    let kept = client.amend(id, &Declaration { packages: Some(7), ..dated(1, first) }).await.unwrap();
    assert_eq!(severity(&kept.notes), None);
    let moved = first + SignedDuration::from_hours(1);
    let moved = client.amend(id, &Declaration { packages: Some(8), ..dated(1, moved) }).await.unwrap();
    assert_eq!(severity(&moved.notes), Some(Severity::Error));
    let times: Vec<Timestamp> = announced(&world).await.iter().skip(1).map(|accepted| accepted.accepted_at).collect();
    assert_eq!(times, [later, later]);
    world.stop().await;
}

#[tokio::test]
async fn the_same_content_is_answered_alike_however_late() {
    let world = World::new().await;
    let first = world.client().lodge(&numbered(1), false).await.unwrap();
    let clock = lifecycle::Clock::fixed(world.clock.now() + SignedDuration::from_hours(24 * 200));
    let world = world.restart(clock).await;
    let again = world.client().lodge(&numbered(1), false).await.unwrap();
    assert_eq!(again.notes, first.notes);
    let amended = world.client().amend(first.id, &numbered(1)).await.unwrap();
    assert_eq!(amended.notes, first.notes);
    world.stop().await;
}

#[tokio::test]
async fn movement_of_the_future_is_refused() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let refusal = client.arrive(id, world.clock.now() + SignedDuration::from_hours(1)).await.unwrap_err();
    let problem = refusal.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (422, "movement-invalid"));
    assert_eq!(problem.errors[0].pointer, "/at");
    client.arrive(id, world.clock.now()).await.unwrap();
    world.stop().await;
}
