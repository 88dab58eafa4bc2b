//! A model manager's work: a model that brings half as much again becomes champion with another person's approval; one that
//! brings half goes back by itself, with the list of what it let through. Days pass in a minute, by one clock for all.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use clients::Client;
use e2e_tests::cluster::Forwarded;
use e2e_tests::office::{self, Office, Script};
use e2e_tests::{Cluster, until};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(3);
/// Seconds of domain time a second: a day is a minute.
const RATE: u64 = 1_440;
/// Declarations a second, and the most of all.
const PACE: u64 = 30;
const MOST: u64 = 30_000;
/// How often it is planned anew.
const PLANNED: Duration = Duration::from_secs(30);
/// The most trainings until there is something to roll out.
const TRAININGS: u32 = 20;
/// Declarations before the first training.
const PAST: u64 = 1_500;
/// One that finds more, and one that finds less.
const CANDIDATES: usize = 2;
/// The most seconds from an intent until every scorer serves it.
const STEP: f64 = 5.0;
const REQUESTER: &str = "mia";
const APPROVER: &str = "ben";

struct World {
    cluster: Cluster,
    office: Office,
    gateway: Forwarded,
    /// Share of what is examined that is drawn by lot.
    random: f64,
    /// When it was last planned, and how many declarations there were then.
    planned: (Instant, u64),
}

