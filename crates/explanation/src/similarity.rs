//! Which past cases are most like an item.
//!
//! Similarity is the sum of what the two share, 0 to 1: chapter 0.10, heading 0.15, subheading 0.15, origin 0.15,
//! route 0.05, taxes 0.10, trader 0.15, and 0.15 for the same unit value, halved for every octave between them. What is
//! absent is like nothing.

use features::Token;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::case::{Case, Profile};

/// Something that two items share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Aspect {
    /// HS chapter.
    Chapter,
    /// HS heading.
    Heading,
    /// HS subheading.
    Subheading,
    /// Origin.
    Origin,
    /// Country of departure or destination.
    Route,
    /// Taxes with rates and preferences.
    Taxes,
    /// Importer or exporter.
    Trader,
    /// Value per kilogram, within half an octave.
    UnitValue,
}

/// What of a profile is compared.
type Part = fn(&Profile) -> u64;

const WEIGHTS: [(Aspect, f64, Part); 7] = [
    (Aspect::Chapter, 0.10, |it| it.hs2),
    (Aspect::Heading, 0.15, |it| it.hs4),
    (Aspect::Subheading, 0.15, |it| it.hs6),
    (Aspect::Origin, 0.15, |it| it.origin),
    (Aspect::Route, 0.05, |it| it.route),
    (Aspect::Taxes, 0.10, |it| it.taxes),
    (Aspect::Trader, 0.15, |it| it.trader),
];
const UNIT_VALUE: f64 = 0.15;
/// Octaves within which unit values are told to be shared.
const NEAR: f64 = 0.5;

/// A case with how like the item it is.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarCase<'a> {
    /// The case.
    pub case: &'a Case,
    /// 0 to 1.
    pub similarity: f64,
    /// What the two share.
    pub shared: Vec<Aspect>,
}

/// How like each other two items are, 0 to 1, with what they share.
pub fn similarity(item: &Profile, other: &Profile) -> (f64, Vec<Aspect>) {
    if item.way != other.way {
        return (0.0, Vec::new());
    }
    let (mut sum, mut shared) = (0.0, Vec::new());
    for (aspect, weight, of) in WEIGHTS {
        if of(item) == of(other) && of(item) != Token::NONE.0 {
            sum += weight;
            shared.push(aspect);
        }
    }
    if let (Some(own), Some(theirs)) = (item.unit_value, other.unit_value)
        && item.currency == other.currency
    {
        let octaves = (f64::from(own) - f64::from(theirs)).abs() / 65_536.0;
        sum += UNIT_VALUE * (-octaves).exp2();
        if octaves <= NEAR {
            shared.push(Aspect::UnitValue);
        }
    }
    (sum, shared)
}

/// The `most` cases that are most like `item`, of those that share at least its chapter or its trader; ties by the
/// latest known, then by id.
pub fn nearest<'a>(item: &Profile, cases: impl IntoIterator<Item = &'a Case>, most: usize) -> Vec<SimilarCase<'a>> {
    let mut similar: Vec<SimilarCase<'a>> = cases
        .into_iter()
        .map(|case| {
            let (similarity, shared) = similarity(item, &case.profile);
            SimilarCase { case, similarity, shared }
        })
        .filter(|similar| similar.shared.iter().any(|aspect| matches!(aspect, Aspect::Chapter | Aspect::Trader)))
        .collect();
    similar.sort_by(|a, b| {
        let late = b.case.known_at.cmp(&a.case.known_at);
        let id = (a.case.control, a.case.item).cmp(&(b.case.control, b.case.item));
        b.similarity.total_cmp(&a.similarity).then(late).then(id)
    });
    similar.truncate(most);
    similar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            way: 0,
            hs2: 1,
            hs4: 2,
            hs6: 3,
            origin: 4,
            route: 5,
            taxes: 6,
            trader: 7,
            currency: 8,
            unit_value: Some(65_536),
        }
    }

    #[test]
    fn the_same_item_is_wholly_similar_and_another_direction_not_at_all() {
        let (whole, shared) = similarity(&profile(), &profile());
        assert!((whole - 1.0).abs() < 1e-9 && shared.len() == 8);
        assert_eq!(similarity(&profile(), &Profile { way: 1, ..profile() }), (0.0, Vec::new()));
    }

    #[test]
    fn each_octave_halves_what_the_unit_value_says() {
        let at = |octaves: i32| Profile { unit_value: Some(65_536 * (1 + octaves)), ..profile() };
        let (one, two) = (similarity(&profile(), &at(1)).0, similarity(&profile(), &at(2)).0);
        assert!((1.0 - one - 0.075).abs() < 1e-9 && (1.0 - two - 0.1125).abs() < 1e-9);
        let other_currency = Profile { currency: 9, ..profile() };
        assert!((similarity(&profile(), &other_currency).0 - 0.85).abs() < 1e-9);
    }

    #[test]
    fn two_absent_things_are_not_alike() {
        let absent = Profile { trader: 0, route: 0, ..profile() };
        assert!(!similarity(&absent, &absent).1.contains(&Aspect::Trader));
    }
}
