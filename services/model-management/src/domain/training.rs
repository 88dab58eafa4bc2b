//! One training: split by time, train the candidates, judge, decide, refit.
//!
//! Labels younger than the maturity lag are left out entirely. The last matured weeks are held out; candidates learn
//! from what is older and are judged on them. A published model is afterwards trained again, with the same parameters,
//! on all matured rows. What it was judged as (its *twin*) is kept with it: in later weeks it stands for the champion,
//! because the champion itself has by then learned from the weeks that a newcomer is judged on.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use customs::ModelVersionId;
use jiff::Timestamp;
use risk_model::{Algorithm, Artefact, TrainError, TrainingSet, train};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card;
use super::judgement::{Comparison, Declarations, Learned, Performance, beats_baseline, replaces};
use crate::TrainingSettings;

const DAY_MICROS: i64 = 86_400_000_000;

/// The feature that scores before a first model exists.
pub const BASELINE_FEATURE: &str = "combinedRate";

/// What a training came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrainingOutcome)]
pub enum Outcome {
    /// Too little is known to train or to judge.
    Skipped,
    /// A candidate was trained and is not better.
    Kept,
    /// The better candidate decides from now on.
    Promoted,
    /// No candidate could be trained.
    Failed,
}

/// Rows of one part of the training set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Goods items.
    #[schema(example = 4_200)]
    pub rows: usize,
    /// Goods items with a finding.
    #[schema(example = 390)]
    pub positives: usize,
    /// First moment (microseconds since 1970).
    pub from: Option<i64>,
    /// Last moment (microseconds since 1970).
    pub to: Option<i64>,
}

/// A trained candidate as it was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CandidateRecord {
    /// What was trained (`boosted`), or the format it was brought in (`lightgbm`).
    #[schema(example = "boosted")]
    pub algorithm: String,
    /// Digest of the artefact that was judged.
    pub digest: Option<String>,
    /// How it did.
    pub performance: Option<Performance>,
    /// Why it could not be trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Everything a training was decided by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingRecord {
    /// What it came to.
    pub outcome: Outcome,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Rows that were fetched.
    pub fetched: Part,
    /// Matured rows.
    pub matured: Part,
    /// Matured rows before those held out; of more than the settings allow, candidates learn from a share.
    pub learned: Part,
    /// Rows they were judged on.
    pub held_out: Part,
    /// The candidates.
    pub candidates: Vec<CandidateRecord>,
    /// The candidate that was compared.
    pub best: Option<String>,
    /// The champion on the same declarations (its twin, which has not learned from them).
    pub champion: Option<Performance>,
    /// The back-off rate on the same declarations.
    pub baseline: Option<Performance>,
    /// What the best candidate gains over the champion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_champion: Option<Comparison>,
    /// What it gains over the back-off rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_baseline: Option<Comparison>,
    /// What the published model learned from: all matured rows, the held-out weeks included.
    pub refitted: Option<Part>,
    /// Share of the weight at which precision is taken.
    pub capacity_share: f64,
    /// Seed of every chance.
    pub seed: u64,
}

/// A model that came out of a training.
pub struct Trained {
    /// Its version, where it was brought and kept before.
    pub version: Option<ModelVersionId>,
    /// What scores when it is published.
    pub artefact: Artefact,
    /// What it was judged as.
    pub twin: Artefact,
    /// The twin has learned from nothing younger than this (microseconds since 1970).
    pub twin_until: i64,
    /// How good the rows were that it learned from.
    pub quality: Vec<(String, String)>,
}

/// The model that decides now.
pub struct Champion {
    /// What it was judged as.
    pub twin: Artefact,
    /// The twin has learned from nothing younger than this (microseconds since 1970).
    pub twin_until: i64,
}

/// A candidate that was trained elsewhere.
pub struct Outsider {
    /// Its version, to promote it by.
    pub version: ModelVersionId,
    /// What it is.
    pub artefact: Artefact,
    /// It has learned from nothing younger than this (microseconds since 1970).
    pub until: i64,
}

/// Up to when declarations count in a training as of a moment: inclusive, microseconds since 1970.
pub fn matured_until(as_of: Timestamp, settings: &TrainingSettings) -> i64 {
    as_of.as_microsecond().saturating_sub(i64::from(settings.maturity_days).saturating_mul(DAY_MICROS))
}

