//! What supervised learning cannot know: how far an item is from everything that was examined.
//!
//! A reference is made of the rows a model learned from: how often each value of a key (a party, a route) occurred, and
//! where the values of each number lay. An item is novel when its keys were hardly ever seen or its numbers lie far
//! outside. Novelty is no suspicion; it says where a probability stands on nothing, so that a bounded share of controls
//! can go and learn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Times a key must have been seen to be half known.
const HALF_KNOWN: f64 = 3.0;
/// Distances between quartiles beyond them, at which a number is half outside.
const HALF_OUTSIDE: f64 = 3.0;
/// Values of a number from which quartiles say something.
const FEWEST_VALUES: usize = 20;

/// What was examined, in counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoveltyReference {
    keys: BTreeMap<String, Key>,
    numbers: BTreeMap<String, Spread>,
}

/// A kind of key with how much its novelty counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    weight: f64,
    seen: BTreeMap<String, u32>,
}

/// Where the values of a number lay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spread {
    weight: f64,
    low: f64,
    median: f64,
    high: f64,
}

/// How far an item is from what was examined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Novelty {
    /// 0 for what is well known, 1 for what is nothing like it.
    pub score: f64,
    /// What makes it so, strongest first.
    pub reasons: Vec<NoveltyReason>,
}

/// One thing that is new about an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoveltyReason {
    /// Which key or number: `party`, `route`, `unitValue`.
    pub about: String,
    /// 0 to 1.
    pub strength: f64,
    /// What is new, in words.
    pub detail: String,
}

impl NoveltyReference {
    /// Declares a kind of key, whose novelty counts `weight` (0 to 1).
    #[must_use]
    pub fn with_key(mut self, about: &str, weight: f64) -> Self {
        self.keys.insert(about.to_owned(), Key { weight: weight.clamp(0.0, 1.0), seen: BTreeMap::new() });
        self
    }

    /// Declares a number with the values it had among what was examined; its novelty counts `weight` (0 to 1). Values
    /// that spread over magnitudes belong here as logarithms. Fewer than 20 say nothing, and are not kept.
    #[must_use]
    pub fn with_number(mut self, about: &str, weight: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        if values.len() >= FEWEST_VALUES {
            let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
            let spread = Spread { weight: weight.clamp(0.0, 1.0), low: at(0.25), median: at(0.5), high: at(0.75) };
            self.numbers.insert(about.to_owned(), spread);
        }
        self
    }

    /// Counts an examined item's key. Kinds that were not declared are not counted.
    pub fn count(&mut self, about: &str, value: &str) {
        if let Some(key) = self.keys.get_mut(about) {
            let seen = key.seen.entry(value.to_owned()).or_default();
            *seen = seen.saturating_add(1);
        }
    }

    /// How novel an item is: `keys` and `numbers` by what they are about. What was not declared, or is NaN, says
    /// nothing. Chances of being known multiply: `1 − Π(1 − weight × strength)`.
    pub fn judge<'a>(
        &self,
        keys: impl IntoIterator<Item = (&'a str, &'a str)>,
        numbers: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Novelty {
        let of_keys = keys.into_iter().filter_map(|(about, value)| {
            let key = self.keys.get(about)?;
            let seen = key.seen.get(value).copied().unwrap_or(0);
            Some(seen_times(about, key.weight, f64::from(seen)))
        });
        let of_numbers = numbers.into_iter().filter_map(|(about, value)| {
            let spread = self.numbers.get(about)?;
            (!value.is_nan()).then(|| outside(about, spread, value))
        });
        Novelty::of(of_keys.chain(of_numbers))
    }
}

impl Novelty {
    /// Novelty from counts that are at hand already: how often each key was seen (`about`, `weight`, times) and how far
    /// each number lies from the middle in robust deviations (`about`, `weight`, distance of either sign). For callers
    /// that keep such counts as features. What is NaN says nothing.
    pub fn of_counts<'a>(
        keys: impl IntoIterator<Item = (&'a str, f64, f64)>,
        distances: impl IntoIterator<Item = (&'a str, f64, f64)>,
    ) -> Self {
        let keys = keys.into_iter().filter(|(.., times)| !times.is_nan());
        let keys = keys.map(|(about, weight, times)| seen_times(about, weight, times));
        // A robust deviation is 0.7413 distances between quartiles; quartiles lie half a distance from the middle.
        let distances = distances.into_iter().filter(|(.., distance)| !distance.is_nan());
        Self::of(keys.chain(distances.map(|(about, weight, distance)| {
            let spread = Spread { weight, low: -0.5, median: 0.0, high: 0.5 };
            outside(about, &spread, distance * 0.7413)
        })))
    }

    fn of<'a>(parts: impl Iterator<Item = Part<'a>>) -> Self {
        let mut known = 1.0;
        let mut telling: Vec<Part> = Vec::new();
        for part in parts {
            known *= 1.0 - part.tells();
            if part.tells() >= 0.05 {
                telling.push(part);
            }
        }
        telling.sort_by(|a, b| b.tells().total_cmp(&a.tells()).then_with(|| a.about.cmp(b.about)));
        Self { score: (1.0 - known).clamp(0.0, 1.0), reasons: telling.iter().map(Part::reason).collect() }
    }
}

