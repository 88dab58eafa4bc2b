//! `ModelVersion`: an immutable version of a model, by what proves that it is that and no other.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version of a model. Nothing of it can be changed.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "ModelVersion",
    plural = "modelversions",
    shortname = "mv",
    category = "aforo",
    namespaced,
    status = "ModelVersionStatus",
    printcolumn = r#"{"name":"Model","type":"string","jsonPath":".spec.model"}"#,
    printcolumn = r#"{"name":"Direction","type":"string","jsonPath":".spec.direction"}"#,
    printcolumn = r#"{"name":"Verified","type":"boolean","jsonPath":".status.verified"}"#,
    printcolumn = r#"{"name":"Loadable","type":"boolean","jsonPath":".status.loadable"}"#,
    printcolumn = r#"{"name":"Features","type":"boolean","jsonPath":".status.featuresServed"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","jsonPath":".status.message","priority":1}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self == oldSelf", "message": "a model version never changes; create another one"}
]))]
pub struct ModelVersionSpec {
    /// The model that it is a version of.
    #[schemars(length(min = 1, max = 63))]
    pub model: String,
    /// The direction that it scores: in, out or transit.
    #[schemars(regex(pattern = r"^(in|out|transit)$"))]
    pub direction: String,
    /// Where and what its artefact is.
    pub artefact: Artefact,
    /// Hash of the feature contract that it was trained for.
    #[schemars(length(min = 1, max = 128))]
    pub feature_contract: String,
    /// How its probabilities were calibrated.
    #[schemars(length(max = 63))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
    /// What it learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
}

/// Where and what an artefact is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Artefact {
    /// Where it can be had: `https://…`, or none for model-management, which has it by its digest.
    #[schemars(length(max = 2048), regex(pattern = r"^https?://"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// SHA-256 of its bytes, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// BLAKE3 of its bytes, hex: what model-management and the scorers know it by.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub digest: String,
}

/// What a version learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    /// The oldest declaration.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// The youngest declaration.
    #[schemars(extend("format" = "date-time"))]
    pub until: String,
    /// Nothing that became known later was used.
    #[schemars(extend("format" = "date-time"))]
    pub label_cutoff: String,
}

/// What was found of a version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelVersionStatus {
    /// The generation that this speaks of.
    pub observed_generation: i64,
    /// Whether the bytes have both digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// Whether model-management has it and could load it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loadable: Option<bool>,
    /// Whether the features that it was trained for are those that are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features_served: Option<bool>,
    /// In words.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// Conditions.
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}
