//! Whether one model is better than another, on declarations that neither has learned from.
//!
//! Selection ranks declarations by their probability and examines as many as there is capacity for. So ranking counts
//! (area under the ROC curve, precision among the best share of the weight), and how close the probabilities are (log
//! loss). Every declaration is weighted by the inverse of its logged selection probability, up to a limit: a finding
//! of the random stratum must not decide alone. Few labels are held out, so a difference counts only against its
//! standard error, taken over the same declarations.

use std::{cmp::Ordering, collections::BTreeMap};

use risk_model::{Artefact, TrainingSet, metrics};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The held-out declarations of one training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declarations {
    /// Rows of the training set per declaration.
    pub rows: Vec<Vec<usize>>,
    /// Whether anything was found.
    pub labels: Vec<bool>,
    /// How much each counts.
    pub weights: Vec<f64>,
}

/// How well a model does on held-out declarations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    /// Weighted mean negative log likelihood; lower is better.
    #[schema(example = 0.21)]
    pub log_loss: f64,
    /// Weighted share of findings among the highest-scored share that capacity allows.
    #[schema(example = 0.44)]
    pub precision: f64,
    /// Weighted area under the ROC curve, where both outcomes occur.
    #[schema(example = 0.81)]
    pub auc: Option<f64>,
}

impl Declarations {
    /// Groups the rows of `set` by declaration, in the order of their first rows. None counts for more than
    /// `weight_limit`.
    pub fn of(set: &TrainingSet, weight_limit: f64) -> Self {
        let mut at = BTreeMap::<u64, usize>::new();
        let mut all = Self::default();
        for row in 0..set.len() {
            let index = *at.entry(set.groups[row]).or_insert_with(|| {
                all.rows.push(Vec::new());
                all.labels.push(false);
                all.weights.push(0.0);
                all.rows.len() - 1
            });
            all.rows[index].push(row);
            all.labels[index] |= set.labels[row];
            all.weights[index] = all.weights[index].max(f64::from(set.weights[row]).min(weight_limit));
        }
        all
    }

    /// Declarations with a finding.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    /// The probability that `artefact` gives each of them.
    pub fn scored(&self, artefact: &Artefact, set: &TrainingSet) -> Vec<f64> {
        let of = |rows: &Vec<usize>| {
            let items: Vec<f64> = rows.iter().map(|&row| artefact.score(set.row(row))).collect();
            artefact.declaration_probability(&items)
        };
        self.rows.iter().map(of).collect()
    }

    /// One column of the set as a probability per item; missing counts as 0.
    pub fn column(&self, set: &TrainingSet, column: usize) -> Vec<f64> {
        let of = |rows: &Vec<usize>| {
            let clean = rows.iter().map(|&row| {
                let rate = f64::from(set.row(row)[column]);
                1.0 - if rate.is_nan() { 0.0 } else { rate.clamp(0.0, 1.0) }
            });
            1.0 - clean.product::<f64>()
        };
        self.rows.iter().map(of).collect()
    }

    /// How well these probabilities do; precision among the best `share` of the weight.
    pub fn performance(&self, probabilities: &[f64], share: f64) -> Performance {
        let weights = Some(self.weights.as_slice());
        let log_loss = metrics::log_loss(probabilities, &self.labels, weights);
        Performance {
            // Without any weight there is no mean; JSON has no word for that, and nothing is worse.
            log_loss: if log_loss.is_finite() { log_loss } else { f64::MAX },
            precision: metrics::precision_at(probabilities, &self.labels, share, weights).unwrap_or(0.0),
            auc: metrics::auc(probabilities, &self.labels, weights),
        }
    }
}

/// By how much one model does better than another on the same declarations; positive is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Log loss.
    pub log_loss: Gain,
    /// Area under the ROC curve; none where only one outcome occurs.
    pub auc: Option<Gain>,
    /// Precision at capacity.
    pub precision: Gain,
}

/// A difference with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gain {
    /// The difference.
    #[schema(example = 0.031)]
    pub mean: f64,
    /// Its standard error.
    #[schema(example = 0.014)]
    pub standard_error: f64,
}

impl Gain {
    /// What cannot be told is no difference, known with no certainty: JSON has no word for infinity.
    fn of(mean: f64, standard_error: f64) -> Self {
        Self {
            mean: if mean.is_finite() { mean } else { 0.0 },
            standard_error: if mean.is_finite() && standard_error.is_finite() { standard_error } else { f64::MAX },
        }
    }

    /// Above zero by more than `errors` standard errors. What is not a number is not.
    fn clear(&self, errors: f64) -> bool {
        self.mean > errors * self.standard_error && self.mean > 0.0
    }

