//! Scenarios on a Kubernetes cluster, one after the other: `cargo xtask e2e`. Each in a namespace of its own.

mod installs;
mod mistakes;
