//! The binary `rollout-operator`.

use std::io::Write;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Moves models on Kubernetes, and scales scoring per port.
#[derive(Parser)]
#[command(name = "rollout-operator", version, about)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Prints the definitions of the custom resources, as YAML.
    Crds,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().verb {
        Verb::Crds => {
            let text = rollout_operator::crd::yaml().context("the definitions cannot be written")?;
            std::io::stdout().write_all(text.as_bytes()).context("standard output is closed")
        }
    }
}
