//! What is asked for: which candidate, where, by which steps, held to which gates.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{assignment::Assignment, fault::Fault, gate::Gate};

/// A version of a model, by what cannot change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Version {
    /// Its name: the id of the version in model-management.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 253)))]
    #[schema(example = "019b0000-0000-7000-8000-000000000001")]
    pub name: String,
    /// BLAKE3 of its artefact, hex.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9a-f]{64}$")))]
    #[schema(example = "5f1c…")]
    pub digest: String,
}

/// Which declarations take part. An empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    /// Offices.
    #[cfg_attr(feature = "schema", schemars(length(max = 512), inner(length(min = 1, max = 16))))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offices: Vec<String>,
    /// Regimes, by their codes.
    #[cfg_attr(feature = "schema", schemars(length(max = 64), inner(length(min = 1, max = 16))))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regimes: Vec<String>,
    /// Modes of transport, by their codes.
    #[cfg_attr(feature = "schema", schemars(length(max = 16), inner(length(min = 1, max = 16))))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transport_modes: Vec<String>,
}

/// Offices that join at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wave {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 63)))]
    #[schema(example = "pilot")]
    pub name: String,
    /// The offices; empty: all that are left.
    #[cfg_attr(feature = "schema", schemars(length(max = 512), inner(length(min = 1, max = 16))))]
    #[serde(default)]
    pub offices: Vec<String>,
    /// The step from which they take part.
    #[serde(default)]
    pub from_step: u32,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// The candidate scores everything in scope and decides nothing.
    Shadow,
    /// The candidate decides its share.
    Canary,
    /// People decide whether to go on; the share stays.
    Approval,
    /// Nothing changes for a while, or until a moment.
    Pause,
    /// The candidate becomes champion.
    Promote,
}

/// A step. It is left when everything it asks for is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend("x-kubernetes-validations" = [
    {"rule": "(self.kind == 'canary') == has(self.weightPercent)",
     "message": "a canary step, and no other, has a weightPercent"},
    {"rule": "self.kind == 'pause' || !has(self.until)", "message": "only a pause has an until"},
    {"rule": "self.kind == 'approval' || !has(self.approvals)", "message": "only an approval step has approvals"}
])))]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Canary: the candidate's share of the traffic in scope, in percent.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.01, max = 99.99)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub weight_percent: Option<Percent>,
    /// It lasts at least this long (domain time, seconds).
    #[serde(default)]
    pub min_seconds: u64,
    /// The candidate has scored at least so many declarations in it.
    #[serde(default)]
    pub min_declarations: u64,
    /// At least so many physical examinations were ordered in it.
    #[serde(default)]
    pub min_examinations: u64,
    /// At least so many of these have a result that counts.
    #[serde(default)]
    pub min_matured_labels: u64,
    /// Approval: how many people other than the requester; 1 when absent.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 9)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<u32>,
    /// Pause: until then; without it, until `minSeconds` are over.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A share in percent, kept in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "f64"))]
#[serde(from = "f64", into = "f64")]
pub struct Percent(pub u16);

impl From<f64> for Percent {
    fn from(percent: f64) -> Self {
        Self((percent * 100.0).round().clamp(0.0, f64::from(u16::MAX)) as u16)
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> Self {
        Self::from(percent.0) / 100.0
    }
}

impl Step {
    /// A step of this kind that asks for nothing.
    pub fn of(kind: StepKind) -> Self {
        Self {
            kind,
            weight_percent: None,
            min_seconds: 0,
            min_declarations: 0,
            min_examinations: 0,
            min_matured_labels: 0,
            approvals: None,
            until: None,
        }
    }

    /// A canary with this share in percent.
    pub fn canary(percent: f64) -> Self {
        Self { weight_percent: Some(percent.into()), ..Self::of(StepKind::Canary) }
    }
}

/// How outcomes are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Outcome {
    /// The candidate may find less by this share and still count as no worse.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 0.9)))]
    pub margin: f64,
    /// The risk of a wrong conclusion of either kind over the whole rollout; 0.05 makes the limit of an e-value 20.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0001, max = 0.5)))]
    pub alpha: f64,
    /// Age of a selection in seconds from which its result counts.
    pub maturity_seconds: u64,
    /// Share of the traffic that can be examined, for comparing who would be picked.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.001, max = 1.0)))]
    pub capacity_share: f64,
    /// A decision that takes longer counts as slow (milliseconds).
    pub slow_ms: u64,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { margin: 0.2, alpha: 0.05, maturity_seconds: 0, capacity_share: 0.05, slow_ms: 2_000 }
    }
}

