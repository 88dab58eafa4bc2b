//! The online model learns on between trainings, by the domain clock: each time a new version, judged beforehand on
//! what it then learns. It is a candidate like any other: whoever wants to see it beside the champion asks for a
//! rollout, which begins in the shadow.

use customs::Direction;
use jiff::Timestamp;
use risk_model::Artefact;
use serde_json::Value;

use super::{
    App,
    source::Wanted,
    training::{DIRECTIONS, later, seed_of, version_of},
};
use crate::{
    Candidate, ManagementError,
    domain::{
        card,
        online::{Ahead, begin, learn_on},
        training::matured_until,
        wire_name,
    },
    store::{
        models::{self, ModelState, ModelVersion, NewVersion},
        runs::{self, TrainingRun},
    },
};

/// A version to be kept.
struct Grown {
    artefact: Artefact,
    /// What it was judged as: the version before.
    before: Option<Artefact>,
    ahead: Option<Ahead>,
}

impl App {
    /// Lets the online model of every direction learn what is due, in the order of due times; returns how often.
    pub async fn learn_on(&self) -> Result<usize, ManagementError> {
        let settings = &self.trainer.settings;
        if settings.online_days == 0 || !settings.candidates.contains(&Candidate::Online) {
            return Ok(0);
        }
        let now = self.clock.now();
        let mut done = 0;
        for direction in DIRECTIONS {
            while let Some((run, due)) = self.next_lesson(direction, now).await? {
                self.lesson(&run, due).await?;
                done += 1;
            }
        }
        Ok(done)
    }

    /// The lesson of a direction that is due at `now`, with the training whose line it goes on with. Before a first
    /// training has trained something there is nothing to go on with.
    async fn next_lesson(
        &self,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Option<(TrainingRun, Timestamp)>, ManagementError> {
        let db = self.db.reader();
        let planned = runs::next_lesson(db, direction).await?;
        let run = runs::latest_trained(db, direction, planned.unwrap_or(now)).await?;
        let due = run.map(|run| {
            let due = planned.unwrap_or(run.due_at);
            (run, due)
        });
        Ok(due.filter(|(_, due)| *due <= now))
    }

    /// What the online model of a direction learns at `due`, with what was known then.
    async fn lesson(&self, run: &TrainingRun, due: Timestamp) -> Result<(), ManagementError> {
        let grown = self.grow(run, due).await?;
        let next = later(due, self.trainer.settings.online_days)?;
        let tx = self.db.begin().await?;
        if let Some(grown) = grown {
            let Grown { artefact, before, ahead } = grown;
            let version = record(run, due, &artefact, ahead.as_ref())?;
            if models::find(&tx, version.id).await?.is_none() {
                let days = self.trainer.settings.maturity_days;
                let notes = card::notes("online", run.direction, (due, due), days, Vec::new(), &artefact);
                let judged = before.as_ref().unwrap_or(&artefact);
                let new = NewVersion {
                    version: &version,
                    artefact: artefact.to_bytes(),
                    twin: judged.to_bytes(),
                    twin_until: judged.summary().to,
                    card: artefact.card(&notes),
                };
                models::insert(&tx, new).await?;
                tracing::info!(
                    direction = wire_name(&run.direction),
                    version = %version.id,
                    rows = ahead.map_or(artefact.summary().rows, |ahead| ahead.rows),
                    "the online model learned on"
                );
            }
        }
        runs::plan_lesson(&tx, run.direction, next).await?;
        Ok(tx.commit().await?)
    }

    async fn grow(&self, run: &TrainingRun, due: Timestamp) -> Result<Option<Grown>, ManagementError> {
        let read = |bytes: Vec<u8>| {
            Artefact::from_bytes(&bytes).map_err(|error| ManagementError::Unreadable(error.to_string()))
        };
        let settings = self.trainer.settings.clone();
        let until = matured_until(due, &settings);
        let wanted = Wanted { decided_before: Timestamp::from_microsecond(until.saturating_add(1)).ok() };
        let set = self.trainer.source.fetch(run.direction, due, wanted).await?;
        let held = models::latest_online(self.db.reader(), run.direction, run.id).await?.map(read).transpose()?;
        let held = held.filter(|held| held.check_contract(&set.contract_hash).is_ok());
        let champion = self.champion(run.direction).await?.map(read).transpose()?;
        let seed = seed_of(run.id);
        let work = move || match held {
            Some(held) => learn_on(&held, champion.as_ref(), set, due, &settings).map(|learned| {
                learned.map(|learned| Grown {
                    artefact: learned.artefact,
                    before: Some(held),
                    ahead: Some(learned.ahead),
                })
            }),
            None => begin(set, due, seed, &settings)
                .map(|begun| begun.map(|artefact| Grown { artefact, before: None, ahead: None })),
        };
        let grown = tokio::task::spawn_blocking(work).await?;
        grown.map_err(|error| ManagementError::Unreadable(format!("the online model cannot learn on: {error}")))
    }

    /// The bytes of the version that decides for a direction.
    async fn champion(&self, direction: Direction) -> Result<Option<Vec<u8>>, ManagementError> {
        let routes = models::routes(self.db.reader()).await?;
        let Some(route) = routes.iter().find(|route| route.direction == direction) else { return Ok(None) };
        Ok(Some(models::artefact(self.db.reader(), &route.champion_digest).await?))
    }
}

/// The record of what was learned at `due`; its metrics say how the version before foretold it.
fn record(
    run: &TrainingRun,
    due: Timestamp,
    artefact: &Artefact,
    ahead: Option<&Ahead>,
) -> Result<ModelVersion, ManagementError> {
    let mut version = version_of(run, due, artefact, ModelState::Candidate)?;
    if let (Value::Object(metrics), Some(ahead)) = (&mut version.metrics, ahead) {
        let ahead = serde_json::to_value(ahead).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
        metrics.insert("ahead".to_owned(), ahead);
    }
    Ok(version)
}
