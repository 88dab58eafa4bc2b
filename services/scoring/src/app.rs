//! The operations: deciding a batch, following the tables that decide, advising, explaining.

pub mod advise;
pub mod artefacts;
pub mod batch;
pub mod cases;
pub mod decider;
pub mod explain;
pub mod live;
pub mod reporting;
pub mod tables;
pub mod verify;
