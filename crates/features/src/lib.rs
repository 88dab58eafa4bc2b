//! What the system remembers of the past, and what a model sees of it.
//!
//! One implementation for the online worker, the rebuild and the training sets: facts change entity states, states
//! give the vector of the next declaration. Pure: no clock, no database, no randomness. States are sums of integers,
//! so that they do not depend on the order of facts; a vector sees only what was applied before it.

pub mod contract;
mod definitions;
pub mod entity;
pub mod fact;
pub mod folds;
pub mod keys;
mod number;
pub mod outline;
mod packing;
pub mod quality;
mod rates;
pub mod state;
pub mod timeline;
pub mod vector;

pub use contract::{FeatureContract, FeatureType, contract, item_values};
pub use entity::{ByEntity, EntityKey, Group, Token};
pub use fact::packed::UnreadableFact;
pub use fact::{Cancelled, DeclarationRecord, ExaminedItem, Fact, Lodged, MemoryStates, Resulted, StateMap};
pub use folds::OutOfFold;
pub use keys::{DeclarationKeys, keys};
pub use outline::{Addition, ItemOutline, Outline};
pub use packing::{pack_vectors, unpack_vectors};
pub use state::{EntityState, History, Values};
pub use timeline::Timeline;
pub use vector::{
    Counted, Known, baseline_rate, counted, vector_from_bytes, vector_to_bytes, vectors, vectors_knowing,
};