/// One thing that may be new; put into words only when it is.
struct Part<'a> {
    about: &'a str,
    weight: f64,
    strength: f64,
    how: How,
}

enum How {
    /// Seen so many times.
    Times(f64),
    /// So many distances between quartiles beyond them, on that side.
    Beyond(f64, &'static str),
}

impl Part<'_> {
    fn tells(&self) -> f64 {
        self.weight.clamp(0.0, 1.0) * self.strength
    }

    fn reason(&self) -> NoveltyReason {
        let detail = match self.how {
            How::Times(times) if times < 0.5 => "never examined before".to_owned(),
            How::Times(times) => format!("examined {times:.0} times"),
            How::Beyond(beyond, side) => format!("{beyond:.1} times the usual spread {side} what is usual"),
        };
        NoveltyReason { about: self.about.to_owned(), strength: self.strength, detail }
    }
}

/// Halves with every three times a key was seen.
fn seen_times(about: &str, weight: f64, times: f64) -> Part<'_> {
    Part { about, weight, strength: (-times.max(0.0) / HALF_KNOWN).exp2(), how: How::Times(times) }
}

/// Nothing up to a distance and a half beyond the quartiles (where box plots draw their whiskers), half at three
/// distances.
fn outside<'a>(about: &'a str, spread: &Spread, value: f64) -> Part<'a> {
    let width = (spread.high - spread.low).max(1e-9 * spread.median.abs()).max(f64::MIN_POSITIVE);
    let beyond = ((spread.low - value).max(value - spread.high).max(0.0) / width).min(1e6);
    let excess = (beyond - HALF_OUTSIDE / 2.0).max(0.0);
    let side = if value < spread.median { "below" } else { "above" };
    let strength = 1.0 - (-excess / (HALF_OUTSIDE / 2.0)).exp2();
    Part { about, weight: spread.weight, strength, how: How::Beyond(beyond, side) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> NoveltyReference {
        let mut reference = NoveltyReference::default().with_key("party", 0.6).with_key("route", 0.4).with_number(
            "unitValue",
            0.5,
            (0..100).map(|at| f64::from(at) / 100.0),
        );
        for _ in 0..30 {
            reference.count("party", "20100");
            reference.count("route", "CN-DE");
        }
        reference.count("route", "VN-DE");
        reference.count("never declared", "x");
        reference
    }

    #[test]
    fn what_was_often_examined_is_not_novel() {
        let novelty = reference().judge([("party", "20100"), ("route", "CN-DE")], [("unitValue", 0.5)]);
        assert!(novelty.score < 0.01 && novelty.reasons.is_empty(), "{novelty:?}");
    }

    #[test]
    fn a_new_party_on_a_new_route_far_outside_is_nearly_all_novel() {
        let novelty = reference().judge([("party", "1"), ("route", "PE-US")], [("unitValue", 40.0)]);
        assert!((novelty.score - (1.0 - 0.4 * 0.6 * 0.5)).abs() < 1e-6, "{novelty:?}");
        let about: Vec<&str> = novelty.reasons.iter().map(|reason| reason.about.as_str()).collect();
        assert_eq!(about, ["party", "unitValue", "route"]);
        assert_eq!(novelty.reasons[0].detail, "never examined before");
        assert!(novelty.reasons[1].detail.ends_with("above what is usual"));
    }

    #[test]
    fn novelty_falls_with_every_examination_and_rises_with_distance() {
        let mut reference = reference();
        let mut last = 1.0;
        for _ in 0..12 {
            let score = reference.judge([("party", "new")], []).score;
            assert!(score < last);
            last = score;
            reference.count("party", "new");
        }
        let at = |value| reference.judge([], [("unitValue", value)]).score;
        assert!(at(1.0).abs() < 1e-12 && at(-0.4).abs() < 1e-12, "within the whiskers");
        assert!(at(2.0) > 0.0 && at(3.0) > at(2.0) && at(-3.0) > 0.0 && at(f64::INFINITY) <= 0.5);
    }

    #[test]
    fn what_is_not_known_says_nothing() {
        let novelty = reference().judge([("broker", "9")], [("unitValue", f64::NAN), ("mass", 1e9)]);
        assert_eq!(novelty, Novelty::default());
        assert!(
            NoveltyReference::default().with_number("x", 1.0, [1.0; 5]).judge([], [("x", 100.0)]).score.abs() < 1e-12
        );
    }

    #[test]
    fn counts_at_hand_judge_as_a_reference_does() {
        let novelty = Novelty::of_counts([("party", 0.6, 0.0), ("route", 0.4, 30.0)], [("unitValue", 0.5, 1.0)]);
        assert!((novelty.score - 0.6).abs() < 0.01, "{novelty:?}");
        let far = Novelty::of_counts([], [("unitValue", 0.5, -12.0), ("mass", 0.5, f64::NAN)]);
        assert!(far.score > 0.4 && far.reasons[0].detail.contains("below"), "{far:?}");
    }

    #[test]
    fn a_reference_travels_as_json() {
        let reference = reference();
        let text = serde_json::to_string(&reference).unwrap();
        assert_eq!(serde_json::from_str::<NoveltyReference>(&text).unwrap(), reference);
    }
}
