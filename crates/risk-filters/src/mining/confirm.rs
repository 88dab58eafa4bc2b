//! The judgement, on rows that the search has not seen.

use evidence::Proportion;
use statrs::distribution::{DiscreteCDF, Hypergeometric};

use super::{search::Candidate, table::Examples};
use crate::weighted::{Estimate, WeightedShare};

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
    let (mut within, mut outside) = (WeightedShare::default(), WeightedShare::default());
    for row in rows {
        let inside = candidate.tests.iter().all(|test| examples.matches(*row, test));
        if inside { &mut within } else { &mut outside }.add(examples.found[*row], examples.probability[*row]);
    }
    let p_value = exact(&within.proportion()?, &outside.proportion()?);
    Some(Judged { candidate, within: within.estimate(LEVEL)?, outside: outside.estimate(LEVEL)?, p_value })
}

/// Fisher's exact test, one-sided, of a higher share within. Counts are effective ones where rows weigh differently,
/// rounded against the candidate; with equal weights they are the counts themselves.
fn exact(within: &Proportion, outside: &Proportion) -> f64 {
    let (n_within, n_outside) = (effective(within), effective(outside));
    let found_within = (within.estimate * n_within + 1e-9).floor() as u64;
    let found_outside = (outside.estimate * n_outside - 1e-9).ceil().max(0.0) as u64;
    let (n_within, n_outside) = ((n_within + 1e-9).floor() as u64, (n_outside + 1e-9).floor() as u64);
    let found = found_within + found_outside;
    if found_within == 0 || found > n_within + n_outside {
        return 1.0;
    }
    Hypergeometric::new(n_within + n_outside, found, n_within).map_or(1.0, |drawn| drawn.sf(found_within - 1))
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
