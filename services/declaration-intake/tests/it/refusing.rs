//! Refusals name the place: of a line of the past, and of a parameter.

use clients::{BulkReceipt, Client};
use rest::Role;

use crate::world::{World, line, numbered};

#[tokio::test]
async fn line_of_the_past_is_refused_with_its_place() {
    let world = World::new().await;
    let client = Client::new(&world.url, world.token(&[Role::ModelManager])).unwrap();
    let good = line(&numbered(1));
    let lines = [
        "[]".to_owned(),
        format!("[{good}, null]"),
        "{}".to_owned(),
        format!("{{\"declaration\": {good}, \"controll\": null}}"),
        format!("{{\"declaration\": {good}, \"control\": []}}"),
        "{\"declaration\": 7}".to_owned(),
        format!("{{\"declaration\": {good}, \"declaration\": {good}}}"),
        format!("{{\"declaration\": {}", &good[..20]),
    ];
    let mut receipts: Vec<BulkReceipt> = Vec::new();
    client.record_history(lines, |receipt| receipts.push(receipt)).await.unwrap();
    let places: Vec<_> = receipts
        .iter()
        .map(|receipt| {
            let errors = &receipt.problem.as_ref().unwrap().errors;
            errors.first().map_or("none", |error| error.pointer.as_str())
        })
        .collect();
    assert_eq!(places[..7], ["", "", "/declaration", "/controll", "/control", "/declaration", "/declaration"]);
    assert!(places[7].starts_with("/declaration"), "{places:?}");
    world.stop().await;
}

#[tokio::test]
async fn parameter_out_of_range_is_named() {
    let world = World::new().await;
    let token = world.token(&[Role::CustomsSystem]);
    let http = clients::http::http().unwrap();
    for (query, pointer) in
        [("limit=0", "/limit"), ("limit=5001", "/limit"), ("after=-1", "/after"), ("limit=x", "/limit")]
    {
        let request = http.get(format!("{}/v1/channels?{query}", world.url)).bearer_auth(&token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{query}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&"query-invalid".into(), &pointer.into()),
            "{problem}"
        );
    }
    world.stop().await;
}
