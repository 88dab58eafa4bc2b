//! The order in which a log of facts becomes known.
//!
//! A live fact counts from where it stands in the log. An imported past is lodged with results that were known only
//! later than the next declarations were accepted: such a result waits until the log has reached the time at which it
//! was known. The rule reads nothing but the log, so that every replay applies the same facts in the same order.

use std::collections::BTreeMap;

use customs::Timestamp;

use crate::fact::{Fact, StateMap};

/// How far the log has come, and what of it is not known yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    reached: Option<Timestamp>,
    waiting: BTreeMap<(Timestamp, u64), Fact>,
}

impl Timeline {
    /// Applies every waiting fact that is known at `time`. To be called before the vector of a declaration that was
    /// accepted then is computed.
    pub fn reach(&mut self, time: Timestamp, states: &mut impl StateMap) {
        if self.reached.is_none_or(|reached| reached < time) {
            self.reached = Some(time);
        }
        while let Some(entry) = self.waiting.first_entry() {
            if self.reached.is_none_or(|reached| entry.key().0 > reached) {
                break;
            }
            entry.remove().apply(states);
        }
    }

    /// Takes the fact at `sequence` of the log: applies it, or lets it wait.
    pub fn take(&mut self, sequence: u64, fact: Fact, states: &mut impl StateMap) {
        match &fact {
            Fact::Lodged(lodged) => self.reach(lodged.accepted_at, states),
            Fact::Resulted(resulted) if resulted.history && self.reached.is_none_or(|now| resulted.known_at > now) => {
                self.waiting.insert((resulted.known_at, sequence), fact);
                return;
            }
            _ => {}
        }
        fact.apply(states);
    }

    /// Facts of the log that wait, with their sequences.
    pub fn waiting(&self) -> impl Iterator<Item = (u64, &Fact)> {
        self.waiting.iter().map(|((_, sequence), fact)| (*sequence, fact))
    }
}
