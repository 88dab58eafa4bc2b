//! Rolling a model out: from the shadow over a growing share of the traffic to champion, or back.
//!
//! A pure planner, [`plan()`]: what is asked for, what was decided so far, what is observed, what time it is → what to do
//! next. It writes nothing and reads no clock; on one machine model-management drives it, on Kubernetes the operator.
//! Every decision is a [`Change`]; the [`Status`] is nothing but the sum of them, so a history can be replayed. What a
//! change asks of the routing is an intent first, is written only when that has been stored, and counts only when every
//! scorer has been seen to serve it.

pub mod approval;
pub mod assignment;
pub mod fault;
pub mod gate;
pub mod measure;
pub mod observed;
pub mod plan;
pub mod report;
pub mod spec;
pub mod status;

pub use approval::{Approval, Decision, Purpose};
pub use assignment::{Assignment, AssignmentKey};
pub use fault::Fault;
pub use gate::{Condition, Gate, GateFamily, GateState, GateStatus, OnFail, OnOpen};
pub use observed::{Counts, Measurement, Observed, Routing, Scorer};
pub use plan::{Action, Plan, Wait, plan};
pub use report::{ArmReport, FindingsAtWeight, LetThrough, Report, ScoreCell};
pub use spec::{Concurrency, Emergency, FreezeWindow, Outcome, Rollback, Scope, Spec, Step, StepKind, Version, Wave};
pub use status::{Cause, Change, Dated, Phase, Stage, Status, Target};