    /// Below zero by more than `errors` standard errors.
    fn clearly_worse(&self, errors: f64) -> bool {
        -self.mean > errors * self.standard_error && self.mean < 0.0
    }
}

impl std::fmt::Display for Gain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:+.4} ± {:.4}", self.mean, self.standard_error)
    }
}

impl Declarations {
    /// What `ours` gains over `theirs`, both a probability per declaration.
    pub fn compare(&self, ours: &[f64], theirs: &[f64], share: f64) -> Comparison {
        let (better, worse) = (self.performance(ours, share), self.performance(theirs, share));
        let losses: Vec<f64> = (0..self.labels.len())
            .map(|at| loss(theirs[at], self.labels[at]) - loss(ours[at], self.labels[at]))
            .collect();
        let (mean, standard_error) = weighted_mean(&losses, &self.weights);
        Comparison {
            log_loss: Gain::of(mean, standard_error),
            auc: self.auc_gain(ours, theirs),
            precision: Gain::of(
                better.precision - worse.precision,
                self.precision_error(better.precision, worse.precision, share),
            ),
        }
    }

    /// The difference of two areas under the ROC curve with its standard error (DeLong, DeLong & Clarke-Pearson 1988,
    /// with weights): both are means of placements over the same positives and negatives.
    fn auc_gain(&self, ours: &[f64], theirs: &[f64]) -> Option<Gain> {
        let of = |positive: bool| (0..self.labels.len()).filter(move |at| self.labels[*at] == positive);
        let (positives, negatives): (Vec<usize>, Vec<usize>) = (of(true).collect(), of(false).collect());
        let gain = |positive: usize, negative: usize| {
            placement(ours[positive], ours[negative]) - placement(theirs[positive], theirs[negative])
        };
        let weights = |of: &[usize]| of.iter().map(|at| self.weights[*at]).collect::<Vec<f64>>();
        let against = |one: &[usize], other: &[usize], gain: &dyn Fn(usize, usize) -> f64| {
            let other_weights = weights(other);
            let means: Vec<f64> = one
                .iter()
                .map(|&at| weighted_mean(&other.iter().map(|&of| gain(at, of)).collect::<Vec<_>>(), &other_weights).0)
                .collect();
            weighted_mean(&means, &weights(one))
        };
        if positives.is_empty() || negatives.is_empty() {
            return None;
        }
        let (mean, by_positives) = against(&positives, &negatives, &gain);
        let (_, by_negatives) = against(&negatives, &positives, &|negative, positive| gain(positive, negative));
        Some(Gain::of(mean, by_positives.hypot(by_negatives)))
    }

    /// Standard error of a difference of two precisions, as if the two best shares had nothing in common: never too
    /// small.
    fn precision_error(&self, ours: f64, theirs: f64, share: f64) -> f64 {
        let total: f64 = self.weights.iter().sum();
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        let effective = if squares > 0.0 { (total * total / squares * share).max(1.0) } else { 1.0 };
        ((ours * (1.0 - ours) + theirs * (1.0 - theirs)) / effective).sqrt()
    }
}

fn loss(probability: f64, label: bool) -> f64 {
    let probability = probability.clamp(1e-6, 1.0 - 1e-6);
    -(if label { probability } else { 1.0 - probability }).ln()
}

fn placement(positive: f64, negative: f64) -> f64 {
    match positive.total_cmp(&negative) {
        Ordering::Greater => 1.0,
        Ordering::Equal => 0.5,
        Ordering::Less => 0.0,
    }
}

/// Weighted mean with its standard error; a single value is known with no certainty at all.
fn weighted_mean(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total;
    let squares: f64 = values.iter().zip(weights).map(|(value, weight)| (weight * (value - mean)).powi(2)).sum();
    let spread = if values.len() > 1 { squares.sqrt() / total } else { f64::INFINITY };
    (mean, spread)
}

/// Findings that two models of one algorithm learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The candidate.
    pub candidate: usize,
    /// The champion.
    pub champion: usize,
}