/// Trains, judges and decides. Pure: the same arguments give the same bytes. The rows are held once, and given back as
/// soon as they are no longer needed.
pub fn run(
    set: TrainingSet,
    as_of: Timestamp,
    seed: u64,
    champion: Option<&Champion>,
    outsiders: &[Outsider],
    settings: &TrainingSettings,
) -> (TrainingRecord, Option<Trained>) {
    let champion = champion.filter(|champion| champion.twin.check_contract(&set.contract_hash).is_ok());
    let fetched = part(&set);
    let split = Split::of(set, as_of, champion.map(|champion| champion.twin_until), settings);
    let declarations = Declarations::of(&split.held_out, settings.judged_weight_limit);
    let mut record = TrainingRecord {
        outcome: Outcome::Skipped,
        reasons: Vec::new(),
        fetched,
        matured: part(&split.matured),
        learned: part(&split.learned),
        held_out: part(&split.held_out),
        candidates: Vec::new(),
        best: None,
        champion: None,
        baseline: None,
        over_champion: None,
        over_baseline: None,
        refitted: None,
        capacity_share: settings.capacity_share,
        seed,
    };
    if let Some(reason) = too_little(&split, &declarations, champion.is_some(), settings) {
        record.reasons.push(reason);
        return (record, None);
    }
    let Split { matured, learned, held_out, held_out_after } = split;
    let share = settings.capacity_share;
    let by_champion = champion.map(|champion| declarations.scored(&champion.twin, &held_out));
    let by_baseline = matured
        .names
        .iter()
        .position(|name| name == BASELINE_FEATURE)
        .map(|column| declarations.column(&held_out, column));
    record.champion = by_champion.as_ref().map(|scores| declarations.performance(scores, share));
    record.baseline = by_baseline.as_ref().map(|scores| declarations.performance(scores, share));

    let mut trained = Vec::new();
    for (algorithm, max_rows) in settings.algorithms() {
        match train(&algorithm, &thinned(&learned, max_rows), seed) {
            Ok(artefact) => {
                let scores = declarations.scored(&artefact, &held_out);
                let performance = declarations.performance(&scores, share);
                record.candidates.push(CandidateRecord {
                    algorithm: algorithm.as_str().to_owned(),
                    digest: Some(artefact.digest().to_owned()),
                    performance: Some(performance),
                    error: None,
                });
                trained.push((algorithm, max_rows, artefact, performance, scores));
            }
            Err(error) => {
                if !matches!(error, TrainError::TooFewLabels { .. }) {
                    record.outcome = Outcome::Failed;
                }
                record.reasons.push(format!("{}: {error}", algorithm.as_str()));
                record.candidates.push(CandidateRecord {
                    algorithm: algorithm.as_str().to_owned(),
                    digest: None,
                    performance: None,
                    error: Some(error.to_string()),
                });
            }
        }
    }
    // Ties go to the first.
    let best = trained.into_iter().reduce(|a, b| if b.3.log_loss < a.3.log_loss { b } else { a });
    // One that has learned from the held-out weeks cannot be judged on them.
    let judged = outsiders.iter().filter(|outsider| {
        outsider.until <= held_out_after && outsider.artefact.check_contract(&matured.contract_hash).is_ok()
    });
    let mut outside: Option<(&Outsider, Performance, Vec<f64>)> = None;
    for outsider in judged {
        let scores = declarations.scored(&outsider.artefact, &held_out);
        let performance = declarations.performance(&scores, share);
        record.candidates.push(CandidateRecord {
            algorithm: outsider.artefact.algorithm().as_str().to_owned(),
            digest: Some(outsider.artefact.digest().to_owned()),
            performance: Some(performance),
            error: None,
        });
        if outside.as_ref().is_none_or(|held| performance.log_loss < held.1.log_loss) {
            outside = Some((outsider, performance, scores));
        }
    }
    let outside = outside.filter(|(_, performance, _)| {
        best.as_ref().is_none_or(|(_, _, _, own, _)| performance.log_loss < own.log_loss)
    });
    let ((Some((_, _, scores)), _) | (None, Some((_, _, _, _, scores)))) = (&outside, &best) else {
        return (record, None);
    };
    record.best = match (&outside, &best) {
        (Some((outsider, ..)), _) => Some(outsider.artefact.algorithm().as_str().to_owned()),
        (None, Some((algorithm, ..))) => Some(algorithm.as_str().to_owned()),
        (None, None) => None,
    };
    let errors = settings.evidence_errors;
    let mut promoted = true;
    if let Some(by_champion) = &by_champion {
        let gain = declarations.compare(scores, by_champion, share);
        let fresher = match (&outside, &best, champion) {
            (None, Some((_, _, candidate, ..)), Some(Champion { twin, .. })) => {
                fresher(candidate, twin, settings.fresh_findings)
            }
            _ => None,
        };
        let (better, reason) = replaces(&gain, errors, fresher);
        promoted &= better;
        record.reasons.push(reason);
        record.over_champion = Some(gain);
    }
    if let Some(baseline) = &by_baseline {
        let gain = declarations.compare(scores, baseline, share);
        let (better, reason) = beats_baseline(&gain, by_champion.is_none(), errors);
        promoted &= better;
        record.reasons.push(reason);
        record.over_baseline = Some(gain);
    }
    if by_champion.is_none() && by_baseline.is_none() {
        record.reasons.push("the first model, and nothing to compare it with".to_owned());
    }
    record.outcome = if promoted { Outcome::Promoted } else { Outcome::Kept };
    drop(held_out);
    let trained = match (promoted, outside, best) {
        // What was brought is promoted as it is: only those who made it can train it again.
        (true, Some((outsider, ..)), _) => Some(Trained {
            version: Some(outsider.version),
            artefact: outsider.artefact.clone(),
            twin: outsider.artefact.clone(),
            twin_until: outsider.until,
            quality: Vec::new(),
        }),
        (true, None, Some((algorithm, max_rows, twin, ..))) => {
            drop(learned);
            let refitted = refit(&algorithm, &thinned(&matured, max_rows), seed, &mut record);
            refitted.map(|(artefact, quality)| Trained {
                version: None,
                artefact,
                twin,
                twin_until: held_out_after,
                quality,
            })
        }
        (_, _, Some((_, max_rows, twin, ..))) => Some(Trained {
            version: None,
            artefact: twin.clone(),
            twin,
            twin_until: held_out_after,
            quality: card::quality(&thinned(&learned, max_rows)),
        }),
        (_, _, None) => None,
    };
    (record, trained)
}

