use super::*;
use crate::set::tests::{declaration, definition};

/// Three hundred declarations of two offices; every seventh has findings, and those with Japanese goods were examined
/// far more often.
fn history() -> Vec<(Declaration, Option<Examined>)> {
    (0..300_i64)
        .map(|number| {
            let mut declaration = declaration();
            declaration.reference = format!("2026-{number}");
            declaration.office = if number % 3 == 0 { "118".into() } else { "235".into() };
            let days = jiff::SignedDuration::from_hours(24 * (number / 5));
            declaration.acceptance_date_time = declaration.acceptance_date_time.checked_add(days).unwrap();
            let japanese = number % 4 == 0;
            declaration.items.truncate(if japanese { 2 } else { 1 });
            let probability = if japanese { 0.5 } else { 0.1 };
            let examined = number % if japanese { 2 } else { 10 } == 0;
            (declaration, examined.then_some(Examined { found: number % 7 == 0, probability: Some(probability) }))
        })
        .collect()
}

fn run(history: &[(Declaration, Option<Examined>)]) -> (Replay, Tally) {
    let mut draft = definition("JP", "item.origin == 'JP'");
    draft.state = FilterState::Draft;
    draft.sampling_share = 0.5;
    draft.valid_from = Timestamp::MAX;
    let replay = Replay::new(&draft, &Catalogue::standard()).unwrap();
    let mut tally = Tally::default();
    replay.rows(&mut tally, history.iter().map(|(declaration, examined)| ReplayRow::of(declaration, *examined)));
    (replay, tally)
}

#[test]
fn a_replay_counts_matches_by_office_and_month_against_capacity() {
    let (replay, tally) = run(&history());
    let capacity = Capacity { per_month: [("118".into(), 10.0)].into() };
    let report = replay.report(&tally, &capacity);
    assert_eq!((report.declarations, report.items, report.matched_declarations, report.matches), (300, 375, 75, 75));
    let keys: Vec<(String, String)> =
        report.months.iter().map(|month| (month.office.to_string(), month.month.to_string())).collect();
    assert_eq!(keys[0], ("118".to_owned(), "2026-01".to_owned()));
    assert!(keys.is_sorted() && keys.len() == 6);
    assert_eq!(report.months.iter().map(|month| month.declarations).sum::<u64>(), 300);
    let first = &report.months[0];
    assert!((first.expected_orders - first.matched_declarations as f64 / 2.0).abs() < 1e-12);
    assert_eq!(first.share_of_capacity, Some(first.expected_orders / 10.0));
    assert_eq!(report.months[5].capacity, None);
}

#[test]
fn shares_weigh_each_examination_by_its_probability() {
    let (replay, tally) = run(&history());
    let said = replay.report(&tally, &Capacity::default()).examinations;
    assert_eq!((said.examined, said.matched), (90, 75));
    let (found, missed) = (said.found as f64, said.missed as f64);
    // Weights 2 and 10: the missed count five times as much as what was found.
    let covered = said.share_of_findings.unwrap();
    assert!((covered.share - 2.0 * found / (2.0 * found + 10.0 * missed)).abs() < 1e-12);
    assert!(covered.low < covered.share && covered.share < covered.high);
    assert!((said.yield_of_matches.unwrap().share - found / 75.0).abs() < 1e-12);
    assert!((said.yield_of_rest.unwrap().share - missed / 15.0).abs() < 1e-12);
}

#[test]
fn a_stored_tally_goes_on_as_if_nothing_had_happened() {
    let history = history();
    let (replay, whole) = run(&history);
    for cut in [0, 1, 137, 300] {
        let (_, first) = run(&history[..cut]);
        let mut resumed: Tally = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        replay.rows(&mut resumed, history[cut..].iter().map(|(declared, seen)| ReplayRow::of(declared, *seen)));
        assert_eq!(resumed, whole);
    }
}

#[test]
fn parts_tallied_apart_make_the_same_report() {
    let history = history();
    let (replay, whole) = run(&history);
    let (_, mut merged) = run(&history[200..]);
    merged.merge(&run(&history[..200]).1);
    let (merged, whole) = (replay.report(&merged, &Capacity::default()), replay.report(&whole, &Capacity::default()));
    assert_eq!((&merged.months, &merged.examples), (&whole.months, &whole.examples));
    assert_eq!(merged.examinations.missed, whole.examinations.missed);
}

#[test]
fn examples_show_each_kind_and_why() {
    let (replay, tally) = run(&history());
    let examples = replay.report(&tally, &Capacity::default()).examples;
    for kind in [ExampleKind::Found, ExampleKind::Nothing, ExampleKind::NotExamined, ExampleKind::Missed] {
        let shown: Vec<&Example> = examples.iter().filter(|example| example.kind == kind).collect();
        assert!((1..=5).contains(&shown.len()) || kind == ExampleKind::NotExamined, "{kind:?}");
        for example in shown {
            let because = usize::from(kind != ExampleKind::Missed);
            assert_eq!(example.because.len(), because, "{example:?}");
            assert_eq!(example.item.is_some(), kind != ExampleKind::Missed);
        }
    }
}

#[test]
fn an_examination_without_a_probability_counts_and_does_not_weigh() {
    let declaration = declaration();
    let mut tally = Tally::default();
    let replay = Replay::new(&definition("JP", "item.origin == 'JP'"), &Catalogue::standard()).unwrap();
    let examined = Some(Examined { found: true, probability: None });
    assert!(replay.row(&mut tally, &ReplayRow::of(&declaration, examined)));
    let said = replay.report(&tally, &Capacity::default()).examinations;
    assert_eq!((said.found, said.without_probability, said.yield_of_matches), (1, 1, None));
}

#[test]
fn months_are_text_and_follow_the_offices_zone() {
    let new_year: Timestamp = "2026-01-01T03:00:00Z".parse().unwrap();
    assert_eq!(Month::of_moment(new_year, "America/Lima").to_string(), "2025-12");
    assert_eq!(serde_json::from_str::<Month>("\"2026-03\"").unwrap(), Month { year: 2026, month: 3 });
    assert!(serde_json::from_str::<Month>("\"2026-13\"").is_err());
}
