//! A year of trade with known truth: traders, consignments, offences and examinations, drawn from one seed.
//!
//! The simulator is the only place that knows which declarations hide an offence. It lodges what a customs system would
//! lodge, reports what its officers would report, and judges policies afterwards. It knows nothing of the system under
//! test: it speaks the vocabulary of `customs` and nothing else. The same specification and the same sequence of calls
//! give the same world.

mod adaptation;
mod brokers;
mod calendar;
mod consignment;
mod countries;
mod draw;
mod examination;
mod goods;
mod lodging;
mod places;
mod posterior;
mod risk;
mod traders;
mod transport;

pub mod actions;
pub mod evaluation;
pub mod filters;
pub mod risks;
mod spec;
pub mod truth;
pub mod world;

pub use actions::{
    Amendment, Cancellation, ChannelTold, ControlOrdered, ControlReport, ExtraordinaryControl, Feedback, Lodgement,
    Movement, MovementKind, OfficeCapacity, Scan, TickActions,
};
pub use evaluation::{Comparison, Considered, Evaluation, PerPolicy};
pub use filters::FilterProposal;
pub use risks::RiskProposal;
pub use spec::{DelaySpec, FraudKind, MethodDetection, SpecError, WorldSpec};
pub use truth::Truth;
pub use world::World;
