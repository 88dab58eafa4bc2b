//! Reading the offices of a stream by turns: how many messages of one office a stream holds before the rest waits aside.
//!
//! A stream is read in its order. So that a flooded office delays no other, at most a window of each office's messages
//! stands in it; what comes beyond waits beside, and for each message that is finished the next comes in at the end. Others
//! wait behind a window at most. Within an office the order stays. What is about no office never waits aside.

use std::collections::BTreeMap;

use events::Service;
use serde::{Deserialize, Serialize};

use crate::Stream;

/// The highest weight.
const MOST_WEIGHT: u32 = 1_000;

/// How the offices of a stream share it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fairness {
    /// The most unfinished messages of one office before its next ones wait aside; 0: a stream is read in its order alone.
    pub window: u32,
    /// How many times the window an office has, which is its share when several are flooded; 1 where none is named.
    pub weights: BTreeMap<String, u32>,
}

impl Default for Fairness {
    fn default() -> Self {
        Self { window: 1_024, weights: BTreeMap::new() }
    }
}

impl Fairness {
    /// Whether offices share `stream` by turns: where declarations are decided, and nowhere else. Everything else follows
    /// from what is decided, in its order.
    pub(crate) fn holds(&self, stream: Stream) -> bool {
        self.window > 0 && stream.subscriber == Service::Scoring
    }

    /// The most unfinished messages of `office` that stand in a stream.
    pub(crate) fn window(&self, office: &str) -> u32 {
        self.window.saturating_mul(self.weights.get(office).copied().unwrap_or(1))
    }

    /// What cannot work.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let wrong = self.weights.values().any(|weight| !(1..=MOST_WEIGHT).contains(weight));
        wrong.then_some("the weight of an office lies between 1 and 1,000")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_have_the_window_by_their_weight() {
        let weights = BTreeMap::from([("118".to_owned(), 3)]);
        let fairness = Fairness { window: 100, weights };
        assert_eq!([fairness.window("118"), fairness.window("235")], [300, 100]);
        assert!(fairness.holds(Stream::of(Service::Scoring)) && !fairness.holds(Stream::of(Service::FeatureStore)));
        assert!(!Fairness { window: 0, ..fairness.clone() }.holds(Stream::of(Service::Scoring)));
        assert!(fairness.fault().is_none());
        assert!(Fairness { weights: BTreeMap::from([("118".to_owned(), 0)]), ..fairness }.fault().is_some());
    }
}
