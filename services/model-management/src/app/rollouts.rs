//! Asking for a rollout, and people's words on it.

use jiff::{SignedDuration, Timestamp};
use rest::Principal;
use rollout::{Approval, Dated, Decision, Purpose, Spec};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::{
    ManagementError,
    settings::Driver,
    store::rollouts::{self, Kept},
};

/// The longest name: it is part of messages and tables.
const LONGEST_NAME: usize = 63;

/// A rollout that is asked for. Who asks is the caller.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewRollout {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// What is asked for; `requestedBy` is ignored.
    #[serde(flatten)]
    pub spec: Spec,
}

/// A person's word.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"decision": "approve", "purpose": "step", "reason": "three weeks without a complaint"}))]
pub struct NewApproval {
    /// Approve or deny.
    #[serde(default)]
    pub decision: Decision,
    /// What for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// For how many seconds of domain time it counts; a week when absent.
    #[serde(default)]
    pub valid_seconds: Option<u32>,
}

impl App {
    fn must_drive(&self) -> Result<(), ManagementError> {
        match self.rollouts.driver {
            Driver::Worker => Ok(()),
            Driver::Operator => Err(ManagementError::OtherDriver(Driver::Operator.as_str())),
        }
    }

    /// Asks for a rollout. The same again changes nothing.
    pub async fn request_rollout(&self, caller: &Principal, new: NewRollout) -> Result<(Kept, bool), ManagementError> {
        self.must_drive()?;
        let spec = Spec { requested_by: caller.subject.clone(), ..new.spec };
        let mut faults = spec.faults();
        let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if new.name.is_empty() || new.name.len() > LONGEST_NAME || !new.name.chars().all(good) {
            faults.insert(0, rollout::Fault::new("name", "is not 1 to 63 lower-case letters, digits and hyphens"));
        }
        if !faults.is_empty() {
            return Err(ManagementError::RolloutInvalid(faults));
        }
        let tx = self.db.begin().await?;
        if let Some(kept) = rollouts::find(&tx, &new.name).await? {
            return if kept.spec == spec {
                Ok((kept, false))
            } else {
                Err(ManagementError::RolloutNameTaken(new.name))
            };
        }
        rollouts::insert(&tx, &new.name, &spec, self.clock.now()).await?;
        tx.commit().await?;
        self.rollouts.something_to_do();
        tracing::info!(rollout = new.name, by = caller.subject, "rollout asked for");
        Ok((self.rollout(&new.name).await?, true))
    }

    /// The rollout of this name.
    pub async fn rollout(&self, name: &str) -> Result<Kept, ManagementError> {
        let kept = rollouts::find(self.db.reader(), name).await?;
        kept.ok_or_else(|| ManagementError::UnknownRollout(name.to_owned()))
    }

    /// Every rollout, latest first.
    pub async fn rollouts(&self) -> Result<Vec<Kept>, ManagementError> {
        rollouts::all(self.db.reader()).await
    }

    /// What was decided and said of a rollout, oldest first.
    pub async fn rollout_history(&self, name: &str) -> Result<(Vec<Dated>, Vec<Approval>), ManagementError> {
        let db = self.db.reader();
        Ok((rollouts::changes(db, name).await?, rollouts::approvals(db, name).await?))
    }

    /// Keeps what the caller says to the rollout's present step.
    pub async fn approve_rollout(
        &self,
        caller: &Principal,
        name: &str,
        new: NewApproval,
    ) -> Result<Kept, ManagementError> {
        self.must_drive()?;
        let tx = self.db.begin().await?;
        let kept = rollouts::find(&tx, name).await?;
        let kept = kept.ok_or_else(|| ManagementError::UnknownRollout(name.to_owned()))?;
        if kept.spec.requested_by == caller.subject {
            return Err(ManagementError::Approval(crate::domain::approval::Refusal::OwnVersion));
        }
        if kept.status.phase.is_over() {
            return Err(ManagementError::RolloutOver(name.to_owned(), kept.status.phase.as_str()));
        }
        let at: Timestamp = self.clock.now();
        let valid = i64::from(new.valid_seconds.unwrap_or(7 * 86_400));
        let expires_at = at.saturating_add(SignedDuration::from_secs(valid)).unwrap_or(Timestamp::MAX);
        let approval = Approval {
            approver: caller.subject.clone(),
            decision: new.decision,
            purpose: new.purpose,
            step: kept.status.step,
            run: kept.status.run,
            at,
            expires_at,
            reason: new.reason,
        };
        rollouts::approve(&tx, name, &approval).await?;
        tx.commit().await?;
        self.rollout(name).await
    }

    /// Takes note of a word that was said to the driver. The caller is the person who said it; that it is on record is the
    /// audit trail's doing.
    pub fn record_approval(
        &self,
        caller: &Principal,
        rollout: &str,
        id: &str,
        approval: &Approval,
    ) -> Result<(), ManagementError> {
        if self.rollouts.driver != Driver::Operator {
            return Err(ManagementError::OtherDriver(self.rollouts.driver.as_str()));
        }
        if approval.approver != caller.subject {
            let approver = approval.approver.clone();
            return Err(ManagementError::OthersWord { approver, caller: caller.subject.clone() });
        }
        tracing::info!(rollout, id, by = caller.subject, decision = ?approval.decision, "approval on record");
        Ok(())
    }

    /// Asks for something else of a rollout: that it ends, begins anew, stands still or goes on, or is promoted at once.
    pub async fn change_rollout(
        &self,
        name: &str,
        change: impl FnOnce(&mut Spec, &Kept),
    ) -> Result<Kept, ManagementError> {
        self.must_drive()?;
        let tx = self.db.begin().await?;
        let kept = rollouts::find(&tx, name).await?;
        let kept = kept.ok_or_else(|| ManagementError::UnknownRollout(name.to_owned()))?;
        let mut spec = kept.spec.clone();
        change(&mut spec, &kept);
        if spec != kept.spec {
            rollouts::respecify(&tx, name, &spec).await?;
            tx.commit().await?;
            self.rollouts.something_to_do();
        }
        self.rollout(name).await
    }
}