/// How many findings `candidate` and `champion` learned from, when they are of one algorithm and the candidate had at
/// least `share` more.
fn fresher(candidate: &Artefact, champion: &Artefact, share: f64) -> Option<Learned> {
    let learned = Learned { candidate: candidate.summary().positives, champion: champion.summary().positives };
    let enough = learned.candidate as f64 >= learned.champion as f64 * (1.0 + share);
    (enough && candidate.algorithm() == champion.algorithm()).then_some(learned)
}

/// The same parameters on matured rows, the held-out weeks included; with how good these rows are.
fn refit(
    algorithm: &Algorithm,
    rows: &TrainingSet,
    seed: u64,
    record: &mut TrainingRecord,
) -> Option<(Artefact, Vec<(String, String)>)> {
    match train(algorithm, rows, seed) {
        Ok(artefact) => {
            record.refitted = Some(part(rows));
            let reason = "refitted with the same parameters, the held-out weeks included, before publishing";
            record.reasons.push(reason.to_owned());
            Some((artefact, card::quality(rows)))
        }
        Err(error) => {
            record.outcome = Outcome::Failed;
            record.reasons.push(format!("refitting failed: {error}"));
            None
        }
    }
}

fn too_little(
    split: &Split,
    held_out: &Declarations,
    has_champion: bool,
    settings: &TrainingSettings,
) -> Option<String> {
    let positives = part(&split.matured).positives;
    if !has_champion && positives < settings.min_positives {
        return Some(format!("{positives} matured findings; {} are needed for a first model", settings.min_positives));
    }
    let found = held_out.positives();
    if found == 0 || found == held_out.labels.len() {
        return Some(format!(
            "the held-out weeks have {found} findings among {} declarations: nothing can be judged on them",
            held_out.labels.len()
        ));
    }
    None
}

fn part(set: &TrainingSet) -> Part {
    Part {
        rows: set.len(),
        positives: set.labels.iter().filter(|label| **label).count(),
        from: set.times.iter().min().copied(),
        to: set.times.iter().max().copied(),
    }
}

/// A training set cut by time; a declaration is on one side as a whole.
struct Split {
    matured: TrainingSet,
    learned: TrainingSet,
    held_out: TrainingSet,
    /// What is younger is held out (microseconds since 1970).
    held_out_after: i64,
}

