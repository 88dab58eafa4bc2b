//! What a filter is, as it is written, approved and distributed.

use customs::{FilterId, Method, OfficeCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a filter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FilterState {
    /// Being written; matches nothing.
    Draft,
    /// Matches are recorded and order nothing.
    Shadow,
    /// Matches act.
    Active,
    /// Kept for the record.
    Retired,
}

/// Which offices a filter holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "type", content = "of")]
pub enum FilterScope {
    /// All of them.
    National,
    /// The named ones.
    Offices(Vec<OfficeCode>),
}

/// What a match orders.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterAction {
    /// The control: documentary or physical (or a scan).
    pub method: Method,
    /// Ordered whatever the capacity; otherwise the match competes for it with `weight`.
    pub mandatory: bool,
    /// Added to the value of examining (in the plan's unit: 1 is the worth of a certain finding).
    pub weight: f64,
}

/// One version of a risk filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterDefinition {
    /// The filter.
    pub id: FilterId,
    /// Its version, from 1.
    pub version: u32,
    /// Short code, unique (`UV-TEXTILES`).
    pub code: String,
    /// The condition, in CEL over the field catalogue.
    #[schema(example = "item.hs4 in ['6109', '6203'] && item.unitValuePerKg < 4.0")]
    pub expression: String,
    /// The area of risk, told to the officer (`value`, `classification`, `origin`).
    pub area: String,
    /// What the officer is told to verify.
    pub verify: String,
    /// Who answers for it.
    pub owner: String,
    /// What a match orders.
    pub action: FilterAction,
    /// Share of matches it acts on, by keyed hash, 0 to 1.
    pub sampling_share: f64,
    /// First moment of validity.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Where it holds.
    pub scope: FilterScope,
    /// Where it stands.
    pub state: FilterState,
    /// In force by emergency order: one approver, at most 48 hours.
    #[serde(default)]
    pub emergency: bool,
    /// The entry of the risk register that it covers, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-017")]
    pub risk: Option<String>,
}
