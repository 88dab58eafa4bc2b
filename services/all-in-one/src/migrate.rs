//! `aforo migrate`: the tables of every service, or of some, in the shape that this program needs.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use events::Service;

use crate::cli::Migrate;
use crate::composition;
use crate::serve::Served;
use crate::settings::Settings;

/// Between two tries of a database that is out of reach.
const PAUSE: Duration = Duration::from_millis(500);

/// Migrates one service after the other. What was migrated stays so when a later one fails.
pub async fn run(options: Migrate) -> anyhow::Result<()> {
    let mut settings = Settings::load(options.settings.as_deref())?;
    if let Some(url) = options.postgres {
        settings.database.url = url;
    }
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("cannot make the data folder {}", options.data.display()))?;
    let asked =
        |service: &Service| options.services.is_empty() || options.services.contains(&Served::Service(*service));
    let until = Instant::now() + Duration::from_secs(options.wait.into());
    let mut out = std::io::stdout().lock();
    for service in Service::ALL.into_iter().filter(asked) {
        migrate(service, &settings, &options.data, until).await.with_context(|| {
            format!("the tables of {service} cannot be migrated: see `url` and the password of [database]")
        })?;
        writeln!(out, "{service}: up to date")?;
    }
    if options.services.is_empty() {
        crate::audit::ledger(&settings, &options.data)
            .await
            .context("the tables of the audit trail cannot be migrated")?;
        writeln!(out, "audit: up to date")?;
    }
    Ok(())
}

/// Migrates one service; tries again until `until` while the database is out of reach.
async fn migrate(service: Service, settings: &Settings, data: &Path, until: Instant) -> anyhow::Result<()> {
    let store = settings.store(service, data);
    loop {
        match composition::migrate(service, &store).await {
            Err(error) if error.is_transient() && Instant::now() < until => tokio::time::sleep(PAUSE).await,
            migrated => return Ok(migrated?),
        }
    }
}
