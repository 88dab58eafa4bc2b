//! The best possible score: what the generator itself would believe, seeing what the declaration shows.
//!
//! Bayes' rule over the mixture that the declaration was drawn from: no offence, or an offence of one of the kinds, each
//! with the density it gives to the declared unit values, the ratio of masses and the route.

use crate::spec::FraudKind;

/// Probability that an offence concerns every item; otherwise it concerns one.
pub(crate) const ALL_ITEMS: f64 = 0.4;
/// Logarithm of net over gross mass, mean and deviation, as it should be.
const MASS_RATIO: (f64, f64) = (-0.105, 0.035);
/// Probability that goods come by way of a third country, with a true origin and with a false one.
pub(crate) const DETOUR: f64 = 0.1;
pub(crate) const FALSE_ORIGIN_DETOUR: f64 = 0.6;

/// What fraud of `kind` does to the logarithm of the declared unit value of an item: mean and deviation.
pub(crate) fn value_shift(kind: FraudKind, habitual: bool) -> Option<(f64, f64)> {
    match (kind, habitual) {
        (FraudKind::Undervaluation, true) => Some((-0.9, 0.35)),
        // Who cheats once dares less.
        (FraudKind::Undervaluation, false) => Some((-0.22, 0.2)),
        (FraudKind::Misclassification, true) => Some((0.4, 0.4)),
        (FraudKind::Misclassification, false) => Some((0.1, 0.2)),
        (FraudKind::ExpressSplitting, true) => Some((-0.3, 0.3)),
        _ => None,
    }
}

/// Logarithm of net over gross mass, mean and deviation: goods that are not declared weigh all the same.
pub(crate) fn mass_ratio(fraud: Option<FraudKind>, habitual: bool) -> (f64, f64) {
    match (fraud, habitual) {
        (Some(FraudKind::Quantity | FraudKind::Undeclared | FraudKind::Contraband), true) => (-0.165, 0.06),
        (Some(FraudKind::Quantity | FraudKind::Undeclared | FraudKind::Contraband), false) => (-0.12, 0.04),
        _ => MASS_RATIO,
    }
}

/// What a declaration shows beyond what its prior knows.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    /// Per item: deviation of the logarithm of the unit value from its norm, and the usual deviation.
    pub(crate) values: Vec<(f64, f64)>,
    /// Logarithm of net over gross mass.
    pub(crate) mass_ratio: f64,
    pub(crate) detour: bool,
}

/// P(offence | observation).
pub(crate) fn posterior(
    prior: f64,
    kinds: &[(FraudKind, f64)],
    habit: Option<FraudKind>,
    observation: &Observation,
) -> f64 {
    let likelihood: f64 =
        kinds.iter().map(|(kind, share)| share * likelihood_ratio(*kind, habit == Some(*kind), observation)).sum();
    let offence = prior * likelihood;
    if offence <= 0.0 { 0.0 } else { offence / (offence + 1.0 - prior) }
}

fn likelihood_ratio(kind: FraudKind, habitual: bool, observation: &Observation) -> f64 {
    let values = value_shift(kind, habitual).map_or(1.0, |shift| value_ratio(shift, &observation.values));
    let masses = density(observation.mass_ratio, mass_ratio(Some(kind), habitual))
        / density(observation.mass_ratio, MASS_RATIO).max(1e-300);
    let route = match (kind == FraudKind::Origin, observation.detour) {
        (true, true) => FALSE_ORIGIN_DETOUR / DETOUR,
        (true, false) => (1.0 - FALSE_ORIGIN_DETOUR) / (1.0 - DETOUR),
        (false, _) => 1.0,
    };
    values * masses * route
}

fn value_ratio((mean, deviation): (f64, f64), values: &[(f64, f64)]) -> f64 {
    let ratio = |(value, usual): (f64, f64)| {
        density(value, (mean, usual.hypot(deviation))) / density(value, (0.0, usual)).max(1e-300)
    };
    let one = values.iter().map(|value| ratio(*value)).sum::<f64>() / values.len() as f64;
    if values.len() == 1 {
        return one;
    }
    let all: f64 = values.iter().map(|value| ratio(*value)).product();
    ALL_ITEMS * all.min(1e12) + (1.0 - ALL_ITEMS) * one
}

/// Normal density, without the constant.
fn density(value: f64, (mean, deviation): (f64, f64)) -> f64 {
    (-0.5 * ((value - mean) / deviation).powi(2)).exp() / deviation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(value: f64) -> Observation {
        Observation { values: vec![(value, 0.4)], mass_ratio: MASS_RATIO.0, detour: false }
    }

    #[test]
    fn a_value_far_below_the_norm_raises_the_score() {
        let kinds = [(FraudKind::Undervaluation, 1.0)];
        let low = posterior(0.1, &kinds, Some(FraudKind::Undervaluation), &seen(-1.2));
        let usual = posterior(0.1, &kinds, Some(FraudKind::Undervaluation), &seen(0.0));
        assert!(low > 0.5 && usual < 0.1, "{low} {usual}");
    }

    #[test]
    fn a_kind_that_leaves_no_trace_leaves_the_prior() {
        let score = posterior(0.2, &[(FraudKind::ContaminatedExport, 1.0)], None, &seen(-2.0));
        assert!((score - 0.2).abs() < 1e-12);
    }
}
