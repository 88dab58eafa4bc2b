//! What was usual in a period: codes by field, and numbers by field in buckets of an eighth of an octave.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::entity::Token;
use crate::quality::field::{Field, Observation};

/// Codes kept of a field; a field with more is no list of codes, and nothing in it counts as unseen.
const MAX_CODES: usize = 32_768;
/// Values from which a range is trusted.
const MIN_VALUES: u64 = 200;
/// Share of the values on each side that lies beyond the range.
const TAIL: f64 = 0.001;
/// Buckets of an octave.
const PER_OCTAVE: f64 = 8.0;

/// What was usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    codes: BTreeMap<Field, Codes>,
    numbers: BTreeMap<Field, BTreeMap<i32, u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Codes {
    Listed(BTreeSet<Token>),
    TooMany,
}

/// Between which values the numbers of a field lay, all but one in a thousand on each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Below this is out of range.
    pub low: f64,
    /// At or above this is out of range.
    pub high: f64,
}

impl Reference {
    /// Learns from what [`observe`](crate::quality::observe) saw in a declaration.
    pub fn learn(&mut self, seen: &[(Field, Observation)]) {
        for (field, observation) in seen {
            match observation {
                Observation::Code(token) => {
                    self.codes.entry(*field).or_insert_with(|| Codes::Listed(BTreeSet::new())).add([*token]);
                }
                Observation::Number(value) => {
                    *self.numbers.entry(*field).or_default().entry(bucket(*value)).or_default() += 1;
                }
                Observation::Missing | Observation::Present => {}
            }
        }
    }

    /// Adds what `other` learned.
    pub fn merge(&mut self, other: &Self) {
        for (field, codes) in &other.codes {
            let own = self.codes.entry(*field).or_insert_with(|| Codes::Listed(BTreeSet::new()));
            match codes {
                Codes::Listed(tokens) => own.add(tokens.iter().copied()),
                Codes::TooMany => *own = Codes::TooMany,
            }
        }
        for (field, buckets) in &other.numbers {
            let own = self.numbers.entry(*field).or_default();
            for (bucket, count) in buckets {
                *own.entry(*bucket).or_default() += count;
            }
        }
    }

    /// The range of `field`; none before there are two hundred values.
    fn range(&self, field: Field) -> Option<Range> {
        let buckets = self.numbers.get(&field)?;
        let all: u64 = buckets.values().sum();
        if all < MIN_VALUES {
            return None;
        }
        let tail = (all as f64 * TAIL).floor() as u64;
        let (low, high) = (inner(buckets.iter(), tail)?, inner(buckets.iter().rev(), tail)?);
        Some(Range { low: lower_edge(low), high: lower_edge(high.saturating_add(1)) })
    }
}

/// What was usual, ready to be asked: a reference that learns no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usual {
    reference: Reference,
    ranges: BTreeMap<Field, Range>,
}

impl From<Reference> for Usual {
    fn from(reference: Reference) -> Self {
        let of = |field: &Field| Some((*field, reference.range(*field)?));
        let ranges = reference.numbers.keys().filter_map(of).collect();
        Self { reference, ranges }
    }
}

impl Usual {
    /// Whether `code` never stood in `field`. False where nothing was learned of the field.
    pub fn is_unseen(&self, field: Field, code: Token) -> bool {
        matches!(self.reference.codes.get(&field), Some(Codes::Listed(tokens)) if !tokens.contains(&code))
    }

    /// The range of `field`; none before there were two hundred values.
    pub fn range(&self, field: Field) -> Option<Range> {
        self.ranges.get(&field).copied()
    }

    /// What it was made from.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }
}

/// The first bucket that is not all tail.
fn inner<'a>(mut buckets: impl Iterator<Item = (&'a i32, &'a u64)>, tail: u64) -> Option<i32> {
    let mut passed = 0;
    let beyond = |(_, count): &(&i32, &u64)| {
        passed += **count;
        passed > tail
    };
    buckets.find(beyond).map(|(bucket, _)| *bucket)
}

impl Codes {
    fn add(&mut self, tokens: impl IntoIterator<Item = Token>) {
        let Self::Listed(own) = self else { return };
        own.extend(tokens);
        if own.len() > MAX_CODES {
            *self = Self::TooMany;
        }
    }
}

/// Buckets ascend with the value: negative ones below 0, zero at 0. Magnitudes beyond 2^±64 share the last.
fn bucket(value: f64) -> i32 {
    if value == 0.0 {
        return 0;
    }
    let place = (value.abs().log2() * PER_OCTAVE).floor().clamp(-512.0, 511.0) as i32 + 513;
    if value > 0.0 { place } else { -place }
}

/// The least value of a bucket; what is beyond the last has no edge.
fn lower_edge(bucket: i32) -> f64 {
    let magnitude = |place: i32| (f64::from(place - 513) / PER_OCTAVE).exp2();
    match bucket {
        0 => 0.0,
        1 => f64::MIN_POSITIVE,
        place if place > 1_024 => f64::INFINITY,
        place if place > 0 => magnitude(place),
        place if place <= -1_024 => f64::NEG_INFINITY,
        place => -magnitude(-place + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_ascend_and_hold_their_values() {
        let values = [-1e30, -5.0, -1e-3, 0.0, 1e-30, 1e-3, 0.9, 1.0, 1.1, 5.0, 1e6, 1e30];
        for pair in values.windows(2) {
            assert!(bucket(pair[0]) <= bucket(pair[1]), "{pair:?}");
        }
        for value in values {
            assert!(lower_edge(bucket(value)) <= value, "{value}");
            assert!(lower_edge(bucket(value) + 1) >= value, "{value}");
        }
    }
}
