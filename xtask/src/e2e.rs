//! Runs the end-to-end scenarios on a cluster: packs the images, hands them to the nodes, and runs the tests of
//! `e2e-tests/tests/cluster`. Without a cluster it says so and is done.

use std::process::Command;

use anyhow::Context;
use clap::Args;

use crate::images::{self, Images};
use crate::run::{self, output};

/// Images of the demo's servers, which a cluster without a registry must be handed too.
const SERVERS: [&str; 2] = ["docker.io/library/postgres:15", "docker.io/library/redis:7"];

/// Options of the scenarios.
#[derive(Args)]
pub struct E2e {
    /// One scenario [default: all]
    scenario: Option<String>,
    /// Leave what was installed
    #[arg(long)]
    keep: bool,
    /// Program that hands an image to the nodes, given its name: `kind load docker-image`, `k3d image import`
    #[arg(long, value_name = "PROGRAM")]
    hand_over: Option<String>,
    /// An image that the nodes have already: nothing is built
    #[arg(long, conflicts_with = "hand_over", value_name = "NAME")]
    image: Option<String>,
    /// Profile of the build
    #[arg(long, default_value_t = Images::default().profile)]
    profile: String,
    /// Values of the chart for this cluster (YAML)
    #[arg(long, value_name = "FILE")]
    values: Option<std::path::PathBuf>,
}

/// Runs one scenario, or all, one after the other.
pub fn run(options: &E2e) -> anyhow::Result<()> {
    for (tool, what) in [("kubectl", ["cluster-info"].as_slice()), ("helm", &["version"])] {
        if let Err(error) = output(Command::new(tool).args(what)) {
            eprintln!("skipped: the scenarios on a cluster: {error:#}");
            return Ok(());
        }
    }
    let image = match &options.image {
        Some(image) => image.clone(),
        None => built(options)?,
    };
    let mut tests = run::cargo();
    tests.args(["test", "--package", "e2e-tests", "--test", "cluster", "--"]);
    tests.args(["--ignored", "--nocapture", "--test-threads", "1"]).args(&options.scenario);
    tests.env("AFORO_E2E_IMAGE", image).env("AFORO_E2E_KEEP", if options.keep { "1" } else { "" });
    if let Some(values) = &options.values {
        tests.env("AFORO_E2E_VALUES", std::path::absolute(values)?);
    }
    run::run(&mut tests)
}

/// Packs the images and hands them to the nodes. What the base image and the servers are, the program may know better.
fn built(options: &E2e) -> anyhow::Result<String> {
    let images = Images { tag: Some("e2e".to_owned()), profile: options.profile.clone(), ..Images::default() };
    if options.hand_over.is_some() {
        hand_over(options, &images.base)?;
    }
    let packed = images::pack(&images)?;
    for image in packed.iter().map(String::as_str).chain(SERVERS) {
        hand_over(options, image)?;
    }
    packed.into_iter().next().context("there is an image")
}

fn hand_over(options: &E2e, image: &str) -> anyhow::Result<()> {
    let Some(program) = &options.hand_over else { return Ok(()) };
    let mut words = program.split_whitespace();
    let mut command = Command::new(words.next().context("--hand-over names a program")?);
    output(command.args(words).arg(image)).map(drop)
}
