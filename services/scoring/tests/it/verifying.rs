//! Stored decisions are taken again from their records, and what was changed in one is found.

use std::sync::Arc;

use customs::PackedVectors;
use events::erasure::pseudonym;
use events::{Envelope, PersonErased};
use jiff::SignedDuration;
use online_store::EmbeddedOnlineStore;
use rest::{Principal, Role};
use rollout::{Scope, Stage};
use sea_orm::{ConnectionTrait, Value as Parameter};
use serde_json::{Value, json};
use store::{Database, Sql};

use crate::reading::Served;
use crate::tables::model;
use crate::trials::on_trial;
use crate::world::{Silent, World, accepted, cancelled, capacity, filter, filters, lodged, routing};

fn auditor() -> Principal {
    Principal::new("auditor", [Role::Auditor])
}

/// Decisions of every kind: of an office without a plan, by rates and by a model, with filters, at different plans, amended,
/// lodged again after a cancellation, and by either side of a rollout.
async fn lived(world: &World) {
    let artefact = model(1);
    world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), artefact.to_bytes());
    let some = vec![
        filter("M-1", "declaration.trader.id == '20100000003'", true),
        filter("W-1", "item.netMassKg > 150.0", false),
    ];
    let lodge = |from: u32, to: u32| (from..to).map(|n| accepted(&lodged(n))).collect::<Vec<_>>();
    world.handle(&lodge(0, 20)).await;
    world.handle(&[capacity(1, 20.0), filters(1, some)]).await;
    world.handle(&lodge(20, 90)).await;
    world.handle(&[routing(1, artefact.digest())]).await;
    world.handle(&lodge(90, 170)).await;
    world.handle(&[capacity(2, 40.0)]).await;
    world.handle(&lodge(170, 200)).await;
    let first = world.selections().await;
    let mut later: Vec<_> = (100..140)
        .map(|n| {
            let mut amended = lodged(n);
            amended.version = 2;
            amended.accepted_at += SignedDuration::from_hours(40);
            amended.told_channel = Some(first[n as usize].channel);
            accepted(&amended)
        })
        .collect();
    for n in 140..160 {
        later.push(cancelled(&lodged(n)));
        let mut again = lodged(n);
        // The same consignment under another reference.
        again.declaration.reference = format!("AGAIN-{n}");
        again.accepted_at += SignedDuration::from_hours(41);
        again.id = again.declaration.id(again.accepted_at);
        later.push(accepted(&again));
    }
    world.handle(&later).await;
    let candidate = model(2);
    world.artefacts.0.lock().unwrap().insert(candidate.digest().to_owned(), candidate.to_bytes());
    world.handle(&[on_trial(2, Stage::Canary, 5_000, None, Scope::default())]).await;
    world.handle(&lodge(200, 300)).await;
}

async fn verification(served: &Served) -> Value {
    let (status, page) = served.get(&auditor(), "/v1/selections/verification?limit=5000").await;
    assert_eq!(status, 200, "{page}");
    page
}

#[tokio::test]
async fn every_decision_taken_again_comes_to_what_is_recorded() {
    let world = World::with(64, Arc::new(EmbeddedOnlineStore::at(0))).await;
    lived(&world).await;
    let selections = world.selections().await;
    for (what, holds) in [
        ("examined for its value", selections.iter().any(|one| one.orders_physical() && one.price <= one.value)),
        ("drawn", selections.iter().any(|one| one.draw < one.random_probability)),
        ("inherited", selections.iter().filter(|one| one.supersedes.is_some()).count() == 60),
        ("by a model", selections.iter().any(|one| !one.scores.is_empty())),
        ("by rates", selections.iter().any(|one| one.scores.is_empty())),
        ("a filter acted", selections.iter().any(|one| one.matches.iter().any(|matched| matched.acted))),
    ] {
        assert!(holds, "no decision is {what}");
    }
    // Also after a restart, and when the model that decided is no longer in force.
    let other = model(2);
    world.artefacts.0.lock().unwrap().insert(other.digest().to_owned(), other.to_bytes());
    world.handle(&[routing(2, other.digest())]).await;
    let world = world.restarted().await;
    let served = Served::new(&world);
    let page = verification(&served).await;
    assert_eq!(page["items"], json!([]));
    assert_eq!((&page["verified"], &page["equal"]), (&json!(selections.len()), &json!(selections.len())));

    let (_, first) = served.get(&auditor(), "/v1/selections/verification?limit=200").await;
    let rest = format!("/v1/selections/verification?after={}", first["next"].as_str().unwrap());
    let (_, rest) = served.get(&auditor(), &rest).await;
    assert_eq!(rest["verified"], selections.len() - 200);
    assert!(rest["next"].is_null());
    let (_, one) = served.get(&auditor(), &format!("/v1/selections/{}/verification", selections[0].id)).await;
    assert_eq!(one["verdict"], "equal");
    served.stop().await;
}