/// What going back means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Rollback {
    /// A failed gate rolls back by itself; otherwise it holds until a person aborts.
    pub automatic: bool,
    /// After promotion the former champion stays loaded for this long and takes over again if a gate fails (seconds).
    pub keep_champion_seconds: u64,
    /// A gate that throttled and still fails after this long rolls back (seconds).
    pub throttle_seconds: u64,
}

impl Default for Rollback {
    fn default() -> Self {
        Self { automatic: true, keep_champion_seconds: 86_400, throttle_seconds: 86_400 }
    }
}

/// What to do when another rollout has begun in an overlapping scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Concurrency {
    /// This one is refused.
    #[default]
    Reject,
    /// This one waits.
    Queue,
    /// The other one is rolled back.
    Supersede,
}

/// A time in which no share rises. Going back is always allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FreezeWindow {
    /// From then on.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    pub from: Timestamp,
    /// Until before then.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    pub until: Timestamp,
}

/// Promotion without waiting for evidence. Takes two people other than the requester.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Emergency {
    /// Why it cannot wait.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 512)))]
    pub reason: String,
}

/// A rollout as it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// The version that is to become champion.
    pub candidate: Version,
    /// The version it is compared with; by default the champion of when it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<Version>,
    /// `in` or `out`: the direction that the model scores.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^(in|out|transit)$")))]
    #[serde(default = "inward")]
    #[schema(example = "in")]
    pub direction: String,
    /// Which declarations take part.
    #[serde(default)]
    pub scope: Scope,
    /// Offices that join later; without waves all offices of the scope take part from the first step on.
    #[cfg_attr(feature = "schema", schemars(length(max = 16)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
    /// How declarations are assigned.
    #[serde(default)]
    pub assignment: Assignment,
    /// The steps, in order; the last one promotes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    pub steps: Vec<Step>,
    /// The gates. Fixed once the rollout has started.
    #[cfg_attr(feature = "schema", schemars(length(max = 32), extend(
        "x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// How outcomes are compared.
    #[serde(default)]
    pub outcome: Outcome,
    /// What going back means.
    #[serde(default)]
    pub rollback: Rollback,
    /// What to do when another rollout has begun.
    #[serde(default)]
    pub concurrency: Concurrency,
    /// Who asked for it; may not approve it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 253)))]
    pub requested_by: String,
    /// Nothing advances; going back is still possible.
    #[serde(default)]
    pub suspend: bool,
    /// Ends it, for this reason: the champion decides everything again.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 512)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort: Option<String>,
    /// After a rollback or an abort nothing happens until this changes.
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    #[serde(default)]
    pub retry_nonce: String,
    /// Times in which no share rises.
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze_windows: Vec<FreezeWindow>,
    /// Promotes without waiting for evidence once two people have approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
}

fn inward() -> String {
    "in".to_owned()
}

