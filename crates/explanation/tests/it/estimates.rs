use customs::FindingKind::{self, Misclassification, Origin, Quantity, Undervaluation};
use explanation::known::LevelGroup;
use explanation::{Case, Declared, Known, Source, estimate, nearest};
use rust_decimal::prelude::ToPrimitive;

use crate::past::{at, case, profile, tools};

/// Tools are undervalued, toys are misclassified, one trader lies about mass.
fn past() -> Vec<Case> {
    let tools = || profile("8467210000", "CN", "20100000001");
    let toys = || profile("9503000000", "CN", "20100000002");
    let liar = || profile("6109100000", "VN", "20100000009");
    let mut past = Vec::new();
    for n in 0..30 {
        past.push(case(n, tools(), Undervaluation, "1000.00", "1600.00", 120.0));
        past.push(case(100 + n, toys(), Misclassification, "9503000000", "9504900000", 80.0));
    }
    for n in 0..8 {
        past.push(case(200 + n, liar(), Quantity, "100.000", "150.000", 90.0));
        past.push(case(300 + n, tools(), Misclassification, "8467210000", "8467290000", 60.0));
        past.push(case(400 + n, tools(), Origin, "CN", "TW", 50.0));
    }
    past.push(case(500, tools(), Misclassification, "8467210000", "8508110000", 60.0));
    past
}

fn estimates(item: &Declared, trader: &str) -> Vec<explanation::KindEstimate> {
    let known = Known::gather(&profile(&item.commodity_code, &item.origin, trader), &past());
    estimate(item, Some(0.4), &known)
}

fn of(kinds: &[explanation::KindEstimate], kind: FindingKind) -> &explanation::KindEstimate {
    kinds.iter().find(|estimate| estimate.kind == kind).unwrap()
}

#[test]
fn the_kinds_of_goods_like_these_come_first_and_add_up_to_the_probability() {
    let kinds = estimates(&tools(), "somebody new");
    assert_eq!(kinds[0].kind, Undervaluation);
    assert_eq!(kinds[0].level, Some(LevelGroup::Tuple));
    let together: f64 = kinds.iter().filter_map(|kind| kind.probability).sum();
    assert!(together <= 0.4 && together > 0.37, "{together}");
    assert!(kinds.windows(2).all(|pair| pair[0].share >= pair[1].share));
    let toys = Declared { commodity_code: "9503000000".to_owned(), ..tools() };
    assert_eq!(estimates(&toys, "somebody new")[0].kind, Misclassification);
}

#[test]
fn what_a_trader_did_before_counts_for_goods_he_never_had() {
    let share = |trader: &str| {
        let kinds = estimates(&tools(), trader);
        kinds.iter().find(|estimate| estimate.kind == Quantity).and_then(|estimate| estimate.share).unwrap_or(0.0)
    };
    assert!(share("somebody new") < 0.05 && share("20100000009") > 0.5);
}

#[test]
fn an_undervalued_item_is_expected_near_what_others_declare() {
    let kinds = estimates(&tools(), "somebody new");
    let value = of(&kinds, Undervaluation);
    let likely = &value.likely[0];
    assert_eq!((likely.field.as_str(), likely.source), ("valuation", Source::TypicalValueAndRecordedFindings));
    // Eight dollars a kilogram are typical, findings corrected by 1.6, four are declared.
    let right: f64 = likely.value.parse().unwrap();
    assert!((6_000.0..8_200.0).contains(&right), "{right}");
    let duty = value.duty_if_found.as_ref().unwrap().amount.to_f64().unwrap();
    assert!((duty - 0.2 * (right - 4_000.0)).abs() < 0.1);
    let expected = value.expected_duty.as_ref().unwrap().amount.to_f64().unwrap();
    assert!((expected - duty * value.probability.unwrap()).abs() < 0.02);
}

#[test]
fn codes_are_expected_to_be_corrected_as_they_were() {
    let kinds = estimates(&tools(), "somebody new");
    let likely = &of(&kinds, Misclassification).likely;
    assert_eq!(likely[0].value, "8467290000");
    assert!(likely[0].share.unwrap() > 0.7 && likely[0].support == 8);
    assert!(likely.iter().all(|code| code.value != "8467210000"));
    assert_eq!(of(&kinds, Origin).likely[0].value, "TW");
    // Duty of codes is what such findings brought, over the value.
    let duty = of(&kinds, Misclassification).duty_if_found.as_ref().unwrap().amount.to_f64().unwrap();
    assert!((duty - 4_000.0 * 0.06).abs() < 30.0, "{duty}");
}

#[test]
fn while_nothing_is_recorded_only_a_value_that_stands_out_is_told() {
    let nothing = Known::default();
    let told = estimate(&tools(), Some(0.4), &nothing);
    assert_eq!((told.len(), told[0].share, told[0].likely[0].source), (1, None, Source::TypicalValue));
    let dear = Declared { value: 40_000.0, ..tools() };
    assert!(estimate(&dear, Some(0.4), &nothing).is_empty());
}

#[test]
fn the_nearest_cases_share_most_and_the_latest_come_first() {
    let past = past();
    let item = profile("8467210000", "CN", "somebody new");
    let nearest = nearest(&item, &past, 5);
    assert_eq!(nearest.len(), 5);
    assert!(nearest.iter().all(|similar| similar.case.profile.hs6 == item.hs6));
    assert_eq!(nearest[0].case.known_at, at(500));
    assert!(nearest.windows(2).all(|pair| pair[0].similarity >= pair[1].similarity));
}

#[test]
fn the_order_of_the_past_means_nothing() {
    let item = profile("8467210000", "CN", "20100000001");
    let (mut forward, mut backward) = (past(), past());
    backward.reverse();
    forward.sort_by_key(|case| case.known_at);
    let (one, other) = (Known::gather(&item, &forward), Known::gather(&item, &backward));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert_eq!(one.levels.len(), other.levels.len());
    for (a, b) in estimate(&tools(), Some(0.3), &one).iter().zip(&estimate(&tools(), Some(0.3), &other)) {
        assert_eq!((a.kind, &a.likely, &a.duty_if_found), (b.kind, &b.likely, &b.duty_if_found));
        assert!(near(a.share.unwrap(), b.share.unwrap()));
    }
}
