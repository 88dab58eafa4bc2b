//! Starting, observing and stopping: what every process needs before it has a purpose.
//!
//! Owns the two clocks, supervised tasks, settings, telemetry and the metrics registry. Knows no database and no HTTP;
//! whoever needs the time, the environment or a task gets it from here, so that a test or a replay can decide it.

pub mod clock;
pub mod metrics;
pub mod process_clock;
pub mod process_name;
pub mod pulse;
pub mod secret;
pub mod settings;
pub mod shutdown;
pub mod tasks;
pub mod telemetry;
pub mod worker;

pub use clock::{Clock, ClockError};
pub use metrics::Metrics;
pub use process_clock::ProcessClock;
pub use process_name::process_name;
pub use pulse::Pulse;
pub use secret::Secret;
pub use shutdown::Shutdown;
pub use tasks::{TaskError, Tasks};
pub use worker::{Worker, WorkerError};
