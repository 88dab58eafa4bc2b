//! The online model between two trainings: judged on what has matured since it last learned, then learning from that.
//!
//! Every declaration is foretold before it is learned from, so that what a line of versions has come to is told by
//! declarations that none of them had seen. A training begins a new line. Nothing here decides who is champion.

use jiff::Timestamp;
use risk_model::{Algorithm, Artefact, TrainError, TrainingSet, train};
use serde::Serialize;

use super::judgement::{Comparison, Declarations, Performance};
use super::training::{matured, matured_until};
use crate::TrainingSettings;

/// How a model did on what it learned from next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ahead {
    /// Goods items.
    pub rows: usize,
    /// Declarations they belong to.
    pub declarations: usize,
    /// Of these, with a finding.
    pub positives: usize,
    /// How it did.
    pub performance: Performance,
    /// How the champion of the time did, where it had not learned from them either.
    pub champion: Option<Performance>,
    /// What it gains over that champion.
    pub over_champion: Option<Comparison>,
}

/// A version after learning on.
pub struct LearnedOn {
    /// What scores.
    pub artefact: Artefact,
    /// How the version before it foretold what this one learned.
    pub ahead: Ahead,
}

/// A new line: the online model of everything matured at `as_of`. None when that is too little.
pub fn begin(
    set: TrainingSet,
    as_of: Timestamp,
    seed: u64,
    settings: &TrainingSettings,
) -> Result<Option<Artefact>, TrainError> {
    let matured = matured(set, matured_until(as_of, settings));
    match train(&Algorithm::Online(settings.online.clone()), &matured, seed) {
        Ok(artefact) => Ok(Some(artefact)),
        Err(TrainError::TooFewLabels { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `model` after everything that matured between what it has learned and `as_of`; none where nothing did.
pub fn learn_on(
    model: &Artefact,
    champion: Option<&Artefact>,
    set: TrainingSet,
    as_of: Timestamp,
    settings: &TrainingSettings,
) -> Result<Option<LearnedOn>, TrainError> {
    let rows = matured(set, matured_until(as_of, settings)).after(model.summary().to);
    let Some(first) = rows.times.iter().min().copied() else { return Ok(None) };
    let declarations = Declarations::of(&rows, settings.judged_weight_limit);
    let share = settings.capacity_share;
    let ours = declarations.scored(model, &rows);
    let theirs = champion
        .filter(|champion| champion.check_contract(&rows.contract_hash).is_ok() && champion.summary().to < first)
        .map(|champion| declarations.scored(champion, &rows));
    let ahead = Ahead {
        rows: rows.len(),
        declarations: declarations.labels.len(),
        positives: declarations.positives(),
        performance: declarations.performance(&ours, share),
        champion: theirs.as_ref().map(|theirs| declarations.performance(theirs, share)),
        over_champion: theirs.as_ref().map(|theirs| declarations.compare(&ours, theirs, share)),
    };
    Ok(Some(LearnedOn { artefact: model.learn_on(&rows)?, ahead }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::training::tests::training_set;

    fn now() -> Timestamp {
        Timestamp::from_second(1_780_000_000).unwrap()
    }

    #[test]
    fn what_is_learned_next_was_foretold_before_and_only_what_has_matured_counts() {
        let settings = TrainingSettings::default();
        let set = training_set(now(), 120, 2_500, 0.29);
        let week_ago = now() - jiff::SignedDuration::from_hours(24 * 7);
        let first = begin(set.clone(), week_ago, 1, &settings).unwrap().unwrap();
        assert_eq!(first.summary().learned_on, 0);
        let next = learn_on(&first, Some(&first), set.clone(), now(), &settings).unwrap().unwrap();
        assert_eq!(
            next.artefact.summary().to,
            set.times.iter().copied().filter(|at| *at <= matured_until(now(), &settings)).max().unwrap()
        );
        assert_eq!(next.artefact.summary().learned_on, next.ahead.rows);
        assert!((100..200).contains(&next.ahead.rows), "{:?}", next.ahead);
        assert_eq!(next.ahead.champion, Some(next.ahead.performance));
        // What it was judged on is behind it: nothing is left, and nobody is judged on what he has learned.
        assert!(learn_on(&next.artefact, None, set.clone(), now(), &settings).unwrap().is_none());
        let seen = learn_on(&first, Some(&next.artefact), set, now(), &settings).unwrap().unwrap();
        assert_eq!((seen.ahead.champion, seen.ahead.over_champion), (None, None));
    }

    #[test]
    fn too_few_labels_begin_nothing() {
        let settings = TrainingSettings::default();
        assert!(begin(training_set(now(), 120, 30, 0.2), now(), 1, &settings).unwrap().is_none());
    }
}
