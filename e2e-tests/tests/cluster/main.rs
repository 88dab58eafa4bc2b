//! Scenarios on a Kubernetes cluster, one after the other: `cargo xtask e2e`. Each in a namespace of its own.

mod floods;
mod installs;
mod kills;
mod manifests;
mod mistakes;
mod operates;
mod report;
mod rolls;
