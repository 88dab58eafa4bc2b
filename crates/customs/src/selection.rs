//! Selections: the decision for one declaration version at one decision point, with enough to recompute it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Channel, ControlOrder, DeclarationId, FilterId, ModelVersionId, OfficeCode, SelectionId};

/// When in a declaration's life a decision is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DecisionPoint {
    /// When it is lodged.
    Lodgement,
    /// When it is amended.
    Amendment,
}

/// A filter whose condition held, with what made it hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterMatch {
    /// The filter.
    pub filter: FilterId,
    /// Its version.
    pub version: u32,
    /// Its short code.
    pub code: String,
    /// The item it matched, by sequence; none for a match on the declaration as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The entry of the risk register that the filter covers, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-017")]
    pub risk: Option<String>,
    /// Mandatory: ordered whatever the capacity.
    pub mandatory: bool,
    /// Whether it acted (a shadow filter, or one outside its sampling share, only matches).
    pub acted: bool,
    /// Whether it looked something up in named lists, which only their readers may see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
    /// Fields of the condition with the values they had; a value that was looked up in a list is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<(String, String)>,
}

/// A model's judgement of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemScore {
    /// The item, by sequence.
    pub item: u32,
    /// The model version.
    pub model: ModelVersionId,
    /// Calibrated probability of a finding, 0 to 1.
    pub probability: f64,
    /// The features that moved the score most, with their share on the logit scale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contributions: Vec<(String, f64)>,
}

/// The feature vector an item was scored with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemVector {
    /// The item, by sequence.
    pub item: u32,
    /// Base64 of little-endian `f32` values in the order of the feature contract; NaN is missing.
    pub values: String,
}

/// The feature vectors of several items, packed: what they have in common is written once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackedVectors {
    /// The items, by sequence, in the order of their vectors.
    pub items: Vec<u32>,
    /// Base64 of an LZ4 block behind its unpacked length (four bytes, little-endian). Unpacked: the vectors one after the
    /// other, little-endian `f32` values in the order of the feature contract; NaN is missing.
    pub packed: String,
}

/// What nobody knows about a declaration yet: supervised learning cannot tell what it has never seen.
///
/// Where everything is new, nothing is told to be: traders and goods are called new from 1,000 goods items of their
/// direction on, declared over at least 30 days, and never examined from 100 examined items on; a unit value lies far
/// outside from 5 known ones on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Novelty {
    /// How little is known, 0 to 1.
    pub degree: f64,
    /// What is new about it, most telling first.
    #[schema(example = json!(["newTrader"]))]
    pub reasons: Vec<String>,
}

impl Novelty {
    /// Days over which declarations of a direction must have been counted before anything of it is called new.
    pub const LEAST_DAYS: u32 = 30;
    /// Goods items of the direction that must have been declared before.
    pub const LEAST_DECLARED: u32 = 1_000;
    /// Goods items of the direction that must have been examined before one is called never examined.
    pub const LEAST_EXAMINED: u32 = 100;
}

/// On which side of a rollout a declaration was decided, and what both models made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrialArm {
    /// The rollout.
    #[schema(example = "boosted-7")]
    pub rollout: String,
    /// Whether the candidate decided; otherwise the champion did, and the candidate scored in its shadow.
    pub candidate: bool,
    /// The candidate's share at that moment, in hundredths of a percent.
    pub weight: u16,
    /// The champion's probability of a finding, where both scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion_probability: Option<f64>,
    /// The candidate's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_probability: Option<f64>,
}

/// The decision record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Identifier.
    pub id: SelectionId,
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub declaration_version: u32,
    /// The office that decides and examines.
    pub office: OfficeCode,
    /// When in the declaration's life.
    pub decision_point: DecisionPoint,
    /// Domain time of the decision: when the declaration was accepted or amended.
    pub decided_at: Timestamp,
    /// The channel.
    pub channel: Channel,
    /// The channel it would have had without the random stratum: tells who belongs to the green sample.
    pub channel_without_draw: Channel,
    /// Controls ordered; none for green.
    pub orders: Vec<ControlOrder>,
    /// Probability with which this declaration was selected for full physical examination, 0 < p ≤ 1.
    pub probability: f64,
    /// Probability with which it was drawn into the random stratum, had nothing else ordered it.
    pub random_probability: f64,
    /// The keyed draw of the consignment for the random stratum, 0 ≤ u < 1.
    pub draw: f64,
    /// Filters whose condition held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<FilterMatch>,
    /// The deciding model's scores, highest first, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ItemScore>,
    /// Calibrated probability that the declaration hides a finding; none without a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_of_finding: Option<f64>,
    /// What examining is worth, in the plan's unit.
    pub value: f64,
    /// The office's price for a physical examination at that moment, in the same unit.
    pub price: f64,
    /// Of `value`, what there is to learn, below 0 where a draw says so; none where the plan's policy adds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning: Option<f64>,
    /// What nobody knows about it yet; none where it is like what was seen before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<Novelty>,
    /// Vectors of the items in `scores`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<ItemVector>,
    /// Hash of the feature contract of `vectors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_contract: Option<String>,
    /// Sequence of the feature log that the online features had applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_sequence: Option<u64>,
    /// On which side of a rollout it was decided; none outside of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TrialArm>,
    /// Epoch of the routing table.
    pub routing_epoch: u64,
    /// Epoch of the filter set.
    pub filters_epoch: u64,
    /// Epoch of the capacity plans.
    pub capacity_epoch: u64,
    /// Decided without model or features: the plan's fail-safe and the filters alone.
    #[serde(default)]
    pub degraded: bool,
    /// The selection this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<SelectionId>,
}

impl Selection {
    /// Whether a physical examination was ordered.
    pub fn orders_physical(&self) -> bool {
        self.orders.iter().any(|order| order.method == crate::Method::Physical)
    }
}
