//! The past, as the feature store tells it.

use customs::{Declaration, DeclarationId, Note, OfficeCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Client, ClientError};

/// Which part of the past, and known when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryQuery {
    /// Accepted from this moment; the beginning when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Accepted before this moment; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Results as known at this moment; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Only up to this place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
}

/// How much of the past there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryExtent {
    /// The last place in the log.
    pub last_sequence: u64,
    /// Declaration versions of the period, at most.
    pub declarations: u64,
    /// Hash of the feature contract that holds now.
    pub contract: String,
    /// Feature names under it, in the order of a vector.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A lodged declaration version with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLine {
    /// Its place in the log.
    pub sequence: u64,
    /// The declaration.
    pub id: DeclarationId,
    /// Its version.
    pub version: u32,
    /// The office it was lodged with.
    pub office: OfficeCode,
    /// When the version was accepted.
    pub accepted_at: Timestamp,
    /// From the past of another system.
    #[serde(default)]
    pub history: bool,
    /// What was lodged.
    pub declaration: Declaration,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What it was decided with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<HistoryFeatures>,
    /// Probability with which it was selected for full physical examination, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What was established, by item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examined: Vec<HistoryItem>,
}

/// The vectors of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryFeatures {
    /// Hash of the contract of the vectors.
    pub contract: String,
    /// The items that have one, by sequence.
    pub items: Vec<u32>,
    /// Base64 of little-endian `f32` values, item after item; NaN is missing.
    pub values: String,
}

/// What was established of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    /// The item, by sequence.
    pub item: u32,
    /// Whether a finding against the trader stands.
    pub found: bool,
    /// Whether it was examined because it was drawn at random.
    #[serde(default)]
    pub random: bool,
    /// When it became known.
    pub known_at: Timestamp,
}

impl HistoryQuery {
    fn pairs(&self) -> [(&'static str, Option<String>); 4] {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        [
            ("from", text(self.from)),
            ("until", text(self.until)),
            ("asOf", text(self.as_of)),
            ("upTo", self.up_to.map(|up_to| up_to.to_string())),
        ]
    }
}

impl Client {
    /// The next part of the past behind `after`, at most `limit` lines; fewer at the end.
    pub async fn history(
        &self,
        query: &HistoryQuery,
        after: u64,
        limit: usize,
    ) -> Result<Vec<HistoryLine>, ClientError> {
        let mut pairs = query.pairs().to_vec();
        pairs.extend([("after", Some(after.to_string())), ("limit", Some(limit.to_string()))]);
        self.get_lines("/v1/history", &pairs).await
    }

    /// How much of the past there is.
    pub async fn history_extent(&self, query: &HistoryQuery) -> Result<HistoryExtent, ClientError> {
        self.get("/v1/history/extent", &query.pairs()).await
    }
}
