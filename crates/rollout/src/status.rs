//! What was decided so far: a sum of changes, and nothing but that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    assignment::Assignment,
    gate::{Gate, GateState, GateStatus},
    observed::Routing,
    spec::Version,
};

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Not begun.
    #[default]
    Pending,
    /// In one of its steps.
    Progressing,
    /// The candidate decides everything; the former champion stands by.
    Promoted,
    /// The candidate decides everything, and nothing of the rollout is left.
    Settled,
    /// On its way back.
    RollingBack,
    /// Back, because a gate failed or a person said no. Latched until a retry is asked for.
    RolledBack,
    /// Back, because it was ended. Latched as well.
    Aborted,
    /// Back, because something else took its place.
    Superseded,
    /// Never begun, because it cannot be.
    Rejected,
}

impl Phase {
    /// Whether nothing happens any more, unless a retry is asked for.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Settled | Self::RolledBack | Self::Aborted | Self::Superseded | Self::Rejected)
    }

    /// Whether it has a candidate in the routing, or may have.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Progressing | Self::Promoted | Self::RollingBack)
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Progressing => "progressing",
            Self::Promoted => "promoted",
            Self::Settled => "settled",
            Self::RollingBack => "rollingBack",
            Self::RolledBack => "rolledBack",
            Self::Aborted => "aborted",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
        }
    }
}

/// What a candidate does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Nothing.
    #[default]
    Withdrawn,
    /// It scores.
    Shadow,
    /// It decides its share.
    Canary,
    /// It decides everything; the former champion scores on.
    Champion,
    /// It decides everything, alone.
    Settled,
}

/// What the routing is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// What the candidate does.
    pub stage: Stage,
    /// Its share in hundredths of a percent; 0 in the shadow, 10,000 as champion.
    #[schema(maximum = 65_535)]
    pub weight: u16,
    /// The offices that take part; none: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offices: Option<Vec<String>>,
}

impl Target {
    /// The champion decides everything.
    pub fn withdrawn() -> Self {
        Self::default()
    }

    /// The candidate decides everything.
    pub fn champion(stage: Stage) -> Self {
        Self { stage, weight: crate::assignment::WHOLE, offices: None }
    }
}

/// Why it went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// In which phase it ends.
    pub ends: Phase,
    /// The gate that failed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// In words.
    pub reason: String,
}

/// Something that was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "change", rename_all_fields = "camelCase")]
pub enum Change {
    /// It begins, against this champion, held to these gates.
    Started {
        /// What it is compared with.
        champion: Version,
        /// The gates, whatever becomes of the policy they came from.
        gates: Vec<Gate>,
        /// How declarations are assigned.
        assignment: Assignment,
        /// The retry nonce it began with.
        nonce: String,
    },
    /// A step is entered.
    StepEntered {
        /// The step, from 0.
        step: u32,
    },
    /// The routing is to become this.
    Intended {
        /// What it is to be.
        target: Target,
        /// Which intent of the rollout this is; never lower than one before.
        number: u64,
    },
    /// Every scorer serves what was intended.
    Served {
        /// The epoch that they serve.
        epoch: u64,
    },
    /// A gate moved to another state.
    Judged {
        /// Where it stands now.
        status: GateStatus,
    },
    /// The share was halved.
    Throttled {
        /// The gate.
        gate: String,
        /// The share that may not be exceeded, in hundredths of a percent.
        #[schema(maximum = 65_535)]
        cap: u16,
    },
    /// The share may rise again.
    Resumed {
        /// Who said so.
        approver: String,
    },
    /// A step was approved.
    Approved {
        /// By whom.
        approvers: Vec<String>,
        /// The step.
        step: u32,
    },
    /// Promotion without waiting.
    EmergencyPromoted {
        /// By whom.
        approvers: Vec<String>,
        /// Why.
        reason: String,
    },
    /// It goes back.
    RollbackStarted {
        /// Why.
        cause: Cause,
    },
    /// It is over.
    Ended {
        /// In which phase.
        phase: Phase,
        /// In words.
        reason: String,
    },
    /// It may be tried again.
    Retried {
        /// The nonce that asked for it.
        nonce: String,
    },
}

