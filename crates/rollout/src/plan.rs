//! The next thing to do.
//!
//! In this order: what is over stays over; going back beats everything; an intent is written, and waited for, before
//! anything else is decided; then throttling, standing by, emergencies, and last of all going on. One call decides at
//! most one step, and everything it decides is in its changes.

mod advance;
mod start;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    approval::{Decision, Purpose, voices},
    gate::{GateState, GateStatus, OnFail, OnOpen},
    observed::Observed,
    spec::{Offices, Spec, StepKind},
    status::{Cause, Change, Dated, Phase, Stage, Status, Target},
};

/// Something for a driver to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make this the routing if its epoch is still `expected_epoch`. Only ever asked for when the intent is stored.
    Route {
        /// What it is to be.
        target: Target,
        /// The epoch that was seen.
        expected_epoch: u64,
        /// The number of the intent: the routing takes none that is lower than one it has taken.
        number: u64,
    },
    /// End this other rollout in favour of this one.
    Supersede {
        /// The other.
        other: String,
    },
    /// Keep where the gates stand, because one moved or a decision was taken on it.
    RecordGates(Vec<GateStatus>),
    /// Keep the list of what the candidate let through.
    ListLetThrough,
}

/// Why nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wait {
    /// It is over.
    Over,
    /// The artefact is not there, or not what it should be.
    Artefact,
    /// The features are not served.
    Features,
    /// There is no champion to compare with.
    Champion,
    /// Another rollout is under way.
    Queued,
    /// What the routing is, is not known.
    Routing,
    /// Not every scorer serves the epoch.
    Scorers,
    /// It is suspended.
    Suspended,
    /// A freeze window.
    Frozen,
    /// The step has not lasted long enough.
    Duration,
    /// Too few declarations, examinations or labels; or their number is not known.
    Counts,
    /// A gate does not let it go on.
    Gates,
    /// People have not approved.
    Approval,
    /// The share was throttled and nobody has let it rise.
    Throttled,
    /// The former champion stands by.
    StandingBy,
}

impl Wait {
    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Over => "Over",
            Self::Artefact => "ArtefactNotReady",
            Self::Features => "FeaturesNotReady",
            Self::Champion => "NoChampion",
            Self::Queued => "Queued",
            Self::Routing => "RoutingUnknown",
            Self::Scorers => "WaitingForScorers",
            Self::Suspended => "Suspended",
            Self::Frozen => "Frozen",
            Self::Duration => "MinimumDuration",
            Self::Counts => "WaitingForEvidence",
            Self::Gates => "WaitingForGates",
            Self::Approval => "AwaitingApproval",
            Self::Throttled => "Throttled",
            Self::StandingBy => "StandingBy",
        }
    }
}

/// What to do, and what it leads to.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What was decided; to be stored before anything is done.
    pub changes: Vec<Dated>,
    /// Where that leads.
    pub status: Status,
    /// What to do.
    pub actions: Vec<Action>,
    /// Where the gates stand.
    pub gates: Vec<GateStatus>,
    /// Why nothing moves.
    pub wait: Option<(Wait, String)>,
    /// Look again after so many seconds of domain time, at the latest.
    pub again_seconds: u64,
}

/// Seconds between two looks at a routing that is on its way.
const SOON: u64 = 1;
/// Seconds between two looks at evidence.
const LATER: u64 = 60;

/// Decides what to do next.
pub fn plan(name: &str, spec: &Spec, status: &Status, observed: &Observed, now: Timestamp) -> Plan {
    let mut planner = Planner {
        name,
        spec,
        observed,
        now,
        approvers: Vec::new(),
        plan: Plan { status: status.clone(), again_seconds: LATER, ..Plan::default() },
    };
    planner.run();
    planner.plan
}

pub(crate) struct Planner<'a> {
    pub(crate) name: &'a str,
    pub(crate) spec: &'a Spec,
    pub(crate) observed: &'a Observed,
    pub(crate) now: Timestamp,
    /// Who let the present step be left.
    pub(crate) approvers: Vec<String>,
    pub(crate) plan: Plan,
}

