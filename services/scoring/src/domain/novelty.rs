//! What nobody knows about a declaration yet, with the reasons.
//!
//! The counts stand in the vectors; [`risk_model::Novelty`] makes a degree of them. The degree drives exploration, the
//! flag goes into the decision record, so that its yield can be measured beside that of what was not flagged. Where the
//! past is short everything is new: that is all the more to learn, so the degree is what it is, and nothing to tell
//! anybody, so only what lies far outside is flagged.

use std::sync::LazyLock;

use customs::Novelty;
use features::{Counted, contract};
use serde::{Deserialize, Serialize};

/// From this degree on it is flagged.
const FLAGGED: f64 = 0.5;
/// Unit values that must be known before one can lie far outside them.
const VALUES_KNOWN: f32 = 5.0;
/// What is told of a unit value far outside, and how much it counts.
const UNIT_VALUE: (&str, f64) = ("unitValueFarOutside", 0.8);

/// What the past of a direction is long enough for. Decisions of before this was kept took every past for long enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Past {
    /// Hardly anything was declared: nothing can be called new.
    Short,
    /// Enough was declared to call something new, and hardly anything examined.
    Declared,
    /// Enough was examined as well to call something never examined.
    #[default]
    Examined,
}

impl Past {
    /// What so much of a direction is long enough for.
    pub fn of(Counted { days, declared, examined }: Counted) -> Self {
        if days < f64::from(Novelty::LEAST_DAYS) || declared < Novelty::LEAST_DECLARED {
            Self::Short
        } else if examined < Novelty::LEAST_EXAMINED {
            Self::Declared
        } else {
            Self::Examined
        }
    }

    /// Whether everything can be said.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub fn is_examined(&self) -> bool {
        *self == Self::Examined
    }
}

/// A part of the degree: a feature that counts, or one that says whether it is the first time.
struct Key {
    /// The feature, and the reason that is told.
    reason: &'static str,
    position: usize,
    weight: f64,
    counts: Counts,
    /// The past without which it says nothing.
    needs: Past,
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
        ("newTrader", "traderDeclared", 0.4, Counts::Often, Past::Declared),
        ("newHs6Origin", "hs6OriginDeclared", 0.25, Counts::Often, Past::Declared),
        ("newTraderHs4", "newTraderHs4", 0.2, Counts::First, Past::Declared),
        ("newTraderOrigin", "newTraderOrigin", 0.2, Counts::First, Past::Declared),
        ("unexaminedTrader", "traderExamined", 0.15, Counts::Often, Past::Examined),
        ("unexaminedHs6Origin", "hs6OriginExamined", 0.1, Counts::Often, Past::Examined),
    ];
    let key = |(reason, feature, weight, counts, needs)| {
        Some(Key { reason, position: contract().position(feature)?, weight, counts, needs })
    };
    parts.into_iter().filter_map(key).collect()
});

/// Where a vector tells how far its unit value lies from others, and how many those are.
static UNIT_VALUES: LazyLock<Option<(usize, usize)>> =
    LazyLock::new(|| Some((contract().position("valueScoreHs6Origin")?, contract().position("valuesHs6Origin")?)));

/// How little is known of the item with this vector after such a past: of its trader, its goods, its value.
fn of(vector: &[f32], past: Past) -> risk_model::Novelty {
    let at = |position: usize| vector.get(position).copied().unwrap_or(f32::NAN);
    let keys = KEYS.iter().filter(|key| key.needs <= past).map(|key| {
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

/// How little is known about a declaration with these vectors, 0 to 1, which is that of its newest item, however short
/// the past; and the flag with the reasons where it is much of what the past is long enough for.
pub fn judge(vectors: &[Vec<f32>], past: Past) -> (f64, Option<Novelty>) {
    let whole = newest(vectors, Past::Examined);
    let degree = whole.score;
    let telling = if past == Past::Examined { whole } else { newest(vectors, past) };
    let flag = (telling.score >= FLAGGED).then(|| Novelty {
        degree: (telling.score * 1e6).round() / 1e6,
        reasons: telling.reasons.into_iter().map(|reason| reason.about).collect(),
    });
    (degree, flag)
}

/// What is new about the newest item after such a past; nothing without items.
fn newest(vectors: &[Vec<f32>], past: Past) -> risk_model::Novelty {
    let items = vectors.iter().map(|vector| of(vector, past));
    items.reduce(|a, b| if b.score > a.score { b } else { a }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(vectors: &[Vec<f32>]) -> (f64, Option<Novelty>) {
        super::judge(vectors, Past::Examined)
    }

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
    fn where_everything_is_new_nothing_is_called_new() {
        let counted = |days, declared, examined| Past::of(Counted { days, declared, examined });
        assert_eq!(counted(0.0, 0, 0), Past::Short);
        assert_eq!(counted(29.0, 50_000, 5_000), Past::Short, "many declarations of few days");
        assert_eq!(counted(400.0, 999, 500), Past::Short);
        assert_eq!(counted(30.0, 1_000, 99), Past::Declared);
        assert_eq!(counted(30.0, 1_000, 100), Past::Examined);

        let nobody_knows = vector(&[
            ("traderDeclared", 0.0),
            ("traderExamined", 0.0),
            ("hs6OriginDeclared", 0.0),
            ("hs6OriginExamined", 0.0),
            ("newTraderHs4", 1.0),
            ("newTraderOrigin", 1.0),
        ]);
        let told = |past| super::judge(std::slice::from_ref(&nobody_knows), past);
        assert_eq!(told(Past::Short).1, None);
        // There is as much to learn as ever.
        assert!(told(Past::Short).0 > 0.7 && (told(Past::Short).0 - told(Past::Examined).0).abs() < 1e-12);
        let flag = told(Past::Declared).1.unwrap();
        assert!(flag.degree < told(Past::Declared).0, "{flag:?}");
        let reasons = flag.reasons;
        assert_eq!(reasons, ["newTrader", "newHs6Origin", "newTraderHs4", "newTraderOrigin"]);
        assert_eq!(told(Past::Examined).1.unwrap().reasons.len(), 6);
        // A value far outside of known ones stands on those, however short the past.
        let far = vector(&[("valueScoreHs6Origin", -9.0), ("valuesHs6Origin", 20.0), ("traderDeclared", 0.0)]);
        assert_eq!(super::judge(&[far], Past::Short).1.unwrap().reasons, ["unitValueFarOutside"]);
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
