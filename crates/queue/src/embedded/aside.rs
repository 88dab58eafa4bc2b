//! Offices that share a stream: how many messages of each are in reach, and which wait aside.
//!
//! What waits aside is its place in the log and nothing else, so that a flood of an office takes no memory to speak of;
//! its messages are read again when their turn comes.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::Fairness;

/// A place in the log, and when it was published (Unix milliseconds).
type Waiting = (i64, i64);

/// The offices of one stream.
#[derive(Debug, Default)]
pub struct Offices {
    fairness: Fairness,
    /// Messages in reach that are not finished, by office.
    held: HashMap<String, u32>,
    /// What waits, in order, by office.
    aside: BTreeMap<String, VecDeque<Waiting>>,
}

impl Offices {
    /// Of a stream that offices share by `fairness`.
    pub fn new(fairness: Fairness) -> Self {
        Self { fairness, ..Self::default() }
    }

    /// Takes a message into reach, or notes it aside. Returns whether it is in reach.
    pub fn take(&mut self, office: &str, seq: i64, published_at_ms: i64) -> bool {
        if let Some(aside) = self.aside.get_mut(office) {
            aside.push_back((seq, published_at_ms));
            return false;
        }
        let window = self.fairness.window(office);
        match self.held.get_mut(office) {
            Some(held) if *held >= window => {
                self.aside.entry(office.to_owned()).or_default().push_back((seq, published_at_ms));
                return false;
            }
            Some(held) => *held += 1,
            None => drop(self.held.insert(office.to_owned(), 1)),
        }
        true
    }

    /// A message of an office in reach is finished.
    pub fn left(&mut self, office: &str) {
        if let Some(held) = self.held.get_mut(office) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(office);
            }
        }
    }

    /// The places whose turn has come.
    pub fn called(&self) -> Vec<i64> {
        let called = self.aside.iter().flat_map(|(office, waiting)| waiting.iter().take(self.room(office, waiting)));
        called.map(|(seq, _)| *seq).collect()
    }

    /// What is [`called`](Self::called) is in reach from here on.
    pub fn come_in(&mut self) {
        let rooms: Vec<usize> = self.aside.iter().map(|(office, waiting)| self.room(office, waiting)).collect();
        for ((office, waiting), room) in self.aside.iter_mut().zip(rooms) {
            waiting.drain(..room);
            *self.held.entry(office.clone()).or_default() += room as u32;
        }
        self.aside.retain(|_, waiting| !waiting.is_empty());
    }

    fn room(&self, office: &str, waiting: &VecDeque<Waiting>) -> usize {
        let held = self.held.get(office).copied().unwrap_or_default();
        (self.fairness.window(office).saturating_sub(held) as usize).min(waiting.len())
    }

    /// The lowest place aside.
    pub fn first(&self) -> Option<Waiting> {
        self.aside.values().filter_map(|waiting| waiting.front().copied()).min()
    }

    /// How many wait aside.
    pub fn waiting(&self) -> usize {
        self.aside.values().map(VecDeque::len).sum()
    }

    /// Unfinished messages by office.
    pub fn unfinished(&self) -> BTreeMap<String, u64> {
        let mut all: BTreeMap<String, u64> =
            self.held.iter().map(|(office, held)| (office.clone(), u64::from(*held))).collect();
        for (office, waiting) in &self.aside {
            *all.entry(office.clone()).or_default() += waiting.len() as u64;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_window_comes_in_as_others_leave_in_its_order() {
        let mut offices = Offices::new(Fairness { window: 2, weights: BTreeMap::from([("b".to_owned(), 2)]) });
        let taken: Vec<bool> = (1..=5).map(|seq| offices.take("a", seq, 0)).collect();
        assert_eq!(taken, [true, true, false, false, false]);
        assert_eq!((6..=10).filter(|seq| offices.take("b", *seq, 0)).count(), 4, "weight 2");
        assert_eq!((offices.first(), offices.waiting(), offices.called()), (Some((3, 0)), 4, Vec::new()));
        offices.left("a");
        assert_eq!(offices.called(), [3]);
        offices.come_in();
        assert!(offices.called().is_empty() && !offices.take("a", 11, 0), "behind those that wait");
        offices.left("a");
        offices.left("a");
        assert_eq!(offices.called(), [4, 5]);
        assert_eq!(offices.unfinished(), BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 5)]));
        offices.come_in();
        assert_eq!((offices.called(), offices.first()), (Vec::new(), Some((10, 0))), "11 stands behind");
    }
}
