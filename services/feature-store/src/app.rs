//! The operations of this service.

pub mod rebuild;
pub mod served;
pub mod training_set;
