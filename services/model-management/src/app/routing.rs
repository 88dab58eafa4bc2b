//! Putting a candidate into the routing, changing its share, making it champion, taking it out.
//!
//! One transaction compares the epoch with the one that the driver has seen, the driver's fencing token with the highest
//! that was shown, and the number of the intent with the highest that was written for the rollout: whoever decided on an
//! older routing, was deposed, or comes after a later decision on the same rollout, changes nothing.

use customs::Direction;
use rollout::{Assignment, Routing, Scope, Stage, Target};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, publish};
use crate::{
    ManagementError,
    settings::Driver,
    store::{
        epochs::{self, Subject},
        models, trials,
    },
};

/// What the routing is to be, for one rollout.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "driver": "operator", "token": 3, "expectedEpoch": 11, "number": 4, "direction": "in",
    "candidateDigest": "5f1c…", "target": {"stage": "canary", "weight": 1000}
}))]
pub struct RoutingIntent {
    /// Who asks.
    pub driver: Driver,
    /// The fencing token: rises whenever another process of this kind takes over.
    #[serde(default)]
    pub token: u64,
    /// The epoch on which it was decided.
    pub expected_epoch: u64,
    /// Which intent of the rollout this is: never lower than one before.
    pub number: u64,
    /// The direction.
    pub direction: Direction,
    /// Digest (BLAKE3, hex) of the candidate's artefact.
    pub candidate_digest: String,
    /// What the candidate is to do.
    pub target: Target,
    /// Which declarations take part.
    #[serde(default)]
    pub scope: Scope,
    /// How they are assigned.
    #[serde(default)]
    pub assignment: Assignment,
}

impl App {
    /// The routing as it concerns `rollout`, of one moment.
    pub async fn routed(&self, rollout: &str, direction: Direction) -> Result<Routing, ManagementError> {
        let tx = self.db.reader().begin().await?;
        let routes = models::routes(&tx).await?;
        let route = routes.iter().find(|route| route.direction == direction);
        let own = route.and_then(|route| route.trials.iter().find(|trial| trial.rollout == rollout));
        let routing = Routing {
            epoch: epochs::current(&tx, Subject::Routing).await?,
            champion: route.map(|route| route.champion_digest.clone()),
            trial: own.map(|trial| trial.target.clone()),
            written: trials::taken(&tx, rollout).await?,
        };
        tx.rollback().await?;
        Ok(routing)
    }

    /// Makes the routing what `intent` says for `rollout`; returns the risen epoch.
    pub async fn route(&self, rollout: &str, intent: &RoutingIntent) -> Result<u64, ManagementError> {
        if intent.driver != self.rollouts.driver {
            return Err(ManagementError::OtherDriver(self.rollouts.driver.as_str()));
        }
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        if !trials::fence(&tx, intent.driver.as_str(), intent.token).await? {
            return Err(ManagementError::Deposed(intent.token));
        }
        let found = epochs::current(&tx, Subject::Routing).await?;
        if found != intent.expected_epoch {
            return Err(ManagementError::RoutingMoved { expected: intent.expected_epoch, found });
        }
        if !trials::take(&tx, rollout, intent.number).await? {
            return Err(ManagementError::IntentOvertaken(intent.number));
        }
        write(&tx, rollout, intent).await?;
        let epoch = publish::routing(&tx, at, self.process_clock.unix_ms()).await?;
        tx.commit().await?;
        self.relay.wake();
        tracing::info!(rollout, epoch, stage = ?intent.target.stage, weight = intent.target.weight, "routing changed");
        Ok(epoch)
    }
}

async fn write(tx: &impl ConnectionTrait, rollout: &str, intent: &RoutingIntent) -> Result<(), ManagementError> {
    let held = trials::all(tx).await?.into_iter().find(|trial| trial.rollout == rollout);
    if matches!(intent.target.stage, Stage::Withdrawn | Stage::Settled) {
        let Some(held) = held else { return Ok(()) };
        let routes = models::routes(tx).await?;
        let decides = routes.iter().any(|route| route.champion == held.candidate);
        let wanted = if intent.target.stage == Stage::Settled { held.candidate } else { held.champion };
        if decides != (wanted == held.candidate) && (decides || intent.target.stage == Stage::Settled) {
            models::set_champion(tx, &models::version(tx, wanted).await?).await?;
        }
        return trials::remove(tx, rollout).await;
    }
    let candidate = models::by_digest(tx, intent.direction, &intent.candidate_digest)
        .await?
        .ok_or_else(|| ManagementError::UnknownArtefact(intent.candidate_digest.clone()))?;
    let trial = if let Some(held) = held {
        trials::Kept { target: intent.target.clone(), ..held }
    } else {
        let routes = models::routes(tx).await?;
        let route = routes.iter().find(|route| route.direction == intent.direction);
        let Some(route) = route else { return Err(ManagementError::NoChampion) };
        trials::Kept {
            rollout: rollout.to_owned(),
            direction: crate::domain::wire_name(&intent.direction),
            candidate: candidate.id,
            candidate_digest: candidate.digest.clone(),
            champion: route.champion,
            champion_digest: route.champion_digest.clone(),
            target: intent.target.clone(),
            scope: intent.scope.clone(),
            assignment: intent.assignment.clone(),
        }
    };
    if trial.candidate_digest != intent.candidate_digest {
        return Err(ManagementError::RolloutNameTaken(rollout.to_owned()));
    }
    trials::put(tx, &trial).await?;
    if intent.target.stage == Stage::Champion {
        models::set_champion(tx, &candidate).await?;
    }
    Ok(())
}
