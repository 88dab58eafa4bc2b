//! What happens after the channel was told reaches the customs system; what was mistyped reaches nobody.

use std::time::Duration;

use anyhow::Context;
use clients::{Client, reports::Report};
use customs::{Channel, Declaration, DeclarationId, Method, NoteCode, OfficeCode, Selection};
use e2e_tests::{ClockMode, System, until};
use serde_json::{Value, json};
use testkit::{Changes, declaration};

use super::feeds;

const NOW: &str = "2026-03-02T17:00:00Z";
const PATIENCE: Duration = Duration::from_mins(1);

fn plan(physical_per_day: f64, documentary_per_day: f64) -> Value {
    json!({
        "office": "118", "timeZone": "America/Lima", "physicalPerDay": physical_per_day,
        "documentaryPerDay": documentary_per_day, "declarationsPerDay": 60.0, "randomShare": 0.1,
        "explorationShare": 0.1, "failSafe": "orange",
    })
}

fn numbered(number: usize) -> Declaration {
    let importer = format!("2060{number:07}");
    declaration().with_reference(&format!("D-{number}")).with_trader(&importer)
}

async fn lodge(client: &Client, numbers: std::ops::Range<usize>) -> anyhow::Result<Vec<DeclarationId>> {
    let lines = numbers.map(|number| serde_json::to_vec(&numbered(number))).collect::<Result<Vec<_>, _>>()?;
    let mut ids = Vec::new();
    client.lodge_bulk(lines, |receipt| ids.extend(receipt.id)).await?;
    Ok(ids)
}

#[tokio::test]
async fn customs_system_learns_that_documents_asked_for_the_goods() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven(NOW)).await?;
    let [lodger, officer, supervisor, manager] =
        ["customs-system", "officer", "supervisor", "model-manager"].map(|role| system.client(&[role]));
    let (lodger, officer, supervisor, manager) = (lodger?, officer?, supervisor?, manager?);
    manager.put_capacity_plan(&OfficeCode::from("118"), &plan(0.01, 50.0)).await?;
    system.settled(PATIENCE).await?;
    lodge(&lodger, 0..60).await?;
    system.settled(PATIENCE).await?;

    let controls = supervisor.controls(None).await?;
    let controls = controls["items"].as_array().context("a page has items")?;
    let documentary = controls.iter().find(|control| control["order"]["method"] == "documentary");
    let documentary = documentary.context("some documents are examined")?;
    let id: DeclarationId = serde_json::from_value(documentary["declaration"].clone())?;
    assert_eq!(lodger.declaration(id, None).await?.channel, Some(Channel::Orange));

    let control = serde_json::from_value(documentary["id"].clone())?;
    officer.escalate_control(control, &json!({"reason": "the invoice names other goods", "verify": ["value"]})).await?;
    system.settled(PATIENCE).await?;
    let status = lodger.declaration(id, None).await?;
    let methods: Vec<Method> = status.orders.iter().map(|order| order.method).collect();
    assert_eq!((status.channel, status.reason.as_deref()), (Some(Channel::Red), Some("escalation")));
    assert_eq!(methods, [Method::Documentary, Method::Physical]);
    let told: Vec<_> = feeds::channels(&lodger).await?.into_iter().filter(|entry| entry.declaration == id).collect();
    assert_eq!(told.iter().map(|entry| entry.channel).collect::<Vec<_>>(), [Channel::Orange, Channel::Red]);
    let report = supervisor.report(Report::Channels, None, None).await?;
    assert_eq!(report["offices"][0]["escalated"], 1, "{report}");
    // Aforo holds no goods; it says what is still open.
    let released = lodger.release(id, NOW.parse()?).await?;
    assert_eq!(released.open_controls, [Method::Documentary, Method::Physical]);
    Ok(())
}

#[tokio::test]
async fn suspicious_image_opens_the_goods_before_and_after_the_declaration() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven(NOW)).await?;
    let client = system.client(&["customs-system"])?;
    let plan_keeper = system.client(&["model-manager"])?;
    plan_keeper.put_capacity_plan(&OfficeCode::from("118"), &plan(0.01, 0.0)).await?;
    let scan = |container: &str| {
        json!({"office": "118", "scanner": "DPW-2", "container": container, "takenAt": "2026-03-02T15:00:00Z",
            "verdict": "suspicious"})
    };
    let mut ids = Vec::new();
    for (number, container) in ["MSKU1234565", "CSQU3054383"].into_iter().enumerate() {
        let mut one = numbered(number);
        one.containers[0].id = container.to_owned();
        if number == 0 {
            client.report_scan(&scan(container)).await?;
        }
        let id = client.lodge(&one, false).await?.id;
        until("it is decided", PATIENCE, async || Ok(client.declaration(id, Some(1_000)).await?.channel)).await?;
        if number == 1 {
            client.report_scan(&scan(container)).await?;
        }
        ids.push(id);
    }
    system.settled(PATIENCE).await?;
    let worklist = system.client(&["officer"])?.worklist(&OfficeCode::from("118"), None).await?;
    for id in ids {
        assert_eq!(client.declaration(id, None).await?.channel, Some(Channel::Red));
        let waits = worklist["items"].as_array().into_iter().flatten();
        let opened = waits.filter(|item| item["declaration"] == json!(id) && item["method"] == "physical").count();
        assert_eq!(opened, 1, "{worklist}");
    }
    Ok(())
}

#[tokio::test]
async fn mistyped_year_moves_no_calendar() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven(NOW)).await?;
    let client = system.client(&["customs-system"])?;
    let auditor = system.client(&["auditor"])?;
    system.client(&["model-manager"])?.put_capacity_plan(&OfficeCode::from("118"), &plan(1.0, 2.0)).await?;
    system.settled(PATIENCE).await?;
    lodge(&client, 0..100).await?;
    system.settled(PATIENCE).await?;
    let examined =
        |channels: Vec<clients::ChannelEntry>| channels.iter().filter(|entry| entry.channel != Channel::Green).count();
    let before = examined(feeds::channels(&client).await?);

    for (number, date) in ["2027-03-02T17:00:00Z", "9999-12-31T23:59:59Z"].into_iter().enumerate() {
        let mistyped = numbered(1_000 + number).with_accepted_at(customs::rfc3339::parse(date).context("a date")?);
        let receipt = client.lodge(&mistyped, false).await?;
        let noted = receipt
            .notes
            .iter()
            .any(|note| note.code == NoteCode::ImpossibleDate && note.pointer == "/acceptanceDateTime");
        assert!(noted, "{receipt:?}");
    }
    system.settled(PATIENCE).await?;
    lodge(&client, 100..200).await?;
    system.settled(PATIENCE).await?;
    // A day grants one physical and two documentary examinations: nothing was granted for the years between.
    let after = examined(feeds::channels(&client).await?);
    assert!(after <= before + 2, "{before} were examined, and {after} after the mistyped dates");
    let selections: Vec<Selection> = feeds::selections(&auditor).await?;
    let now = NOW.parse()?;
    assert!(selections.iter().all(|selection| selection.decided_at <= now));
    let report = auditor.report(Report::Channels, None, None).await?;
    assert_eq!(report["overruns"], 0, "{report}");
    Ok(())
}
