//! Selections and cancellations.

use customs::Method;
use events::ControlOrdered;

use crate::world::{World, cancelled, declaration, selected, states};

#[actix_web::test]
async fn every_order_opens_a_control_and_tells_it_once() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical, Method::Documentary], &[]), selected(2, 1, &[], &[])]).await;
    let record = world.record().await;
    assert_eq!(record.len(), 2);
    assert_eq!(record[0]["order"]["method"], "physical");
    assert_eq!(record[0]["declaration"], declaration(1).to_string());
    assert_eq!((&record[0]["place"], &record[0]["state"]), (&"DPW-3".into(), &"open".into()));
    let told = world.told::<ControlOrdered>().await;
    assert_eq!(
        told.iter().map(|one| one.control.id.to_string()).collect::<Vec<_>>(),
        [record[0]["id"].as_str().unwrap(), record[1]["id"].as_str().unwrap()]
    );
}

#[actix_web::test]
async fn redelivered_selection_opens_no_second_control() {
    let world = World::new().await;
    let message = || selected(1, 1, &[Method::Physical], &[]);
    world.hear([message()]).await;
    let before = world.record().await;
    let world = world.restarted().await;
    world.hear([message(), message()]).await;
    assert_eq!(world.record().await, before);
    assert_eq!(world.told::<ControlOrdered>().await.len(), 1);
}

#[actix_web::test]
async fn amended_selection_only_raises() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical], &[])]).await;
    world.hear([selected(1, 2, &[], &[])]).await;
    assert_eq!(states(&world.record().await), [("open", 1)].into());
    world.hear([selected(1, 3, &[Method::Physical, Method::Documentary], &[])]).await;
    let record = world.record().await;
    assert_eq!(states(&record), [("open", 2)].into());
    assert_eq!(record[0]["declarationVersion"], 3);
}

#[actix_web::test]
async fn cancellation_withdraws_what_is_open_whichever_comes_first() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical], &[]), cancelled(1)]).await;
    world.hear([cancelled(2)]).await;
    world.hear([selected(2, 1, &[Method::Physical], &[])]).await;
    assert_eq!(states(&world.record().await), [("withdrawn", 1)].into());
    assert!(world.worklist().await.is_empty());
}

#[actix_web::test]
async fn poison_message_goes_aside_and_others_have_their_effect() {
    let world = World::new().await;
    let mut poison = selected(9, 1, &[Method::Physical], &[]);
    poison.body = serde_json::value::RawValue::from_string("{\"selection\":1}".to_owned()).unwrap();
    world.hear([selected(1, 1, &[Method::Physical], &[]), poison, selected(2, 1, &[Method::Scan], &[])]).await;
    assert_eq!(world.record().await.len(), 2);
}
