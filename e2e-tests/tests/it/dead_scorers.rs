//! Nobody decides: every scorer is dead, in a system of separate processes. The fail-safe is told at its time, and what a
//! scorer decides later may raise it and never lower it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clients::Client;
use customs::{Channel, DeclarationId};
use e2e_tests::served::Served;
use e2e_tests::{binary, stack, until};
use testkit::{Changes, declaration};

use super::feeds;

/// After which intake tells the fail-safe, as set where nothing else is.
const DEADLINE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_mins(2);

/// A client of the service at `url`, by the key set of the installation in `folder`.
fn client(url: &str, folder: &Path, roles: &[&str]) -> anyhow::Result<Client> {
    let mut command = Command::new(binary::aforo()?);
    command.args(["token", "issue", "--data"]).arg(folder.join("data"));
    for role in roles {
        command.args(["--role", role]);
    }
    let output = command.output()?;
    anyhow::ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
    Ok(Client::new(url, String::from_utf8(output.stdout)?.trim())?)
}

async fn lodge(client: &Client, name: &str, count: usize) -> anyhow::Result<Vec<DeclarationId>> {
    let mut ids = Vec::with_capacity(count);
    let now = jiff::Timestamp::from_second(testkit::noon().as_second())?;
    for number in 0..count {
        let declaration = declaration().with_reference(&format!("{name}-{number}")).with_accepted_at(now);
        ids.push(client.lodge(&declaration, false).await?.id);
    }
    Ok(ids)
}

#[tokio::test]
async fn with_every_scorer_dead_the_fail_safe_is_told_after_the_deadline_and_later_only_raised() -> anyhow::Result<()> {
    let Some(redis) = stack::redis("dead scorers") else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let name = folder.path().file_name().unwrap_or_default().to_string_lossy().replace('.', "");
    let prefix = format!("e2e-{name}");
    let start = |service: &'static str| Served::start(service, folder.path(), &redis, &prefix);
    let (intake, features, scoring) =
        (start("declaration-intake").await?, start("feature-store").await?, start("scoring").await?);
    let client = client(intake.url(), folder.path(), &["customs-system", "service"])?;
    intake.ready().await?;

    // While a scorer lives, it decides.
    let decided = lodge(&client, "A", 5).await?;
    let auditor = self::client(scoring.url(), folder.path(), &["auditor"])?;
    until("the scorer decides", PATIENCE, async || {
        Ok((feeds::selections(&auditor).await?.len() == decided.len()).then_some(()))
    })
    .await?;

    scoring.kill();
    let before = Instant::now();
    let undecided = lodge(&client, "B", 10).await?;
    let lodged = before.elapsed();
    let mut first = None;
    let told = until("the fail-safe is told", PATIENCE, async || {
        let told = feeds::channels(&client).await?;
        let told: Vec<_> = told.into_iter().filter(|entry| undecided.contains(&entry.declaration)).collect();
        if !told.is_empty() {
            first.get_or_insert(before.elapsed());
        }
        Ok((told.len() == undecided.len()).then_some(told))
    })
    .await?;
    let last = before.elapsed();
    assert!(first >= Some(DEADLINE), "told {first:?} after the first was lodged");
    assert!(
        last < lodged + 10 * DEADLINE,
        "the last was told {last:?} after the first was lodged, all within {lodged:?}"
    );
    for entry in &told {
        assert_eq!(
            (entry.channel, entry.fail_safe, entry.reason.as_deref()),
            (Channel::Orange, true, Some("failSafe"))
        );
    }

    // What waits in the queue is decided by the next scorer: once, and nothing that was told is lowered.
    let scoring = start("scoring").await?;
    let mut quiet = 0;
    until("everything is decided", PATIENCE, async || {
        let queues = client.queues().await?;
        let ours = |stream: &str| stream.starts_with("scoring/") || stream.starts_with("declaration-intake/");
        let is_quiet = queues.iter().filter(|depth| ours(&depth.stream)).all(|depth| depth.unfinished == 0);
        // A message may be on its way from an outbox to the next queue.
        quiet = if is_quiet { quiet + 1 } else { 0 };
        Ok((quiet >= 8).then_some(()))
    })
    .await?;
    let told = feeds::channels(&client).await?;
    for id in &undecided {
        let channels: Vec<Channel> =
            told.iter().filter(|entry| entry.declaration == *id).map(|entry| entry.channel).collect();
        assert!(channels.is_sorted() && channels[0] == Channel::Orange, "{id}: {channels:?}");
        let status = client.declaration(*id, None).await?;
        assert_eq!(status.channel, channels.last().copied());
    }
    let auditor = self::client(scoring.url(), folder.path(), &["auditor"])?;
    let selections = feeds::selections(&auditor).await?;
    let expected = feeds::counted(decided.iter().chain(&undecided).copied());
    assert_eq!(feeds::counted(selections.iter().map(|selection| selection.declaration)), expected);

    for served in [scoring, features, intake] {
        served.stop().await?;
    }
    Ok(())
}
