//! What supervised learning cannot know: how far an item is from everything that was seen and examined.
//!
//! Judged from counts that the caller keeps as features: how often each key (a party, a route) occurred, and how far a
//! number lies from the others of its kind. An item is novel when its keys were hardly ever seen or its numbers lie far
//! outside. Novelty is no suspicion; it says where a probability stands on nothing, so that a bounded share of controls
//! can go and learn.

use serde::{Deserialize, Serialize};

/// Times a key must have been seen to be half known.
const HALF_KNOWN: f64 = 3.0;
/// Distances between quartiles beyond them, at which a number is half outside.
const HALF_OUTSIDE: f64 = 3.0;
/// Distances between quartiles in a robust deviation.
const QUARTILES: f64 = 0.7413;

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
        let distances = distances.into_iter().filter(|(.., distance)| !distance.is_nan());
        let distances = distances.map(|(about, weight, distance)| outside(about, weight, distance * QUARTILES));
        Self::of(keys.chain(distances))
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
/// distances. Quartiles lie half a distance from the middle, from which `distance` is taken.
fn outside(about: &str, weight: f64, distance: f64) -> Part<'_> {
    let beyond = (distance.abs() - 0.5).clamp(0.0, 1e6);
    let excess = (beyond - HALF_OUTSIDE / 2.0).max(0.0);
    let side = if distance < 0.0 { "below" } else { "above" };
    let strength = 1.0 - (-excess / (HALF_OUTSIDE / 2.0)).exp2();
    Part { about, weight, strength, how: How::Beyond(beyond, side) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_often_seen_and_lies_in_the_middle_is_not_novel() {
        let novelty = Novelty::of_counts([("party", 0.6, 30.0), ("route", 0.4, 30.0)], [("unitValue", 0.5, 0.5)]);
        assert!(novelty.score < 0.01 && novelty.reasons.is_empty(), "{novelty:?}");
    }

    #[test]
    fn a_new_party_on_a_new_route_far_outside_is_nearly_all_novel() {
        let novelty = Novelty::of_counts([("party", 0.6, 0.0), ("route", 0.4, 0.0)], [("unitValue", 0.5, 80.0)]);
        assert!((novelty.score - (1.0 - 0.4 * 0.6 * 0.5)).abs() < 1e-6, "{novelty:?}");
        let about: Vec<&str> = novelty.reasons.iter().map(|reason| reason.about.as_str()).collect();
        assert_eq!(about, ["party", "unitValue", "route"]);
        assert_eq!(novelty.reasons[0].detail, "never examined before");
        assert!(novelty.reasons[1].detail.ends_with("above what is usual"));
    }

    #[test]
    fn novelty_falls_with_every_examination_and_rises_with_distance() {
        let mut last = 1.0;
        for times in 0..12 {
            let score = Novelty::of_counts([("party", 0.6, f64::from(times))], []).score;
            assert!(score < last, "{times}");
            last = score;
        }
        let at = |distance| Novelty::of_counts([], [("unitValue", 0.5, distance)]).score;
        assert!(at(2.0).abs() < 1e-12 && at(-2.0).abs() < 1e-12, "within the whiskers");
        assert!(at(4.0) > 0.0 && at(6.0) > at(4.0) && (at(-6.0) - at(6.0)).abs() < 1e-12 && at(f64::INFINITY) <= 0.5);
    }

    #[test]
    fn what_is_not_known_says_nothing() {
        let novelty = Novelty::of_counts([("broker", 0.6, f64::NAN)], [("unitValue", 0.5, f64::NAN)]);
        assert_eq!(novelty, Novelty::default());
        let far = Novelty::of_counts([], [("unitValue", 0.5, -12.0), ("mass", 0.5, f64::NAN)]);
        assert!(far.score > 0.4 && far.reasons[0].detail.contains("below"), "{far:?}");
    }
}
