//! Whether a result can be: its own consistency, its version, and the stage it follows.

use std::collections::BTreeSet;

use customs::{ItemOutcome, NewResult, ResultStage, Timestamp};

use super::Fault;

/// What a report is to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A new version.
    New,
    /// A version that stands already, word for word.
    Repeat,
}

/// Why a report is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It contradicts itself, the declaration, or the clock.
    Invalid(Vec<Fault>),
    /// Its version stands with other content, or skips one.
    Version(String),
}

/// Judges `new` against the version that holds (`latest`), the stored result of the same version (`stored`), and the
/// sequences of the declared items, where the declaration is known.
pub fn judge(
    new: &NewResult,
    latest: Option<(u32, ResultStage)>,
    stored: Option<&NewResult>,
    items: Option<&[u32]>,
    now: Timestamp,
) -> Result<Verdict, Refusal> {
    let current = latest.map_or(0, |(version, _)| version);
    if let Some(stored) = stored {
        let message = format!("version {} stands with other content; report version {}", new.version, current + 1);
        return if stored == new { Ok(Verdict::Repeat) } else { Err(Refusal::Version(message)) };
    }
    let mut faults = content_faults(new, items, now);
    if new.version == 0 {
        faults.push(Fault::new("/version", "bad-version", "versions count from 1"));
    } else if new.version != current + 1 {
        return Err(Refusal::Version(format!("version {} is reported, {} is next", new.version, current + 1)));
    }
    let before = latest.map(|(_, stage)| stage);
    if !follows(before, new.stage) {
        let message = match before {
            None => "a first result is preliminary or final".to_owned(),
            Some(before) => format!("{:?} does not follow {before:?}", new.stage),
        };
        faults.push(Fault::new("/stage", "bad-stage", message));
    }
    if faults.is_empty() { Ok(Verdict::New) } else { Err(Refusal::Invalid(faults)) }
}

/// Preliminary until final; only a final result is appealed; an appeal confirms or annuls it, and that is the end.
fn follows(before: Option<ResultStage>, next: ResultStage) -> bool {
    use ResultStage::{Annulled, Appealed, Confirmed, Final, Preliminary};
    matches!(
        (before, next),
        (None | Some(Preliminary), Preliminary | Final)
            | (Some(Final), Appealed)
            | (Some(Appealed), Confirmed | Annulled)
    )
}