/// Whether a candidate takes the place of the champion, and why: its probabilities or its ranking are better by more
/// than `errors` standard errors, and nothing else is worse by as much. For the same algorithm with markedly more
/// findings (`fresher`) it is enough that its probabilities are better and nothing is clearly worse: that more
/// findings teach more is known before, and the few that are held out seldom show it.
pub fn replaces(gain: &Comparison, errors: f64, fresher: Option<Learned>) -> (bool, String) {
    let auc = gain.auc.unwrap_or(Gain { mean: f64::NAN, standard_error: f64::NAN });
    let numbers = told(&[("log loss", gain.log_loss), ("AUC", auc), ("precision", gain.precision)]);
    let worse = [gain.log_loss, auc, gain.precision].iter().any(|gain| gain.clearly_worse(errors));
    let better = gain.log_loss.clear(errors) || auc.clear(errors);
    match (better, worse, fresher.filter(|_| gain.log_loss.mean > 0.0)) {
        (true, false, _) => (true, format!("better than the champion: {numbers}")),
        (true, true, _) => (false, format!("better than the champion in one way and worse in another: {numbers}")),
        (false, false, Some(Learned { candidate, champion })) => {
            let learned = format!("learned from {candidate} findings, the champion from {champion}");
            (true, format!("{learned}, and is no worse: {numbers}"))
        }
        (false, ..) => (false, format!("not clearly better than the champion: {numbers}")),
    }
}

