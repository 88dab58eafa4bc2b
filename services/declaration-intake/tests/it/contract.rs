use rest::contract;

#[test]
fn document_tells_what_callers_need() {
    assert_eq!(contract::lint(&declaration_intake::openapi()), Vec::<String>::new());
}

#[actix_web::test]
async fn documented_roles_are_those_that_are_let_in() {
    let folder = testkit::Home::new();
    let deps = testkit::deps().await;
    let service = declaration_intake::Service::build(crate::world::settings(&folder), deps).await.unwrap();
    let faults = contract::denials(&declaration_intake::openapi(), service.routes()).await;
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn documented_example_is_a_declaration_without_notes() {
    let document = serde_json::to_value(declaration_intake::openapi()).unwrap();
    let example =
        document["paths"]["/v1/declarations"]["post"]["requestBody"]["content"]["application/json"]["example"]
            .to_string();
    let declaration = declaration_formats::json::read(example.as_bytes()).unwrap();
    let notes = declaration_formats::notes(&declaration, &declaration_formats::ReferenceData::standard());
    assert_eq!(notes, vec![]);
}
