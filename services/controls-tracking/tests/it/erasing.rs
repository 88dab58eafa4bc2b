//! A person leaves controls, results and what is remembered of declarations.

use customs::Method;
use events::erasure::pseudonym;
use events::{Envelope, PersonErased};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::world::{World, accepted, auditor, declaration, officer, selected};

const PERSON: &str = "10412345678";
const NAME: &str = "Rosa Ñahui";

fn erased() -> Envelope {
    let erasure = uuid::Uuid::from_u128(3);
    let body = PersonErased {
        erasure,
        person: PERSON.to_owned(),
        texts: vec![NAME.to_owned()],
        pseudonym: pseudonym(erasure),
        declarations: vec![declaration(1)],
    };
    Envelope::new(&[b"3"], accepted(), 0, None, body).into_raw()
}

async fn everything(world: &World) -> String {
    let db = store::Database::open(&world.directory().store()).await.unwrap();
    let mut all = String::new();
    for (table, column) in [
        ("controls", "record"),
        ("controls", "request"),
        ("controls", "reason"),
        ("results", "content"),
        ("controls", "identity"),
    ] {
        let sql = format!("SELECT coalesce({column}, '') FROM {table}");
        let rows = db.reader().query_all_raw(Statement::from_string(db.reader().get_database_backend(), sql)).await;
        for row in rows.unwrap() {
            all.push_str(&row.try_get_by_index::<String>(0).unwrap());
        }
    }
    all
}

#[actix_web::test]
async fn remarks_reasons_and_subjects_name_an_erased_person_no_more() {
    let world = World::new().await;
    world.hear([selected(1, 1, &[Method::Physical], &[]), selected(2, 1, &[Method::Physical], &[])]).await;
    for control in world.worklist().await {
        let path = format!("/v1/controls/{}/results", control["id"].as_str().unwrap());
        let result = json!({"version": 1, "stage": "final", "examinedAt": accepted(), "establishedAt": testkit::noon(),
            "remarks": format!("{} was there", NAME.to_uppercase()),
            "items": [{"sequence": 1, "outcome": "conform"}, {"sequence": 2, "outcome": "conform"}]});
        assert_eq!(world.post(&officer(), &path, result).await.0, 201);
    }
    let order = json!({"reference": "2026-1", "office": "118", "place": "gate 3", "method": "physical",
        "subject": {"type": "person", "id": PERSON}, "reason": format!("a call about {NAME}"), "openedAt": accepted()});
    let (status, opened) = world.post(&officer(), "/v1/controls", order).await;
    assert_eq!(status, 201, "{opened}");
    assert!(everything(&world).await.contains(PERSON));

    world.hear([erased()]).await;
    let left = everything(&world).await;
    assert!(!left.contains(PERSON), "{left}");
    assert_eq!(left.matches(&NAME.to_uppercase()).count(), 1, "of the other declaration nobody asked: {left}");
    let (_, control) = world.get(&auditor(), &format!("/v1/controls/{}", opened["id"].as_str().unwrap())).await;
    let gone = pseudonym(uuid::Uuid::from_u128(3));
    assert_eq!((&control["subject"]["id"], &control["reason"]), (&json!(gone), &json!(format!("a call about {gone}"))));
    assert_eq!(control["orderedBy"], "officer-7", "who ordered is part of the record");
}
