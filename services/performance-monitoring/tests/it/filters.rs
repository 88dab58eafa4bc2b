//! What filters bring, kept up to date with every decision and result.

use actix_web::http::StatusCode;
use events::Envelope;
use rest::{Principal, Role};
use serde_json::{Value, json};

use crate::world::{Case, World};

fn matches(codes: &[(&str, bool)]) -> Value {
    let each = |(code, acted): &(&str, bool)| {
        json!({"filter": "019b0000-0000-7000-8000-000000000001", "version": 2, "code": code, "item": 1,
            "mandatory": false, "acted": acted})
    };
    codes.iter().map(each).collect()
}

async fn statistics(world: &World) -> Vec<Value> {
    world.ask("/v1/filters/statistics").await["items"].as_array().unwrap().clone()
}

fn of<'a>(items: &'a [Value], code: &str) -> &'a Value {
    items.iter().find(|item| item["code"] == code).unwrap()
}

/// The same result with what the officer thinks of the targeting.
fn with_opinion(resulted: &Envelope, opinion: &str) -> Envelope {
    let mut body: Value = serde_json::from_str(resulted.body.get()).unwrap();
    body["result"]["targeting"] = json!(opinion);
    Envelope { body: serde_json::value::to_raw_value(&body).unwrap(), ..resulted.clone() }
}

/// Six declarations: A acts on all and B on half of them; four are examined, two of these with findings.
async fn six() -> World {
    let world = World::new().await;
    let mut envelopes = Vec::new();
    for number in 0..6 {
        let case = Case::red(number, i64::from(number), "filter");
        let codes: &[(&str, bool)] =
            if number % 2 == 0 { &[("A", true), ("B", true), ("C", false)] } else { &[("A", true)] };
        envelopes.push(case.selected_with(&matches(codes)));
        envelopes.push(case.ordered());
        if number < 4 {
            envelopes.push(case.resulted(1, "final", number < 2, 3));
        }
    }
    world.hear(&envelopes).await;
    world
}

#[actix_web::test]
async fn matches_selections_findings_and_overlaps_are_counted() {
    let world = six().await;
    let items = statistics(&world).await;
    let a = of(&items, "A");
    assert_eq!((&a["matches"], &a["acted"], &a["selections"]), (&json!(6), &json!(6), &json!(6)));
    assert_eq!((&a["yield"]["n"], &a["yield"]["findings"], &a["yield"]["rate"]), (&json!(4), &json!(2), &json!(0.5)));
    assert!(a["yield"]["interval"]["low"].as_f64().unwrap() < 0.1);
    assert_eq!((&a["redundancy"], &of(&items, "B")["redundancy"]), (&json!(0.5), &json!(1.0)));
    let overlaps: Vec<_> = a["overlaps"].as_array().unwrap().iter().map(|o| (&o["code"], &o["matches"])).collect();
    assert_eq!(overlaps, [(&json!("B"), &json!(3)), (&json!("C"), &json!(3))]);
    assert_eq!(a["overlaps"][0]["share"], 0.5);
    // A shadow filter is judged by what others had examined.
    let c = of(&items, "C");
    assert_eq!(
        (&c["matches"], &c["acted"], &c["yield"]["n"], &c["redundancy"]),
        (&json!(3), &json!(0), &json!(2), &Value::Null)
    );
    assert_eq!(a["lastFinding"], "2026-01-05T12:00:00Z");
    assert_eq!(a["daysSinceLastFinding"], 360);
}

#[actix_web::test]
async fn a_revision_an_amendment_and_a_redelivery_leave_the_right_sums() {
    let world = six().await;
    let first = Case::red(0, 0, "filter");
    world.hear(&[first.resulted(2, "annulled", true, 9)]).await;
    let a = of(&statistics(&world).await, "A").clone();
    assert_eq!((&a["yield"]["n"], &a["yield"]["findings"]), (&json!(4), &json!(1)));
    assert_eq!(a["lastFinding"], "2026-01-05T12:00:00Z");

    // An amendment that B does not match any more replaces the first decision.
    let amended = Case { version: 2, ..Case::red(2, 2, "filter") };
    world.hear(&[amended.selected_with(&matches(&[("A", true)]))]).await;
    let items = statistics(&world).await;
    assert_eq!((&of(&items, "A")["matches"], &of(&items, "B")["matches"]), (&json!(6), &json!(2)));
    assert_eq!(of(&items, "A")["overlaps"][0]["matches"], 2);
    assert_eq!(of(&items, "A")["yield"]["n"], 4, "the examination stays with the declaration");

    let before = statistics(&world).await;
    let world = world.with_lost_queue().await;
    let late = Case::red(2, 2, "filter").selected_with(&matches(&[("A", true), ("B", true)]));
    world.hear(&[amended.selected_with(&matches(&[("A", true)])), late, first.resulted(2, "annulled", true, 9)]).await;
    assert_eq!(statistics(&world).await, before);
}

#[actix_web::test]
async fn what_officers_think_of_the_targeting_is_counted() {
    let world = six().await;
    let fourth = Case::red(4, 4, "filter");
    let fifth = Case::red(5, 5, "filter");
    let told = [
        with_opinion(&fourth.resulted(1, "final", false, 2), "unjustified"),
        with_opinion(&fifth.resulted(1, "final", true, 2), "justified"),
    ];
    world.hear(&told).await;
    let items = statistics(&world).await;
    assert_eq!(of(&items, "A")["verdicts"], json!({"justified": 1, "unclear": 0, "unjustified": 1}));
    assert_eq!(of(&items, "B")["verdicts"], json!({"justified": 0, "unclear": 0, "unjustified": 1}));
}

