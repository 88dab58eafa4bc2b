//! An imported past: vectors as they would have been served, results only when they were known.

use actix_web::http::Method;
use rest::Role;

use crate::world::{Case, World, day};

const TRADER: &str = "20555555551";

async fn examined(world: &World, case: &Case) -> f64 {
    let path = format!("/v1/features/{}", case.id());
    let (_, told) = world.request(Role::DataScientist, Method::GET, &path, None).await;
    assert_eq!(told["history"], true);
    told["items"][0]["values"]["traderExamined"].as_f64().unwrap()
}

#[actix_web::test]
async fn results_of_the_past_count_from_when_they_were_known() {
    let world = World::new().await;
    let cases: Vec<Case> = (0..4).map(|number| Case::new(number, TRADER, i64::from(number) * 2)).collect();
    let mut envelopes = Vec::new();
    for (number, case) in (0_i64..).zip(&cases) {
        // As a past file is posted: each result right behind its declaration, three days later in its own time.
        envelopes.extend([case.accepted_from_history(), case.resulted_in_history(number == 0, number * 2 + 3)]);
    }
    world.hear(&envelopes[..5]).await;
    let world = world.restarted().await;
    world.hear(&envelopes).await;
    for (case, known) in cases.iter().zip([0.0, 0.0, 1.0, 2.0]) {
        assert!((examined(&world, case).await - known).abs() < 1e-9, "{}", case.declaration.reference);
    }
    let set = world.training_set(day(30)).await;
    assert_eq!(set["labels"], serde_json::json!([true, false, false, false, false, false, false, false]));
    assert_eq!(set["probabilities"][0], serde_json::Value::Null);

    // The first live declaration has reached a time at which all of it was known.
    world.hear(&[Case::new(9, TRADER, 30).accepted()]).await;
    let (vectors, _) = world.vectors(&Case::new(10, TRADER, 31).declaration).await;
    assert!((crate::world::value(&vectors[0], "traderExamined") - 4.0).abs() < 1e-9);
}
