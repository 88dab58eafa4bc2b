use actix_web::post;
use rest::{Authorized, ServiceConfig, contract};

use crate::sample;

fn document() -> utoipa::openapi::OpenApi {
    contract::document("Sample", "A sample.", sample::routes)
}

#[test]
fn good_document_has_no_faults() {
    assert_eq!(contract::lint(&document()), Vec::<String>::new());
}

/// No summary worth the name is missing here, all else is.
#[utoipa::path(responses((status = 200, description = "")), operation_id = "Bad")]
#[post("/bad/{id}")]
async fn bad(_: Authorized<sample::System>) -> &'static str {
    ""
}

#[test]
fn lint_names_every_omission() {
    let faults = contract::lint(&contract::document("Bad", "Bad.", |config| {
        config.service(bad);
    }));
    for expected in [
        "does not start with /v1/",
        "not resource_verb",
        "no roles",
        "path variable id",
        "no 401",
        "no 5xx",
        "without description",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected} is not in {faults:#?}");
    }
}

#[actix_web::test]
async fn documented_roles_are_those_that_are_let_in() {
    assert_eq!(contract::denials(&document(), sample::routes).await, Vec::<String>::new());
}

/// Announces a role that is not let in.
#[utoipa::path(responses((status = 200, description = "x")), security(("bearer" = ["auditor"])))]
#[post("/v1/lie")]
async fn lie(_: Authorized<sample::System>) -> &'static str {
    ""
}

#[actix_web::test]
async fn document_that_lies_about_roles_is_found_out() {
    let routes = |config: &mut ServiceConfig<'_>| {
        config.service(lie);
    };
    let faults = contract::denials(&contract::document("Lie", "Lie.", routes), routes).await;
    assert!(faults.iter().any(|fault| fault.contains("role auditor") && fault.contains("is listed")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains("role customs-system")), "{faults:?}");
}

#[test]
fn rendering_is_stable_and_drift_is_shown_where_it_starts() {
    assert_eq!(contract::render(&document()), contract::render(&document()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.json");
    contract::write(&path, &document()).unwrap();
    contract::compare(&path, &document()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("Takes a parcel", "Gives a parcel");
    std::fs::write(&path, text).unwrap();
    let drift = contract::compare(&path, &document()).unwrap_err().to_string();
    assert!(drift.contains("Gives a parcel") && drift.contains("Takes a parcel"), "{drift}");
}
