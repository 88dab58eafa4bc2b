//! `aforo migrate`: the tables of every service, or of some, in the shape that this program needs.

use std::io::Write as _;

use anyhow::Context;
use events::Service;

use crate::cli::Migrate;
use crate::composition;
use crate::serve::Served;
use crate::settings::Settings;

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
    let mut out = std::io::stdout().lock();
    for service in Service::ALL.into_iter().filter(asked) {
        let store = settings.store(service, &options.data);
        composition::migrate(service, &store)
            .await
            .with_context(|| format!("the tables of {service} cannot be migrated"))?;
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
