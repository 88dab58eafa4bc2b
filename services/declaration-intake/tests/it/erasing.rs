//! A person leaves the declarations that have come to rest, and the others are told which those are.

use std::time::Duration;

use clients::{Client, ClientError};
use customs::{Channel, Declaration, Party, PartyRole};
use events::{PersonErased, Service as Name};
use rest::Role;
use testkit::Changes;

use crate::world::{World, numbered};

const PERSON: &str = "10412345678";
/// The place of the eraser among the workers.
const ERASER: usize = 4;

fn of_the_person(number: u32) -> Declaration {
    numbered(number).with_trader(PERSON).with(|declaration| {
        declaration.parties[0].name = Some("Rosa Ñahui".to_owned());
        declaration.parties[0].contacts = vec!["rosa@example.pe".to_owned()];
        declaration.transport_documents[0].id = format!("BL-{number}");
    })
}

fn protector(world: &World) -> Client {
    Client::new(&world.url, world.token(&[Role::DataProtection])).unwrap()
}

fn told(envelopes: &[events::Envelope]) -> Vec<PersonErased> {
    envelopes.iter().filter_map(|envelope| envelope.decode().ok()).collect()
}

#[tokio::test]
async fn a_person_leaves_what_is_at_rest_and_the_others_are_told() {
    let world = World::new().await;
    let client = world.client();
    let own = client.lodge(&of_the_person(1), false).await.unwrap().id;
    let other = client.lodge(&numbered(2), false).await.unwrap().id;
    for id in [own, other] {
        world.decide(id, 1, Channel::Green).await;
    }
    let protector = protector(&world);
    let asked = protector.erase(&format!(" {PERSON} ")).await.unwrap();
    world.step(ERASER).await;
    let open = protector.erasure(asked.id).await.unwrap();
    assert_eq!((open.erased, open.under_way, open.done_at_ms), (0, 1, None), "it was lodged a moment ago");
    let first = told(&world.announced(Name::Scoring).await);
    assert_eq!(first.iter().map(|erased| erased.declarations.len()).collect::<Vec<_>>(), [0], "others may know more");

    world.process_clock.skip(Duration::from_hours(8 * 24));
    // What was issued before has expired.
    let protector = self::protector(&world);
    let again = protector.erase(PERSON).await.unwrap();
    assert_eq!(again.id, asked.id, "it is the same erasure");
    world.step(ERASER).await;
    let done = protector.erasure(asked.id).await.unwrap();
    assert_eq!((done.erased, done.under_way, done.done_at_ms.is_some()), (1, 0, true));
    let [erased] =
        <[PersonErased; 1]>::try_from(told(&world.announced(Name::FeatureStore).await.split_off(3))).unwrap();
    assert_eq!((erased.declarations, erased.person.as_str()), (vec![own], PERSON));
    assert_eq!(erased.texts, ["Rosa Ñahui", "rosa@example.pe"]);
    assert_ne!(protector.erase(PERSON).await.unwrap().id, asked.id, "nobody remembers whom it was about");
    world.step(ERASER).await;
    assert!(told(&world.announced(Name::Scoring).await).iter().skip(1).all(|erased| erased.declarations.is_empty()));
    world.stop().await;
}

#[tokio::test]
async fn what_waits_for_a_decision_is_left_until_it_has_one() {
    let world = World::with(|settings| settings.erasure_rest_hours = 0).await;
    let id = world.client().lodge(&of_the_person(1), false).await.unwrap().id;
    let protector = protector(&world);
    let asked = protector.erase(PERSON).await.unwrap();
    world.step(ERASER).await;
    assert_eq!(protector.erasure(asked.id).await.unwrap().under_way, 1);
    world.decide(id, 1, Channel::Green).await;
    world.step(ERASER).await;
    assert_eq!(protector.erasure(asked.id).await.unwrap().under_way, 1, "it is looked at once an hour");
    world.process_clock.skip(Duration::from_mins(61));
    world.step(ERASER).await;
    let done = self::protector(&world).erasure(asked.id).await.unwrap();
    assert_eq!((done.erased, done.under_way), (1, 0));
    world.stop().await;
}

#[tokio::test]
async fn an_erased_declarant_is_gone_from_the_feed_and_the_declaration_is_not_lodged_anew() {
    let world = World::with(|settings| settings.erasure_rest_hours = 0).await;
    let client = world.client();
    let declaration = numbered(1).with(|it| it.declarant = Party::new(PartyRole::Declarant, PERSON));
    let id = client.lodge(&declaration, false).await.unwrap().id;
    world.decide(id, 1, Channel::Green).await;
    protector(&world).erase(PERSON).await.unwrap();
    world.step(ERASER).await;
    let page = client.channels(0, None, None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let text = serde_json::to_string(&page.items[0]).unwrap();
    assert!(!text.contains(PERSON) && text.contains("erased-"), "{text}");
    let again = client.lodge(&declaration, false).await;
    let Err(ClientError::Refused(problem)) = again else { panic!("{again:?}") };
    assert_eq!((problem.status, problem.code.as_str()), (409, "declaration-erased"));
    // Others of the same batch are none the worse.
    let lines = [&declaration, &numbered(2)].map(|it| serde_json::to_vec(it).unwrap());
    let mut stored = Vec::new();
    client.lodge_bulk(lines, |receipt| stored.push(receipt.status)).await.unwrap();
    assert_eq!(stored, [clients::ReceiptStatus::Refused, clients::ReceiptStatus::Accepted]);
    world.stop().await;
}

#[tokio::test]
async fn a_number_that_could_be_anything_erases_nobody() {
    let world = World::new().await;
    for wrong in ["", "12345", &"1".repeat(101)] {
        let refused = protector(&world).erase(wrong).await;
        let Err(ClientError::Refused(problem)) = refused else { panic!("{refused:?}") };
        assert_eq!((problem.status, problem.code.as_str()), (422, "erasure-invalid"));
    }
    let refused = world.client().erase(PERSON).await;
    assert!(matches!(refused, Err(ClientError::Refused(problem)) if problem.status == 403));
    world.stop().await;
}

#[tokio::test]
async fn a_tariff_code_is_no_party() {
    let world = World::with(|settings| settings.erasure_rest_hours = 0).await;
    let id = world.client().lodge(&numbered(1), false).await.unwrap().id;
    world.decide(id, 1, Channel::Green).await;
    let protector = protector(&world);
    let asked = protector.erase("8467210000").await.unwrap();
    world.step(ERASER).await;
    let done = protector.erasure(asked.id).await.unwrap();
    assert_eq!((done.erased, done.under_way, done.done_at_ms.is_some()), (0, 0, true));
    world.stop().await;
}
