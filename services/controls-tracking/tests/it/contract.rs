//! The API document: complete, and true about who may call.

#[actix_web::test]
async fn document_tells_a_stranger_everything() {
    let document = controls_tracking::openapi();
    assert_eq!(rest::contract::lint(&document), Vec::<String>::new());
}

#[actix_web::test]
async fn roles_of_the_document_are_those_of_the_code() {
    let world = crate::world::World::new().await;
    let document = controls_tracking::openapi();
    assert_eq!(rest::contract::denials(&document, world.service.routes()).await, Vec::<String>::new());
}

#[actix_web::test]
async fn every_problem_has_its_page() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems");
    let source = include_str!("../../src/error.rs");
    let codes: Vec<&str> = source
        .split('"')
        .filter(|text| text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        .collect();
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        assert!(pages.join(format!("{code}.md")).exists(), "{code} has no page");
    }
}
