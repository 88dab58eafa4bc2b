//! Selection: value, prices, random stratum and channel. Pure: no clock, no randomness of its own, no I/O.
//!
//! One declaration is decided at a time, at once, in the order of acceptance. An office's state carries the controls
//! it may still order and what arrives at it; a price per kind of control makes the capacity last for the best values
//! of the days to come and spends it by the end of each calendar month. The keyed hash of the consignment is the only
//! chance there is, so that a replay decides the same.

pub mod calendar;
pub mod candidate;
pub mod decision;
pub mod draw;
pub mod lane;
pub mod packed;
pub mod plan;
pub mod policy;
pub mod simulation;
pub mod state;
mod trials;
pub mod values;
pub mod volume;

pub use calendar::LocalMoment;
pub use candidate::{Candidate, Earlier, FilterOrder};
pub use decision::{CLOSED_PRICE, Decision, Standing, decide, decide_again, value};
pub use draw::DrawSecret;
pub use lane::Lane;
pub use plan::{CapacityPlan, PlanWeights, Shift};
pub use policy::{Exploration, Policy, Prospect};
pub use state::{NationalState, OfficeState, OfficeView};
pub use trials::Rerouted;
