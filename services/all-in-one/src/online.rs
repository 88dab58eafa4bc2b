//! `aforo online`: the online features, filled again from the database of the feature store, or compared with it.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context, ensure};
use events::Service;
use online_store::OnlineStore;
use store::Database;

use crate::cli::{Online, OnlineOptions};
use crate::settings::Settings;

/// Fills or compares.
pub async fn run(verb: Online) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match verb {
        Online::Rebuild(options) => {
            let (database, online) = open(&options).await?;
            let sequence =
                feature_store::refill(&database, &*online).await.context("the online features cannot be filled")?;
            writeln!(out, "the online features stand at {sequence}, the end of the log")?;
        }
        Online::Verify(options) => {
            let (database, online) = open(&options).await?;
            let compared =
                feature_store::compare(&database, &*online).await.context("the online features cannot be compared")?;
            writeln!(
                out,
                "the log ends at {}, the online features stand at {}; of {} entities {} differ",
                compared.sequence, compared.applied, compared.entities, compared.different
            )?;
            ensure!(compared.is_equal(), "the online features are not what the log gives: `aforo online rebuild`");
        }
    }
    Ok(())
}

async fn open(options: &OnlineOptions) -> anyhow::Result<(Database, Arc<dyn OnlineStore>)> {
    let mut settings = Settings::load(options.settings.as_deref())?;
    if let Some(url) = &options.postgres {
        settings.database.url.clone_from(url);
    }
    if let Some(url) = &options.redis {
        settings.online.url.clone_from(url);
    }
    settings.queue.url.clone_from(&settings.online.url);
    settings.check_shared(Service::FeatureStore)?;
    let store = settings.store(Service::FeatureStore, &options.data);
    let database = Database::open(&store).await.context("the database of feature-store cannot be opened")?;
    let online = online_store::open(&settings.online).await.context("cannot open the online features")?;
    Ok((database, online))
}