impl Split {
    fn of(set: TrainingSet, as_of: Timestamp, champion_until: Option<i64>, settings: &TrainingSettings) -> Self {
        let matured_until = matured_until(as_of, settings);
        let lodged = lodged(&set);
        let lodged_at = |group: &u64| lodged[group].time;
        let matured = in_time(set, &lodged, matured_until);

        let mut times: Vec<i64> = lodged.values().map(|lodged| lodged.time).filter(|at| *at <= matured_until).collect();
        times.sort_unstable();
        let at_share = (times.len() as f64 * (1.0 - settings.held_out_share)).floor() as usize;
        let share_after = at_share.checked_sub(1).and_then(|at| times.get(at)).copied().unwrap_or(matured_until);
        let held_out_after = (matured_until - i64::from(settings.held_out_days) * DAY_MICROS)
            .max(share_after)
            .max(champion_until.unwrap_or(i64::MIN));

        let (held_out, learned): (Vec<usize>, Vec<usize>) =
            (0..matured.len()).partition(|&row| lodged_at(&matured.groups[row]) > held_out_after);
        Self { learned: matured.subset(&learned), held_out: matured.subset(&held_out), matured, held_out_after }
    }
}

/// The declarations of `set` that were lodged until `matured_until` (inclusive, microseconds since 1970).
pub fn matured(set: TrainingSet, matured_until: i64) -> TrainingSet {
    let lodged = lodged(&set);
    in_time(set, &lodged, matured_until)
}

fn in_time(set: TrainingSet, lodged: &BTreeMap<u64, Lodged>, matured_until: i64) -> TrainingSet {
    let rows: Vec<usize> = (0..set.len()).filter(|&row| lodged[&set.groups[row]].time <= matured_until).collect();
    if rows.len() == set.len() { set } else { set.subset(&rows) }
}

/// What a set has of a declaration.
struct Lodged {
    /// When it was lodged.
    time: i64,
    rows: usize,
    /// Whether anything was found.
    found: bool,
}

/// The declarations of `set`.
fn lodged(set: &TrainingSet) -> BTreeMap<u64, Lodged> {
    let mut lodged = BTreeMap::<u64, Lodged>::new();
    for ((group, time), found) in set.groups.iter().zip(&set.times).zip(&set.labels) {
        let own = lodged.entry(*group).or_insert(Lodged { time: *time, rows: 0, found: false });
        own.time = own.time.min(*time);
        own.rows += 1;
        own.found |= found;
    }
    lodged
}

/// At most about `max_rows` rows: every declaration with a finding, the latest where even those are too many, and an even
/// share of the others, each of which then stands for those left out.
fn thinned(set: &TrainingSet, max_rows: usize) -> Cow<'_, TrainingSet> {
    if set.len() <= max_rows {
        return Cow::Borrowed(set);
    }
    let lodged = lodged(set);
    let mut with: Vec<(i64, u64, usize)> =
        lodged.iter().filter(|(_, own)| own.found).map(|(group, own)| (own.time, *group, own.rows)).collect();
    with.sort_unstable();
    // Half of the room at most, so that there is something to tell findings from.
    let mut room = max_rows / 2;
    let kept: BTreeSet<u64> = with
        .iter()
        .rev()
        .take_while(|(_, _, rows)| {
            let fits = *rows <= room;
            room = room.saturating_sub(*rows);
            fits
        })
        .map(|(_, group, _)| *group)
        .collect();
    let of_findings: usize = kept.iter().map(|group| lodged[group].rows).sum();
    let others: usize = lodged.values().filter(|own| !own.found).map(|own| own.rows).sum();
    let share = ((max_rows - of_findings) as f64 / others.max(1) as f64).min(1.0);
    let keeps = |row: usize| {
        let group = set.groups[row];
        if lodged[&group].found { kept.contains(&group) } else { uniform(group) < share }
    };
    let rows: Vec<usize> = (0..set.len()).filter(|&row| keeps(row)).collect();
    let mut thinned = set.subset(&rows);
    for (weight, group) in thinned.weights.iter_mut().zip(&thinned.groups) {
        if !lodged[group].found {
            *weight /= share as f32;
        }
    }
    Cow::Owned(thinned)
}

