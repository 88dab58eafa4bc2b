//! Driving rollouts on one machine: observe, plan, store what was decided, and only then act.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use customs::Direction;
use features::contract;
use rollout::{Action, Counts, Observed, Plan, Report, Spec, measure::measure, plan};

use super::{App, routing::RoutingIntent};
use crate::{
    ManagementError,
    settings::Driver,
    store::{from_name, models, rollouts, rollouts::Kept},
};

/// The most plans of one rollout in a row: each decides at most one step.
const ROUNDS: usize = 8;

/// Who drives, and whether there may be anything to drive.
#[derive(Clone, Debug)]
pub struct Driving {
    /// Who drives.
    pub driver: Driver,
    /// Whether a rollout may be under way: a system without any is not asked every second.
    busy: Arc<AtomicBool>,
}

impl Driving {
    /// Driven by `driver`; whether there is anything to do is looked up once.
    pub fn by(driver: Driver) -> Self {
        Self { driver, busy: Arc::new(AtomicBool::new(true)) }
    }

    /// There may be something to do.
    pub fn something_to_do(&self) {
        self.busy.store(true, Ordering::Release);
    }
}

impl App {
    /// Brings every rollout forward as far as it goes now; returns how many decisions that took.
    pub async fn drive_rollouts(&self) -> Result<usize, ManagementError> {
        if self.rollouts.driver != Driver::Worker || !self.rollouts.busy.swap(false, Ordering::AcqRel) {
            return Ok(0);
        }
        let outcome = self.drive_all().await;
        if outcome.is_err() {
            self.rollouts.something_to_do();
        }
        outcome
    }

    async fn drive_all(&self) -> Result<usize, ManagementError> {
        let mut decided = 0;
        for kept in rollouts::all(self.db.reader()).await? {
            let over = kept.status.phase.is_over();
            if over && kept.status.nonce == kept.spec.retry_nonce {
                continue;
            }
            self.rollouts.something_to_do();
            decided += self.drive(&kept.name).await?;
        }
        Ok(decided)
    }

    async fn drive(&self, name: &str) -> Result<usize, ManagementError> {
        let mut decided = 0;
        for _ in 0..ROUNDS {
            let kept = self.rollout(name).await?;
            let observed = self.observe(&kept).await?;
            let plan = plan(name, &kept.spec, &kept.status, &observed, self.clock.now());
            if !self.keep(&kept, &plan).await? {
                continue;
            }
            decided += plan.changes.len();
            let acted = self.act(&kept.spec, name, &plan).await?;
            if plan.changes.is_empty() && !acted {
                break;
            }
        }
        Ok(decided)
    }

    /// Stores what was decided, and what is shown of it; false when another driver was faster.
    async fn keep(&self, kept: &Kept, plan: &Plan) -> Result<bool, ManagementError> {
        let (waiting, message) = match &plan.wait {
            Some((wait, words)) => (wait.as_str(), words.as_str()),
            None => ("", ""),
        };
        // A number that is measured anew every second is no change; a gate that moved is one already.
        let shown = kept.waiting == waiting && (kept.gates.len() == plan.gates.len() || plan.gates.is_empty());
        if plan.changes.is_empty() && shown {
            return Ok(true);
        }
        let tx = self.db.begin().await?;
        let written =
            rollouts::advance(&tx, kept, &plan.status, &plan.changes, (&plan.gates, waiting, message)).await?;
        tx.commit().await?;
        for change in &plan.changes {
            tracing::info!(rollout = kept.name, change = ?change.change, "rollout");
        }
        Ok(written)
    }

    /// Carries out what was planned; tells whether the routing was written.
    async fn act(&self, spec: &Spec, name: &str, plan: &Plan) -> Result<bool, ManagementError> {
        let mut routed = false;
        for action in &plan.actions {
            match action {
                Action::Route { target, expected_epoch, number } => {
                    let intent = RoutingIntent {
                        driver: Driver::Worker,
                        token: 0,
                        expected_epoch: *expected_epoch,
                        number: *number,
                        direction: direction(spec)?,
                        candidate_digest: spec.candidate.digest.clone(),
                        target: target.clone(),
                        scope: spec.scope.clone(),
                        assignment: plan.status.assignment.clone().unwrap_or_default(),
                    };
                    match self.route(name, &intent).await {
                        Ok(_) => routed = true,
                        // Somebody else was faster: the next look decides anew.
                        Err(ManagementError::RoutingMoved { .. } | ManagementError::IntentOvertaken(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Action::Supersede { other } => {
                    let tx = self.db.begin().await?;
                    rollouts::supersede(&tx, other, name).await?;
                    tx.commit().await?;
                }
                // Every move of a gate is among the changes; the list is read from performance-monitoring.
                Action::RecordGates(_) | Action::ListLetThrough => {}
            }
        }
        Ok(routed)
    }

    async fn observe(&self, kept: &Kept) -> Result<Observed, ManagementError> {
        let db = self.db.reader();
        let direction = direction(&kept.spec)?;
        let version = models::by_digest(db, direction, &kept.spec.candidate.digest).await?;
        let mut observed = Observed {
            routing: Some(self.routed(&kept.name, direction).await?),
            artefact_ready: Some(version.is_some()),
            features_ready: Some(version.is_some_and(|version| version.contract_hash == contract().hash)),
            approvals: rollouts::approvals(db, &kept.name).await?,
            superseded_by: kept.superseded_by.clone(),
            ..Observed::default()
        };
        let others = rollouts::all(db).await?;
        let other = others
            .iter()
            .find(|other| other.name != kept.name && other.status.phase.is_active() && other.spec.overlaps(&kept.spec));
        observed.other_active = other.map(|other| other.name.clone());
        if kept.status.phase.is_active() {
            self.observe_others(kept, &mut observed).await;
        }
        Ok(observed)
    }

    /// What other services tell. One that does not answer leaves a gap, which is a state and no failure.
    async fn observe_others(&self, kept: &Kept, observed: &mut Observed) {
        let evidence = &self.sources.evidence;
        match evidence.scorers().await {
            Ok(scorers) => observed.scorers = scorers,
            Err(error) => tracing::warn!(%error, "scoring does not tell who decides"),
        }
        let Some(started) = kept.status.started_at else { return };
        match evidence.report(&kept.name, started, &kept.spec.outcome).await {
            Ok(report) => observed.measurements = measure(&report, &kept.spec.outcome),
            Err(error) => tracing::warn!(%error, "performance-monitoring does not tell of the rollout"),
        }
        let Some(since) = kept.status.step_since else { return };
        match evidence.report(&kept.name, since, &kept.spec.outcome).await {
            Ok(report) => observed.counts = Some(counts(&report)),
            Err(error) => tracing::warn!(%error, "performance-monitoring does not tell of the step"),
        }
    }
}

fn counts(report: &Report) -> Counts {
    Counts {
        declarations: report.candidate.declarations + report.champion.declarations,
        examinations: report.examinations,
        matured_labels: report.matured_labels,
    }
}

fn direction(spec: &Spec) -> Result<Direction, ManagementError> {
    from_name(&spec.direction)
}
