use actix_web::http::{Method, StatusCode};
use events::FiltersChanged;
use lifecycle::Clock;
use rest::{Principal, Role};
use serde_json::{Value, json};

use crate::support::{Running, start};

fn filter(code: &str, expression: &str) -> Value {
    json!({
        "code": code, "expression": expression, "area": "value", "verify": "Invoice", "risk": "R-1",
        "action": {"method": "physical", "mandatory": false, "weight": 0.2},
        "validFrom": "2026-01-01T00:00:00Z"
    })
}

/// Drafts a filter by ana; returns its path.
async fn draft(running: &Running, code: &str) -> String {
    let answer = running.post("/v1/filters", "ana", Role::Analyst, &filter(code, "item.origin == 'CN'")).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.body["state"], "draft");
    format!("/v1/filters/{}", answer.body["id"].as_str().unwrap())
}

async fn approve(running: &Running, path: &str, subject: &str, role: Role, version: u32, state: &str) -> StatusCode {
    let body = json!({"version": version, "state": state});
    running.post(&format!("{path}/approvals"), subject, role, &body).await.status
}

async fn last_heard(running: &Running) -> Option<FiltersChanged> {
    running.heard().await.last().map(|message| message.decode().unwrap())
}

#[actix_web::test]
async fn a_filter_acts_only_after_a_second_person_approved_it() {
    let running = Running::registered().await;
    let path = draft(&running, "UV-1").await;
    assert!(last_heard(&running).await.is_none(), "a draft is told to nobody");

    let own = running.post(&format!("{path}/approvals"), "ana", Role::Approver, &json!({"version": 1})).await;
    assert_eq!((own.status, own.code()), (StatusCode::FORBIDDEN, "four-eyes"));
    let analyst = running.post(&format!("{path}/approvals"), "ben", Role::Analyst, &json!({"version": 1})).await;
    assert_eq!((analyst.status, analyst.code()), (StatusCode::FORBIDDEN, "approver-needed"));
    assert!(last_heard(&running).await.is_none());

    assert_eq!(approve(&running, &path, "ben", Role::Approver, 1, "active").await, StatusCode::CREATED);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.epoch, told.filters.len(), told.filters[0].code.as_str()), (1, 1, "UV-1"));
    assert!(!told.filters[0].emergency);
    // The same word again changes nothing and is not told.
    assert_eq!(approve(&running, &path, "ben", Role::Approver, 1, "active").await, StatusCode::OK);
    assert!(last_heard(&running).await.is_none());
}

#[actix_web::test]
async fn a_new_version_replaces_the_old_one_when_it_is_approved_and_not_before() {
    let running = Running::registered().await;
    let path = draft(&running, "UV-1").await;
    approve(&running, &path, "ben", Role::Approver, 1, "active").await;
    let next = filter("UV-1", "item.origin == 'CN' && item.unitValuePerKg < 2.0");
    let answer = running.post(&format!("{path}/versions"), "ben", Role::Analyst, &next).await;
    assert_eq!((answer.status, &answer.body["version"]), (StatusCode::CREATED, &json!(2)));
    let again = running.post(&format!("{path}/versions"), "ben", Role::Analyst, &next).await;
    assert_eq!((again.status, &again.body["version"]), (StatusCode::OK, &json!(2)));
    assert_eq!(last_heard(&running).await.unwrap().filters[0].version, 1);

    assert_eq!(approve(&running, &path, "ana", Role::Approver, 2, "shadow").await, StatusCode::CREATED);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.epoch, told.filters.len(), told.filters[0].version), (2, 1, 2));
    let old = running.post(&format!("{path}/approvals"), "cy", Role::Approver, &json!({"version": 1})).await;
    assert_eq!((old.status, old.code()), (StatusCode::CONFLICT, "filter-superseded"));
    let history = running.get(&path).await.body;
    assert_eq!(history["versions"][0]["state"], "retired");
    let actions: Vec<&str> =
        history["changes"].as_array().unwrap().iter().map(|change| change["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["drafted", "activated", "drafted", "retired", "shadowed"]);
}

#[actix_web::test]
async fn taking_a_filter_out_of_force_takes_two_people() {
    let running = Running::registered().await;
    let path = draft(&running, "UV-1").await;
    approve(&running, &path, "ben", Role::Approver, 1, "active").await;
    last_heard(&running).await;
    approve(&running, &path, "ben", Role::Approver, 1, "retired").await;
    assert!(last_heard(&running).await.is_none());
    approve(&running, &path, "ana", Role::Analyst, 1, "retired").await;
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.epoch, told.filters.len()), (2, 0));
    let back = running.post(&format!("{path}/approvals"), "ben", Role::Approver, &json!({"version": 1})).await;
    assert_eq!((back.status, back.code()), (StatusCode::CONFLICT, "filter-retired"));
}