/// Each measure with how much better or worse it is, and the standard error of that.
fn told(gains: &[(&str, Gain)]) -> String {
    let one = |(measure, gain): &(&str, Gain)| {
        let Gain { mean, standard_error } = gain;
        match mean.partial_cmp(&0.0) {
            None => format!("{measure} not to be compared"),
            Some(Ordering::Less) => format!("{measure} worse by {:.4} ± {standard_error:.4}", -mean),
            Some(_) => format!("{measure} better by {mean:.4} ± {standard_error:.4}"),
        }
    };
    gains.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Whether a candidate may decide instead of the smoothed rate of findings that selection uses without a model, and
/// why. Only ranking counts: the rate is no calibrated probability. A first model must rank clearly better; later
/// ones, which must beat the champion as well, must not rank worse.
pub fn beats_baseline(gain: &Comparison, first: bool, errors: f64) -> (bool, String) {
    let Some(auc) = gain.auc else { return (false, "nothing tells it from the back-off rate".to_owned()) };
    let numbers = told(&[("AUC", auc), ("precision", gain.precision)]);
    let worse = gain.precision.clearly_worse(errors) || auc.clearly_worse(errors);
    let enough = !first || auc.clear(errors);
    if enough && !worse {
        (true, format!("better than the back-off rate: {numbers}"))
    } else {
        (false, format!("not clearly better than the back-off rate: {numbers}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(mean: f64, standard_error: f64) -> Gain {
        Gain { mean, standard_error }
    }

    fn comparison(log_loss: Gain, auc: Gain, precision: Gain) -> Comparison {
        Comparison { log_loss, auc: Some(auc), precision }
    }

    #[test]
    fn what_is_worse_is_not_told_as_better() {
        let (_, why) =
            replaces(&comparison(gain(0.02, 0.01), gain(-0.0039, 0.002), gain(f64::NAN, f64::NAN)), 1.0, None);
        assert!(why.contains("log loss better by 0.0200 ± 0.0100, AUC worse by 0.0039 ± 0.0020"), "{why}");
        assert!(why.ends_with("precision not to be compared"), "{why}");
        let (_, why) = beats_baseline(&comparison(gain(0.0, 0.0), gain(-0.0039, 0.002), gain(0.01, 0.01)), true, 1.0);
        assert!(why.contains("AUC worse by 0.0039") && why.contains("precision better by 0.0100"), "{why}");
    }

    #[test]
    fn a_champion_is_replaced_only_by_what_is_clearly_better() {
        let (none, better, hint, worse) = (gain(0.0, 0.01), gain(0.02, 0.01), gain(0.005, 0.01), gain(-0.02, 0.01));
        let replaced = |log_loss, auc, precision| replaces(&comparison(log_loss, auc, precision), 1.0, None).0;
        assert!(replaced(better, none, none) && replaced(none, better, none) && replaced(better, better, hint));
        assert!(!replaced(hint, hint, better), "precision at capacity alone is too noisy to decide");
        assert!(!replaced(better, worse, none) && !replaced(better, none, worse) && !replaced(worse, better, none));
        assert!(!replaced(gain(f64::NAN, f64::NAN), none, none));
    }

    #[test]
    fn of_the_same_algorithm_with_more_findings_no_worse_is_enough() {
        let (none, hint, worse) = (gain(0.0, 0.01), gain(0.005, 0.01), gain(-0.02, 0.01));
        let fresher = Some(Learned { candidate: 60, champion: 40 });
        let replaced = |log_loss, auc, precision| replaces(&comparison(log_loss, auc, precision), 1.0, fresher);
        let (replaces, reason) = replaced(hint, none, none);
        assert!(replaces && reason.contains("learned from 60 findings, the champion from 40"), "{reason}");
        assert!(!replaced(none, hint, none).0 && !replaced(hint, worse, none).0 && !replaced(hint, none, worse).0);
    }

    #[test]
    fn a_first_model_must_rank_clearly_better_than_the_back_off_rate() {
        let (none, better, worse) = (gain(0.0, 0.01), gain(0.02, 0.01), gain(-0.02, 0.01));
        let beats = |auc, precision, first| beats_baseline(&comparison(worse, auc, precision), first, 1.0).0;
        assert!(beats(better, none, true) && beats(none, none, false));
        assert!(!beats(none, none, true) && !beats(better, worse, true) && !beats(worse, none, false));
        assert!(!beats_baseline(&Comparison { auc: None, ..comparison(none, none, none) }, false, 1.0).0);
    }

    /// `count` declarations, a fifth with a finding, and scores that tell them apart by `signal`.
    fn made(count: usize, signal: f64, salt: u64) -> (Declarations, Vec<f64>) {
        let noise = |at: usize| {
            let x = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03));
            ((x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let labels: Vec<bool> = (0..count).map(|at| at % 5 == 0).collect();
        let scores = (0..count).map(|at| 0.1 + 0.5 * noise(at) + signal * f64::from(u8::from(labels[at]))).collect();
        (Declarations { rows: vec![vec![]; count], weights: vec![1.0; count], labels }, scores)
    }

    #[test]
    fn models_of_the_same_strength_differ_by_about_a_standard_error() {
        let mut clear = 0;
        for round in 0..200 {
            let (declarations, ours) = made(300, 0.1, 2 * round + 1);
            let (_, theirs) = made(300, 0.1, 2 * round + 2);
            clear += usize::from(declarations.compare(&ours, &theirs, 0.1).auc.unwrap().clear(1.0));
        }
        // One in six is above one standard error by chance.
        assert!((15..=60).contains(&clear), "{clear} of 200");
    }

    #[test]
    fn a_better_model_is_told_apart() {
        let (declarations, ours) = made(300, 0.3, 1);
        let (_, theirs) = made(300, 0.0, 2);
        let gain = declarations.compare(&ours, &theirs, 0.1);
        assert!(gain.auc.unwrap().clear(3.0) && gain.precision.clear(1.0), "{gain:?}");
        let back = declarations.compare(&theirs, &ours, 0.1);
        assert!((back.auc.unwrap().mean + gain.auc.unwrap().mean).abs() < 1e-12);
        let expected = metrics::auc(&ours, &declarations.labels, None).unwrap()
            - metrics::auc(&theirs, &declarations.labels, None).unwrap();
        assert!((gain.auc.unwrap().mean - expected).abs() < 1e-12);
    }

    #[test]
    fn a_comparison_over_a_single_finding_can_be_written_and_read_again() {
        let (mut declarations, scores) = made(6, 0.1, 1);
        declarations.labels = vec![true, false, false, false, false, false];
        for labels in [declarations.labels.clone(), vec![true, false, false, false, false, true]] {
            declarations.labels = labels;
            let gain = declarations.compare(&scores, &[0.5; 6], 0.1);
            let text = serde_json::to_string(&gain).unwrap();
            assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), gain, "{text}");
        }
    }

    #[test]
    fn no_declaration_decides_alone() {
        let mut set = TrainingSet { names: vec!["rate".to_owned()], ..TrainingSet::default() };
        set.push(&[0.5], true, 20.0, 7, 1);
        set.push(&[0.5], false, 2.0, 8, 2);
        assert_eq!(Declarations::of(&set, 5.0).weights, [5.0, 2.0]);
    }

    #[test]
    fn a_declaration_is_judged_once_however_many_items_it_has() {
        let mut set = TrainingSet { names: vec!["rate".to_owned()], ..TrainingSet::default() };
        set.push(&[0.5], false, 2.0, 7, 1);
        set.push(&[0.5], true, 2.0, 7, 1);
        set.push(&[f32::NAN], false, 1.0, 8, 2);
        let declarations = Declarations::of(&set, 5.0);
        assert_eq!(
            (declarations.labels.as_slice(), declarations.weights.as_slice()),
            (&[true, false][..], &[2.0, 1.0][..])
        );
        let judged = declarations.performance(&declarations.column(&set, 0), 0.5);
        assert!((judged.precision - 1.0).abs() < 1e-12);
        let expected = -(2.0 * 0.75_f64.ln()) / 3.0;
        assert!((judged.log_loss - expected).abs() < 1e-9, "{judged:?}");
    }
}