impl Spec {
    /// Everything that is wrong with it, each with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |at: String, message: &str| faults.push(Fault::new(at, message));
        let digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !digest(&self.candidate.digest) {
            fault("candidate.digest".into(), "is not a BLAKE3 digest: 64 hexadecimal digits");
        }
        if self.champion.as_ref().is_some_and(|champion| champion.digest == self.candidate.digest) {
            fault("candidate.digest".into(), "is the champion's; a version cannot replace itself");
        }
        if self.requested_by.is_empty() {
            fault("requestedBy".into(), "is empty; name who asks, who may then not approve");
        }
        match self.steps.split_last() {
            None => fault("steps".into(), "is empty; name at least a promote step"),
            Some((last, _)) if last.kind != StepKind::Promote => {
                fault(format!("steps[{}].kind", self.steps.len() - 1), "is not promote; the last step promotes");
            }
            Some(_) => {}
        }
        let mut weight = 0;
        for (at, step) in self.steps.iter().enumerate() {
            let place = |field: &str| format!("steps[{at}].{field}");
            match (step.kind, step.weight_percent) {
                (StepKind::Canary, None) => fault(place("weightPercent"), "is missing; a canary step has a share"),
                (StepKind::Canary, Some(Percent(share))) if share == 0 || share >= 10_000 => {
                    fault(place("weightPercent"), "is not above 0 and below 100");
                }
                (StepKind::Canary, Some(Percent(share))) if share < weight => {
                    fault(place("weightPercent"), "is less than that of a step before; shares only rise");
                }
                (StepKind::Canary, Some(Percent(share))) => weight = share,
                (_, Some(_)) => fault(place("weightPercent"), "is only for canary steps"),
                (StepKind::Shadow, None) if weight > 0 => {
                    fault(place("kind"), "is a shadow after a canary; shares only rise");
                }
                (StepKind::Promote, None) if at + 1 < self.steps.len() => {
                    fault(place("kind"), "is promote, but other steps follow");
                }
                (StepKind::Pause, None) if step.until.is_none() && step.min_seconds == 0 => {
                    fault(place("until"), "is missing, and minSeconds is 0; say how long the pause is");
                }
                _ => {}
            }
            if step.kind == StepKind::Approval && step.approvals == Some(0) {
                fault(place("approvals"), "is 0; at least one person approves");
            }
        }
        let mut names = BTreeSet::new();
        for (at, gate) in self.gates.iter().enumerate() {
            if gate.name.is_empty() || !names.insert(&gate.name) {
                fault(format!("gates[{at}].name"), "is empty or stands twice");
            }
            for (field, condition) in [("fail", Some(&gate.fail)), ("pass", gate.pass.as_ref())] {
                let Some(condition) = condition else { continue };
                let bounds = [condition.above, condition.below];
                if bounds.iter().flatten().count() != 1 || bounds.iter().flatten().any(|bound| !bound.is_finite()) {
                    fault(format!("gates[{at}].{field}"), "needs exactly one of above and below, a number");
                }
            }
            if gate.required_from_step as usize >= self.steps.len() {
                fault(format!("gates[{at}].requiredFromStep"), "is behind the last step, so it would never count");
            }
        }
        for (at, wave) in self.waves.iter().enumerate() {
            let last = at + 1 == self.waves.len();
            if wave.offices.is_empty() && !last {
                fault(format!("waves[{at}].offices"), "is empty; only the last wave may take all that are left");
            }
            if at > 0 && wave.from_step < self.waves[at - 1].from_step {
                fault(format!("waves[{at}].fromStep"), "is before that of the wave before");
            }
            let known = |office: &String| self.scope.offices.is_empty() || self.scope.offices.contains(office);
            if !wave.offices.iter().all(known) {
                fault(format!("waves[{at}].offices"), "has an office outside the scope");
            }
        }
        if !(0.0..1.0).contains(&self.outcome.margin) {
            fault("outcome.margin".into(), "is not at least 0 and below 1");
        }
        if !(self.outcome.alpha > 0.0 && self.outcome.alpha < 1.0) {
            fault("outcome.alpha".into(), "is not above 0 and below 1");
        }
        for (at, window) in self.freeze_windows.iter().enumerate() {
            if window.until <= window.from {
                fault(format!("freezeWindows[{at}].until"), "is not after its beginning");
            }
        }
        faults
    }

    /// The offices that take part in a step; none means every one.
    pub fn offices_at(&self, step: u32) -> Offices {
        let joined: Vec<&Wave> = self.waves.iter().filter(|wave| wave.from_step <= step).collect();
        if self.waves.is_empty() || joined.iter().any(|wave| wave.offices.is_empty()) {
            return if self.scope.offices.is_empty() {
                Offices::All
            } else {
                Offices::These(self.scope.offices.clone())
            };
        }
        let offices: BTreeSet<String> = joined.iter().flat_map(|wave| wave.offices.iter().cloned()).collect();
        Offices::These(offices.into_iter().collect())
    }

    /// Whether both could decide the same declaration.
    pub fn overlaps(&self, other: &Self) -> bool {
        let meet = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one));
        self.direction == other.direction
            && meet(&self.scope.offices, &other.scope.offices)
            && meet(&self.scope.regimes, &other.scope.regimes)
            && meet(&self.scope.transport_modes, &other.scope.transport_modes)
    }
}

/// Offices that take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offices {
    /// Every one.
    All,
    /// These.
    These(Vec<String>),
}
