//! What novelty brings, measured.

use crate::world::{Case, World};

/// 60 flagged (half of them examined by value, half drawn at 10 %), 90 not (a third of them by value).
async fn examined() -> World {
    let world = World::new().await;
    let mut events = Vec::new();
    for number in 0..150 {
        let flagged = number < 60;
        let by_value = if flagged { number % 2 == 0 } else { number % 3 == 0 };
        let mut case = Case::red(number, i64::from(number % 50), if by_value { "model" } else { "random" });
        case.probability = if by_value { 1.0 } else { 0.1 };
        case.novelty = if !flagged {
            &[]
        } else if number % 3 == 0 {
            &["newTrader", "unexaminedTrader"]
        } else {
            &["newTrader"]
        };
        // Among what was sought out half is found, among what was drawn 20 % or, where nothing was new, nothing.
        let found = if by_value { number % 4 < 2 } else { flagged && number % 10 == 1 };
        events.extend([case.selected(), case.ordered(), case.resulted(1, "final", found, 10)]);
    }
    // Never examined: it counts as declared alone.
    let mut unexamined = Case::green(500, 3);
    unexamined.novelty = &["unitValueFarOutside"];
    events.push(unexamined.selected());
    world.hear(&events).await;
    world
}

#[tokio::test]
async fn the_yield_of_novelty_is_weighed_by_the_probability_of_selection() {
    let report = examined().await.ask("/v1/reports/novelty").await;
    let (flagged, others) = (&report["flagged"], &report["others"]);
    assert_eq!((&flagged["declarations"], &others["declarations"]), (&61.into(), &90.into()));
    assert_eq!((&flagged["examined"]["n"], &others["examined"]["n"]), (&60.into(), &90.into()));
    let estimate = |part: &serde_json::Value| part["estimated"]["estimate"].as_f64().unwrap();
    // 15 sought out count once, 6 drawn count ten times, of 30 + 300.
    assert!((estimate(flagged) - 75.0 / 330.0).abs() < 1e-9, "{flagged}");
    let rate = flagged["examined"]["rate"].as_f64().unwrap();
    assert!((rate - 21.0 / 60.0).abs() < 1e-9, "{flagged}");
    let interval = &flagged["estimated"]["interval"];
    assert!(interval["low"].as_f64().unwrap() < 0.2 && interval["high"].as_f64().unwrap() > 0.25, "{flagged}");
    // Only what was sought out was found among the others: 16 of 30 + 600.
    let found = others["estimated"]["findings"].as_f64().unwrap();
    assert!((estimate(others) - found / 630.0).abs() < 1e-9 && found > 10.0, "{others}");
    let reasons: Vec<_> = report["byReason"].as_array().unwrap().iter().map(|part| &part["reason"]).collect();
    assert_eq!(reasons, ["newTrader", "unexaminedTrader", "unitValueFarOutside"]);
    let thin = &report["byReason"][1];
    assert_eq!((&thin["declarations"], &thin["examined"]["n"]), (&20.into(), &20.into()));
    let refused = thin["estimated"]["refused"].as_str().unwrap();
    assert!(refused.contains("fewer than") && refused.contains("take in a longer period"), "{refused}");
    assert!(report["note"].as_str().unwrap().contains("1000 goods items"), "{report}");
    assert_eq!(report["byReason"][2]["examined"]["n"], 0);
}

#[tokio::test]
async fn what_is_not_matured_or_cancelled_says_nothing_of_novelty() {
    let world = examined().await;
    let mut cancelled = Case::red(900, 3, "model");
    cancelled.novelty = &["newTrader"];
    world.hear(&[cancelled.selected(), cancelled.ordered(), cancelled.cancelled()]).await;
    let report = world.ask("/v1/reports/novelty").await;
    assert_eq!(report["flagged"]["declarations"], 61);
    let report = world.ask("/v1/reports/novelty?asOf=2026-02-20").await;
    // Selected by 6 January: days 0 to 4, of 50.
    assert_eq!((&report["flagged"]["declarations"], &report["others"]["declarations"]), (&11.into(), &5.into()));
    let (status, _) = world.ask_as(&rest::Principal::new("o", [rest::Role::Officer]), "/v1/reports/novelty").await;
    assert_eq!(status, 403);
}
