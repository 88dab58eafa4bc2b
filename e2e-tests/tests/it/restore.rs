//! The drill of docs/guides/operations.md: a base copy, the log kept beside it, and the database as it was at a moment.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use customs::DeclarationId;
use e2e_tests::{ClockMode, System, until};
use local_servers::{Postgres, ServerError};
use testkit::{Changes, declaration};

use super::feeds;

const BATCH: usize = 40;
const PATIENCE: Duration = Duration::from_mins(2);

/// A PostgreSQL that ends with the test.
struct Serving(Child);

impl Serving {
    async fn start(server: &Postgres, settings: &[String]) -> anyhow::Result<Self> {
        let mut serving = Self(server.command(settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        until("PostgreSQL answers", PATIENCE, async || {
            anyhow::ensure!(serving.0.try_wait()?.is_none(), "PostgreSQL ended");
            Ok(server.answers().then_some(()))
        })
        .await?;
        Ok(serving)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Without warning, as a machine that is lost.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn lines(batch: usize) -> Vec<Vec<u8>> {
    let now = jiff::Timestamp::from_second(testkit::noon().as_second()).expect("a time");
    (batch * BATCH..(batch + 1) * BATCH)
        .map(|number| declaration().with_reference(&format!("D-{number}")).with_accepted_at(now))
        .map(|declaration| serde_json::to_vec(&declaration).expect("declarations are JSON"))
        .collect()
}

/// Lodges a batch, and waits until all is told and nothing is under way.
async fn lodge(system: &System, batch: usize) -> anyhow::Result<BTreeSet<DeclarationId>> {
    let client = system.client(&["customs-system", "auditor"])?;
    let mut lodged = BTreeSet::new();
    client.lodge_bulk(lines(batch), |receipt| lodged.extend(receipt.id)).await?;
    assert_eq!(lodged.len(), BATCH);
    until("the batch is told", PATIENCE, async || {
        let told = feeds::channels(&client).await?;
        let told: BTreeSet<_> = told.iter().map(|entry| entry.declaration).collect();
        Ok(lodged.is_subset(&told).then_some(()))
    })
    .await?;
    system.settled(PATIENCE).await?;
    Ok(lodged)
}

fn append(file: &Path, lines: &[String]) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(file)?;
    Ok(std::fs::write(file, before + &lines.join("\n") + "\n")?)
}

#[tokio::test]
async fn a_database_set_back_to_a_moment_knows_what_was_before_and_takes_the_rest_again() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = |name: &str| folder.path().join(name);
    let first = match Postgres::create(&place("first")) {
        Err(ServerError::NotInstalled(name)) => {
            eprintln!("skipped: restore: {name} is not installed");
            return Ok(());
        }
        made => made?,
    };
    let (kept, copy) = (place("kept"), place("copy"));
    first.own(&kept)?;
    first.own(&copy)?;
    let keeping = ["archive_mode=on".to_owned(), format!("archive_command=cp %p {}/%f", kept.display())];
    let serving = Serving::start(&first, &keeping).await?;

    let database = |server: &Postgres| vec![("AFORO_SETTING_DATABASE__URL".to_owned(), server.url())];
    let mut system = System::start_in(ClockMode::Real, database(&first)).await?;
    let mut before = lodge(&system, 0).await?;
    first.back_up(&copy)?;
    before.extend(lodge(&system, 1).await?);
    let channels_before = feeds::channels(&system.client(&["customs-system"])?).await?;
    let moment = first.ask("SELECT clock_timestamp()")?;
    let after = lodge(&system, 2).await?;

    // The log up to now is kept; then everything but the copy, the log and the keys is lost.
    let last = first.ask("SELECT pg_walfile_name(pg_switch_wal())")?;
    until("the log is kept", PATIENCE, async || Ok(kept.join(&last).is_file().then_some(()))).await?;
    system.kill();
    drop(serving);

    let second = Postgres::restored(&copy)?;
    let back = [
        format!("restore_command = 'cp {}/%f %p'", kept.display()),
        format!("recovery_target_time = '{moment}'"),
        "recovery_target_action = 'promote'".to_owned(),
    ];
    append(&copy.join("postgresql.auto.conf"), &back)?;
    std::fs::write(copy.join("recovery.signal"), "")?;
    let _serving = Serving::start(&second, &[]).await?;
    until("the database takes writes", PATIENCE, async || {
        Ok((second.ask("SELECT pg_is_in_recovery()")? == "f").then_some(()))
    })
    .await?;

    system.forget_all_but_keys()?;
    system.set(database(&second));
    system.restart().await?;
    system.settled(PATIENCE).await?;
    let client = system.client(&["customs-system", "auditor"])?;
    let channels_now = feeds::channels(&client).await?;
    assert_eq!(channels_now, channels_before, "{}", system.written());
    for id in &after {
        assert!(client.declaration(*id, None).await.is_err(), "{id} came after the moment");
    }

    // The customs system lodges again what it has no channel of: everything, to be sure.
    let mut again = BTreeSet::new();
    for batch in 0..3 {
        again.extend(lodge(&system, batch).await?);
    }
    before.extend(after);
    assert_eq!(again, before, "the same declarations have the same ids");
    let selections = feeds::selections(&client).await?;
    let counted = feeds::counted(selections.iter().map(|selection| selection.declaration));
    assert_eq!(counted, feeds::counted(before.into_iter()), "each is decided once");
    Ok(())
}