#[actix_web::test]
async fn an_emergency_order_ends_after_48_hours_and_is_reported() {
    let running = Running::registered().await;
    let path = draft(&running, "E-1").await;
    let order = |hours: u32| json!({"version": 1, "hours": hours, "reason": "alert 17"});
    let too_long = running.post(&format!("{path}/emergency"), "ben", Role::Approver, &order(49)).await;
    assert_eq!((too_long.status, too_long.code()), (StatusCode::UNPROCESSABLE_ENTITY, "emergency-invalid"));
    let analyst = running.post(&format!("{path}/emergency"), "ben", Role::Analyst, &order(48)).await;
    assert_eq!(analyst.status, StatusCode::FORBIDDEN);

    let given = running.post(&format!("{path}/emergency"), "ben", Role::Approver, &order(48)).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
    let told = last_heard(&running).await.unwrap();
    assert!(told.filters[0].emergency);
    assert_eq!(told.filters[0].valid_to, Some("2026-01-03T05:00:00Z".parse().unwrap()));
    let reported = running.get("/v1/filters?emergency=true").await.body;
    assert_eq!(reported["items"][0]["emergencyOrder"]["orderedBy"], "ben");

    running.advance(47);
    assert_eq!(running.settle().await, 0);
    running.advance(1);
    let told = last_heard(&running).await.unwrap();
    assert_eq!((told.epoch, told.filters.len()), (2, 0));
    let reported = running.get("/v1/filters?emergency=true").await.body;
    assert_eq!(reported["items"][0]["state"], "retired");
    assert_eq!(reported["items"][0]["emergencyOrder"]["endedAt"], "2026-01-03T05:00:00Z");

    // A chain of orders would be an activation by one person.
    let next = filter("E-1", "item.origin == 'HK'");
    running.post(&format!("{path}/versions"), "ben", Role::Approver, &next).await;
    let body = json!({"version": 2, "hours": 48, "reason": "alert 18"});
    let again = running.post(&format!("{path}/emergency"), "ben", Role::Approver, &body).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "emergency-repeated"));
}

#[actix_web::test]
async fn an_emergency_order_that_is_confirmed_stays_and_one_that_ends_gives_way_to_what_was() {
    let running = Running::registered().await;
    let confirmed = draft(&running, "E-1").await;
    let body = json!({"version": 1, "hours": 10, "reason": "alert"});
    // Even the author may order alone; that is what it is for.
    assert_eq!(
        running.post(&format!("{confirmed}/emergency"), "ana", Role::Approver, &body).await.status,
        StatusCode::CREATED
    );
    assert_eq!(approve(&running, &confirmed, "ana", Role::Approver, 1, "active").await, StatusCode::FORBIDDEN);
    assert_eq!(approve(&running, &confirmed, "ben", Role::Approver, 1, "active").await, StatusCode::CREATED);

    let other = draft(&running, "E-2").await;
    approve(&running, &other, "ben", Role::Approver, 1, "active").await;
    running.post(&format!("{other}/versions"), "ana", Role::Analyst, &filter("E-2", "item.origin == 'HK'")).await;
    let body = json!({"version": 2, "hours": 10, "reason": "alert"});
    running.post(&format!("{other}/emergency"), "ben", Role::Approver, &body).await;
    let during = last_heard(&running).await.unwrap();
    let standing = |told: &FiltersChanged| {
        told.filters.iter().map(|f| (f.code.clone(), f.version, f.emergency)).collect::<Vec<_>>()
    };
    assert_eq!(standing(&during), [("E-1".to_owned(), 1, false), ("E-2".to_owned(), 2, true)]);
    running.advance(24);
    let after = last_heard(&running).await.unwrap();
    assert_eq!(standing(&after), [("E-1".to_owned(), 1, false), ("E-2".to_owned(), 1, false)]);
    assert!(after.epoch > during.epoch);
}

