//! What a finding brings, as additional duty.

use crate::backoff::{self, Sum};
use crate::value::{Likely, Typical, likely};

/// Of a case, duty over declared value counts up to here: a few consignments of next to no value say little.
pub const MOST_RATIO: f64 = 5.0;
/// How far findings of undervaluation correct before any is known: half an octave, give or take as much.
const FIRST_CORRECTION: (f64, f64) = (0.5, 0.5);

/// The declared amount `value` taxed at `rate` (a share) would bring this much more at its likely multiple.
pub fn of_value(value: f64, rate: f64, likely: Likely) -> f64 {
    (value * rate * (likely.ratio - 1.0)).max(0.0)
}

/// What is known of an item while it is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtStake<'a> {
    /// Declared value.
    pub value: f64,
    /// Duties and taxes over value, a share.
    pub rate: f64,
    /// Binary logarithm of the value per kilogram.
    pub unit_value: Option<f64>,
    /// Unit values of goods like these.
    pub typical: Option<Typical>,
    /// Findings with their additional duty, general groups first.
    pub recorded: &'a [Sum],
}

/// Expected additional duty of an item given a finding: what the likely right value would bring, and what findings of
/// goods like these brought. Amounts of duty spread over orders of magnitude, so the two meet on the logarithmic scale,
/// the recorded ones with the weight of their number.
pub fn at_stake(item: &AtStake<'_>) -> f64 {
    let above = item.typical.zip(item.unit_value).map(|(typical, own)| (typical.mean - own, typical.deviation));
    let by_value = likely(above, Some(FIRST_CORRECTION)).map_or(0.0, |likely| of_value(item.value, item.rate, likely));
    let recorded = backoff::mean(None, item.recorded.iter().copied()).filter(|mean| *mean > 0.0);
    let Some(recorded) = recorded else { return by_value };
    if by_value <= 0.0 {
        return recorded;
    }
    let findings = item.recorded.iter().rev().find(|level| level.count > 0).map_or(0, |level| level.count);
    let weight = f64::from(findings) / (f64::from(findings) + backoff::STRENGTH);
    // Never more weight than the item's own value has: what others brought knows nothing of its size.
    (by_value.ln() + 0.5 * weight * (recorded.ln() - by_value.ln())).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(recorded: &[Sum]) -> AtStake<'_> {
        AtStake { value: 10_000.0, rate: 0.2, unit_value: Some(3.0), typical: None, recorded }
    }

    #[test]
    fn far_below_the_typical_value_more_is_at_stake() {
        let typical = |mean| AtStake { typical: Some(Typical { mean, deviation: 0.3, count: 50 }), ..item(&[]) };
        assert!(at_stake(&typical(5.0)) > 2.0 * at_stake(&typical(3.0)));
        assert!(at_stake(&typical(2.0)) > 0.0);
    }

    #[test]
    fn recorded_duty_moves_it_with_its_number() {
        let alone = at_stake(&item(&[]));
        let few = [Sum { count: 1, sum: 40_000.0 }];
        let many = [Sum { count: 500, sum: 500.0 * 40_000.0 }];
        assert!(alone < at_stake(&item(&few)) && at_stake(&item(&few)) < at_stake(&item(&many)));
        assert!(at_stake(&item(&many)) < 40_000.0);
    }

    #[test]
    fn untaxed_goods_have_only_what_others_brought() {
        let recorded = [Sum { count: 2, sum: 200.0 }];
        assert!((at_stake(&AtStake { rate: 0.0, ..item(&recorded) }) - 100.0).abs() < 1e-9);
        assert!(at_stake(&AtStake { rate: 0.0, ..item(&[]) }).abs() < 1e-9);
    }
}