fn content_faults(new: &NewResult, items: Option<&[u32]>, now: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    if new.established_at > now {
        faults.push(Fault::new("/establishedAt", "in-the-future", format!("it is {now} now")));
    }
    if new.examined_at > new.established_at {
        let message = "nothing is established before it is examined";
        faults.push(Fault::new("/examinedAt", "after-established", message));
    }
    if new.items.is_empty() {
        faults.push(Fault::new(
            "/items",
            "no-items",
            "a result tells about at least one item; 0 for what is undeclared",
        ));
    }
    let mut seen = BTreeSet::new();
    for (index, item) in new.items.iter().enumerate() {
        if !seen.insert(item.sequence) {
            let message = format!("item {} stands twice", item.sequence);
            faults.push(Fault::new(format!("/items/{index}/sequence"), "duplicate-item", message));
        }
        if item.sequence != 0 && items.is_some_and(|items| !items.contains(&item.sequence)) {
            let message = format!("the declaration has no item {}; 0 for what is undeclared", item.sequence);
            faults.push(Fault::new(format!("/items/{index}/sequence"), "unknown-item", message));
        }
        if (item.outcome == ItemOutcome::Finding) == item.findings.is_empty() {
            let message = "findings stand exactly where the outcome is finding";
            faults.push(Fault::new(format!("/items/{index}/findings"), "outcome-mismatch", message));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use customs::{Finding, FindingKind, ItemResult, Nature};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-03-03T00:00:00Z")
    }

    fn good(version: u32, stage: ResultStage) -> NewResult {
        let finding = Finding {
            kind: FindingKind::Quantity,
            national_code: None,
            field: None,
            declared: None,
            found: None,
            nature: Nature::Error,
            in_traders_favour: false,
            measures: Vec::new(),
        };
        NewResult {
            version,
            stage,
            examined_at: at("2026-03-02T10:00:00Z"),
            established_at: at("2026-03-02T11:00:00Z"),
            items: vec![
                ItemResult { sequence: 0, outcome: ItemOutcome::Finding, findings: vec![finding] },
                ItemResult { sequence: 2, outcome: ItemOutcome::Conform, findings: Vec::new() },
            ],
            remarks: None,
            targeting: None,
        }
    }

    fn faults(change: impl FnOnce(&mut NewResult)) -> Vec<(String, &'static str)> {
        let mut new = good(1, ResultStage::Final);
        change(&mut new);
        match judge(&new, None, None, Some(&[1, 2]), now()) {
            Err(Refusal::Invalid(faults)) => faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_result_is_new_and_then_a_repeat() {
        let new = good(1, ResultStage::Final);
        assert_eq!(judge(&new, None, None, Some(&[1, 2]), now()), Ok(Verdict::New));
        let held = Some((1, ResultStage::Final));
        assert_eq!(judge(&new, held, Some(&new), Some(&[1, 2]), now()), Ok(Verdict::Repeat));
        let other = NewResult { remarks: Some("other".to_owned()), ..new.clone() };
        assert!(matches!(judge(&other, held, Some(&new), None, now()), Err(Refusal::Version(_))));
        assert!(matches!(judge(&good(3, ResultStage::Appealed), held, None, None, now()), Err(Refusal::Version(_))));
    }

    #[test]
    fn what_contradicts_itself_or_the_declaration_is_told_with_its_place() {
        let place = |pointer: &str, code| vec![(pointer.to_owned(), code)];
        assert_eq!(faults(|it| it.items[1].sequence = 3), place("/items/1/sequence", "unknown-item"));
        assert_eq!(faults(|it| it.items[1].sequence = 0), place("/items/1/sequence", "duplicate-item"));
        assert_eq!(faults(|it| it.items[0].findings.clear()), place("/items/0/findings", "outcome-mismatch"));
        assert_eq!(
            faults(|it| it.items[1].outcome = ItemOutcome::Finding),
            place("/items/1/findings", "outcome-mismatch")
        );
        assert_eq!(faults(|it| it.items.clear()), place("/items", "no-items"));
        assert_eq!(
            faults(|it| it.established_at = at("2026-03-03T00:00:01Z")),
            place("/establishedAt", "in-the-future")
        );
        assert_eq!(faults(|it| it.examined_at = at("2026-03-02T12:00:00Z")), place("/examinedAt", "after-established"));
        assert_eq!(faults(|it| it.version = 0), place("/version", "bad-version"));
        assert_eq!(faults(|it| it.stage = ResultStage::Annulled), place("/stage", "bad-stage"));
    }

    #[test]
    fn items_of_an_unknown_declaration_are_not_judged() {
        assert_eq!(judge(&good(1, ResultStage::Final), None, None, None, now()), Ok(Verdict::New));
    }

    fn any_stage() -> impl Strategy<Value = ResultStage> {
        use ResultStage::{Annulled, Appealed, Confirmed, Final, Preliminary};
        prop::sample::select(vec![Preliminary, Final, Appealed, Confirmed, Annulled])
    }

    proptest! {
        #[test]
        fn no_stage_is_left_twice_but_preliminary(stages in prop::collection::vec(any_stage(), 1..12)) {
            let mut latest = None;
            let mut taken = Vec::new();
            for stage in stages {
                let next = latest.map_or(0, |(version, _)| version) + 1;
                if judge(&good(next, stage), latest, None, None, now()) == Ok(Verdict::New) {
                    latest = Some((next, stage));
                    taken.push(stage);
                }
            }
            prop_assert!(taken.is_sorted(), "{taken:?}");
            taken.retain(|stage| *stage != ResultStage::Preliminary);
            prop_assert!(taken.len() <= 3);
        }
    }
}