#[actix_web::test]
async fn the_same_filter_again_is_the_same_and_another_under_its_code_is_refused() {
    let running = Running::registered().await;
    let body = filter("UV-1", "item.origin == 'CN'");
    let first = running.post("/v1/filters", "ana", Role::Analyst, &body).await;
    running.advance(5);
    let again = running.post("/v1/filters", "ana", Role::Analyst, &body).await;
    assert_eq!((again.status, &again.body["id"]), (StatusCode::OK, &first.body["id"]));
    let other = running.post("/v1/filters", "ana", Role::Analyst, &filter("UV-1", "item.origin == 'HK'")).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "filter-code-taken"));
}

#[actix_web::test]
async fn a_wrong_expression_is_refused_with_its_place_and_a_suggestion() {
    let running = Running::registered().await;
    let body = filter("UV-1", "item.hs4 == '6109' &&\n  item.orijin == 'CN'");
    let refused = running.post("/v1/filters", "ana", Role::Analyst, &body).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "filter-invalid"));
    assert_eq!(refused.body["errors"][0]["pointer"], "/expression");
    assert_eq!(refused.body["expressionErrors"][0]["line"], 2);
    assert_eq!(refused.body["expressionErrors"][0]["suggestion"], "item.origin");

    let wrong = json!({"expression": body["expression"]});
    let checked = running.post("/v1/filters/check", "ana", Role::Analyst, &wrong).await;
    assert_eq!((checked.status, &checked.body["valid"]), (StatusCode::OK, &json!(false)));
    let good = json!({"expression": "item.netMassKg > 3.0 && feature.combinedRate > 0.2"});
    let checked = running.post("/v1/filters/check", "ana", Role::Analyst, &good).await;
    assert_eq!(checked.body["checked"]["level"], "item", "{}", checked.body);
    assert_eq!(checked.body["checked"]["fields"][0], json!({"name": "item.netMassKg", "type": "number", "unit": "kg"}));
    assert_eq!(checked.body["tree"]["all"][0]["field"], "item.netMassKg", "{}", checked.body);

    // A form writes the tree and gets the text; what it writes is checked like what is typed.
    let tree = json!({"tree": {"all": [{"field": "item.hs4", "op": "oneOf", "value": ["6109", "6203"]},
        {"field": "item.unitValuePerKg", "op": "less", "value": 4.0}]}});
    let converted = running.post("/v1/filters/check", "ana", Role::Analyst, &tree).await.body;
    assert_eq!((&converted["valid"], &converted["formal"]), (&json!(true), &json!(true)), "{converted}");
    let text = json!({"expression": converted["expression"]});
    let back = running.post("/v1/filters/check", "ana", Role::Analyst, &text).await.body;
    assert_eq!(back["tree"], tree["tree"]);
    let unknown = json!({"tree": {"field": "item.orijin", "op": "equal", "value": "CN"}});
    let refused = running.post("/v1/filters/check", "ana", Role::Analyst, &unknown).await.body;
    assert_eq!((&refused["valid"], &refused["treeError"]["suggestion"]), (&json!(false), &json!("item.origin")));
    let country = json!({"expression": "item.origin == 'XX'"});
    let refused = running.post("/v1/filters/check", "ana", Role::Analyst, &country).await.body;
    assert_eq!(refused["valid"], false, "there is no such country");
    let both = json!({"expression": "item.origin == 'CN'", "tree": unknown["tree"]});
    let refused = running.post("/v1/filters/check", "ana", Role::Analyst, &both).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let catalogue = running.get("/v1/filter-catalogue").await.body;
    let fields = catalogue.as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "feature.combinedRate"));
    for field in fields {
        let label = |language: &str| field["label"][language].as_str().unwrap_or_default().to_owned();
        let told = |text: &str| !text.is_empty() && field["name"] != *text;
        assert!(told(&label("es")) && told(&label("en")), "a form needs a label in both languages: {field}");
        assert!(field["example"].as_str().is_some_and(|example| !example.is_empty()), "{field}");
    }
}

