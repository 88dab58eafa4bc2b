//! Chores of the project: `cargo xtask bench`, `cargo xtask generate`, `cargo xtask layers`.

mod bench;
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
    /// Measure: processor time per operation beside the named peer; without a name, list the benches
    Bench {
        /// The bench
        name: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the committed contracts: `openapi/*.json` and `openapi/events/*.json`
    Generate,
    /// Fail when a crate depends on what its layer forbids
    Layers,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().chore {
        Chore::Bench { name, json } => bench::run(name.as_deref(), json),
        Chore::Generate => generate::run(),
        Chore::Layers => layers::run(),
    }
}
