//! The judgement, on rows that the search has not seen.

use evidence::Proportion;
use statrs::distribution::{Discrete, Hypergeometric};

use super::{groups::Groups, search::Candidate, table::Examples};
use crate::weighted::Estimate;

/// Confidence of the intervals.
const LEVEL: f64 = 0.95;

/// A candidate that stood.
pub(super) struct Judged<'c> {
    pub(super) candidate: &'c Candidate,
    pub(super) within: Estimate,
    pub(super) outside: Estimate,
    /// Corrected.
    pub(super) p_value: f64,
}

/// Those of `candidates` whose yield over `rows` is above that of the other rows at a family-wise `level` (Holm 1979),
/// the strongest evidence first.
pub(super) fn confirm<'c>(
    examples: &Examples,
    rows: &[usize],
    candidates: &'c [Candidate],
    level: f64,
) -> Vec<Judged<'c>> {
    let mut judged: Vec<Judged<'c>> = candidates.iter().filter_map(|of| judge(examples, rows, of)).collect();
    judged.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
    // A candidate that could not be judged was tried all the same.
    let mut worst = 0.0_f64;
    for (at, judged) in judged.iter_mut().enumerate() {
        worst = worst.max((judged.p_value * (candidates.len() - at) as f64).min(1.0));
        judged.p_value = worst;
    }
    judged.retain(|judged| judged.p_value <= level);
    judged
}

fn judge<'c>(examples: &Examples, rows: &[usize], candidate: &'c Candidate) -> Option<Judged<'c>> {
    let (mut within, mut outside) = (Groups::default(), Groups::default());
    for row in rows {
        let inside = candidate.tests.iter().all(|test| examples.matches(*row, test));
        if inside { &mut within } else { &mut outside }.add(examples.found[*row], examples.probability[*row]);
    }
    // A group that is all within or all outside has nothing to be compared with. The rest is told in the mixture of
    // the matches: otherwise a condition that is met in one group alone would differ by that.
    let (matches, rest) = (within.effective(), outside.effective());
    let totals = [0, 1].map(|group| if rest[group] > 0.0 { matches[group] } else { 0.0 });
    let estimates = [&within, &outside].map(|side| side.together(totals).estimate(LEVEL));
    let [Some(yield_within), Some(yield_outside)] = estimates else { return None };
    Some(Judged { candidate, within: yield_within, outside: yield_outside, p_value: exact(&within, &outside) })
}

/// Fisher's exact test, one-sided, of a higher share within, over both groups: the chance of so many findings within
/// when in each group they fall within or outside without regard to the condition.
fn exact(within: &Groups, outside: &Groups) -> f64 {
    let mut seen = 0;
    // Probabilities of 0, 1, … findings within, of the groups so far.
    let mut chances = vec![1.0];
    for (within, outside) in within.each().into_iter().zip(outside.each()) {
        let (Some(within), Some(outside)) = (within.proportion(), outside.proportion()) else { continue };
        let Some((found, of_group)) = drawn(&within, &outside) else { continue };
        seen += found;
        let mut both = vec![0.0; chances.len() + of_group.len() - 1];
        for (before, chance) in chances.iter().enumerate() {
            for (more, other) in of_group.iter().enumerate() {
                both[before + more] += chance * other;
            }
        }
        chances = both;
    }
    if seen == 0 { 1.0 } else { chances.iter().skip(seen).sum::<f64>().min(1.0) }
}

/// Of a group: findings within, and the probability of each number of them when the condition says nothing. Counts are
/// effective ones where rows weigh differently, rounded against the candidate; with equal weights they are the counts
/// themselves.
fn drawn(within: &Proportion, outside: &Proportion) -> Option<(usize, Vec<f64>)> {
    let (n_within, n_outside) = (effective(within), effective(outside));
    let found_within = (within.estimate * n_within + 1e-9).floor() as u64;
    let found_outside = (outside.estimate * n_outside - 1e-9).ceil().max(0.0) as u64;
    let (n_within, n_outside) = ((n_within + 1e-9).floor() as u64, (n_outside + 1e-9).floor() as u64);
    let found = found_within + found_outside;
    let drawn = Hypergeometric::new(n_within + n_outside, found, n_within).ok()?;
    Some((found_within as usize, (0..=found.min(n_within)).map(|number| drawn.ln_pmf(number).exp()).collect()))
}

/// Equally weighing rows that would say as much.
fn effective(share: &Proportion) -> f64 {
    let (n, p, variance) = (share.n as f64, share.estimate, share.standard_error.powi(2));
    // The variance is that of n − 1.
    let implied = if p > 0.0 && p < 1.0 && variance > 0.0 {
        p * (1.0 - p) / variance * n / (n - 1.0).max(1.0)
    } else {
        share.n_effective
    };
    implied.min(n)
}
