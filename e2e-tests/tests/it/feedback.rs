//! What officers find changes the next decision, also while the system is busy.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clients::Client;
use customs::{Declaration, DeclarationId, ItemOutcome, ItemResult, NewResult, ResultStage, Timestamp};
use e2e_tests::office::undervaluation;
use e2e_tests::{ClockMode, System, until};
use serde_json::json;
use testkit::{Changes, declaration};

const IMPORTER: &str = "20512345678";
/// What is promised.
const BOUND: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(1);
/// Background declarations per request, and the pace at which requests follow each other: 300 per second at most.
const LOAD: (usize, Duration) = (60, Duration::from_millis(200));
/// Unfinished messages at which the load is what the machine can carry.
const FULL: u64 = 1_000;

/// Lodges one after another for other importers, as fast as the machine finishes them, until `stop`.
async fn load(
    lodger: &Client,
    operator: &Client,
    at: Timestamp,
    done: &Cell<usize>,
    stop: &Cell<bool>,
) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(LOAD.1);
    while !stop.get() {
        beat.tick().await;
        if operator.queues().await?.iter().any(|depth| depth.unfinished > FULL) {
            continue;
        }
        let lines = (done.get()..done.get() + LOAD.0)
            .map(|number| {
                let other = format!("2060{:07}", number % 700);
                let one = declaration().with_reference(&format!("L-{number}")).with_trader(&other).with_accepted_at(at);
                serde_json::to_vec(&one)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let lodged = lodger.lodge_bulk(lines, |receipt| assert!(receipt.id.is_some(), "{receipt:?}")).await?;
        done.set(done.get() + lodged as usize);
    }
    Ok(())
}

fn of_the_importer(number: usize, at: Timestamp) -> Declaration {
    declaration().with_reference(&format!("X-{number}")).with_trader(IMPORTER).with_accepted_at(at)
}

/// How many examinations of the importer, and which rate of findings, the declaration was decided with.
async fn decided_with(client: &Client, id: DeclarationId) -> anyhow::Result<Option<(f64, f64)>> {
    let served = match client.features(id).await {
        Err(refusal) if refusal.status() == Some(404) => return Ok(None),
        served => served?,
    };
    let values = &served["items"][0]["values"];
    Ok(Some((values["traderExamined"].as_f64().unwrap_or(0.0), values["traderRate"].as_f64().unwrap_or(0.0))))
}

#[tokio::test]
async fn a_result_changes_the_next_selection_of_the_same_importer_within_five_seconds_at_load() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Real).await?;
    let [lodger, officer, scientist, operator] =
        ["customs-system", "officer", "data-scientist", "service"].map(|role| system.client(&[role]));
    let (lodger, officer, scientist, operator) = (lodger?, officer?, scientist?, operator?);
    let at = operator.clock().await?;
    let (done, stop) = (Cell::new(0), Cell::new(false));
    let began = Instant::now();

    let observe = async {
        // The system is warm and busy before anything is measured.
        until("there is a load", PATIENCE, async || Ok((done.get() >= 20 * LOAD.0).then_some(()))).await?;
        let first = lodger.lodge(&of_the_importer(0, at), false).await?.id;
        let before =
            until("the first declaration is decided", PATIENCE, async || decided_with(&scientist, first).await);
        let before = before.await?;
        ensure!(before.0 == 0.0, "the importer was examined before: {before:?}");

        let order = json!({
            "reference": "X-0", "office": "118", "subject": {"type": "declaration", "id": first},
            "method": "physical", "reason": "seen unloading at night",
        });
        let control = officer.order_control(&order).await?;
        let control = serde_json::from_value(control["id"].clone()).context("a control has an id")?;
        let now = operator.clock().await?;
        officer.report_result(control, &undervalued(now)).await?;
        let reported = Instant::now();

        // A new declaration of the importer every 200 ms, until one was decided with what was found.
        let (mut number, mut waiting) = (0, VecDeque::new());
        let mut beat = tokio::time::interval(Duration::from_millis(200));
        loop {
            beat.tick().await;
            ensure!(reported.elapsed() < PATIENCE, "the result never shows");
            number += 1;
            let id = lodger.lodge(&of_the_importer(number, at), false).await?.id;
            waiting.push_back(id);
            // Decisions are read in their order; the time is taken when the changed one is seen, at the latest.
            while let Some(id) = waiting.front()
                && let Some(after) = decided_with(&scientist, *id).await?
            {
                waiting.pop_front();
                if after.0 >= 1.0 {
                    ensure!(after.1 > before.1, "the finding does not raise the rate: {before:?}, {after:?}");
                    return anyhow::Ok(reported.elapsed());
                }
            }
        }
    };
    let observe = async {
        let seen = observe.await;
        stop.set(true);
        seen
    };
    let (seen, loaded) = tokio::join!(observe, load(&lodger, &operator, at, &done, &stop));
    loaded?;
    let seen = seen?;
    let rate = done.get() as f64 / began.elapsed().as_secs_f64();
    println!("a result shows in a decision after {} ms, at {rate:.0} declarations per second", seen.as_millis());
    if seen >= BOUND {
        bail!("a result shows in a decision only after {} ms", seen.as_millis());
    }
    Ok(())
}

fn undervalued(at: Timestamp) -> NewResult {
    let items = vec![
        ItemResult { sequence: 1, outcome: ItemOutcome::Finding, findings: vec![undervaluation()] },
        ItemResult { sequence: 2, outcome: ItemOutcome::Conform, findings: Vec::new() },
    ];
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at: at,
        established_at: at,
        items,
        remarks: None,
        targeting: None,
    }
}
