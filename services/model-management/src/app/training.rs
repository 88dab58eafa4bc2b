//! Running trainings: one at a time, each once, each recorded with its models and the route in one transaction.

use std::sync::Arc;

use customs::{Direction, ModelVersionId};
use jiff::{SignedDuration, Timestamp};
use risk_model::Artefact;
use tokio::sync::Mutex;

use super::{
    App, publish,
    source::{TrainingSource, Wanted, first_u64},
};
use crate::{
    ManagementError, TrainingSettings,
    domain::{
        card::notes,
        training::{self, Champion, Outcome, Outsider, Trained, TrainingRecord},
        wire_name,
    },
    metrics::TrainingLabels,
    store::{
        models::{self, ModelState, ModelVersion, NewVersion},
        runs::{self, TrainingRun},
    },
};

/// The directions that have a model.
pub const DIRECTIONS: [Direction; 2] = [Direction::In, Direction::Out];

/// The most rows that may be asked for.
const MOST_ROWS: usize = 200_000;

/// What a training that somebody asks for may do otherwise than the settings say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Age in days from which labels count; 0 for a past in which every result is known.
    pub maturity_days: Option<u32>,
    /// The most rows that are learned from.
    pub max_rows: Option<usize>,
}

/// What trainings are run with.
pub struct Trainer {
    pub(super) source: Arc<dyn TrainingSource>,
    pub(super) settings: TrainingSettings,
    /// One training at a time, whoever asks.
    running: Mutex<()>,
}

impl Trainer {
    /// A trainer that learns from `source`.
    pub fn new(source: Arc<dyn TrainingSource>, settings: TrainingSettings) -> Self {
        Self { source, settings, running: Mutex::new(()) }
    }
}

