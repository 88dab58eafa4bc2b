//! A model moves by evidence on one machine: one that brings half as much again becomes champion, one that brings half goes
//! back by itself, with the list of what it let through.

use std::time::Duration;

use anyhow::{Context, ensure};
use clients::Client;
use e2e_tests::office::{self, Office, Script};
use e2e_tests::{ClockMode, System};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);
/// Declarations an hour, and the most of all.
const HOURLY: u64 = 240;
const MOST: u64 = 30_000;
/// The most trainings until there is something to roll out.
const TRAININGS: u32 = 12;
/// Hours before the first training.
const PAST_HOURS: u64 = 8;
/// Only people start trainings here.
const SETTINGS: &str =
    "[models.training]\nfirst_training_after_days = 3650\nevidence_errors = 1.0\ncandidates = [\"boosted\"]\n";

/// A system with its office, whose hours pass as fast as they are worked through.
struct World {
    system: System,
    operator: Client,
    auditor: Client,
    managers: [Client; 2],
    office: Office,
}

impl World {
    async fn start() -> anyhow::Result<Self> {
        let system = System::start_with(ClockMode::Driven("2026-03-02T00:00:00Z"), SETTINGS).await?;
        let all = ["customs-system", "officer", "auditor", "service", "data-scientist", "model-manager", "supervisor"];
        let office = Office::new(system.client(&all)?, "118");
        let person = |name: &str| -> anyhow::Result<Client> {
            Ok(Client::new(system.url(), system.token_of(name, &["model-manager", "approver"])?)?)
        };
        let managers = [person("mia")?, person("ben")?];
        Ok(Self {
            operator: system.client(&["service"])?,
            auditor: system.client(&["auditor"])?,
            managers,
            system,
            office,
        })
    }

    async fn hour(&mut self) -> anyhow::Result<()> {
        self.office.lodge(HOURLY).await?;
        self.system.settled(PATIENCE).await?;
        self.office.examine().await?;
        self.system.settled(PATIENCE).await?;
        let now = self.operator.clock().await?;
        self.operator.advance_clock(now.checked_add(jiff::SignedDuration::from_hours(1))?).await?;
        Ok(())
    }

    /// Works until the rollout has this phase, approving where it waits for that.
    async fn work_until(&mut self, name: &str, phase: &str) -> anyhow::Result<Value> {
        loop {
            self.hour().await?;
            let rollout = self.managers[0].rollout(name).await?;
            if rollout["status"]["phase"] == phase {
                return Ok(rollout);
            }
            let over = matches!(rollout["status"]["phase"].as_str(), Some("rolledBack" | "aborted" | "settled"));
            ensure!(!over, "{name} ended otherwise after {}: {rollout}", self.office.told());
            ensure!(self.office.lodged() < MOST, "{name} is not {phase} after {}: {rollout}", self.office.told());
            if rollout["waiting"] == "AwaitingApproval" {
                self.managers[1].tell_rollout(name, "approvals", &json!({"reason": "the evidence is in"})).await?;
            }
        }
    }

    async fn roll(&self, name: &str, candidate: &str) -> anyhow::Result<()> {
        let mut body = office::rollout(candidate, "");
        body["name"] = json!(name);
        self.managers[0].create_rollout(&body).await?;
        Ok(())
    }
}

#[tokio::test]
#[ignore = "takes minutes: cargo test -p e2e-tests --test it rolls -- --ignored --nocapture"]
async fn a_good_model_becomes_champion_and_one_of_half_the_yield_goes_back_with_the_list() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    // Before there is a model, lots alone tell what is examined.
    world.office.plan((HOURLY * 24) as f64, 1.0).await?;
    for _ in 0..PAST_HOURS {
        world.hour().await?;
    }
    let mut trainings = 0;
    let [good, bad] = loop {
        let told = world.office.train().await?;
        println!("training {told}");
        world.hour().await?;
        if let Some(two @ [_, _]) = world.office.candidates_to_try().await? {
            break two;
        }
        trainings += 1;
        ensure!(trainings < TRAININGS, "no champion with two others beside it after {TRAININGS} trainings: {told}");
    };
    world.office.plan((HOURLY * 24) as f64, 0.1).await?;

    world.office.follow(Script { rollout: "good".to_owned(), yields: 1.5 });
    world.roll("good", &good).await?;
    let rollout = world.work_until("good", "settled").await?;
    println!("good: {}; {}", world.office.told(), office::gates(&rollout));
    ensure!(office::champion(&world.operator).await? == good, "the good model is champion");
    let word = world.auditor.audit("ben", "rolloutapprovals_create").await?;
    ensure!(word["items"][0]["object"] == "/v1/rollouts/good/approvals", "the approval is on record: {word}");
    ensure!(
        rollout["history"].as_array().is_some_and(|history| history.iter().any(|dated| dated["change"] == "approved"))
    );

    world.office.follow(Script { rollout: "bad".to_owned(), yields: 0.5 });
    world.roll("bad", &bad).await?;
    let rollout = world.work_until("bad", "rolledBack").await?;
    println!("bad: {}; {}", world.office.told(), office::gates(&rollout));
    ensure!(rollout["status"]["cause"]["gate"] == "harm", "{rollout}");
    ensure!(office::champion(&world.operator).await? == good, "the good model is champion still");
    let from = rollout["status"]["startedAt"].as_str().context("it began")?;
    let list = world.operator.rollout_let_through("bad", from).await?;
    let sorted = list.is_sorted_by(|one, next| one.champion >= next.champion);
    ensure!(!list.is_empty() && sorted, "the list has {}", list.len());
    println!("what the bad model let through: {}", list.len());
    Ok(())
}
