//! Chores of the project: `cargo xtask bench`, `e2e`, `generate`, `images`, `layers`.

mod bench;
mod charts;
mod crds;
mod e2e;
mod generate;
mod images;
mod layers;
mod run;

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
    /// Write the committed contracts and manifests: `openapi/*.json`, `openapi/events/*.json`, `k8s/*.yaml`
    Generate {
        /// The manifests alone: nothing is compiled
        #[arg(long)]
        manifests: bool,
    },
    /// Build the binaries on this machine and pack them into images
    Images(images::Images),
    /// Run the end-to-end scenarios on the cluster of KUBECONFIG
    E2e(e2e::E2e),
    /// Fail when a crate depends on what its layer forbids
    Layers,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().chore {
        Chore::Bench { name, json } => bench::run(name.as_deref(), json),
        Chore::Generate { manifests } => generate::generate(manifests),
        Chore::Images(options) => images::pack(&options).map(drop),
        Chore::E2e(options) => e2e::run(&options),
        Chore::Layers => layers::run(),
    }
}