impl App {
    /// Plans the first training of every direction that has none planned.
    pub async fn plan_trainings(&self) -> Result<(), ManagementError> {
        let first = later(self.clock.now(), self.trainer.settings.first_training_after_days)?;
        let tx = self.db.begin().await?;
        for direction in DIRECTIONS {
            runs::plan_first(&tx, direction, first).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Runs every training that is due, in the order of due times; returns how many.
    pub async fn run_due_trainings(&self) -> Result<usize, ManagementError> {
        let mut done = 0;
        loop {
            let now = self.clock.now();
            let mut due = Vec::new();
            for direction in DIRECTIONS {
                if let Some(at) = runs::next_at(self.db.reader(), direction).await?
                    && at <= now
                {
                    due.push((at, direction));
                }
            }
            due.sort_unstable();
            let Some(&(at, direction)) = due.first() else { return Ok(done) };
            let next = later(at, self.trainer.settings.interval_days.max(1))?;
            self.run_training(direction, at, Bounds::default(), None, Some(next)).await?;
            done += 1;
        }
    }

    /// Runs a training that somebody asks for, with what was known at `as_of`. The same again is the same run.
    pub async fn request_training(
        &self,
        direction: Direction,
        as_of: Option<Timestamp>,
        bounds: Bounds,
        by: &str,
    ) -> Result<(TrainingRun, bool), ManagementError> {
        if direction == Direction::Transit {
            return Err(ManagementError::TrainingInvalid("models are trained for the directions in and out"));
        }
        let now = self.clock.now();
        let as_of = as_of.unwrap_or(now);
        if as_of > now {
            return Err(ManagementError::TrainingInvalid("nothing is known of the future yet"));
        }
        if bounds.max_rows.is_some_and(|rows| rows == 0 || rows > MOST_ROWS) {
            return Err(ManagementError::TrainingInvalid("a training learns from 1 to 200,000 rows"));
        }
        self.run_training(direction, as_of, bounds, Some(by), None).await
    }

    /// The run of (direction, due time): the recorded one, or a new one. `next` moves the schedule on with it.
    async fn run_training(
        &self,
        direction: Direction,
        due_at: Timestamp,
        bounds: Bounds,
        by: Option<&str>,
        next: Option<Timestamp>,
    ) -> Result<(TrainingRun, bool), ManagementError> {
        let _one_at_a_time = self.trainer.running.lock().await;
        if let Some(run) = runs::find(self.db.reader(), direction, due_at).await? {
            if let Some(next) = next {
                let tx = self.db.begin().await?;
                runs::plan_next(&tx, direction, next).await?;
                tx.commit().await?;
            }
            return Ok((run, false));
        }
        let id = runs::run_id(direction, due_at);
        let (record, trained) = self.train(direction, due_at, bounds, seed_of(id)).await?;
        let run = TrainingRun { id, direction, due_at, requested_by: by.map(str::to_owned), record };
        let maturity_days = bounds.maturity_days.unwrap_or(self.trainer.settings.maturity_days);
        self.record(&run, trained, maturity_days, next).await?;
        Ok((run, true))
    }

    /// Fetches, trains and judges, away from the threads that serve requests.
    async fn train(
        &self,
        direction: Direction,
        due_at: Timestamp,
        bounds: Bounds,
        seed: u64,
    ) -> Result<(TrainingRecord, Option<Trained>), ManagementError> {
        let mut settings = self.trainer.settings.clone();
        settings.maturity_days = bounds.maturity_days.unwrap_or(settings.maturity_days);
        settings.max_rows = bounds.max_rows.unwrap_or(settings.max_rows);
        // What is younger would be thrown away.
        let matured_until = training::matured_until(due_at, &settings);
        let wanted = Wanted { decided_before: Timestamp::from_microsecond(matured_until.saturating_add(1)).ok() };
        let set = self.trainer.source.fetch(direction, due_at, wanted).await?;
        let champion = match models::champion_twin(self.db.reader(), direction).await? {
            Some((bytes, twin_until)) => {
                let twin =
                    Artefact::from_bytes(&bytes).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
                Some(Champion { twin, twin_until })
            }
            None => None,
        };
        let outsiders: Vec<Outsider> = models::brought(self.db.reader(), direction)
            .await?
            .into_iter()
            .map(|(version, bytes, until)| {
                let artefact =
                    Artefact::from_bytes(&bytes).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
                Ok(Outsider { version: version.id, artefact, until })
            })
            .collect::<Result<_, ManagementError>>()?;
        let work = move || training::run(set, due_at, seed, champion.as_ref(), &outsiders, &settings);
        Ok(tokio::task::spawn_blocking(work).await?)
    }

    /// Run, versions with their cards, route and message in one transaction.
    async fn record(
        &self,
        run: &TrainingRun,
        trained: Option<Trained>,
        maturity_days: u32,
        next: Option<Timestamp>,
    ) -> Result<(), ManagementError> {
        let promoted = run.record.outcome == Outcome::Promoted;
        let tx = self.db.begin().await?;
        runs::insert(&tx, run).await?;
        if let Some(trained) = trained {
            let version = if let Some(brought) = trained.version {
                models::version(&tx, brought).await?
            } else {
                let state = if promoted { ModelState::Champion } else { ModelState::Candidate };
                let version = version_of(run, run.due_at, &trained.artefact, state)?;
                let moments = (run.due_at, run.due_at);
                let Trained { artefact, quality, .. } = &trained;
                let notes = notes(&version.algorithm, run.direction, moments, maturity_days, quality.clone(), artefact);
                let new = NewVersion {
                    version: &version,
                    artefact: trained.artefact.to_bytes(),
                    twin: trained.twin.to_bytes(),
                    twin_until: trained.twin_until,
                    card: trained.artefact.card(&notes),
                };
                models::insert(&tx, new).await?;
                version
            };
            if promoted {
                models::set_champion(&tx, &version).await?;
                publish::routing(&tx, run.due_at, self.process_clock.unix_ms()).await?;
            }
        }
        if let Some(next) = next {
            runs::plan_next(&tx, run.direction, next).await?;
        }
        tx.commit().await?;
        self.relay.wake();
        let labels = TrainingLabels { direction: wire_name(&run.direction), outcome: wire_name(&run.record.outcome) };
        self.counters.trainings.get_or_create(&labels).inc();
        tracing::info!(
            direction = labels.direction,
            outcome = labels.outcome,
            due_at = %run.due_at,
            reasons = run.record.reasons.join("; "),
            "training run"
        );
        Ok(())
    }
}

/// The record of what came out of a training at a moment: its own, or a later one where the online model learned on.
pub(super) fn version_of(
    run: &TrainingRun,
    at: Timestamp,
    artefact: &Artefact,
    state: ModelState,
) -> Result<ModelVersion, ManagementError> {
    let metrics =
        serde_json::to_value(artefact.summary()).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
    Ok(ModelVersion {
        id: ModelVersionId::derive(at, &[run.id.as_bytes(), artefact.digest().as_bytes()]),
        direction: run.direction,
        algorithm: artefact.algorithm().as_str().to_owned(),
        digest: artefact.digest().to_owned(),
        contract_hash: artefact.contract_hash().to_owned(),
        run: run.id,
        state,
        created_at: at,
        metrics,
    })
}

pub(super) fn seed_of(id: uuid::Uuid) -> u64 {
    // Wire formats keep whole numbers exact up to 2⁵³.
    first_u64(blake3::hash(id.as_bytes()).as_bytes()) >> 11
}

pub(super) fn later(at: Timestamp, days: u32) -> Result<Timestamp, ManagementError> {
    at.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|error| ManagementError::Unreadable(error.to_string()))
}
