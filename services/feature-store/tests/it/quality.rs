//! Data quality: counted once whatever the batches, held against the weeks before, and told by source and field.

use actix_web::http::{Method, StatusCode};
use customs::{Modality, OfficeCode};
use events::Envelope;
use rest::Role;
use serde_json::{Value, json};

use crate::world::{Case, World, day};

const TRADER: &str = "20555555551";

/// A lodgement a day, of which those from `odd_from` have goods of another origin and no mass.
fn lodged(numbers: std::ops::Range<u32>, odd_from: u32) -> Vec<Envelope> {
    let case = |number: u32| {
        let mut case = Case::new(number, TRADER, i64::from(number));
        if number >= odd_from {
            case.declaration.items[0].origin_country = "KP".into();
            case.declaration.items[0].net_mass_kg = None;
        }
        case.accepted()
    };
    numbers.map(case).collect()
}

async fn report(world: &World, query: &str) -> Value {
    let (status, told) = world.request(Role::Analyst, Method::GET, &format!("/v1/data-quality{query}"), None).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

fn row<'v>(report: &'v Value, kind: &str, field: &str) -> &'v Value {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.clone().find(|row| row["kind"] == kind && row["field"] == field).unwrap_or(&Value::Null)
}

#[actix_web::test]
async fn flaws_are_told_by_source_and_field_against_the_weeks_before() {
    let world = World::new().await;
    world.hear(&lodged(0..100, 90)).await;
    let whole = report(&world, "?least=1").await;
    let missing = row(&whole, "office", "item.netMassKg");
    // Two items a declaration.
    assert_eq!(
        (&missing["source"], &missing["observed"], &missing["missing"]),
        (&"118".into(), &200.into(), &10.into())
    );
    assert!((missing["missingShare"].as_f64().unwrap() - 0.05).abs() < 1e-12);
    // Four weeks end on day 94: what is new stays new until then, and is known from then on.
    assert_eq!(row(&whole, "profile", "item.originCountry")["unseen"], 4);
    let early = report(&world, &format!("?least=1&until={}", day(80))).await;
    assert_eq!(
        (&early["until"], row(&early, "office", "item.originCountry")),
        (&json!("2026-05-21T00:00:00Z"), &Value::Null)
    );
    assert!(report(&world, "?least=201&kind=office").await["rows"].as_array().unwrap().is_empty());
    let narrow = report(&world, "?least=1&kind=office&source=118&limit=1").await;
    assert_eq!(narrow["rows"].as_array().unwrap().len(), 1);
    assert!(narrow["flawed"].as_u64() > Some(1));
}

#[actix_web::test]
async fn where_a_batch_ends_and_a_restart_change_no_count() {
    let (one, many) = (World::new().await, World::new().await);
    let envelopes = lodged(0..70, 40);
    one.hear(&envelopes).await;
    let mut many = many;
    for (at, envelope) in envelopes.iter().enumerate() {
        many.hear(std::slice::from_ref(envelope)).await;
        if at == 60 {
            many = many.restarted().await;
        }
    }
    // Everything once more.
    let many = many.restarted().await;
    many.hear(&envelopes).await;
    assert_eq!(report(&many, "?least=1").await, report(&one, "?least=1").await);
}

#[actix_web::test]
async fn many_parts_of_a_day_are_one_count() {
    let world = World::new().await;
    for number in 0..80 {
        let mut case = Case::new(number, TRADER, 3);
        case.declaration.items[1].net_mass_kg = None;
        world.hear(&[case.accepted()]).await;
    }
    let whole = report(&world, "?kind=declarant").await;
    assert_eq!(row(&whole, "declarant", "item.netMassKg")["missing"], 80);
    assert_eq!(row(&whole, "declarant", "item.netMassKg")["observed"], 160);
}

#[actix_web::test]
async fn late_is_what_came_after_it_was_due() {
    let world = World::new().await;
    let mut cases: Vec<Case> = (0..3).map(|number| Case::new(number, TRADER, 10)).collect();
    for (case, arrival) in cases.iter_mut().zip([9, 11, 9]) {
        case.declaration.modality = Modality::Advance;
        case.declaration.means_of_transport.as_mut().unwrap().expected_arrival = Some(day(arrival));
        case.declaration.office = OfficeCode::from("235");
    }
    cases[2].declaration.modality = Modality::Deferred;
    let accepted: Vec<_> = cases.iter().map(Case::accepted).collect();
    world.hear(&accepted).await;
    let prompt = cases[0].resulted("physical", 1, "final", false, 12);
    let belated = cases[1].reported_after("physical", 12, 4);
    world.hear(&[prompt, belated.clone(), belated]).await;
    let told = report(&world, "?least=1").await;
    let declared = row(&told, "office", "declaration");
    assert_eq!((&declared["source"], &declared["observed"], &declared["late"]), (&"235".into(), &2.into(), &1.into()));
    let results = row(&told, "profile", "result");
    assert_eq!(
        (&results["source"], &results["observed"], &results["late"]),
        (&"physical".into(), &2.into(), &1.into())
    );
}

#[actix_web::test]
async fn the_report_can_be_read_and_refuses_a_period_without_days() {
    let world = World::new().await;
    world.hear(&lodged(0..40, 30)).await;
    let (status, text) = world.text(Role::Auditor, "/v1/data-quality?least=1&format=markdown").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("| office | 118 | item.netMassKg | 80 | 10 (12.5 %) | – | – | – |"), "{text}");
    let wrong = format!("/v1/data-quality?from={}&until={}", day(3), day(3));
    let (status, problem) = world.request(Role::Auditor, Method::GET, &wrong, None).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (StatusCode::BAD_REQUEST, &json!("/until")), "{problem}");
    let (status, _) = world.request(Role::Officer, Method::GET, "/v1/data-quality", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}