impl World {
    /// A second's work at the office; at its pace, or as fast as the machine can.
    async fn second(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.office.lodge(PACE).await?;
        self.office.examine().await?;
        tokio::time::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed())).await;
        if self.planned.0.elapsed() >= PLANNED {
            self.plan().await?;
        }
        Ok(())
    }

    /// Plans for the pace of late: on a busy machine it is slower than asked for, and days do not wait.
    async fn plan(&mut self) -> anyhow::Result<()> {
        let (since, before) = std::mem::replace(&mut self.planned, (Instant::now(), self.office.lodged()));
        let lodged = self.office.lodged() - before;
        let pace = if lodged > 0 { lodged as f64 / since.elapsed().as_secs_f64() } else { PACE as f64 };
        self.office.plan(pace * 86_400.0 / RATE as f64, self.random).await?;
        self.cluster.say(&format!("{}, {pace:.0} a second", self.office.told()));
        Ok(())
    }

    fn client(&self) -> &Client {
        &self.gateway.client
    }

    fn rollout(&self, name: &str) -> anyhow::Result<Value> {
        self.cluster.get(&["modelrollout", name]).map(|mut found| found.remove(0))
    }

    /// Asks for a rollout of the version with this digest, as a model manager does.
    async fn roll(&self, name: &str, digest: &str) -> anyhow::Result<()> {
        let bytes = self.client().artefact(digest).await?;
        let mut spec = office::rollout(digest, REQUESTER);
        let version = spec["candidate"]["name"].as_str().context("a version has a name")?.to_owned();
        self.cluster.apply(&json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "ModelVersion", "metadata": {"name": version},
            "spec": {"model": "scenario", "direction": "in", "featureContract": self.client().feature_contract().await?,
                "artefact": {"digest": digest, "sha256": sha256(&bytes)}},
        }))?;
        spec["concurrency"] = json!("reject");
        let rollout = json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "ModelRollout",
            "metadata": {"name": name, "namespace": self.cluster.namespace()}, "spec": spec,
        });
        ensure!(self.cluster.apply_as(APPROVER, &rollout).is_err(), "a rollout asked for in another's name is taken");
        self.cluster.apply_as(REQUESTER, &rollout)
    }

    /// Works until the rollout has this phase, with an approval where it waits for one. Returns it, and says how long it
    /// took to come into the shadow and to the end.
    async fn work_until(&mut self, name: &str, phase: &str) -> anyhow::Result<Value> {
        let (begun, mut shadow, mut approved) = (Instant::now(), None, false);
        loop {
            self.second().await?;
            let rollout = self.rollout(name)?;
            let status = &rollout["status"];
            if shadow.is_none() && status["state"]["stepSince"].is_string() {
                shadow = Some(begun.elapsed());
            }
            if status["phase"] == phase {
                let shadow = shadow.unwrap_or_default().as_secs();
                self.cluster.say(&format!(
                    "{name}: in the shadow after {shadow} s, {phase} after {} s; {}; {}",
                    begun.elapsed().as_secs(),
                    self.office.told(),
                    office::gates(status)
                ));
                let slowest = slowest_step(&status["history"])?;
                self.cluster.say(&format!("{name}: its slowest step took {slowest:.1} s from intent to all scorers"));
                ensure!(slowest <= STEP, "{status}");
                return Ok(rollout);
            }
            let over = matches!(status["phase"].as_str(), Some("rolledBack" | "aborted" | "settled"));
            ensure!(!over, "{name} ended otherwise after {}: {status}", self.office.told());
            ensure!(self.office.lodged() < MOST, "{name} is not {phase} after {}: {status}", self.office.told());
            if status["waiting"] == "AwaitingApproval" && !approved {
                self.approve(name, status["state"]["step"].as_u64().unwrap_or_default())?;
                approved = true;
            }
        }
    }

    /// Somebody else approves in his own name, and nobody can in his.
    fn approve(&self, name: &str, step: u64) -> anyhow::Result<()> {
        let approval = |approver: &str| {
            json!({
                "apiVersion": "aforo.io/v1alpha1", "kind": "RolloutApproval",
                "metadata": {"name": format!("{name}-{step}"), "namespace": self.cluster.namespace()},
                "spec": {"rollout": name, "step": step, "approver": approver, "reason": "the evidence is in"},
            })
        };
        ensure!(
            self.cluster.apply_as(REQUESTER, &approval(APPROVER)).is_err(),
            "an approval in another's name is taken"
        );
        self.cluster.apply_as(APPROVER, &approval(APPROVER))
    }
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask e2e"]
async fn rolls() -> anyhow::Result<()> {
    let Some(cluster) = Cluster::open("rolls")? else { return Ok(()) };
    cluster.definitions()?;
    #[expect(clippy::disallowed_methods, reason = "the installation begins its own time at this moment of the world's")]
    let start = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let start = jiff::Timestamp::from_second(i64::try_from(start)?)?;
    let clock = [format!("demo.clock.rate={RATE}"), format!("demo.clock.start={start}")];
    let set = [
        clock[0].as_str(),
        &clock[1],
        "operator.enabled=true",
        // Only people start trainings here.
        "settings=[models.training]\nfirst_training_after_days = 3650\nevidence_errors = 1.0\ncandidates = [\"boosted\"]",
    ];
    cluster.install(&set, PATIENCE).await?;
    cluster.may_roll_out(&[REQUESTER, APPROVER])?;
    let roles = ["customs-system", "officer", "auditor", "service", "data-scientist", "model-manager", "supervisor"];
    let gateway = cluster.client(&roles).await?;
    let office = Office::new(gateway.client.clone(), "118");
    // Before there is a model, lots alone tell what is examined.
    let mut world = World { cluster, office, gateway, random: 1.0, planned: (Instant::now(), 0) };
    world.plan().await?;
    while world.office.lodged() < PAST {
        world.second().await?;
    }
    let mut trainings = 0;
    let [bad, good] = loop {
        let told = world.office.train().await?;
        world.cluster.say(&format!("training {told}"));
        world.second().await?;
        if let Some(candidates) = world.office.candidates_to_try::<CANDIDATES>().await? {
            break candidates;
        }
        trainings += 1;
        ensure!(
            trainings < TRAININGS,
            "no champion with {CANDIDATES} others beside it after {TRAININGS} trainings: {told}"
        );
    };
    world.random = 0.1;
    world.plan().await?;

    world.office.follow(Script { rollout: "good".to_owned(), yields: 1.5 });
    world.roll("good", &good).await?;
    let rollout = world.work_until("good", "settled").await?;
    ensure!(office::champion(world.client()).await? == good, "the good model is champion");
    let changes = rollout["status"]["history"].as_array().cloned().unwrap_or_default();
    let approved = changes.iter().find(|dated| dated["change"] == "approved").context("somebody approved")?;
    ensure!(approved["approvers"] == json!([APPROVER]), "{approved}");
    let word = world.client().audit(APPROVER, "trialapprovals_record").await?;
    let object = word["items"][0]["object"].as_str().unwrap_or_default();
    ensure!(object.starts_with("/v1/routing/trials/good/approvals/"), "the approval is on record: {word}");
    let others = world.client().audit(REQUESTER, "trialapprovals_record").await?;
    ensure!(others["items"].as_array().is_some_and(Vec::is_empty), "nobody else's is: {others}");

    world.office.follow(Script { rollout: "bad".to_owned(), yields: 0.5 });
    world.roll("bad", &bad).await?;
    let rollout = world.work_until("bad", "rolledBack").await?;
    ensure!(office::champion(world.client()).await? == good, "the good model is champion still");
    ensure!(rollout["status"]["state"]["cause"]["gate"] == "harm", "{}", rollout["status"]);
    let listed = until("the list of what it let through", PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(world.rollout("bad")?["status"]["letThrough"]["declarations"].as_u64())
    })
    .await?;
    let from = rollout["status"]["state"]["startedAt"].as_str().context("it began")?;
    let list = world.client().rollout_let_through("bad", from).await?;
    ensure!(listed > 0 && list.len() as u64 >= listed, "{listed} of {} are listed", list.len());
    world.cluster.say(&format!("what the bad model let through: {listed} declarations"));
    Ok(())
}

/// The longest from an intent until every scorer served it, in real seconds.
fn slowest_step(history: &Value) -> anyhow::Result<f64> {
    let (mut intended, mut slowest) = (None, 0.0_f64);
    for dated in history.as_array().context("there is a history")? {
        let at: jiff::Timestamp = dated["at"].as_str().context("a change has its time")?.parse()?;
        match (dated["change"].as_str(), intended) {
            (Some("intended"), _) => intended = Some(at),
            (Some("served"), Some(since)) => {
                slowest = slowest.max(at.duration_since(since).as_secs_f64() / RATE as f64);
                intended = None;
            }
            _ => {}
        }
    }
    ensure!(slowest > 0.0, "no step was served: {history}");
    Ok(slowest)
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
