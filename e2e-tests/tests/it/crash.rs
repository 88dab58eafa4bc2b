//! Killing the process at any moment loses nothing and repeats nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use clients::ReceiptStatus;
use customs::DeclarationId;
use e2e_tests::{ClockMode, System};
use testkit::{Changes, declaration};

use super::feeds;

const DECLARATIONS: usize = 1_500;
/// Receipts after which the process is killed, once per start.
const KILLED_AFTER: [usize; 2] = [200, 700];

#[tokio::test]
async fn a_killed_server_has_lost_nothing() -> anyhow::Result<()> {
    // The clock stands still: no declaration gets the fail-safe channel for the time that the process was gone.
    let mut system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let lines = (0..DECLARATIONS)
        .map(|number| serde_json::to_vec(&declaration().with_reference(&format!("K-{number}"))))
        .collect::<Result<Vec<_>, _>>()?;

    let mut promised = BTreeMap::<u64, DeclarationId>::new();
    for limit in KILLED_AFTER {
        let client = system.client(&["customs-system"])?;
        let mut receipts = 0;
        let lodging = client.lodge_bulk(lines.clone(), |receipt| {
            receipts += 1;
            let id = receipt.id.expect("nothing is refused");
            let known = promised.insert(receipt.line, id).is_some();
            assert!(!known || receipt.status == ReceiptStatus::Known, "{receipt:?} was promised before");
            if receipts == limit {
                system.kill();
            }
        });
        let outcome = lodging.await;
        assert!(outcome.is_err() && receipts < DECLARATIONS, "killed after the last of {receipts} receipts");
        println!("killed; {receipts} receipts had come");
        system.restart().await?;
    }

    let client = system.client(&["customs-system"])?;
    let mut ids = Vec::new();
    client
        .lodge_bulk(lines, |receipt| {
            let id = receipt.id.expect("nothing is refused");
            assert!(matches!(receipt.status, ReceiptStatus::Accepted | ReceiptStatus::Known));
            if let Some(before) = promised.get(&receipt.line) {
                assert_eq!((*before, receipt.status), (id, ReceiptStatus::Known), "a receipt was broken");
            }
            ids.push(id);
        })
        .await?;
    assert_eq!(ids.len(), DECLARATIONS);
    let expected = feeds::counted(ids.into_iter());
    assert_eq!(expected.len(), DECLARATIONS);

    let auditor = system.client(&["auditor"])?;
    e2e_tests::until("every declaration has a channel", Duration::from_mins(2), async || {
        Ok((feeds::channels(&client).await?.len() >= DECLARATIONS).then_some(()))
    })
    .await?;
    system.settled(Duration::from_mins(2)).await?;
    let channels = feeds::channels(&client).await?;
    assert!(channels.iter().all(|entry| !entry.fail_safe));
    assert_eq!(feeds::counted(channels.iter().map(|entry| entry.declaration)), expected);
    let selections = feeds::selections(&auditor).await?;
    assert_eq!(feeds::counted(selections.iter().map(|selection| selection.declaration)), expected);
    let told: BTreeMap<_, _> = channels.iter().map(|entry| (entry.declaration, entry.channel)).collect();
    assert!(selections.iter().all(|selection| told[&selection.declaration] == selection.channel));
    let dead: u64 = system.client(&["service"])?.queues().await?.iter().map(|depth| depth.dead).sum();
    assert_eq!(dead, 0, "{}", system.written());
    Ok(())
}
