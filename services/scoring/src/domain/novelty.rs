//! What nobody knows about a declaration yet, with the reasons.
//!
//! The degree drives exploration; the flag goes into the decision record, so that its yield can be measured beside that
//! of what was not flagged.

use std::sync::LazyLock;

use customs::Novelty;
use features::contract;

/// From this degree on it is flagged.
const FLAGGED: f64 = 0.5;
/// Deviations beyond which a unit value is far outside, and values that must be known for it.
const FAR_OUTSIDE: f32 = 4.0;
const VALUES_KNOWN: f32 = 5.0;

/// Features with their weight; the first ones hold above a half (new), the last ones below (never examined).
static PARTS: LazyLock<Vec<(&'static str, usize, f64, bool)>> = LazyLock::new(|| {
    [
        ("newTrader", 0.3, false),
        ("newHs6Origin", 0.2, false),
        ("newTraderHs4", 0.15, false),
        ("newTraderOrigin", 0.15, false),
        ("hs6OriginExamined", 0.1, true),
        ("traderExamined", 0.1, true),
    ]
    .into_iter()
    .filter_map(|(name, weight, never)| Some((name, contract().position(name)?, weight, never)))
    .collect()
});

fn holds(vector: &[f32], position: usize, never: bool) -> bool {
    let value = vector.get(position).copied().unwrap_or(f32::NAN);
    if never { value < 0.5 } else { value > 0.5 }
}

/// How little is known about goods and trader: what has never been seen or never been examined, 0 to 1.
pub fn degree(vector: &[f32]) -> f64 {
    let parts = PARTS.iter().filter(|(_, position, _, never)| holds(vector, *position, *never));
    parts.map(|(_, _, weight, _)| *weight).sum()
}

/// What is new about a declaration with these vectors; none where it is little.
pub fn flag(vectors: &[Vec<f32>]) -> Option<Novelty> {
    static UNIT_VALUE: LazyLock<Option<(usize, usize)>> =
        LazyLock::new(|| Some((contract().position("valueScoreHs6Origin")?, contract().position("valuesHs6Origin")?)));
    let most = vectors.iter().map(|vector| degree(vector)).fold(0.0, f64::max);
    let outside = UNIT_VALUE.is_some_and(|(score, count)| {
        let at = |vector: &[f32], position: usize| vector.get(position).copied().unwrap_or(f32::NAN);
        vectors.iter().any(|vector| at(vector, score).abs() >= FAR_OUTSIDE && at(vector, count) >= VALUES_KNOWN)
    });
    if most < FLAGGED && !outside {
        return None;
    }
    let new = PARTS
        .iter()
        .filter(|(_, position, _, never)| !never && vectors.iter().any(|vector| holds(vector, *position, false)));
    let mut reasons: Vec<String> = new.map(|(name, ..)| (*name).to_owned()).collect();
    if outside {
        reasons.push("unitValueFarOutside".to_owned());
    }
    Some(Novelty { degree: (most * 1e6).round() / 1e6, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(values: &[(&str, f32)]) -> Vec<f32> {
        let mut vector = vec![0.0; contract().names.len()];
        for (name, value) in values {
            vector[contract().position(name).unwrap()] = *value;
        }
        vector
    }

    #[test]
    fn what_nobody_has_seen_is_novel_and_says_why() {
        let known = vector(&[("traderExamined", 12.0), ("hs6OriginExamined", 12.0)]);
        assert!(degree(&known).abs() < 1e-9);
        assert_eq!(flag(std::slice::from_ref(&known)), None);
        let new = vector(&[("newTrader", 1.0), ("newTraderHs4", 1.0), ("newTraderOrigin", 1.0), ("newHs6Origin", 1.0)]);
        assert!((degree(&new) - 1.0).abs() < 1e-9);
        let flag = flag(&[known, new]).unwrap();
        assert_eq!(flag.reasons[0], "newTrader");
        assert!((flag.degree - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_unit_value_far_outside_is_novel_where_enough_values_are_known() {
        let known = [("traderExamined", 9.0), ("hs6OriginExamined", 9.0), ("valueScoreHs6Origin", -6.0)];
        let few = vector(&[&known[..], &[("valuesHs6Origin", 2.0)]].concat());
        let many = vector(&[&known[..], &[("valuesHs6Origin", 20.0)]].concat());
        assert_eq!(flag(&[few]), None);
        assert_eq!(flag(&[many]).unwrap().reasons, ["unitValueFarOutside"]);
    }
}
