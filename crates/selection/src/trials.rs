//! Latest values as they would be with a candidate in its champion's place, by rollout.
//!
//! A candidate's probabilities may lie lower or higher throughout than its champion's. Held against a price made of the
//! champion's values it would order less or more than it does once it decides everything, when the price has followed.
//! So its price is made of its own values; where it does not take part, those of whoever decides stand in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::values::{Rank, RecentValues};

/// Values from which a price is made of them.
const ENOUGH: usize = 64;
/// Of a rollout that nobody has heard of.
static NONE: RecentValues = RecentValues { arrived: VecDeque::new(), sorted: Vec::new() };

/// What became of the rollouts with a new routing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rerouted<'a> {
    /// Those with a candidate on trial.
    pub on_trial: BTreeSet<&'a str>,
    /// Those whose candidate became champion, or ceased to be it.
    pub turned: BTreeSet<&'a str>,
}

/// The latest values by rollout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trials(BTreeMap<String, RecentValues>);

impl Trials {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, rollout: &str) -> &RecentValues {
        self.0.get(rollout).unwrap_or(&NONE)
    }

    /// Whether a price can be made of what is known here of `rollout`.
    pub fn knows(&self, rollout: &str) -> bool {
        self.of(rollout).len() >= ENOUGH
    }

    /// Adds what the champion made of a declaration, and the candidate of the `rollout` that it takes part in.
    pub fn push(&mut self, champion: Option<Rank>, candidate: Option<(&str, Rank)>, capacity: usize) {
        if let Some((rollout, rank)) = candidate {
            if !self.0.contains_key(rollout) {
                self.0.insert(rollout.to_owned(), RecentValues::default());
            }
            self.0.get_mut(rollout).expect("it was inserted").push(rank, capacity);
        }
        let Some(rank) = champion else { return };
        let others = self.0.iter_mut().filter(|(name, _)| candidate.is_none_or(|(rollout, _)| rollout != *name));
        others.for_each(|(_, values)| values.push(rank, capacity));
    }

    /// Puts the values under `rollout` in the place of `champions`, which are kept under it in case it goes back.
    pub fn turn(&mut self, rollout: &str, champions: &mut RecentValues) {
        std::mem::swap(self.0.entry(rollout.to_owned()).or_default(), champions);
    }

    /// Forgets those that are over.
    pub fn keep(&mut self, on_trial: &BTreeSet<&str>) {
        self.0.retain(|rollout, _| on_trial.contains(rollout.as_str()));
    }
}

/// The latest values of one side in an office or in the nation: of the champions, or with the candidate of a rollout.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub champions: &'a RecentValues,
    pub on_trial: &'a Trials,
}

/// The values of `office` and `nation` that the price of the candidate of `rollout` is made of, of the champions' where
/// there is none or little is known of it.
pub fn of_side<'a>(
    rollout: Option<&str>,
    office: Known<'a>,
    nation: Known<'a>,
) -> (&'a RecentValues, &'a RecentValues) {
    let known = rollout.map(|rollout| (office.on_trial.of(rollout), nation.on_trial.of(rollout)));
    known.filter(|(own, national)| own.len() + national.len() >= ENOUGH).unwrap_or((office.champions, nation.champions))
}
