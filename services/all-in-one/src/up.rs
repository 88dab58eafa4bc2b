//! `aforo up`: every service on one address, for real clients.

use anyhow::Context;
use lifecycle::{Clock, telemetry};

use crate::administration::{Administration, Options};
use crate::cli::{ClockMode, Up};

/// Serves until interrupted.
pub async fn run(options: Up) -> anyhow::Result<()> {
    telemetry::init(&telemetry::Settings::default())?;
    let clock = match options.clock {
        ClockMode::Real => Clock::real(),
        ClockMode::Driven => Clock::driven(options.start.context("--clock driven needs --start")?),
    };
    let administration =
        Administration::build(Options { data: options.data, listen: options.listen, clock, draw_seed: None }).await?;
    administration.start_workers();
    eprintln!("serving on {}; stop with Ctrl-C", administration.url());
    administration.serve_until_interrupted().await
}
