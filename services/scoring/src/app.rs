//! The operations: deciding a batch, following the tables that decide, advising.

pub mod advise;
pub mod artefacts;
pub mod batch;
pub mod decider;
pub mod live;
pub mod tables;
