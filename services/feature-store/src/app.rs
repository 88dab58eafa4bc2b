//! The operations of this service.

pub mod cases;
pub mod history;
pub mod quality;
pub mod rebuild;
pub mod served;
pub mod training_set;