#[actix_web::test]
async fn lists_are_paged_by_code() {
    let running = Running::registered().await;
    for code in ["C", "A", "B"] {
        draft(&running, code).await;
    }
    let page = running.get("/v1/filters?limit=2").await.body;
    let codes = |page: &Value| page["items"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect::<Vec<_>>();
    assert_eq!((codes(&page), page["next"].as_str()), (vec![json!("A"), json!("B")], Some("B")));
    let page = running.get("/v1/filters?limit=2&after=B").await.body;
    assert_eq!((codes(&page), page["next"].as_str()), (vec![json!("C")], None));
    assert_eq!(codes(&running.get("/v1/filters?state=active").await.body), Vec::<Value>::new());
    assert_eq!(running.get("/v1/filters/019b0000-0000-7000-8000-000000000001").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_the_reference_data_do_not_know_is_refused_and_what_they_lack_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tariff.csv"), "code\n870323\n610910\n").unwrap();
    let place = folder.path().to_owned();
    let running = Running::changed(|settings| settings.filters.reference = Some(place)).await;
    running.register().await;
    let check = async |expression: &str| {
        let body = json!({"expression": expression});
        running.post("/v1/filters/check", "ana", Role::Analyst, &body).await.body
    };
    let unknown = check("item.hs4 == '8704'").await;
    assert_eq!(
        (&unknown["errors"][0]["code"], &unknown["errors"][0]["suggestion"]),
        (&json!("unknown-code"), &json!("'8703'"))
    );
    assert_eq!(check("item.origin == 'XX'").await["errors"][0]["code"], "unknown-code");
    let unchecked = check("item.hs4 == '8703' && declaration.office == '999'").await;
    assert_eq!((&unchecked["valid"], &unchecked["checked"]["unchecked"]), (&json!(true), &json!(["office"])));

    let local = |office: &str| {
        let mut body = filter("L-1", "item.hs4 == '8703'");
        body["scope"] = json!({"type": "offices", "of": [office]});
        body
    };
    let told = running.post("/v1/filters", "ana", Role::Analyst, &local("999")).await;
    assert_eq!((told.status, &told.body["unchecked"]), (StatusCode::CREATED, &json!(["office"])), "{}", told.body);
    // An office that has a plan is known, and then the others are not.
    let plan = json!({
        "office": "118", "timeZone": "America/Lima", "physicalPerDay": 5.0, "documentaryPerDay": 10.0,
        "declarationsPerDay": 104.0, "randomShare": 0.1, "explorationShare": 0.1, "failSafe": "orange"
    });
    let planned = running.call(Method::PUT, "/v1/capacity-plans/118", "mia", Role::ModelManager, &plan).await;
    assert!(planned.status.is_success(), "{}", planned.body);
    let mut far = local("999");
    far["code"] = json!("L-2");
    let refused = running.post("/v1/filters", "ana", Role::Analyst, &far).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "filter-invalid"));
    assert_eq!(
        (&refused.body["errors"][0]["pointer"], &refused.body["errors"][0]["code"]),
        (&json!("/scope/of/0"), &json!("unknown-code")),
        "{}",
        refused.body
    );

    let list = |kind: &str, entry: &str| {
        json!({"name": "goods", "kind": kind, "title": "Goods", "compartment": "open", "readers": {"roles": ["analyst"]},
            "validFrom": "2026-01-01T05:00:00Z", "entries": [entry]})
    };
    let refused = running.post("/v1/lists", "ana", Role::Analyst, &list("tariff", "8704")).await;
    assert_eq!(
        (refused.code(), &refused.body["errors"][0]["pointer"]),
        ("list-invalid", &json!("/entries")),
        "{}",
        refused.body
    );
    let ports = running.post("/v1/lists", "ana", Role::Analyst, &list("port", "PECLL")).await;
    assert_eq!((ports.status, &ports.body["unchecked"]), (StatusCode::CREATED, &json!(true)), "{}", ports.body);
}

#[actix_web::test]
async fn a_token_for_some_offices_writes_no_filter_beyond_them() {
    let running = Running::registered().await;
    let local = Principal::new("ana", [Role::Analyst]).only_for(["118".into()]);
    let post = async |body: Value| running.call_as(Method::POST, "/v1/filters", &local, &body).await.status;
    let mut body = filter("L-1", "item.origin == 'CN'");
    assert_eq!(post(body.clone()).await, StatusCode::FORBIDDEN);
    body["scope"] = json!({"type": "offices", "of": ["118", "235"]});
    assert_eq!(post(body.clone()).await, StatusCode::FORBIDDEN);
    body["scope"] = json!({"type": "offices", "of": ["118"]});
    assert_eq!(post(body).await, StatusCode::CREATED);
}

#[actix_web::test]
async fn everything_stands_after_a_restart() {
    let home = testkit::Home::new();
    {
        let running = Running::on(home.store(), Clock::driven(start())).await;
        running.register().await;
        let path = draft(&running, "UV-1").await;
        approve(&running, &path, "ben", Role::Approver, 1, "active").await;
    }
    let running = Running::on(home.store(), Clock::driven(start())).await;
    // What was committed and not yet published is published now.
    assert_eq!(last_heard(&running).await.unwrap().epoch, 1);
}
