//! Redelivery and rebuild.

use features::keys;
use online_store::OnlineStore;

use crate::world::{Case, World, day};

const TRADERS: [&str; 3] = ["20555555551", "20555555552", "20555555553"];

/// Thirty declarations with results, revisions and one withdrawal.
async fn lived(world: &World) -> Vec<events::Envelope> {
    let mut envelopes = Vec::new();
    for number in 0..30_u32 {
        let case = Case::new(number, TRADERS[number as usize % 3], i64::from(number));
        envelopes.push(case.accepted());
        envelopes.push(case.resulted("physical", 1, "final", number.is_multiple_of(4), i64::from(number) + 3));
        if number.is_multiple_of(8) {
            envelopes.push(case.resulted("physical", 2, "annulled", true, i64::from(number) + 40));
        }
        if number == 7 {
            let body = events::DeclarationCancelled {
                id: case.id(),
                version: 1,
                cancelled_at: day(8),
                reason: "lodged twice".to_owned(),
            };
            envelopes.push(events::Envelope::new(&[case.id().0.as_bytes()], day(8), 0, None, body).into_raw());
        }
    }
    for chunk in envelopes.chunks(7) {
        world.hear(chunk).await;
    }
    envelopes
}

async fn everything(world: &World) -> (Vec<Option<features::EntityState>>, u64, usize) {
    let mut all = Vec::new();
    for number in 0..30_u32 {
        let case = Case::new(number, TRADERS[number as usize % 3], i64::from(number));
        all.extend_from_slice(keys(&case.declaration).list());
    }
    let snapshot = world.online.read(&all).await.unwrap();
    assert!(snapshot.states.iter().all(Option::is_some));
    (snapshot.states, snapshot.sequence, world.online.entities())
}

#[actix_web::test]
async fn redelivered_events_have_no_second_effect() {
    let world = World::new().await;
    let envelopes = lived(&world).await;
    let before = everything(&world).await;
    assert_eq!(before.1, envelopes.len() as u64);
    let world = world.restarted().await;
    world.hear(&envelopes).await;
    assert_eq!(everything(&world).await, before);
}

#[actix_web::test]
async fn a_rebuilt_online_store_equals_the_one_that_lived() {
    let world = World::new().await;
    lived(&world).await;
    let before = everything(&world).await;
    let world = world.restarted().await;
    assert_eq!(everything(&world).await, before);
}

#[actix_web::test]
async fn an_online_store_that_lost_something_is_filled_again_without_a_message() {
    let world = World::new().await;
    lived(&world).await;
    let before = everything(&world).await;
    world.online.fill(before.1 - 5, Box::new(std::iter::empty())).await.unwrap();
    let workers = world.service.workers();
    let keeper = workers.iter().find(|worker| worker.name() == "feature-store-online").unwrap();
    assert_eq!(keeper.step().await.unwrap(), 1);
    assert_eq!(everything(&world).await, before);
    assert_eq!(keeper.step().await.unwrap(), 0);
    assert!(world.service.ready());
}

#[actix_web::test]
async fn a_message_that_meets_an_online_store_out_of_step_is_applied_to_a_full_one() {
    let (world, other) = (World::new().await, World::new().await);
    let envelopes = lived(&other).await;
    world.hear(&envelopes[..20]).await;
    world.online.fill(3, Box::new(std::iter::empty())).await.unwrap();
    let consumer = world.service.workers().remove(0);
    world.publish(&envelopes[20..]).await;
    // The first attempt finds out and counts against no message.
    assert!(consumer.step().await.is_err());
    world.hear(&[]).await;
    assert_eq!(everything(&world).await, everything(&other).await);
}

#[actix_web::test]
async fn batch_boundaries_mean_nothing() {
    let (one, many) = (World::new().await, World::new().await);
    let envelopes = lived(&many).await;
    one.hear(&envelopes).await;
    assert_eq!(everything(&one).await, everything(&many).await);
}
