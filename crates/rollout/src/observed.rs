//! What a driver has seen. Nothing here is assumed: what could not be read is absent, and absence is a state of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{approval::Approval, status::Target};

/// A number that a gate can look at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Measurement {
    /// The number.
    pub value: f64,
    /// It is not less than this, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// It is not more than this, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// How many observations it rests on.
    pub observations: u64,
    /// When it was taken (domain time).
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
}

/// The routing table as model-management has it, as far as it concerns a rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Routing {
    /// Its epoch.
    pub epoch: u64,
    /// The digest of the version that decides; none before a first model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<String>,
    /// What the rollout's candidate does; none: it is not in the routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Target>,
    /// The highest number of an intent of the rollout that was written; 0 before the first. A lower one is refused.
    pub written: u64,
}

/// A process that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scorer {
    /// Its name.
    #[schema(example = "scoring-5d9c7b-x2x8k")]
    pub name: String,
    /// The epoch of the routing that it decides by.
    pub epoch: u64,
}

/// What happened since the routing of the present step was served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Declarations that the candidate scored, in the shadow or not.
    pub declarations: u64,
    /// Physical examinations that followed, of either arm.
    pub examinations: u64,
    /// Of these, with a result of an age that counts.
    pub matured_labels: u64,
}

/// All that was seen.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The routing table; none when model-management does not answer.
    pub routing: Option<Routing>,
    /// Who decides now; empty when that is unknown.
    pub scorers: Vec<Scorer>,
    /// Whether the candidate's artefact is there, has the digest and can be loaded; none when that is unknown.
    pub artefact_ready: Option<bool>,
    /// Whether the features it was trained for are served; none when that is unknown.
    pub features_ready: Option<bool>,
    /// What happened since the present step began.
    pub counts: Option<Counts>,
    /// Measurements by name.
    pub measurements: BTreeMap<String, Measurement>,
    /// Approvals of this rollout.
    pub approvals: Vec<Approval>,
    /// Another rollout that has begun in an overlapping scope.
    pub other_active: Option<String>,
    /// A rollout that takes this one's place.
    pub superseded_by: Option<String>,
}
