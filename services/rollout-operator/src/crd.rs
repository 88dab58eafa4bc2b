//! The custom resources, `aforo.io/v1alpha1`: types from which their definitions are made.

mod evaluation;
mod policy;
mod port;
mod rollout;
mod version;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use schemars::{Schema, SchemaGenerator, json_schema};

pub use self::{
    evaluation::{GateEvaluation, GateEvaluationSpec, RolloutApproval, RolloutApprovalSpec, RolloutApprovalStatus},
    policy::{GatePolicy, GatePolicySpec},
    port::{
        Offices, Pool, PortWorkload, PortWorkloadSpec, PortWorkloadStatus, ScaleTarget, Scaling, ScheduleEntry, Vessel,
        Weekday,
    },
    rollout::{LetThroughList, ModelRollout, ModelRolloutSpec, ModelRolloutStatus},
    version::{Artefact, ModelVersion, ModelVersionSpec, ModelVersionStatus, Training},
};

/// The group of all of them.
pub const GROUP: &str = "aforo.io";

/// The definitions of all of them, by name.
pub fn definitions() -> Vec<CustomResourceDefinition> {
    let mut all = vec![
        ModelVersion::crd(),
        ModelRollout::crd(),
        GatePolicy::crd(),
        GateEvaluation::crd(),
        RolloutApproval::crd(),
        PortWorkload::crd(),
    ];
    all.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    all
}

/// The definitions as one YAML stream.
pub fn yaml() -> Result<String, serde_norway::Error> {
    definitions()
        .iter()
        .try_fold(String::new(), |text, definition| Ok(format!("{text}---\n{}", serde_norway::to_string(definition)?)))
}

/// An object whose fields only the operator reads.
pub(crate) fn opaque(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "nullable": true})
}

/// A list of such objects.
pub(crate) fn opaque_list(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array", "maxItems": 200,
        "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
    })
}
