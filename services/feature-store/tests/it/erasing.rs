//! A person who is erased leaves the log and the online features, and nobody else's change.

use actix_web::http::{Method, StatusCode};
use customs::DeclarationId;
use events::erasure::pseudonym;
use events::{Envelope, PersonErased};
use features::{EntityKey, EntityState, Group, Token};
use online_store::OnlineStore;
use rest::Role;

use crate::world::{Case, World, day};

const PERSON: &str = "10412345678";
const OTHER: &str = "20555555552";

fn erased(declarations: Vec<DeclarationId>) -> Envelope {
    let erasure = uuid::Uuid::from_u128(9);
    let body = PersonErased {
        erasure,
        person: PERSON.to_owned(),
        texts: vec!["Importadora del Sur S.A.C.".to_owned()],
        pseudonym: pseudonym(erasure),
        declarations,
    };
    Envelope::new(&[erasure.as_bytes()], day(60), 0, None, body).into_raw()
}

async fn of_trader(world: &World, trader: &str) -> Option<EntityState> {
    let key = EntityKey::new(Group::Trader, &[Token::of(trader).0, 1]);
    world.online.read(&[key]).await.unwrap().states[0]
}

async fn of_goods(world: &World, case: &Case) -> Vec<Option<EntityState>> {
    let keys: Vec<EntityKey> = features::keys(&case.declaration).list().to_vec();
    let goods = keys.into_iter().filter(|key| matches!(key.group(), Some(Group::Hs6 | Group::Origin | Group::Office)));
    world.online.read(&goods.collect::<Vec<_>>()).await.unwrap().states
}

#[actix_web::test]
async fn what_was_found_of_an_erased_person_counts_for_nobody_in_particular() {
    let world = World::new().await;
    let cases: Vec<Case> = (0..6)
        .map(|number| Case::new(number, if number % 2 == 0 { PERSON } else { OTHER }, i64::from(number)))
        .collect();
    for case in &cases {
        world.hear(&[case.accepted(), case.resulted("physical", 1, "final", true, 10)]).await;
    }
    let (other, goods) = (of_trader(&world, OTHER).await, of_goods(&world, &cases[0]).await);
    assert!(of_trader(&world, PERSON).await.is_some() && goods.iter().all(Option::is_some));
    let gone = pseudonym(uuid::Uuid::from_u128(9));
    let known = of_trader(&world, PERSON).await;

    let own: Vec<DeclarationId> = cases.iter().step_by(2).map(Case::id).collect();
    world.hear(&[erased(own.clone())]).await;
    assert_eq!(of_trader(&world, PERSON).await, None);
    assert_eq!(of_trader(&world, &gone).await, known, "the same findings under the pseudonym");
    assert_eq!(of_trader(&world, OTHER).await, other);
    assert_eq!(of_goods(&world, &cases[0]).await, goods);

    let world = world.restarted().await;
    assert_eq!(of_trader(&world, PERSON).await, None, "the log names nobody any more");
    assert_eq!(of_trader(&world, &gone).await, known);
    world.hear(&[erased(own)]).await;
    assert_eq!(of_goods(&world, &cases[0]).await, goods, "once is enough");

    let path = format!("/v1/history?from={}&until={}&asOf={}", day(-1), day(30), day(40));
    let (status, lines) = world.text(Role::Service, &path).await;
    assert_eq!(status, StatusCode::OK, "{lines}");
    assert!(!lines.contains(PERSON) && lines.contains(&gone) && lines.contains(OTHER), "{lines}");
    let quality = "/v1/data-quality?least=1";
    let (status, told) = world.request(Role::Auditor, Method::GET, quality, None).await;
    assert!(status == StatusCode::OK && !told.to_string().contains(PERSON), "{told}");
}

#[actix_web::test]
async fn who_lodges_again_begins_anew() {
    let world = World::new().await;
    let case = Case::new(1, PERSON, 1);
    world.hear(&[case.accepted(), case.resulted("physical", 1, "final", true, 2)]).await;
    world.hear(&[erased(vec![case.id()])]).await;
    world.hear(&[Case::new(2, PERSON, 61).accepted()]).await;
    let Some(EntityState::History(history)) = of_trader(&world, PERSON).await else { panic!("nobody") };
    assert_eq!((history.declared, history.examined), (1, [0; 3]));
}