#[actix_web::test]
async fn the_detail_goes_by_version_and_month_and_shows_the_last_matches() {
    let world = six().await;
    let detail = world.ask("/v1/filters/statistics/A").await;
    assert_eq!(detail["summary"]["matches"], 6);
    let month = &detail["months"][0];
    assert_eq!((&month["version"], &month["month"], &month["matches"]), (&json!(2), &json!("2026-01"), &json!(6)));
    let last = detail["lastMatches"].as_array().unwrap();
    assert_eq!((last.len(), &last[0]["found"], &last[5]["found"]), (6, &Value::Null, &json!(true)));
    let none = world.ask("/v1/filters/statistics/A?from=2026-02").await;
    assert_eq!((&none["summary"]["matches"], none["months"].as_array().unwrap().len()), (&json!(0), 0));

    let auditor = Principal::new("a", [Role::Auditor]);
    assert_eq!(world.ask_as(&auditor, "/v1/filters/statistics/NONE").await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.ask_as(&auditor, "/v1/filters/statistics?from=soon").await.0, StatusCode::BAD_REQUEST);
    let local = auditor.only_for(["118".into()]);
    assert_eq!(world.ask_as(&local, "/v1/filters/statistics").await.0, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn whom_a_filter_matched_by_a_list_is_not_told() {
    let world = six().await;
    let mut found = matches(&[("A", true), ("WATCH", true)]);
    found[1]["listed"] = json!(true);
    let case = Case::red(7, 7, "filter");
    world.hear(&[case.selected_with(&found), case.ordered(), case.resulted(1, "final", true, 3)]).await;
    let (_, told) = world.ask_as(&Principal::new("a", [Role::Auditor]), "/v1/filters/statistics/WATCH").await;
    assert_eq!((&told["summary"]["matches"], &told["summary"]["yield"]["findings"]), (&json!(1), &json!(1)));
    assert_eq!((&told["lastMatches"], &told["withheldMatches"]), (&json!([]), &json!(1)), "{told}");
    let open = world.ask("/v1/filters/statistics/A").await;
    assert_eq!((open["lastMatches"].as_array().unwrap().len(), &open["withheldMatches"]), (7, &Value::Null));
}

#[actix_web::test]
async fn a_filter_is_judged_by_the_time_that_its_version_is_in_force() {
    let world = World::new().await;
    let filter = |code: &str, version: u32, state: &str| {
        json!({
            "id": "019b0000-0000-7000-8000-000000000009", "version": version, "code": code,
            "expression": "item.origin == 'CN'", "area": "value", "verify": "Invoice", "owner": "desk",
            "samplingShare": 1.0, "action": {"method": "physical", "mandatory": false, "weight": 0.1},
            "validFrom": "2020-01-01T00:00:00Z", "scope": {"type": "national"}, "state": state
        })
    };
    let told = |epoch: u64, day, filters: &[Value]| {
        let changed: events::FiltersChanged =
            serde_json::from_value(json!({"epoch": epoch, "filters": filters})).unwrap();
        let key = [epoch as u8];
        Envelope::new(&[&key], crate::world::moment(day, 0), 0, None, changed).into_raw()
    };
    // All hold by their dates since 2020. OLD is announced again, in another state; CHANGED gets a new version; BACK was
    // out of force for a while; LATE came late.
    let first = told(1, 1, &[filter("OLD", 1, "active"), filter("CHANGED", 1, "active"), filter("BACK", 1, "active")]);
    let second = told(2, 150, &[filter("OLD", 1, "active"), filter("CHANGED", 1, "active")]);
    let third = [
        filter("BACK", 1, "active"),
        filter("CHANGED", 1, "active"),
        filter("CHANGED", 2, "active"),
        filter("LATE", 1, "active"),
        filter("OLD", 1, "shadow"),
    ];
    world.hear(&[first, second]).await;
    world.hear(&[told(3, 300, &third)]).await;
    let items = statistics(&world).await;
    let quiet: Vec<&str> =
        items.iter().filter(|item| item["retire"] != json!([])).map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!((items.len(), quiet), (4, vec!["OLD"]));
}

#[actix_web::test]
async fn a_filter_in_force_that_matches_nothing_is_proposed_for_retirement() {
    let world = six().await;
    let definition = json!({
        "id": "019b0000-0000-7000-8000-000000000009", "version": 1, "code": "IDLE", "expression": "item.origin == 'CN'",
        "area": "value", "verify": "Invoice", "owner": "desk", "samplingShare": 1.0,
        "action": {"method": "physical", "mandatory": false, "weight": 0.1}, "validFrom": "2026-01-01T00:00:00Z",
        "scope": {"type": "national"}, "state": "active", "risk": "R-1"
    });
    let changed: events::FiltersChanged = serde_json::from_value(json!({"epoch": 1, "filters": [definition]})).unwrap();
    let at = crate::world::moment(1, 0);
    world.hear(&[Envelope::new(&[b"1"], at, 0, None, changed).into_raw()]).await;
    let items = statistics(&world).await;
    let idle = of(&items, "IDLE");
    assert_eq!(
        (&idle["matches"], &idle["risk"], &idle["retire"][0]["code"]),
        (&json!(0), &json!("R-1"), &json!("quiet"))
    );
    assert_eq!(idle["retire"][0]["message"], "no match for 363 days", "since it was announced");
    // What is not in force any more needs no proposal.
    assert_eq!(of(&items, "A")["retire"], json!([]));
}
