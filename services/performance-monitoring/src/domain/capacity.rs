//! What a plan grants by day, and what was ordered of it.
//!
//! Capacity is planned in whole controls: a day grants the whole ones that its fraction, added to what was left, makes.
//! The reserve an office opens with is not planned for any month; it is what the random stratum may borrow from.

use std::collections::BTreeMap;

/// Parts of a control in which fractions are added, so that the sum of 365 tenths is exact.
const PARTS: f64 = 1e9;

/// A plan from a local day on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// First local day that it grants.
    pub from: i32,
    /// Controls per day.
    pub per_day: f64,
    /// Whole controls on hand at the start; only the first plan's counts.
    pub opening_carry: f64,
}

/// Controls of one local day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Granted by the plan.
    pub granted: i64,
    /// Ordered within the plan.
    pub used: i64,
    /// Ordered although nothing was on hand.
    pub overruns: i64,
}

/// Every day from the first plan to `last`, with what was `used` on it. Orders before the first plan are no overruns.
pub fn days(plans: &[Plan], used: &BTreeMap<i32, i64>, last: i32) -> BTreeMap<i32, Day> {
    let Some(first) = plans.first() else { return BTreeMap::new() };
    let mut on_hand = first.opening_carry.max(0.0).floor() as i64;
    let mut fraction = 0_i64;
    let mut days = BTreeMap::new();
    for day in first.from..=last {
        let plan = plans.iter().rev().find(|plan| plan.from <= day).unwrap_or(first);
        fraction += (plan.per_day.max(0.0) * PARTS).round() as i64;
        let granted = fraction / PARTS as i64;
        fraction %= PARTS as i64;
        let used = used.get(&day).copied().unwrap_or(0);
        on_hand += granted - used;
        let overruns = (-on_hand).max(0);
        on_hand = on_hand.max(0);
        days.insert(day, Day { granted, used, overruns });
    }
    days
}

/// |used − planned| ÷ planned; none without a plan.
pub fn error(used: i64, planned: i64) -> Option<f64> {
    (planned > 0).then(|| (used - planned).abs() as f64 / planned as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_carried_into_whole_controls() {
        let plans = [Plan { from: 0, per_day: 0.3, opening_carry: 0.0 }];
        let granted: Vec<i64> = days(&plans, &BTreeMap::new(), 9).values().map(|day| day.granted).collect();
        assert_eq!(granted, [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn only_what_exceeds_plan_and_carry_is_an_overrun() {
        let plans = [Plan { from: 0, per_day: 1.0, opening_carry: 2.0 }];
        let used = BTreeMap::from([(0, 3), (1, 2), (2, 0), (3, 2)]);
        let days = days(&plans, &used, 3);
        let overruns: Vec<i64> = days.values().map(|day| day.overruns).collect();
        assert_eq!(overruns, [0, 1, 0, 0]);
    }

    #[test]
    fn a_new_plan_grants_from_its_day() {
        let plans =
            [Plan { from: 0, per_day: 1.0, opening_carry: 0.0 }, Plan { from: 2, per_day: 3.0, opening_carry: 9.0 }];
        let granted: i64 = days(&plans, &BTreeMap::new(), 3).values().map(|day| day.granted).sum();
        assert_eq!(granted, 8);
        assert_eq!(error(9, 8), Some(0.125));
        assert_eq!(error(9, 0), None);
    }
}
