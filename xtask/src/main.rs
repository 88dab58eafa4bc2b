//! Chores of the project: `cargo xtask generate`, `cargo xtask layers`.

mod generate;
mod layers;

use clap::{Parser, Subcommand};

/// Chores of the project.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the committed contracts: `openapi/*.json` and `openapi/events/*.json`
    Generate,
    /// Fail when a crate depends on what its layer forbids
    Layers,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().chore {
        Chore::Generate => generate::run(),
        Chore::Layers => layers::run(),
    }
}
