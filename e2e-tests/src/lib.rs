//! The whole system as its users have it: the `aforo` binary in a process of its own, spoken to over HTTP alone.
//!
//! Owns starting, killing and restarting the system on a folder, tokens from its command line, and waiting until a
//! fact holds. Refuses to look inside: no service crate, no database, no key file. What these tests cannot see, a
//! customs administration cannot see either. The tests themselves are in `tests/it`.

pub mod answers;
pub mod binary;
pub mod cluster;
pub mod office;
pub mod process;
pub mod served;
pub mod stack;
pub mod system;
pub mod wait;

pub use answers::Answer;
pub use cluster::Cluster;
pub use office::Office;
pub use system::{ClockMode, System};
pub use wait::until;
