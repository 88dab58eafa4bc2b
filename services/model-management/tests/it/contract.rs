use model_management::openapi;
use rest::{ServiceConfig, contract};

use crate::support::Running;

#[test]
fn document_has_no_faults() {
    assert_eq!(contract::lint(&openapi()), Vec::<String>::new());
}

#[actix_web::test]
async fn documented_roles_are_those_that_are_let_in() {
    let running = Running::new().await;
    let routes = running.service.routes();
    let faults = contract::denials(&openapi(), |config: &mut ServiceConfig<'_>| routes(config)).await;
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_problem_has_a_page() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems");
    for code in [
        "filter-invalid",
        "filter-code-taken",
        "filter-retired",
        "filter-superseded",
        "four-eyes",
        "others-word",
        "approver-needed",
        "emergency-invalid",
        "emergency-repeated",
        "emergency-state",
        "capacity-plan-invalid",
        "training-invalid",
        "risk-invalid",
        "risk-code-taken",
        "risk-closed",
        "risk-in-use",
        "risk-needed",
        "list-invalid",
        "list-name-taken",
        "list-forbidden",
        "list-retired",
        "list-in-use",
        "list-not-in-force",
        "replay-invalid",
        "replay-needed",
    ] {
        assert!(pages.join(format!("{code}.md")).exists(), "docs/problems/{code}.md is missing");
    }
}