impl Planner<'_> {
    fn run(&mut self) {
        match self.plan.status.phase {
            phase if phase.is_over() => self.over(),
            Phase::Pending => self.start(),
            _ => self.go_on(),
        }
    }

    pub(crate) fn change(&mut self, change: Change) {
        let dated = Dated { at: self.now, change };
        self.plan.status.apply(&dated);
        self.plan.changes.push(dated);
    }

    pub(crate) fn wait(&mut self, wait: Wait, words: impl Into<String>) {
        self.plan.wait = Some((wait, words.into()));
    }

    pub(crate) fn intend(&mut self, target: Target) {
        let number = self.plan.status.next_intent(self.observed.routing.as_ref());
        self.change(Change::Intended { target, number });
        self.plan.again_seconds = 0;
    }

    fn over(&mut self) {
        let status = &self.plan.status;
        if status.phase != Phase::Settled && status.nonce != self.spec.retry_nonce {
            self.change(Change::Retried { nonce: self.spec.retry_nonce.clone() });
            self.plan.again_seconds = 0;
        } else {
            let reason = status.reason.clone();
            self.wait(Wait::Over, reason);
        }
    }

    fn go_on(&mut self) {
        self.judge();
        if self.plan.status.phase != Phase::RollingBack
            && let Some(cause) = self.cause()
        {
            self.roll_back(cause);
            return;
        }
        if self.plan.status.phase == Phase::Progressing && self.throttle() {
            return;
        }
        if self.plan.status.intent.is_some() {
            self.settle_intent();
            return;
        }
        match self.plan.status.phase {
            Phase::RollingBack => self.intend(Target::withdrawn()),
            Phase::Promoted => self.stand_by(),
            _ => self.advance(),
        }
    }

    /// Where every gate stands; what moved is remembered.
    fn judge(&mut self) {
        let judged: Vec<GateStatus> =
            self.plan.status.gates.iter().map(|gate| gate.judge(&self.observed.measurements, self.now)).collect();
        let known = &self.plan.status.gate_states;
        let moved: Vec<GateStatus> =
            judged.iter().filter(|gate| known.get(&gate.name) != Some(&gate.state)).cloned().collect();
        if !moved.is_empty() {
            self.plan.actions.push(Action::RecordGates(moved.clone()));
        }
        for status in moved {
            self.change(Change::Judged { status });
        }
        self.plan.gates = judged;
    }

    /// Why it has to go back.
    fn cause(&self) -> Option<Cause> {
        let because = |ends, gate, reason| Some(Cause { ends, gate, reason });
        let status = &self.plan.status;
        if let Some(reason) = &self.spec.abort {
            return because(Phase::Aborted, None, reason.clone());
        }
        if self.spec.rollback.automatic {
            for gate in &self.plan.gates {
                let Some(asked) = status.gates.iter().find(|asked| asked.name == gate.name) else { continue };
                let fails = match gate.state {
                    GateState::Fail => asked.on_fail == OnFail::Rollback,
                    GateState::Pass => false,
                    open => asked.open_policy(open) == OnOpen::Rollback && self.asks_for(asked),
                };
                if fails {
                    let reason = format!("gate {} failed: {}", gate.name, gate.message);
                    return because(Phase::RolledBack, Some(gate.name.clone()), reason);
                }
            }
            if let (Some(gate), Some(since)) = (self.failing(OnFail::Throttle), status.throttled_at)
                && self.seconds_since(since) >= self.spec.rollback.throttle_seconds
            {
                let reason = format!("gate {} still fails after throttling: {}", gate.name, gate.message);
                return because(Phase::RolledBack, Some(gate.name.clone()), reason);
            }
        }
        if let Some(denied) = self.denial() {
            return because(Phase::RolledBack, None, denied);
        }
        if let Some(other) = &self.observed.superseded_by {
            return because(Phase::Superseded, None, format!("rollout {other} takes its place"));
        }
        let routed = self.observed.routing.as_ref().and_then(|routing| routing.champion.as_ref());
        let ours = [Some(&self.spec.candidate), status.champion.as_ref()];
        if let Some(digest) = routed
            && !ours.into_iter().flatten().any(|version| version.digest == *digest)
        {
            return because(Phase::Superseded, None, format!("version {digest} became champion meanwhile"));
        }
        None
    }

    fn denial(&self) -> Option<String> {
        let purposes = [Purpose::Step, Purpose::Resume, Purpose::Emergency];
        purposes.into_iter().find_map(|purpose| {
            let voices = voices(self.spec, &self.plan.status, &self.observed.approvals, purpose, self.now);
            let denied = voices.into_iter().find(|voice| voice.decision == Decision::Deny)?;
            Some(format!("{} denied it: {}", denied.approver, denied.reason))
        })
    }

    fn failing(&self, policy: OnFail) -> Option<&GateStatus> {
        let policies: BTreeMap<&str, OnFail> =
            self.plan.status.gates.iter().map(|gate| (gate.name.as_str(), gate.on_fail)).collect();
        let failing =
            |gate: &&GateStatus| gate.state == GateState::Fail && policies.get(gate.name.as_str()) == Some(&policy);
        self.plan.gates.iter().find(failing)
    }

    fn roll_back(&mut self, cause: Cause) {
        let decided = self.plan.status.served.weight > 0
            || self.plan.status.intent.as_ref().is_some_and(|target| target.weight > 0);
        self.change(Change::RollbackStarted { cause });
        self.plan.actions.push(Action::RecordGates(self.plan.gates.clone()));
        if decided {
            self.plan.actions.push(Action::ListLetThrough);
        }
        self.intend(Target::withdrawn());
    }

    /// Writes the intent, or waits until it is served.
    fn settle_intent(&mut self) {
        let Some(intent) = self.plan.status.intent.clone() else { return };
        self.plan.again_seconds = SOON;
        let Some(routing) = &self.observed.routing else {
            self.wait(Wait::Routing, "model-management does not tell what the routing is");
            return;
        };
        let number = self.plan.status.intended;
        if routing.written > number {
            // Something else has routed under this name since: what is wanted now has to come after that.
            return self.intend(intent);
        }
        let candidate = routing.trial.as_ref();
        let is_so = match intent.stage {
            Stage::Withdrawn => candidate.is_none() && self.champion_decides(routing.champion.as_deref()),
            Stage::Settled => candidate.is_none() && routing.champion.as_ref() == Some(&self.spec.candidate.digest),
            _ => candidate == Some(&intent),
        };
        // Also what is so already is written once: an earlier intent that is still on its way must find the door shut.
        if !is_so || routing.written < number {
            let expected_epoch = routing.epoch;
            self.plan.actions.push(Action::Route { target: intent, expected_epoch, number });
            self.wait(Wait::Scorers, "the routing is being written");
            return;
        }
        let behind: Vec<&str> = self
            .observed
            .scorers
            .iter()
            .filter(|scorer| scorer.epoch < routing.epoch)
            .map(|scorer| scorer.name.as_str())
            .collect();
        if self.observed.scorers.is_empty() {
            self.wait(Wait::Scorers, format!("no scorer reports an epoch; {} is needed", routing.epoch));
        } else if !behind.is_empty() {
            let words = format!(
                "{} of {} scorers are behind epoch {}",
                behind.len(),
                self.observed.scorers.len(),
                routing.epoch
            );
            self.wait(Wait::Scorers, words);
        } else {
            self.change(Change::Served { epoch: routing.epoch });
            self.plan.again_seconds = 0;
            self.conclude(intent.stage);
        }
    }

    /// Whether the champion of before decides; what became champion meanwhile is not ours to undo.
    fn champion_decides(&self, routed: Option<&str>) -> bool {
        routed != Some(self.spec.candidate.digest.as_str())
    }

    fn conclude(&mut self, stage: Stage) {
        match stage {
            Stage::Withdrawn => {
                let cause = self.plan.status.cause.clone();
                let (phase, reason) = cause.map_or((Phase::Aborted, String::new()), |cause| (cause.ends, cause.reason));
                self.change(Change::Ended { phase, reason });
            }
            Stage::Settled => {
                self.change(Change::Ended { phase: Phase::Settled, reason: "the candidate is champion".into() });
            }
            _ => {}
        }
    }

    fn stand_by(&mut self) {
        let since = self.plan.status.promoted_at.unwrap_or(self.now);
        let over = self.seconds_since(since);
        if over >= self.spec.rollback.keep_champion_seconds {
            self.intend(Target::champion(Stage::Settled));
        } else {
            let left = self.spec.rollback.keep_champion_seconds - over;
            self.plan.again_seconds = left.clamp(1, LATER);
            self.wait(Wait::StandingBy, format!("the former champion stands by for {left} s"));
        }
    }

    pub(crate) fn seconds_since(&self, since: Timestamp) -> u64 {
        self.now.duration_since(since).as_secs().max(0) as u64
    }

    /// What the routing is at a step.
    pub(crate) fn target_at(&self, step: u32) -> Target {
        let upto = &self.spec.steps[..=(step as usize).min(self.spec.steps.len() - 1)];
        if upto.last().is_some_and(|last| last.kind == StepKind::Promote) {
            return Target::champion(Stage::Champion);
        }
        let weight = upto.iter().filter_map(|step| step.weight_percent).map(|percent| percent.0).max().unwrap_or(0);
        let weight = self.plan.status.cap.map_or(weight, |cap| weight.min(cap));
        let offices = match self.spec.offices_at(step) {
            Offices::All => None,
            Offices::These(offices) => Some(offices),
        };
        Target { stage: if weight > 0 { Stage::Canary } else { Stage::Shadow }, weight, offices }
    }

    /// Halves the share when a gate says so; tells whether it did.
    fn throttle(&mut self) -> bool {
        let Some(gate) = self.failing(OnFail::Throttle).map(|gate| gate.name.clone()) else { return false };
        let weight = self.plan.status.served.weight;
        let intended = self.plan.status.intent.as_ref().map_or(weight, |target| target.weight);
        if self.plan.status.throttled_at.is_some() {
            return false;
        }
        let cap = if weight > 0 { weight.min(intended) } else { intended } / 2;
        self.change(Change::Throttled { gate, cap });
        if weight.max(intended) == 0 {
            // There is no share to halve: the shadow goes on, and no share begins before a person says so.
            return false;
        }
        let offices = self.plan.status.served.offices.clone();
        let target = if weight > 0 && cap > 0 {
            Target { stage: Stage::Canary, weight: cap, offices }
        } else {
            self.target_at(self.plan.status.step)
        };
        self.intend(target);
        true
    }
}