/// A number from 0 to below 1 that is always the same for a declaration, and even over them.
fn uniform(group: u64) -> f64 {
    let hash = blake3::hash(&group.to_le_bytes());
    let (bits, _) = hash.as_bytes().split_first_chunk::<8>().expect("a hash has 32 bytes");
    (u64::from_le_bytes(*bits) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Candidate;

    /// Declarations at even distances over `days` before `end`; a finding is likely where the first feature is high
    /// (or everywhere alike, when `signal` is 0). The second feature is the back-off rate.
    pub(crate) fn training_set(end: Timestamp, days: i64, declarations: u64, signal: f64) -> TrainingSet {
        let mut set = TrainingSet {
            contract_hash: "contract".to_owned(),
            names: vec!["signal".to_owned(), BASELINE_FEATURE.to_owned(), "noise".to_owned()],
            ..TrainingSet::default()
        };
        let uniform = |at: u64, salt: u64| {
            let mut x = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
            x ^= x >> 32;
            x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
            x ^= x >> 32;
            (x >> 11) as f64 / (1_u64 << 53) as f64
        };
        for at in 0..declarations {
            let x = uniform(at, 1);
            let probability = 0.15 + signal * (x - 0.5);
            let time = end.as_microsecond() - days * DAY_MICROS * (declarations - at) as i64 / declarations as i64;
            let row = [x as f32, (0.1 + 0.1 * uniform(at, 2)) as f32, uniform(at, 3) as f32];
            set.push(&row, uniform(at, 4) < probability, 1.0, at, time);
        }
        set
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_780_000_000).unwrap()
    }

    fn settings() -> TrainingSettings {
        let mut settings = TrainingSettings::default();
        settings.boosted.trees = 20;
        settings
    }

    #[test]
    fn the_last_matured_weeks_are_held_out_and_younger_labels_left_out() {
        let set = training_set(now(), 100, 1_000, 0.2);
        let split = Split::of(set.clone(), now(), None, &settings());
        let day = |days: i64| now().as_microsecond() - days * DAY_MICROS;
        assert!(split.matured.times.iter().all(|time| *time <= day(14)));
        assert!(split.held_out.times.iter().all(|time| *time > split.held_out_after));
        assert!(split.learned.times.iter().all(|time| *time <= split.held_out_after));
        // 30 % of the matured 86 days is less than 28 days.
        assert_eq!(split.held_out.len(), split.matured.len() - (split.matured.len() as f64 * 0.7).floor() as usize);
        assert_eq!(split.held_out.len() + split.learned.len(), split.matured.len());
        let later = Split::of(set.clone(), now(), Some(day(20)), &settings());
        assert_eq!(later.held_out_after, day(20));
    }

    #[test]
    fn of_too_many_rows_every_finding_is_kept_and_the_others_stand_for_all() {
        let set = training_set(now(), 100, 1_000, 0.2);
        let thinned = thinned(&set, 400);
        let positives = |set: &TrainingSet| part(set).positives;
        assert_eq!(positives(&thinned), positives(&set));
        assert!(thinned.len().abs_diff(400) < 60, "{}", thinned.len());
        let total = |set: &TrainingSet| set.weights.iter().map(|weight| f64::from(*weight)).sum::<f64>();
        assert!((total(&thinned) / total(&set) - 1.0).abs() < 0.1);
        // More findings than there is room for: the latest.
        let few = super::thinned(&set, 100);
        let late = |set: &TrainingSet| {
            let found = (0..set.len()).filter(|&row| set.labels[row]);
            found.map(|row| set.times[row]).collect::<Vec<_>>()
        };
        assert_eq!(late(&few), late(&set)[positives(&set) - 50..]);
        assert_eq!(*super::thinned(&set, 1_000), set);
    }

    #[test]
    fn too_few_findings_are_no_reason_to_train() {
        let (record, trained) = run(training_set(now(), 100, 100, 0.2), now(), 1, None, &[], &settings());
        assert_eq!(record.outcome, Outcome::Skipped);
        assert!(trained.is_none() && record.reasons[0].contains("are needed for a first model"), "{record:?}");
        let (record, _) = run(TrainingSet::default(), now(), 1, None, &[], &settings());
        assert_eq!(record.outcome, Outcome::Skipped);
    }

    #[test]
    fn a_week_without_rows_leaves_a_record_that_can_be_read() {
        let set = training_set(now(), 120, 2_500, 0.29);
        let (_, trained) = run(set.clone(), now(), 1, None, &[], &settings());
        let trained = trained.unwrap();
        let champion = Champion { twin: trained.twin, twin_until: trained.twin_until };
        let nothing = TrainingSet { contract_hash: set.contract_hash, names: set.names, ..TrainingSet::default() };
        let (record, trained) = run(nothing, now(), 1, Some(&champion), &[], &settings());
        assert!(record.outcome == Outcome::Skipped && trained.is_none());
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<TrainingRecord>(&text).unwrap(), record);
    }

    #[test]
    fn a_first_model_that_beats_the_back_off_rate_is_promoted_and_refitted() {
        let set = training_set(now(), 120, 2_500, 0.29);
        let (record, trained) = run(set.clone(), now(), 1, None, &[], &settings());
        assert_eq!(record.outcome, Outcome::Promoted, "{record:#?}");
        let trained = trained.unwrap();
        let published = trained.artefact.summary();
        assert_eq!(Some((published.rows, published.to)), record.refitted.map(|part| (part.rows, part.to.unwrap())));
        assert_eq!(Some(published.to), record.held_out.to);
        assert_eq!(Some(trained.twin.summary().to), record.learned.to);
        assert_eq!(record.candidates.len(), 2);
    }

    #[test]
    fn a_champion_of_the_same_strength_stays() {
        let set = training_set(now(), 120, 2_500, 0.29);
        let (_, trained) = run(set.clone(), now(), 1, None, &[], &settings());
        let trained = trained.unwrap();
        let champion = Champion { twin: trained.twin, twin_until: trained.twin_until };
        // The same data again: the same candidate, which is not better than itself.
        let (record, _) = run(set.clone(), now(), 1, Some(&champion), &[], &settings());
        assert_eq!(record.outcome, Outcome::Kept, "{record:#?}");
        assert_eq!(
            record.champion,
            record.candidates.iter().find(|c| Some(&c.algorithm) == record.best.as_ref()).unwrap().performance
        );
    }

    #[test]
    fn a_champion_that_knows_nothing_is_replaced() {
        let noise = training_set(now(), 120, 2_500, 0.0);
        let mut blind = settings();
        blind.min_positives = 1;
        let twin = train(&Algorithm::Logistic(blind.logistic.clone()), &noise, 1).unwrap();
        let champion = Champion { twin, twin_until: now().as_microsecond() - 60 * DAY_MICROS };
        let (record, trained) = run(training_set(now(), 120, 2_500, 0.29), now(), 1, Some(&champion), &[], &settings());
        assert_eq!(record.outcome, Outcome::Promoted, "{record:#?}");
        assert!(trained.is_some());
    }

    #[test]
    fn every_candidate_that_is_named_is_trained_and_judged() {
        let set = training_set(now(), 120, 1_500, 0.29);
        let mut settings = settings();
        settings.candidates = Candidate::ALL.to_vec();
        settings.forest.trees = 5;
        let (record, _) = run(set.clone(), now(), 1, None, &[], &settings);
        let judged: Vec<&str> = record.candidates.iter().map(|candidate| candidate.algorithm.as_str()).collect();
        assert_eq!(judged, Candidate::ALL.map(Candidate::as_str));
        assert!(record.candidates.iter().all(|candidate| candidate.performance.is_some()), "{record:#?}");
        settings.candidates = vec![Candidate::Forest];
        let (record, trained) = run(set.clone(), now(), 1, None, &[], &settings);
        assert_eq!(record.best.as_deref(), Some("forest"));
        assert_eq!(trained.unwrap().artefact.algorithm().as_str(), "forest");
    }

    #[test]
    fn candidates_that_cannot_be_trained_are_refused_by_name() {
        let refused = |change: fn(&mut TrainingSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert!(settings().check().is_ok());
        assert!(refused(|settings| settings.candidates.clear()).contains("names none"));
        assert!(refused(|settings| settings.candidates.push(Candidate::Boosted)).contains("boosted twice"));
        let wrong = refused(|settings| {
            settings.candidates.push(Candidate::Forest);
            settings.forest.max_depth = 9;
        });
        assert_eq!(wrong, "training.forest cannot be used");
        // What is not trained may stand as it is.
        let mut idle = settings();
        idle.forest.max_depth = 9;
        assert!(idle.check().is_ok());
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let set = training_set(now(), 120, 1_500, 0.29);
        let runs = [(); 2].map(|()| run(set.clone(), now(), 9, None, &[], &settings()));
        assert_eq!(runs[0].0, runs[1].0);
        let digest = |at: usize| runs[at].1.as_ref().map(|trained| trained.artefact.digest().to_owned());
        assert_eq!(digest(0), digest(1));
    }
}
