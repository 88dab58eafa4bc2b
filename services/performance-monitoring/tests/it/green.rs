use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{RngCore, SeedableRng},
};

use crate::world::{Case, World, moment};

async fn with_stratum(n: u32) -> World {
    let world = World::new().await;
    let mut events = Vec::new();
    for number in 0..n {
        let mut case = Case::red(number, i64::from(number % 60), "random");
        case.random_probability = if number % 2 == 0 { 0.01 } else { 0.04 };
        events.extend([case.selected(), case.ordered(), case.resulted(1, "final", number % 20 == 0, 10)]);
    }
    world.hear(&events).await;
    world
}

#[tokio::test]
async fn the_green_rate_weighs_by_the_draw_and_has_an_interval() {
    let world = with_stratum(400).await;
    let report = world.ask("/v1/reports/green-non-compliance").await;
    let pooled = &report["pooled"];
    assert_eq!((pooled["n"].as_u64(), pooled["findings"].as_u64()), (Some(400), Some(20)));
    // Every finding was drawn at 1 %, so that 99 were left for it: 20 × 99 of 200 × 99 + 200 × 24.
    let estimate = pooled["estimate"].as_f64().unwrap();
    assert!((estimate - 20.0 * 99.0 / (200.0 * 123.0)).abs() < 1e-9, "{estimate}");
    let (low, high) = (pooled["interval"]["low"].as_f64().unwrap(), pooled["interval"]["high"].as_f64().unwrap());
    assert!(low < estimate && estimate < high && high < 0.15, "{low} {high}");
    assert!(pooled["nEffective"].as_f64().unwrap() < 400.0);
    assert_eq!(report["byOffice"].as_array().unwrap().len(), 1);
    assert!(report["byMonth"].as_array().unwrap().is_empty(), "no month has 300");
}

/// Days on each of which one population is drawn from and released.
const DAYS: u32 = 300;
/// At most so many of their 95 % intervals may miss what was released. A correct interval fails here once in 18,000
/// times, one that holds the truth in 85 % of the cases in 988 of 1,000.
const MISSED: usize = 31;

#[tokio::test]
async fn the_interval_holds_what_was_released() {
    let world = World::new().await;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut uniform = || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut truths = Vec::new();
    let mut number = 0;
    for day in 0..i64::from(DAYS) {
        let (mut events, mut released, mut offences) = (Vec::new(), 0.0, 0.0);
        for _ in 0..200 {
            // An office with much to examine, and one with less; many are drawn of few, so that few are left.
            let probability = if uniform() < 0.5 { 0.2 } else { 0.5 };
            let offence = uniform() < 0.2;
            if uniform() < probability {
                let case = Case { random_probability: probability, ..Case::red(number, day, "random") };
                events.extend([case.selected(), case.resulted(1, "final", offence, 1)]);
            } else {
                released += 1.0;
                offences += f64::from(u8::from(offence));
            }
            number += 1;
        }
        world.hear(&events).await;
        truths.push(offences / released);
    }
    let (mut missed, mut narrower) = (0, 0);
    for (day, truth) in (0..).zip(truths) {
        let (from, to) = (moment(day, -1), moment(day, 1));
        let report = world.ask(&format!("/v1/reports/green-non-compliance?from={from}&to={to}")).await;
        let figure =
            |path: &str| report.pointer(path).and_then(serde_json::Value::as_f64).unwrap_or_else(|| panic!("{report}"));
        let (low, high) = (figure("/pooled/interval/low"), figure("/pooled/interval/high"));
        missed += usize::from(truth < low || truth > high);
        // Were the interval 40 % narrower, this would be noticed.
        let middle = figure("/pooled/estimate");
        let narrow = |end: f64| middle + (end - middle) * 0.6;
        narrower += usize::from(truth < narrow(low) || truth > narrow(high));
    }
    assert!(missed <= MISSED, "{missed} of {DAYS} intervals miss the truth");
    assert!(narrower > MISSED, "{narrower} of {DAYS} narrower intervals miss the truth");
}

#[tokio::test]
async fn immature_and_later_known_results_are_left_out() {
    let world = with_stratum(400).await;
    let report = world.ask("/v1/reports/green-non-compliance?asOf=2026-02-20").await;
    // Selected by 6 January: days 0 to 4, of 60.
    assert_eq!(report["pooled"]["n"], 35);
    let report = world.ask("/v1/reports/green-non-compliance?asOf=2026-01-05T12:00:00Z&maturityDays=0").await;
    assert_eq!((&report["pooled"]["n"], &report["pooled"]["pending"]), (&0.into(), &35.into()));
    assert!(report["pooled"]["refused"].as_str().is_some_and(|reason| reason.contains("fewer than 30")), "{report}");
}

#[tokio::test]
async fn only_the_green_of_the_stratum_counts() {
    let world = with_stratum(60).await;
    let before = world.ask("/v1/reports/green-non-compliance").await;
    let model = Case::red(1_000, 3, "model");
    let mut orange = Case::red(1_001, 3, "random");
    orange.without_draw = customs::Channel::Orange;
    let cancelled = Case::red(1_002, 3, "random");
    let preliminary = Case::red(1_003, 3, "random");
    world
        .hear(&[
            model.selected(),
            model.resulted(1, "final", true, 4),
            orange.selected(),
            orange.resulted(1, "final", true, 4),
            cancelled.selected(),
            cancelled.ordered(),
            cancelled.cancelled(),
            preliminary.selected(),
            preliminary.resulted(1, "preliminary", true, 4),
        ])
        .await;
    let after = world.ask("/v1/reports/green-non-compliance").await;
    assert_eq!(after["pooled"]["estimate"], before["pooled"]["estimate"]);
    assert_eq!(after["pooled"]["n"], before["pooled"]["n"]);
    assert_eq!(after["pooled"]["pending"], 1);
}

#[tokio::test]
async fn the_undetected_share_stands_on_the_same_stratum() {
    let world = with_stratum(100).await;
    let summary = world.ask("/v1/reports/summary").await;
    let undetected = &summary["undetectedShare"];
    // Five found, each standing for 100.
    assert_eq!(undetected["detected"], 5);
    assert!((undetected["estimatedTotal"].as_f64().unwrap() - 500.0).abs() < 1e-6);
    assert!((undetected["estimate"].as_f64().unwrap() - 0.99).abs() < 1e-9);
}
