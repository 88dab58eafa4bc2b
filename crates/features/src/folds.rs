//! States without a declaration's own fold: what training vectors are counted from.
//!
//! A vector that is served counts all that is known of its entities. The vectors of a first half-year counted that way
//! know almost nothing, and a model that learns from them learns to distrust rates it could well rely on later.
//! Therefore a training set over a closed period counts *every* declaration of the period but those of the row's own
//! fold: neither its own label nor any label of its fold enters its rates. The fold follows from the declaration's id
//! alone, so that all items, versions and results of a declaration are in one fold, whatever the order of the log.
//! First sightings, ages and recent periods still come from the past: see [`crate::vector::Known`].

use customs::DeclarationId;

use crate::entity::EntityKey;
use crate::fact::{Fact, MemoryStates};
use crate::state::EntityState;

/// The states of a period, whole and by fold.
#[derive(Clone, Debug)]
pub struct OutOfFold {
    whole: MemoryStates,
    folds: Vec<MemoryStates>,
}

impl OutOfFold {
    /// No facts yet, `folds` folds (at least two).
    pub fn new(folds: usize) -> Self {
        Self { whole: MemoryStates::default(), folds: vec![MemoryStates::default(); folds.max(2)] }
    }

    /// The fold of a declaration.
    pub fn fold(&self, declaration: DeclarationId) -> usize {
        let digest = blake3::hash(declaration.0.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        (u64::from_le_bytes(first) % self.folds.len() as u64) as usize
    }

    /// Applies a fact to the whole and to the fold of its declaration. Order means nothing, redelivery neither.
    pub fn take(&mut self, fact: &Fact) {
        let fold = self.fold(fact.declaration());
        fact.apply(&mut self.whole);
        fact.apply(&mut self.folds[fold]);
    }

    /// The states of `keys` without anything of the fold of `declaration`; of their days nothing is said.
    pub fn read(&self, declaration: DeclarationId, keys: &[EntityKey]) -> Vec<Option<EntityState>> {
        let own = &self.folds[self.fold(declaration)].states;
        let without = |key: &EntityKey| {
            let mut state = *self.whole.states.get(key)?;
            if let Some(own) = own.get(key) {
                state.merge(&own.negated());
            }
            Some(state)
        };
        keys.iter().map(without).collect()
    }

    /// The whole: what is known at the end of the period.
    pub fn into_whole(self) -> MemoryStates {
        self.whole
    }
}
