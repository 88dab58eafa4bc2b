//! `GatePolicy`: gates that several rollouts are held to. A rollout takes a copy when it starts.

use kube::CustomResource;
use rollout::Gate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gates. A rollout that names a gate of the same name itself keeps its own.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "GatePolicy",
    plural = "gatepolicies",
    shortname = "gp",
    category = "aforo",
    namespaced,
    printcolumn = r#"{"name":"Gates","type":"string","jsonPath":".spec.gates[*].name"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct GatePolicySpec {
    /// The gates.
    #[schemars(length(min = 1, max = 32), extend(
        "x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub gates: Vec<Gate>,
}
