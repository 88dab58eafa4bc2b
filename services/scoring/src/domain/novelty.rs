//! What nobody knows about a declaration yet, with the reasons.
//!
//! The counts stand in the vectors; [`risk_model::Novelty`] makes a degree of them. The degree drives exploration, the
//! flag goes into the decision record, so that its yield can be measured beside that of what was not flagged.

use std::sync::LazyLock;

use customs::Novelty;
use features::contract;

/// From this degree on it is flagged.
const FLAGGED: f64 = 0.5;
/// Unit values that must be known before one can lie far outside them.
const VALUES_KNOWN: f32 = 5.0;
/// What is told of a unit value far outside, and how much it counts.
const UNIT_VALUE: (&str, f64) = ("unitValueFarOutside", 0.8);

/// A part of the degree: a feature that counts, or one that says whether it is the first time.
struct Key {
    /// The feature, and the reason that is told.
    reason: &'static str,
    position: usize,
    weight: f64,
    counts: Counts,
}

#[derive(Clone, Copy)]
enum Counts {
    /// Its value is how often.
    Often,
    /// Its value is 1 the first time.
    First,
}

/// Reason, feature, weight: never declared weighs more than never examined.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let parts = [
        ("newTrader", "traderDeclared", 0.4, Counts::Often),
        ("newHs6Origin", "hs6OriginDeclared", 0.25, Counts::Often),
        ("newTraderHs4", "newTraderHs4", 0.2, Counts::First),
        ("newTraderOrigin", "newTraderOrigin", 0.2, Counts::First),
        ("unexaminedTrader", "traderExamined", 0.15, Counts::Often),
        ("unexaminedHs6Origin", "hs6OriginExamined", 0.1, Counts::Often),
    ];
    let key = |(reason, feature, weight, counts)| {
        Some(Key { reason, position: contract().position(feature)?, weight, counts })
    };
    parts.into_iter().filter_map(key).collect()
});

/// Where a vector tells how far its unit value lies from others, and how many those are.
static UNIT_VALUES: LazyLock<Option<(usize, usize)>> =
    LazyLock::new(|| Some((contract().position("valueScoreHs6Origin")?, contract().position("valuesHs6Origin")?)));

/// How little is known of the item with this vector: of its trader, its goods, its value.
fn of(vector: &[f32]) -> risk_model::Novelty {
    let at = |position: usize| vector.get(position).copied().unwrap_or(f32::NAN);
    let keys = KEYS.iter().map(|key| {
        let times = match (key.counts, at(key.position)) {
            (Counts::Often, times) => f64::from(times),
            (Counts::First, first) if first.is_nan() => f64::NAN,
            (Counts::First, first) => {
                if first > 0.5 {
                    0.0
                } else {
                    f64::INFINITY
                }
            }
        };
        (key.reason, key.weight, times)
    });
    let distance = UNIT_VALUES.filter(|(_, count)| at(*count) >= VALUES_KNOWN);
    let (reason, weight) = UNIT_VALUE;
    risk_model::Novelty::of_counts(keys, distance.map(|(score, _)| (reason, weight, f64::from(at(score)))))
}

/// How little is known about a declaration with these vectors, 0 to 1, which is that of its newest item; and the flag
/// with the reasons where it is much.
pub fn judge(vectors: &[Vec<f32>]) -> (f64, Option<Novelty>) {
    let newest = vectors.iter().map(|vector| of(vector)).reduce(|a, b| if b.score > a.score { b } else { a });
    let Some(newest) = newest else { return (0.0, None) };
    let flag = (newest.score >= FLAGGED).then(|| Novelty {
        degree: (newest.score * 1e6).round() / 1e6,
        reasons: newest.reasons.into_iter().map(|reason| reason.about).collect(),
    });
    (newest.score, flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [(&str, f32); 4] =
        [("traderExamined", 60.0), ("hs6OriginExamined", 60.0), ("traderDeclared", 90.0), ("hs6OriginDeclared", 90.0)];

    fn vector(values: &[(&str, f32)]) -> Vec<f32> {
        let mut vector = vec![0.0; contract().names.len()];
        for (name, value) in KNOWN.iter().chain(values) {
            vector[contract().position(name).unwrap()] = *value;
        }
        vector
    }

    #[test]
    fn what_nobody_has_seen_is_novel_and_says_why() {
        let known = vector(&[]);
        assert!(judge(std::slice::from_ref(&known)).0 < 1e-4);
        let new = vector(&[
            ("traderDeclared", 0.0),
            ("traderExamined", 0.0),
            ("newTraderHs4", 1.0),
            ("newTraderOrigin", 1.0),
        ]);
        let (degree, flag) = judge(&[known.clone(), new]);
        let flag = flag.unwrap();
        assert!((degree - (1.0 - 0.6 * 0.8 * 0.8 * 0.85)).abs() < 1e-6 && (flag.degree - degree).abs() < 1e-6);
        assert_eq!(flag.reasons, ["newTrader", "newTraderHs4", "newTraderOrigin", "unexaminedTrader"]);
        // A trader that was seen, with goods it never brought before, is less of a novelty, and none to flag.
        let (less, flag) = judge(&[known, vector(&[("newTraderHs4", 1.0)])]);
        assert!(less > 0.15 && less < degree && flag.is_none(), "{less}");
        assert_eq!(judge(&[]), (0.0, None));
    }

    #[test]
    fn novelty_fades_with_every_declaration_and_examination() {
        let mut last = 1.0;
        for times in [0.0, 1.0, 3.0, 9.0, 27.0] {
            let (degree, _) = judge(&[vector(&[("traderDeclared", times), ("traderExamined", times / 3.0)])]);
            assert!(degree < last, "{times}: {degree}");
            last = degree;
        }
    }

    #[test]
    fn a_unit_value_far_outside_is_novel_where_enough_values_are_known() {
        let far = |score, values| judge(&[vector(&[("valueScoreHs6Origin", score), ("valuesHs6Origin", values)])]).1;
        assert_eq!(far(-6.0, 2.0), None);
        assert_eq!(far(-2.0, 20.0), None);
        assert_eq!(far(-6.0, 20.0).unwrap().reasons, ["unitValueFarOutside"]);
        assert_eq!(far(f32::NAN, 20.0), None);
    }
}
