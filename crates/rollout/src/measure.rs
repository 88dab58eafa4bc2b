//! From the counts of a report to the measurements that gates look at.
//!
//! | measurement | what it is |
//! |---|---|
//! | `service.degradedShare`, `service.slowShare` | of what the candidate decided |
//! | `capacity.examinedRatio` | examinations per declaration, candidate ÷ champion |
//! | `prediction.stability` | distance of the score distributions (PSI), `lower` free of what chance alone makes |
//! | `prediction.examinedRatio` | whom the candidate would examine at the champion's limit ÷ whom the champion would |
//! | `prediction.overlap` | share of those whom the champion would examine that the candidate would too |
//! | `outcome.harm`, `outcome.benefit` | e-values against "finds no less" and "finds less by more than the margin" |
//! | `outcome.relativeYield` | findings per declaration, candidate ÷ champion |

use std::collections::BTreeMap;

use evidence::{RelativeYield, clopper_pearson, drift};

use crate::{
    assignment::WHOLE,
    observed::Measurement,
    report::{Report, SCORE_BINS},
    spec::Outcome,
};

/// Level of the intervals: they are looked at again and again.
const LEVEL: f64 = 0.999;

/// Whether a measurement is made of what the candidate decides: while it decides nothing, there is none.
pub(crate) fn of_decisions(metric: &str) -> bool {
    ["service.", "capacity.", "outcome."].iter().any(|kind| metric.starts_with(kind))
}

/// The measurements of a report.
pub fn measure(report: &Report, outcome: &Outcome) -> BTreeMap<String, Measurement> {
    let mut all = BTreeMap::new();
    let mut put = |name: &str, value: f64, lower: Option<f64>, upper: Option<f64>, n: u64| {
        let finite = |bound: Option<f64>| bound.filter(|bound| bound.is_finite());
        let measured =
            Measurement { value, lower: finite(lower), upper: finite(upper), observations: n, as_of: report.as_of };
        all.insert(name.to_owned(), measured);
    };
    let (ours, theirs) = (&report.candidate, &report.champion);
    for (name, count) in [("service.degradedShare", ours.degraded), ("service.slowShare", ours.slow)] {
        let interval = clopper_pearson(count as f64, ours.declarations as f64, LEVEL);
        let share = if ours.declarations > 0 { count as f64 / ours.declarations as f64 } else { 0.0 };
        put(name, share, Some(interval.low), Some(interval.high), ours.declarations);
    }
    let (share, like) = (rate(ours.examined, ours.declarations), rate(theirs.examined, theirs.declarations));
    if like > 0.0 {
        let spread = 3.29 * (1.0 / (ours.examined as f64).max(0.5) + 1.0 / theirs.examined as f64).sqrt();
        let ratio = share / like;
        let n = ours.examined.min(theirs.examined);
        put("capacity.examinedRatio", ratio, Some(ratio * (-spread).exp()), Some(ratio * spread.exp()), n);
    } else {
        put("capacity.examinedRatio", 1.0, None, None, 0);
    }
    let bins = usize::from(SCORE_BINS);
    let (mut champion, mut candidate) = (vec![0; bins], vec![0; bins]);
    for cell in &report.scores {
        champion[usize::from(cell.champion).min(bins - 1)] += cell.declarations;
        candidate[usize::from(cell.candidate).min(bins - 1)] += cell.declarations;
    }
    let n: u64 = champion.iter().sum();
    let (distance, noise) = drift::stability(&champion, &candidate);
    put("prediction.stability", distance, Some((distance - noise).max(0.0)), Some(distance), n);
    let (ratio, top) = drift::at_same_limit(&champion, &candidate, outcome.capacity_share);
    let spread = 3.29 * (1.0 / (ratio * top).max(0.5) + 1.0 / top.max(0.5)).sqrt();
    put("prediction.examinedRatio", ratio, Some(ratio * (-spread).exp()), Some(ratio * spread.exp()), top as u64);
    let cells =
        report.scores.iter().map(|cell| (usize::from(cell.champion), usize::from(cell.candidate), cell.declarations));
    let (overlap, top) = drift::overlap(cells, bins, outcome.capacity_share);
    let interval = clopper_pearson(overlap * top, top, LEVEL);
    put("prediction.overlap", overlap, Some(interval.low), Some(interval.high), top as u64);

    let Ok(mut yields) = RelativeYield::new(outcome.margin) else { return all };
    for group in report.findings.iter().filter(|group| (1..WHOLE).contains(&group.weight)) {
        let weight = f64::from(group.weight) / f64::from(WHOLE);
        // The share is inside its range, which is all that can be refused.
        let _ = yields.observe_many(group.candidate, group.champion, weight);
    }
    let (ours, theirs) = yields.findings();
    let n = ours + theirs;
    put("outcome.harm", yields.harm(), None, None, n);
    put("outcome.benefit", yields.benefit(), None, None, n);
    let interval = yields.interval(outcome.alpha);
    put("outcome.relativeYield", yields.estimate().unwrap_or(1.0), Some(interval.low), Some(interval.high), n);
    all
}

fn rate(part: u64, whole: u64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gate::{Condition, Gate, GateFamily, GateState},
        report::{ArmReport, ScoreCell},
    };

    /// A shadow in which the candidate's scores are `lower` bins below the champion's.
    fn shadow(lower: u8) -> Report {
        let cell = |bin: u8| ScoreCell { champion: bin, candidate: bin - lower, declarations: 4_000 >> (bin - 2) };
        Report {
            rollout: "second".into(),
            as_of: jiff::Timestamp::UNIX_EPOCH,
            candidate: ArmReport::default(),
            champion: ArmReport::default(),
            examinations: 0,
            matured_labels: 0,
            findings: Vec::new(),
            scores: (2..12).map(cell).collect(),
        }
    }

    #[test]
    fn a_candidate_that_says_less_is_known_by_it_before_it_decides_anything() {
        let gate = Gate {
            name: "says-less".into(),
            family: GateFamily::Prediction,
            fail: Condition::below("prediction.examinedRatio", 0.8),
            pass: None,
            min_observations: 200,
            max_age_seconds: 60,
            required_from_step: 0,
            on_fail: crate::OnFail::Hold,
            on_inconclusive: crate::OnOpen::Hold,
            on_immature: crate::OnOpen::Hold,
            on_missing: crate::OnOpen::Hold,
        };
        let judged = |lower| {
            let measured = measure(&shadow(lower), &Outcome { capacity_share: 0.1, ..Outcome::default() });
            (measured["prediction.examinedRatio"].value, gate.judge(&measured, jiff::Timestamp::UNIX_EPOCH).state)
        };
        assert_eq!(judged(0), (1.0, GateState::Pass));
        let (times, state) = judged(1);
        assert!((0.4..0.6).contains(&times), "{times}");
        assert_eq!(state, GateState::Fail);
    }
}