/// A change with its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dated {
    /// When (domain time).
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

/// Where a rollout stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    /// The phase.
    pub phase: Phase,
    /// The attempt, from 0.
    pub run: u32,
    /// The retry nonce that this attempt answers.
    pub nonce: String,
    /// The step, from 0.
    pub step: u32,
    /// When its routing was served by all; none while that is not so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_since: Option<Timestamp>,
    /// What it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub champion: Option<Version>,
    /// The gates it is held to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// How declarations are assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// What the routing is to become; none when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Target>,
    /// The number of the last intent.
    pub intended: u64,
    /// What the scorers serve.
    pub served: Target,
    /// The epoch at which they do.
    pub epoch: u64,
    /// The share that may not be exceeded, in hundredths of a percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<u16>,
    /// When it was throttled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled_at: Option<Timestamp>,
    /// Where the gates stood when they last moved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub gate_states: BTreeMap<String, GateState>,
    /// Why it went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// When the candidate first took part in deciding or scoring; what it let through begins there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was promoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promoted_at: Option<Timestamp>,
    /// The last word on it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Status {
    /// The status that a history leads to.
    pub fn replay<'a>(history: impl IntoIterator<Item = &'a Dated>) -> Self {
        let mut status = Self::default();
        history.into_iter().for_each(|dated| status.apply(dated));
        status
    }

    /// The number of the next intent. A rollout of the same name may have been here before: its last one is in `routing`.
    pub fn next_intent(&self, routing: Option<&Routing>) -> u64 {
        self.intended.max(routing.map_or(0, |routing| routing.written)) + 1
    }

    /// Adds a change.
    pub fn apply(&mut self, dated: &Dated) {
        let at = dated.at;
        match &dated.change {
            Change::Started { champion, gates, assignment, nonce } => {
                self.phase = Phase::Progressing;
                self.nonce.clone_from(nonce);
                self.champion = Some(champion.clone());
                self.gates.clone_from(gates);
                self.assignment = Some(assignment.clone());
                self.started_at = Some(at);
            }
            Change::StepEntered { step } => {
                self.step = *step;
                self.step_since = self.intent.is_none().then_some(at);
            }
            Change::Intended { target, number } => {
                self.intent = Some(target.clone());
                self.intended = *number;
                self.step_since = None;
            }
            Change::Served { epoch } => {
                self.epoch = *epoch;
                self.step_since = Some(at);
                if let Some(target) = self.intent.take() {
                    if target.stage == Stage::Champion && self.phase == Phase::Progressing {
                        self.phase = Phase::Promoted;
                        self.promoted_at = Some(at);
                    }
                    self.served = target;
                }
            }
            Change::Judged { status } => {
                self.gate_states.insert(status.name.clone(), status.state);
            }
            Change::Throttled { cap, .. } => {
                self.cap = Some(*cap);
                self.throttled_at.get_or_insert(at);
            }
            Change::Resumed { .. } => {
                self.cap = None;
                self.throttled_at = None;
            }
            Change::Approved { .. } => {}
            Change::EmergencyPromoted { reason, .. } => self.reason.clone_from(reason),
            Change::RollbackStarted { cause } => {
                self.phase = Phase::RollingBack;
                self.reason.clone_from(&cause.reason);
                self.cause = Some(cause.clone());
            }
            Change::Ended { phase, reason } => {
                self.phase = *phase;
                self.reason.clone_from(reason);
                self.intent = None;
            }
            Change::Retried { nonce } => {
                *self = Self {
                    run: self.run + 1,
                    nonce: nonce.clone(),
                    epoch: self.epoch,
                    intended: self.intended,
                    served: std::mem::take(&mut self.served),
                    ..Self::default()
                };
            }
        }
    }
}
