//! What tests share: throw-away databases and queues, clocks that stand still, declarations that are valid, and the
//! suites that every backend of the queue, the store and the online store must pass.
//!
//! For tests only: whatever cannot be set up panics. Knows no service and no HTTP.

pub mod database;
pub mod declaration;
pub mod home;
pub mod messages;
pub mod online_contract;
pub mod queue_contract;
pub mod store_contract;
pub mod time;

pub use database::{TestDatabase, database, database_in, deps, messaging_database, tables_are_the_same_on_both};
pub use declaration::{Changes, declaration, item};
pub use home::Home;
pub use messages::{accepted, envelope, message, numbered};
pub use time::{driven_clock, fixed_clock, noon};
