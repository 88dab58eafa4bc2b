//! `aforo up`: every service on one address, for real clients.

use anyhow::{Context, ensure};
use events::Service;
use lifecycle::{Clock, telemetry};

use crate::administration::{Administration, Options};
use crate::cli::{ClockMode, Up};
use crate::data_folder::DataFolder;
use crate::settings::Settings;

/// Serves until interrupted.
pub async fn run(options: Up) -> anyhow::Result<()> {
    let settings = Settings::load(options.settings.as_deref())?;
    telemetry::init(&settings.log)?;
    let clock = match options.clock {
        ClockMode::Real => {
            ensure!(options.start.is_none(), "--start sets a driven clock; add `--clock driven`");
            settings.clock()?
        }
        ClockMode::Driven => {
            ensure!(!settings.clock.is_fast(), "[clock] runs fast by itself; leave it out for `--clock driven`");
            Clock::driven(options.start.context("--clock driven needs --start")?)
        }
    };
    let administration = Box::pin(Administration::build(Options {
        services: Service::ALL.to_vec(),
        data: DataFolder::take(&options.data)?,
        listen: options.listen,
        clock,
        draw_seed: None,
        settings,
    }))
    .await?;
    administration.start_workers();
    eprintln!("serving on {}; stop with Ctrl-C", administration.url());
    administration.serve_until_interrupted().await
}
