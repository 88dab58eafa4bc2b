//! `aforo demo`: a small customs administration lives through a simulated year.

mod api;
mod driver;
mod gather;
mod journal;
mod page;
mod progress;
mod reference;
mod report;
mod setup;
mod terminal;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use events::Service;
use lifecycle::{Clock, Shutdown};
use trade_simulator::{World, WorldSpec};

use crate::administration::{Administration, Options};
use crate::cli::Demo;
use crate::data_folder::DataFolder;
use crate::process;
use crate::settings::Settings;

/// Lives through the year and reports.
pub async fn run(options: Demo) -> anyhow::Result<()> {
    let started = Instant::now();
    let spec = world_spec(&options)?;
    // Found out now rather than after the year.
    touch(&options.report)?;
    // The folder must outlive the databases in it, so it is held to the end.
    let (path, _temporary) = data_folder(options.data.as_deref())?;
    let data = DataFolder::take(&path)?;
    let world = World::new(spec.clone()).context("the world cannot be built")?;
    reference::write(&world, &data.reference())?;
    let clock = Clock::driven(spec.start);
    let administration = Box::pin(Administration::build(Options {
        services: Service::ALL.to_vec(),
        data,
        listen: options.listen,
        clock,
        draw_seed: Some(spec.seed),
        settings: demo_settings()?,
    }))
    .await?;
    if !options.quiet {
        eprintln!(
            "an administration of {} offices serves on {}; data in {}",
            spec.offices,
            administration.url(),
            path.display()
        );
    }
    let api = api::Api::new(&administration)?;
    let interrupted = Shutdown::new();
    let lived = tokio::select! {
        lived = driver::live_through(&spec, world, &administration, &api, &path, options.quiet) => lived?,
        signal = interrupted.on_signal() => {
            signal?;
            match &options.data {
                Some(folder) => bail!("interrupted; the same command goes on from {}", folder.display()),
                None => bail!("interrupted; with --data DIR the same command would go on from there"),
            }
        }
    };
    let mut report = gather::report(&spec, &lived, &api).await?;
    report.seconds = started.elapsed().as_secs_f64();
    report.cpu_seconds = process::cpu_seconds();
    report.peak_memory_mib = process::peak_memory_mib();
    report.declarations_per_second = lived.lodged_now as f64 / report.seconds.max(1e-9);

    std::fs::write(&options.report, page::render(&report)?)
        .with_context(|| format!("cannot write the report page {}", options.report.display()))?;
    let mut out = std::io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", terminal::render(&report))?;
        writeln!(out, "The page with charts is {}", options.report.display())?;
    }
    drop(out);
    if options.serve {
        eprintln!("serving on {}; stop with Ctrl-C", administration.url());
        administration.start_workers();
        return administration.serve_until_interrupted().await;
    }
    administration.stop().await
}

/// Makes sure that the page can be written, without harming one that is there.
fn touch(page: &Path) -> anyhow::Result<()> {
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(page)
        .map(drop)
        .with_context(|| format!("cannot write the report page {}", page.display()))
}

/// Prints the default world as TOML.
pub fn print_world() -> anyhow::Result<()> {
    write!(std::io::stdout(), "{}", toml::to_string_pretty(&WorldSpec::default())?)?;
    Ok(())
}

/// The world file with the options over it.
fn world_spec(options: &Demo) -> anyhow::Result<WorldSpec> {
    let mut spec = match &options.world {
        None => WorldSpec::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the world file {}", path.display()))?;
            WorldSpec::from_toml(&text).with_context(|| format!("in the world file {}", path.display()))?
        }
    };
    spec.declarations = options.declarations.unwrap_or(spec.declarations);
    spec.offices = options.offices.unwrap_or(spec.offices);
    spec.days = options.days.unwrap_or(spec.days);
    spec.seed = options.seed.unwrap_or(spec.seed);
    spec.null_world |= options.null_world;
    spec.validate().context("these options make no world")?;
    Ok(spec)
}

/// The asked folder, or a temporary one that vanishes at the end.
fn data_folder(asked: Option<&Path>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    if let Some(folder) = asked {
        return Ok((folder.to_owned(), None));
    }
    let temporary =
        tempfile::Builder::new().prefix("aforo-demo-").tempdir().context("cannot make a temporary folder")?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

/// The demo alone calls this administration: no rate slows it down, however fast the machine.
fn demo_settings() -> anyhow::Result<Settings> {
    let mut settings = Settings::load(None)?;
    settings.server.rates = rest::rate::Settings::unlimited();
    // One order of messages, however they come in, and nobody refused: the same year again.
    settings.queue.fairness.window = 0;
    settings.intake.office_backlog = 0;
    Ok(settings)
}