#[tokio::test]
async fn a_decision_whose_person_was_erased_is_told_as_such_and_no_other_differs() {
    const PERSON: &str = "20100000003";
    let world = World::with(64, Arc::new(EmbeddedOnlineStore::at(0))).await;
    lived(&world).await;
    let mut declarations: Vec<_> = (3..300).step_by(37).map(|n| lodged(n).id).collect();
    let mut again = lodged(151);
    again.declaration.reference = "AGAIN-151".to_owned();
    declarations.push(again.declaration.id(again.accepted_at + SignedDuration::from_hours(41)));
    let count = world.selections().await.len();
    let erasure = uuid::Uuid::from_u128(5);
    let erased = PersonErased {
        erasure,
        person: PERSON.to_owned(),
        texts: Vec::new(),
        pseudonym: pseudonym(erasure),
        declarations,
    };
    world.handle(&[Envelope::new(&[b"5"], testkit::noon(), 0, None, erased).into_raw()]).await;

    let served = Served::new(&world);
    let (_, left) = served.get(&auditor(), "/v1/selections?limit=1000").await;
    assert!(!left.to_string().contains(PERSON) && left.to_string().contains(&pseudonym(erasure)));
    let page = verification(&served).await;
    let items = page["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["verdict"] == "erased"), "{items:#?}");
    // Nine of them, one amended, one lodged again.
    assert_eq!((items.len(), &page["equal"]), (11, &json!(count - 11)));
    served.stop().await;
}

#[tokio::test]
async fn degraded_decisions_are_taken_again_too() {
    let world = World::with(64, Arc::new(Silent)).await;
    world.handle(&[capacity(1, 20.0), filters(1, vec![filter("M-1", "declaration.regime == '10'", true)])]).await;
    world.handle(&(0..20).map(|n| accepted(&lodged(n))).collect::<Vec<_>>()).await;
    let served = Served::new(&world);
    let page = verification(&served).await;
    assert_eq!((&page["equal"], &page["items"]), (&json!(20), &json!([])));
    served.stop().await;
}

/// What somebody with the database in his hands does to the first decision that `wanted` chooses.
async fn tamper(world: &World, column: &str, wanted: fn(&Value) -> bool, change: impl Fn(&mut Value)) -> String {
    let db = Database::open(&world.database()).await.unwrap();
    let rows =
        db.reader().query_all_raw(Sql::both("SELECT seq, record FROM selection ORDER BY seq").on(db.reader(), []));
    let mut rows = rows.await.unwrap().into_iter().map(|row| {
        let text: String = row.try_get_by_index(1).unwrap();
        (row.try_get_by_index::<i64>(0).unwrap(), serde_json::from_str::<Value>(&text).unwrap())
    });
    let (seq, record) = rows.find(|(_, record)| wanted(record)).unwrap();
    let select = match column {
        "record" => Sql::both("SELECT record FROM selection WHERE seq = $1"),
        "vectors" => Sql::both("SELECT vectors FROM selection WHERE seq = $1"),
        _ => Sql::both("SELECT basis FROM selection WHERE seq = $1"),
    };
    let row = db.reader().query_one_raw(select.on(db.reader(), [seq.into()])).await.unwrap().unwrap();
    let mut value: Value = serde_json::from_str(&row.try_get_by_index::<String>(0).unwrap()).unwrap();
    change(&mut value);
    let update = match column {
        "record" => Sql::both("UPDATE selection SET record = $2 WHERE seq = $1"),
        "vectors" => Sql::both("UPDATE selection SET vectors = $2 WHERE seq = $1"),
        _ => Sql::both("UPDATE selection SET basis = $2 WHERE seq = $1"),
    };
    let values: [Parameter; 2] = [seq.into(), value.to_string().into()];
    db.writer().execute_raw(update.on(db.writer(), values)).await.unwrap();
    db.close().await.unwrap();
    record["id"].as_str().unwrap().to_owned()
}

fn scored(record: &Value) -> bool {
    record["scores"][0]["contributions"][0].is_array() && record["supersedes"].is_null()
}

fn by_value(record: &Value) -> bool {
    record["orders"][0]["trigger"] == "model" && record["supersedes"].is_null()
}

#[tokio::test]
async fn whatever_is_changed_in_a_record_is_found_and_named() {
    let world = World::with(64, Arc::new(EmbeddedOnlineStore::at(0))).await;
    lived(&world).await;
    let served = Served::new(&world);
    let mut found = 0;
    let mut expect = async |id: String, pointer: &str| {
        let (_, told) = served.get(&auditor(), &format!("/v1/selections/{id}/verification")).await;
        assert_eq!(told["verdict"], "different", "{pointer}: {told}");
        let pointers: Vec<_> =
            told["differences"].as_array().unwrap().iter().filter_map(|one| one["pointer"].as_str()).collect();
        assert!(pointers.iter().any(|told| told.starts_with(pointer)), "{pointer}: {told}");
        found += 1;
    };
    let set =
        |pointer: &'static str, to: Value| move |record: &mut Value| *record.pointer_mut(pointer).unwrap() = to.clone();
    let green = set("/channel", json!("green"));
    expect(tamper(&world, "record", |record| record["channel"] == "red", green).await, "/channel").await;
    let trigger = set("/orders/0/trigger", json!("officer"));
    expect(tamper(&world, "record", by_value, trigger).await, "/orders").await;
    for (pointer, to) in [
        ("/draw", json!(0.999)),
        ("/price", json!(123.0)),
        ("/value", json!(123.0)),
        ("/probability", json!(0.5)),
        ("/probabilityOfFinding", json!(0.001)),
        ("/scores/0/probability", json!(0.001)),
        ("/scores/0/contributions/0/1", json!(9.0)),
        ("/decisionPoint", json!("amendment")),
    ] {
        let id = tamper(&world, "record", scored, set(pointer, to)).await;
        expect(id, pointer).await;
    }
    // Another vector scores otherwise.
    let vectors = |vectors: &mut Value| {
        let packed: PackedVectors = serde_json::from_value(vectors.clone()).unwrap();
        let width = features::unpack_vectors(&packed).unwrap().len() / 4 / packed.items.len();
        let other = vec![7.0; width];
        *vectors = json!(features::pack_vectors(packed.items.iter().map(|item| (*item, other.as_slice()))));
    };
    expect(tamper(&world, "vectors", scored, vectors).await, "/scores").await;
    let id = tamper(&world, "vectors", scored, set("/packed", json!("torn"))).await;
    let (_, told) = served.get(&auditor(), &format!("/v1/selections/{id}/verification")).await;
    assert_eq!(
        (&told["verdict"], &told["reason"]),
        (&json!("unknown"), &json!("its vectors cannot be read")),
        "{told}"
    );
    expect(tamper(&world, "basis", |record| !scored(record), set("/standing/0", json!(0))).await, "/price").await;
    assert_eq!(found, 12);
    served.stop().await;
}

#[tokio::test]
async fn decision_without_what_it_was_taken_on_says_so_and_others_have_no_business_here() {
    let world = World::new().await;
    world.handle(&[accepted(&lodged(1))]).await;
    let db = Database::open(&world.database()).await.unwrap();
    db.writer().execute_unprepared("UPDATE selection SET basis = NULL").await.unwrap();
    db.close().await.unwrap();
    let served = Served::new(&world);
    let page = verification(&served).await;
    assert_eq!(page["items"][0]["verdict"], "unknown");
    assert!(page["items"][0]["reason"].as_str().unwrap().contains("before its basis was kept"));
    let analyst = Principal::new("analyst", [Role::Analyst]);
    assert_eq!(served.get(&analyst, "/v1/selections/verification").await.0, 403);
    let of_one_office = auditor().only_for(["118".into()]);
    assert_eq!(served.get(&of_one_office, "/v1/selections/verification").await.0, 403);
    let elsewhere = auditor().only_for(["235".into()]);
    let id = world.selections().await[0].id;
    assert_eq!(served.get(&elsewhere, &format!("/v1/selections/{id}/verification")).await.0, 403);
    served.stop().await;
}
