//! `ModelRollout`: the staged move of a model version to champion.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use rollout::{Dated, GateState, GateStatus, Phase, Spec, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rollout as it is asked for. `candidate.name` names a ModelVersion of the same namespace.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "ModelRollout",
    plural = "modelrollouts",
    shortname = "mr",
    category = "aforo",
    namespaced,
    status = "ModelRolloutStatus",
    printcolumn = r#"{"name":"Candidate","type":"string","jsonPath":".spec.candidate.name"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Step","type":"string","jsonPath":".status.step"}"#,
    printcolumn = r#"{"name":"Weight","type":"string","jsonPath":".status.weight"}"#,
    printcolumn = r#"{"name":"Gates","type":"string","jsonPath":".status.gatesPassed"}"#,
    printcolumn = r#"{"name":"Waiting","type":"string","jsonPath":".status.waiting"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Epoch","type":"integer","jsonPath":".status.epoch","priority":1}"#,
    printcolumn = r#"{"name":"Message","type":"string","jsonPath":".status.message","priority":1}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.candidate == oldSelf.candidate",
     "message": "the candidate of a rollout never changes; create another rollout"},
    {"rule": "self.assignment == oldSelf.assignment",
     "message": "the assignment never changes, or declarations would change sides"},
    {"rule": "self.direction == oldSelf.direction && self.scope == oldSelf.scope",
     "message": "direction and scope never change; create another rollout"},
    {"rule": "self.requestedBy == oldSelf.requestedBy", "message": "who asked for it never changes"},
    {"rule": "self.steps[size(self.steps) - 1].kind == 'promote'", "message": "the last step promotes"},
    {"rule": "self.steps.filter(step, step.kind == 'promote').size() == 1", "message": "one step promotes"},
    {"rule": "!has(self.champion) || self.champion.digest != self.candidate.digest",
     "message": "a version cannot replace itself"}
]))]
pub struct ModelRolloutSpec {
    /// What is asked for.
    #[serde(flatten)]
    pub rollout: Spec,
    /// The GatePolicy of the same namespace whose gates it is held to, beside those it names itself.
    #[schemars(length(min = 1, max = 253))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_policy: Option<String>,
    /// Records of decisions (`GateEvaluation`) that are kept: the latest.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default = "twenty")]
    pub history_limit: u32,
}

fn twenty() -> u32 {
    20
}

/// Where a rollout stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelRolloutStatus {
    /// The generation that this speaks of.
    pub observed_generation: i64,
    /// The phase.
    pub phase: Phase,
    /// Step of steps: `2/5`.
    #[schemars(length(max = 16))]
    pub step: String,
    /// The candidate's share as the scorers serve it: `12.5%`.
    #[schemars(length(max = 16))]
    pub weight: String,
    /// Gates that let it go on, of all: `3/4`.
    #[schemars(length(max = 16))]
    pub gates_passed: String,
    /// What it waits for, one stable word.
    #[schemars(length(max = 63))]
    pub waiting: String,
    /// In words.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// The epoch that the scorers serve.
    pub epoch: u64,
    /// Where the gates stand.
    #[schemars(length(max = 32))]
    pub gates: Vec<GateStatus>,
    /// Hash of the gates that were in force when it started.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gates_hash: String,
    /// What the candidate let through before it was rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub let_through: Option<LetThroughList>,
    /// Conditions.
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// What was decided so far; the operator's own.
    #[schemars(schema_with = "crate::crd::opaque")]
    pub state: Status,
    /// The latest decisions, oldest first.
    #[schemars(schema_with = "crate::crd::opaque_list")]
    pub history: Vec<Dated>,
}

/// Where the list of what a candidate let through can be had.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LetThroughList {
    /// How many declarations, up to 1,000.
    pub declarations: u32,
    /// The ones that the champion held most suspect.
    #[schemars(length(max = 20), inner(length(max = 64)))]
    pub first: Vec<String>,
    /// All of them.
    #[schemars(length(max = 512))]
    pub path: String,
}

impl ModelRolloutStatus {
    /// How many gates let it go on, of all.
    pub fn passed(gates: &[GateStatus]) -> String {
        format!("{}/{}", gates.iter().filter(|gate| gate.state == GateState::Pass).count(), gates.len())
    }
}
