use actix_web::http::StatusCode;
use events::{FiltersChanged, Movement};
use rest::{Principal, Role};
use serde_json::{Value, json};

use crate::world::{Case, World, moment};

#[tokio::test]
async fn an_empty_year_has_reports_without_rates() {
    let world = World::new().await;
    let summary = world.ask("/v1/reports/summary").await;
    assert_eq!(summary["declarations"], 0);
    assert_eq!(summary["findingRate"], json!({"n": 0, "findings": 0}));
    assert_eq!(summary["timeToChannelMs"], json!({"n": 0}));
    for path in ["channels", "findings", "green-non-compliance", "release-times"] {
        world.ask(&format!("/v1/reports/{path}")).await;
    }
}

#[tokio::test]
async fn the_summary_counts_what_happened_in_the_period() {
    let world = World::new().await;
    let (model, filter, green) = (Case::red(1, 3, "model"), Case::red(2, 40, "filter"), Case::green(3, 40));
    let events = [
        model.selected(),
        model.ordered(),
        model.resulted(1, "final", true, 5),
        filter.selected(),
        filter.ordered(),
        filter.resulted(1, "final", false, 5),
        green.selected(),
        green.moved(Movement::Arrived, -2),
        green.moved(Movement::Released, 6),
        Case::green(4, 41).selected(),
        Case::green(4, 41).cancelled(),
    ];
    world.hear(&events).await;
    let summary = world.ask("/v1/reports/summary").await;
    assert_eq!(summary["channels"], json!({"green": 2, "orange": 0, "red": 2}));
    assert_eq!(summary["cancelled"], 1);
    assert_eq!(summary["byRegime"], json!([{"key": "10", "n": 4}]));
    assert_eq!(summary["findingRate"]["n"], 2);
    assert_eq!(summary["findingRateByTrigger"][0]["key"], "filter");
    assert_eq!(summary["findingRateByMonth"][0]["key"], "2026-01");
    assert_eq!(summary["findingRateByMonth"][0]["rate"], 1.0);
    // The green of day 40 had arrived two hours before it was decided.
    assert_eq!(summary["preArrival"]["decidedBeforeArrival"], 3);
    assert_eq!(summary["preArrival"]["share"], 0.75);
    let median = summary["timeToChannelMs"]["median"].as_f64().unwrap();
    assert!((median / 40.0 - 1.0).abs() < 0.02, "{median}");
    assert!(summary["undetectedShare"]["refused"].is_string());

    let january = world.ask("/v1/reports/summary?from=2026-01-01&to=2026-02-01").await;
    assert_eq!((&january["declarations"], &january["findings"]), (&json!(1), &json!(1)));
    let times = world.ask("/v1/reports/release-times").await;
    assert_eq!(
        times["byChannelAndRegime"],
        json!([{"channel": "green", "regime": "10", "n": 1, "medianHours": 6.0, "p90Hours": 6.0, "meanHours": 6.0}])
    );
}

fn filters(epoch: u64, codes: &[&str]) -> events::Envelope {
    let definitions: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "id": customs::FilterId::derive(moment(0, 0), &[code.as_bytes()]), "version": 1, "code": code,
                "expression": "true", "area": "value", "verify": "value", "owner": "ana",
                "action": {"method": "physical", "mandatory": false, "weight": 1.0}, "samplingShare": 1.0,
                "validFrom": moment(0, 0), "scope": {"type": "national"}, "state": "active",
            })
        })
        .collect();
    let changed: FiltersChanged = serde_json::from_value(json!({"epoch": epoch, "filters": definitions})).unwrap();
    events::Envelope::new(&[&epoch.to_be_bytes()], moment(0, 0), 0, None, changed).into_raw()
}

#[tokio::test]
async fn filters_show_what_they_brought_also_when_nothing() {
    let world = World::new().await;
    let matched = |code: &str, item: u32, acted: bool| {
        json!({"filter": customs::FilterId::derive(moment(0, 0), &[code.as_bytes()]), "version": 1, "code": code,
            "item": item, "mandatory": false, "acted": acted})
    };
    let (found, clean) = (Case::red(1, 3, "filter"), Case::red(2, 3, "filter"));
    world
        .hear(&[
            filters(2, &["UV", "IDLE"]),
            filters(1, &["OLD"]),
            found.selected_with(&json!([matched("UV", 1, true), matched("UV", 2, false), matched("GONE", 1, false)])),
            found.resulted(1, "final", true, 5),
            clean.selected_with(&json!([matched("UV", 1, true)])),
            clean.resulted(1, "final", false, 5),
        ])
        .await;
    let lines = world.ask("/v1/reports/findings").await["byFilter"].clone();
    let codes: Vec<_> = lines.as_array().unwrap().iter().map(|line| line["code"].clone()).collect();
    assert_eq!(codes, ["GONE", "IDLE", "UV"]);
    assert_eq!((&lines[0]["state"], &lines[0]["matched"], &lines[0]["acted"]), (&Value::Null, &json!(1), &json!(0)));
    assert_eq!((&lines[1]["matched"], &lines[1]["rate"]["n"]), (&json!(0), &json!(0)));
    assert_eq!((&lines[2]["matched"], &lines[2]["acted"]), (&json!(2), &json!(2)));
    assert_eq!((&lines[2]["rate"]["n"], &lines[2]["rate"]["findings"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn callers_see_their_offices_alone() {
    let world = World::new().await;
    let mut other = Case::green(2, 3);
    other.office = "235";
    world.hear(&[Case::green(1, 3).selected(), other.selected()]).await;
    let local = Principal::new("s", [Role::Supervisor]).only_for(["118".into()]);
    let (status, problem) = world.ask_as(&local, "/v1/reports/summary").await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("office-forbidden")));
    let (status, _) = world.ask_as(&local, "/v1/reports/summary?office=235").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, summary) = world.ask_as(&local, "/v1/reports/summary?office=118").await;
    assert_eq!((status, &summary["declarations"]), (StatusCode::OK, &json!(1)));
}

#[tokio::test]
async fn impossible_periods_are_refused() {
    let world = World::new().await;
    let auditor = Principal::new("a", [Role::Auditor]);
    for query in ["from=2026-02-01&to=2026-01-01", "from=yesterday", "until=2026-01-01"] {
        let (status, problem) = world.ask_as(&auditor, &format!("/v1/reports/summary?{query}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("query-invalid")), "{query}");
    }
}
