//! `GateEvaluation`, the record of a decision, and `RolloutApproval`, a person's word. Both are created and never changed.

use kube::CustomResource;
use rollout::{Decision, GateStatus, Purpose};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the gates stood when something was decided on them.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "GateEvaluation",
    plural = "gateevaluations",
    shortname = "ge",
    category = "aforo",
    namespaced,
    printcolumn = r#"{"name":"Rollout","type":"string","jsonPath":".spec.rollout"}"#,
    printcolumn = r#"{"name":"Step","type":"integer","jsonPath":".spec.step"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".spec.phase"}"#,
    printcolumn = r#"{"name":"States","type":"string","jsonPath":".spec.gates[*].state"}"#,
    printcolumn = r#"{"name":"At","type":"string","jsonPath":".spec.at"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self == oldSelf", "message": "an evaluation is a record and never changes"}
]))]
pub struct GateEvaluationSpec {
    /// The rollout.
    #[schemars(length(min = 1, max = 253))]
    pub rollout: String,
    /// Its attempt.
    pub run: u32,
    /// Its step.
    pub step: u32,
    /// Its phase after the decision.
    #[schemars(length(max = 32))]
    pub phase: String,
    /// When (domain time).
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// The gates, and on what grounds they stand where they do.
    #[schemars(length(max = 32))]
    pub gates: Vec<GateStatus>,
}

/// A person's word on a rollout. The API server vouches for who that is: an admission policy of the chart lets a person
/// name nobody but themselves.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "RolloutApproval",
    plural = "rolloutapprovals",
    shortname = "ra",
    category = "aforo",
    namespaced,
    status = "RolloutApprovalStatus",
    printcolumn = r#"{"name":"Rollout","type":"string","jsonPath":".spec.rollout"}"#,
    printcolumn = r#"{"name":"Step","type":"integer","jsonPath":".spec.step"}"#,
    printcolumn = r#"{"name":"Decision","type":"string","jsonPath":".spec.decision"}"#,
    printcolumn = r#"{"name":"Purpose","type":"string","jsonPath":".spec.purpose"}"#,
    printcolumn = r#"{"name":"Approver","type":"string","jsonPath":".spec.approver"}"#,
    printcolumn = r#"{"name":"Recorded","type":"boolean","jsonPath":".status.recorded"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self == oldSelf", "message": "an approval never changes; create another one"}
]))]
pub struct RolloutApprovalSpec {
    /// The rollout.
    #[schemars(length(min = 1, max = 253))]
    pub rollout: String,
    /// The step, from 0.
    #[schemars(range(min = 0, max = 19))]
    pub step: u32,
    /// The attempt, from 0.
    #[serde(default)]
    pub run: u32,
    /// Approve or deny.
    #[serde(default)]
    pub decision: Decision,
    /// What for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Who: the user that creates this.
    #[schemars(length(min = 1, max = 253))]
    pub approver: String,
    /// Why.
    #[schemars(length(max = 512))]
    #[serde(default)]
    pub reason: String,
    /// For how many seconds of domain time after the operator has seen it.
    #[schemars(range(min = 60, max = 31_536_000))]
    #[serde(default = "day")]
    pub valid_seconds: u64,
}

fn day() -> u64 {
    86_400
}

/// What became of a person's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutApprovalStatus {
    /// Whether it is in the audit trail of the system; before that it does not count.
    pub recorded: bool,
}
