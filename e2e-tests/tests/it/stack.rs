//! Every service in a process of its own: the same path, and the same after any of them was killed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clients::ReceiptStatus;
use customs::{Control, DeclarationId};
use e2e_tests::{stack, until};
use testkit::{Changes, declaration};

use super::{conform, feeds};

const DECLARATIONS: usize = 600;
const LINES: usize = 50;
/// Killed one after the other while declarations are lodged.
const KILLED: [&str; 7] = [
    "scoring",
    "declaration-intake",
    "controls-tracking",
    "feature-store",
    "performance-monitoring",
    "model-management",
    "gateway",
];
const PATIENCE: Duration = Duration::from_mins(3);

fn lines(batch: usize) -> Vec<Vec<u8>> {
    let now = jiff::Timestamp::from_second(testkit::noon().as_second()).expect("a time");
    (batch * LINES..(batch + 1) * LINES)
        .map(|number| {
            let declaration = declaration().with_reference(&format!("S-{number}")).with_accepted_at(now);
            serde_json::to_vec(&declaration).expect("declarations are JSON")
        })
        .collect()
}

#[tokio::test]
async fn processes_killed_while_declarations_are_lodged_lose_and_repeat_nothing() -> anyhow::Result<()> {
    let Some(redis) = stack::redis("the stack") else { return Ok(()) };
    let stack = stack::Stack::start(&redis).await?;
    let client = stack.client(&["customs-system", "officer", "auditor", "service"])?;

    let mut accepted = BTreeMap::<(usize, u64), DeclarationId>::new();
    for batch in 0..DECLARATIONS / LINES {
        if let Some(victim) = KILLED.get(batch) {
            stack.kill(victim)?;
        }
        // A customs system tries again what did not get through.
        until("the batch is accepted", PATIENCE, async || {
            let sent = client.lodge_bulk(lines(batch), |receipt| {
                if let Some(id) = receipt.id {
                    assert!(matches!(receipt.status, ReceiptStatus::Accepted | ReceiptStatus::Known));
                    let before = accepted.insert((batch, receipt.line), id);
                    assert!(before.is_none_or(|before| before == id));
                }
            });
            let _ = sent.await;
            Ok(accepted.range((batch, 0)..=(batch, u64::MAX)).count().eq(&LINES).then_some(()))
        })
        .await?;
    }
    let expected = feeds::counted(accepted.values().copied());
    assert_eq!(expected.len(), DECLARATIONS);
    stack.ready().await?;
    let addresses = stack.addresses();
    assert_eq!(addresses.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(KILLED));
    for (name, address) in &addresses {
        let client = clients::Client::new(address, "")?;
        let metrics = client.metrics().await?;
        let counted = if name == "gateway" { "gateway_requests_total{service=" } else { "# TYPE http_requests" };
        assert!(metrics.contains(counted) && metrics.ends_with("# EOF\n"), "{name}: {metrics}");
    }

    until("every declaration has a selection that was told", PATIENCE, async || {
        let told = feeds::channels(&client).await?;
        let told = told.iter().filter(|entry| entry.reason.as_deref() == Some("selection"));
        Ok((feeds::counted(told.map(|entry| entry.declaration)).len() == DECLARATIONS).then_some(()))
    })
    .await?;
    let mut quiet = 0;
    until("every queue is empty", PATIENCE, async || {
        let unfinished: u64 = client.queues().await?.iter().map(|depth| depth.unfinished).sum();
        quiet = if unfinished == 0 { quiet + 1 } else { 0 };
        Ok((quiet >= 8).then_some(()))
    })
    .await?;
    let told = feeds::channels(&client).await?;
    let by_selection = told.iter().filter(|entry| entry.reason.as_deref() == Some("selection"));
    assert_eq!(feeds::counted(by_selection.map(|entry| entry.declaration)), expected);
    let selections = feeds::selections(&client).await?;
    assert_eq!(feeds::counted(selections.iter().map(|selection| selection.declaration)), expected);
    let dead: u64 = client.queues().await?.iter().map(|depth| depth.dead).sum();
    assert_eq!(dead, 0, "{}", stack.written());

    // A control is opened, reported on, and known to the customs system.
    let page = client.controls(None).await?;
    let controls: Vec<Control> = serde_json::from_value(page["items"].clone())?;
    let control = controls.first().expect("some goods are examined");
    let id = control.declaration.expect("it is of a declaration");
    client.report_result(control.id, &conform(control.ordered_at)).await?;
    until("the customs system sees that nothing is open", PATIENCE, async || {
        let open = client.declaration(id, None).await?.open_controls;
        Ok((!open.contains(&control.order.method)).then_some(()))
    })
    .await?;

    let started = stack.processes();
    let written = stack.stop().await?;
    for name in KILLED {
        let starts = written.lines().filter(|line| line.starts_with(name) && line.contains("| started (")).count();
        assert!(starts >= 2 && started.contains_key(name), "{name} was killed and started again:\n{written}");
        let last = written.lines().rfind(|line| line.starts_with(name) && line.contains("| stopped ("));
        assert!(last.is_some_and(|line| line.contains("exit status: 0")), "{name} stops in good order:\n{written}");
    }
    Ok(())
}
