//! Maturation: labels arrive late, and findings later than clean results.
//!
//! A cohort is by the date of *selection*, never of result: a rate over results that came in this month would hold few
//! of this month's findings. Either one waits until the cohort is closed, or weighs by how much of it is.

use serde::{Deserialize, Serialize};

/// Whether a selection at `selected_at` is old enough at `as_of` to judge (same unit for all three).
pub fn is_matured(selected_at: i64, as_of: i64, maturity: i64) -> bool {
    as_of.saturating_sub(selected_at) >= maturity
}

/// How long an examination took to have its result, or has been waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// From selection to result, or to now when there is none.
    pub elapsed: i64,
    /// Whether the result is there.
    pub closed: bool,
}

/// The share of examinations that have their result, by age (Kaplan and Meier 1958: those still open count for as long
/// as they have waited).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosingCurve {
    /// (age, share closed by that age), both ascending.
    steps: Vec<(i64, f64)>,
}

impl ClosingCurve {
    /// The curve of `delays`, in any order.
    pub fn of(delays: &[Delay]) -> Self {
        let mut sorted = delays.to_vec();
        sorted.sort_by_key(|delay| (delay.elapsed, !delay.closed));
        let mut open = 1.0;
        let mut steps: Vec<(i64, f64)> = Vec::new();
        let mut at = 0;
        while at < sorted.len() {
            let age = sorted[at].elapsed;
            let waiting = (sorted.len() - at) as f64;
            let same = sorted[at..].iter().take_while(|delay| delay.elapsed == age).count();
            let closed = sorted[at..at + same].iter().filter(|delay| delay.closed).count();
            if closed > 0 {
                open *= 1.0 - closed as f64 / waiting;
                steps.push((age, 1.0 - open));
            }
            at += same;
        }
        Self { steps }
    }

    /// The share closed by `age`; 0 before the first result.
    pub fn share_closed(&self, age: i64) -> f64 {
        let after = self.steps.partition_point(|(at, _)| *at <= age);
        after.checked_sub(1).map_or(0.0, |at| self.steps[at].1)
    }

    /// The least age by which `share` are closed; none when so many never are.
    pub fn age_at(&self, share: f64) -> Option<i64> {
        self.steps.iter().find(|(_, closed)| *closed >= share).map(|(age, _)| *age)
    }

    /// How much a result at `age` stands for: 1 ÷ share closed, at most `ceiling`.
    pub fn weight(&self, age: i64, ceiling: f64) -> f64 {
        let closed = self.share_closed(age);
        if closed > 0.0 { (1.0 / closed).min(ceiling) } else { ceiling }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(elapsed: i64) -> Delay {
        Delay { elapsed, closed: true }
    }

    fn open(elapsed: i64) -> Delay {
        Delay { elapsed, closed: false }
    }

    #[test]
    fn without_open_ones_the_curve_is_the_plain_share() {
        let curve = ClosingCurve::of(&[closed(3), closed(1), closed(2), closed(2)]);
        assert!(curve.share_closed(0).abs() < 1e-12);
        assert!((curve.share_closed(1) - 0.25).abs() < 1e-12);
        assert!((curve.share_closed(2) - 0.75).abs() < 1e-12);
        assert!((curve.share_closed(99) - 1.0).abs() < 1e-12);
        assert_eq!(curve.age_at(0.5), Some(2));
    }

    #[test]
    fn those_still_waiting_count_for_as_long_as_they_waited() {
        // At age 2 two of four wait still; one closes at 5 of the one that was seen that long.
        let curve = ClosingCurve::of(&[closed(1), open(2), open(2), closed(5)]);
        assert!((curve.share_closed(1) - 0.25).abs() < 1e-12);
        assert!((curve.share_closed(5) - 1.0).abs() < 1e-12);
        assert!((curve.weight(1, 10.0) - 4.0).abs() < 1e-12);
        assert!((curve.weight(0, 10.0) - 10.0).abs() < 1e-12);
        assert_eq!(ClosingCurve::of(&[open(4)]).age_at(0.1), None);
    }

    #[test]
    fn a_cohort_matures_by_its_selection() {
        assert!(is_matured(0, 45, 45));
        assert!(!is_matured(1, 45, 45));
    }
}
