//! Recent values of examining, to find the value that a given share of declarations reaches.
//!
//! A fixed number of the latest values, in order of arrival and sorted. Equal values are told apart by a keyed tie, so
//! that where nothing distinguishes declarations, nothing but the key decides. A small office borrows the nation's
//! values until it has its own.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::packed;

/// A value with its tie, comparable as a number: 32 bits of the value, 16 of the tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(u64);

impl Rank {
    /// Above every value: what is ordered whatever its value.
    pub const TOP: Self = Self((1 << 48) - 1);

    /// The rank of a value (negative and NaN count as 0) with a tie.
    pub fn new(value: f64, tie: u16) -> Self {
        let value = if value > 0.0 { value.min(1e9) as f32 } else { 0.0 };
        // The bits of floats that are not negative sort like the floats.
        Self(u64::from(value.to_bits()) << 16 | u64::from(tie))
    }

    /// The value.
    pub fn value(self) -> f64 {
        let value = f32::from_bits((self.0 >> 16) as u32);
        if value.is_finite() { f64::from(value) } else { 1e9 }
    }
}

/// The latest values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct RecentValues {
    pub(crate) arrived: VecDeque<u64>,
    pub(crate) sorted: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Stored(#[serde(with = "packed")] Vec<u64>);

impl From<Stored> for RecentValues {
    fn from(Stored(arrived): Stored) -> Self {
        let mut sorted = arrived.clone();
        sorted.sort_unstable();
        Self { arrived: arrived.into(), sorted }
    }
}

impl From<RecentValues> for Stored {
    fn from(values: RecentValues) -> Self {
        Self(values.arrived.into())
    }
}

impl RecentValues {
    /// Adds a value, and forgets the oldest beyond `capacity`.
    pub fn push(&mut self, rank: Rank, capacity: usize) {
        self.arrived.push_back(rank.0);
        let place = self.sorted.partition_point(|held| *held < rank.0);
        self.sorted.insert(place, rank.0);
        while self.arrived.len() > capacity.max(1) {
            if let Some(oldest) = self.arrived.pop_front()
                && let Ok(place) = self.sorted.binary_search(&oldest)
            {
                self.sorted.remove(place);
            }
        }
    }

    /// How many values are held.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The rank that a `share` of declarations reaches, with the nation's values counting as `borrowed` of the
    /// office's own. None while nothing is known.
    pub fn reached_by(&self, share: f64, nation: &Self, borrowed: f64) -> Option<Rank> {
        let national = if nation.is_empty() { 0.0 } else { borrowed / nation.len() as f64 };
        let total = self.len() as f64 + national * nation.len() as f64;
        if total <= 0.0 {
            return None;
        }
        let wanted = share * total;
        let (mut own, mut other) = (self.sorted.iter().rev().peekable(), nation.sorted.iter().rev().peekable());
        let mut above = 0.0;
        loop {
            let (rank, weight) = match (own.peek(), other.peek()) {
                (Some(&&a), Some(&&b)) if a >= b => (a, own.next().map_or(0.0, |_| 1.0)),
                (_, Some(&&b)) => (b, other.next().map_or(0.0, |_| national)),
                (Some(&&a), None) => (a, own.next().map_or(0.0, |_| 1.0)),
                (None, None) => return Some(Rank(0)),
            };
            // Half the weight of the value itself: a share between two values is rounded, not always up.
            if above + weight / 2.0 >= wanted {
                return Some(Rank(rank + u64::from(above + weight > wanted)).min(Rank::TOP));
            }
            above += weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_values_reaches_the_price() {
        let mut values = RecentValues::default();
        for n in 0..1_000_u16 {
            values.push(Rank::new(f64::from(n % 500) / 500.0, n), 500);
        }
        assert_eq!(values.len(), 500);
        let price = values.reached_by(0.05, &RecentValues::default(), 40.0).unwrap();
        let reach = values.sorted.iter().filter(|held| **held >= price.0).count();
        assert!((24..=26).contains(&reach), "{reach}");
    }

    #[test]
    fn equal_values_are_cut_by_their_tie() {
        let mut values = RecentValues::default();
        for n in 0..400_u32 {
            values.push(Rank::new(0.5, (n * 7_919 % 65_536) as u16), 400);
        }
        let price = values.reached_by(0.1, &RecentValues::default(), 0.0).unwrap();
        let reach = values.sorted.iter().filter(|held| **held >= price.0).count();
        assert!((38..=42).contains(&reach), "{reach}");
        assert!((price.value() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn values_survive_being_written() {
        let mut values = RecentValues::default();
        for n in 0..50_u16 {
            values.push(Rank::new(f64::from(n) * 0.013, n * 997), 32);
        }
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(serde_json::from_str::<RecentValues>(&text).unwrap(), values);
        assert_eq!(text.len(), 32 * 8 + 2);
    }
}
