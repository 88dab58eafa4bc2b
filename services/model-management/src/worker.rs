//! Background work: ending emergency orders, and training.

pub mod emergency;
pub mod training;
