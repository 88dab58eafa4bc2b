//! Simulations: what a controller or a policy would have done, before anybody is asked to trust it.
//!
//! [`streaming`] sends an invented trade through the controller and compares what it ordered with the day's hindsight.
//! [`learning`] walks a labelled history in time order and lets policies choose what is examined: only what was
//! examined has a label. Seeded, and as pure as the rest; nothing here decides anything in service.

pub mod chance;
pub mod learning;
pub mod streaming;
pub mod trade;

pub use chance::Chance;
