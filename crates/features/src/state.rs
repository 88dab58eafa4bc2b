//! The state of an entity: packed integers that are merged by addition.
//!
//! Every counter wraps, so that states form a group: what was added can be taken back exactly, and no order of merging
//! gives another result.

pub mod history;
mod packed;
pub mod values;

pub use history::{Class, History, TILE_DAYS, Tile};
pub use values::Values;

use crate::entity::{Counting, EntityKey};

/// What is known of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityState {
    /// Declarations, examinations and findings.
    History(History),
    /// The distribution of unit values.
    Values(Values),
}

impl EntityState {
    /// The state of an entity nobody has seen.
    pub fn empty(key: EntityKey) -> Self {
        match key.group().map(crate::Group::counting) {
            Some(Counting::Values) => Self::Values(Values::default()),
            _ => Self::History(History::default()),
        }
    }

    /// Adds what `other` knows. States of different kinds never meet under one key; they leave `self` as it is.
    pub fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::History(own), Self::History(other)) => own.merge(other),
            (Self::Values(own), Self::Values(other)) => own.merge(other),
            _ => {}
        }
    }

    /// The state that takes this one back: counters negated, first and last day kept.
    pub fn negated(&self) -> Self {
        match self {
            Self::History(history) => Self::History(history.negated()),
            Self::Values(values) => Self::Values(values.negated()),
        }
    }

    /// The history, of an entity that has one.
    pub fn history(&self) -> Option<&History> {
        match self {
            Self::History(history) => Some(history),
            Self::Values(_) => None,
        }
    }

    /// The distribution, of an entity that has one.
    pub fn values(&self) -> Option<&Values> {
        match self {
            Self::Values(values) => Some(values),
            Self::History(_) => None,
        }
    }
}
