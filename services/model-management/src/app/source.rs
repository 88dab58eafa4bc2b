//! Where training sets come from: the feature store, over HTTP.

use async_trait::async_trait;
use base64::Engine as _;
use clients::{Client, ClientError};
use customs::Direction;
use jiff::Timestamp;
use risk_model::TrainingSet;
use serde::Deserialize;

use crate::domain::wire_name;

/// Makes training sets.
#[async_trait]
pub trait TrainingSource: Send + Sync {
    /// The labelled rows of `direction` as they were known at `as_of`.
    async fn fetch(&self, direction: Direction, as_of: Timestamp) -> Result<TrainingSet, SourceError>;
}

/// Why there is no training set.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The feature store did not give one.
    #[error("the feature store gave no training set")]
    Client(#[from] ClientError),
    /// It gave something else.
    #[error("the training set cannot be read: {0}")]
    Shape(String),
}

impl SourceError {
    /// Whether asking again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Client(error) if error.is_transient())
    }
}

#[async_trait]
impl TrainingSource for Client {
    async fn fetch(&self, direction: Direction, as_of: Timestamp) -> Result<TrainingSet, SourceError> {
        let request = serde_json::json!({ "direction": wire_name(&direction), "asOf": as_of });
        let answer = self.training_set(&request).await?;
        let document: Document =
            serde_json::from_value(answer).map_err(|error| SourceError::Shape(error.to_string()))?;
        document.into_set()
    }
}

/// A training set on the wire: columns of equal length.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    contract_hash: String,
    names: Vec<String>,
    rows: Rows,
    labels: Vec<bool>,
    weights: Vec<f32>,
    groups: Vec<Group>,
    times: Vec<Moment>,
}

/// Feature values: base64 of little-endian 32-bit floats row after row (NaN is missing), or lists (null is missing).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Rows {
    Packed(String),
    Listed(Vec<Vec<Option<f32>>>),
}

/// A declaration: a number, or an identifier that is hashed to one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Group {
    Number(u64),
    Id(String),
}

/// When it was lodged: microseconds since 1970, or RFC 3339.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Moment {
    Micros(i64),
    Text(Timestamp),
}

impl Document {
    fn into_set(self) -> Result<TrainingSet, SourceError> {
        let rows = match self.rows {
            Rows::Packed(text) => {
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(text)
                    .map_err(|error| SourceError::Shape(error.to_string()))?;
                let (values, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(SourceError::Shape("rows are not whole 32-bit numbers".to_owned()));
                }
                values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
            Rows::Listed(rows) => rows.into_iter().flatten().map(|value| value.unwrap_or(f32::NAN)).collect(),
        };
        let set = TrainingSet {
            contract_hash: self.contract_hash,
            names: self.names,
            rows,
            labels: self.labels,
            weights: self.weights,
            groups: self
                .groups
                .into_iter()
                .map(|group| match group {
                    Group::Number(number) => number,
                    Group::Id(id) => first_u64(blake3::hash(id.as_bytes()).as_bytes()),
                })
                .collect(),
            times: self
                .times
                .into_iter()
                .map(|moment| match moment {
                    Moment::Micros(micros) => micros,
                    Moment::Text(at) => at.as_microsecond(),
                })
                .collect(),
        };
        let rows = set.labels.len();
        if set.rows.len() != rows * set.names.len()
            || [set.weights.len(), set.groups.len(), set.times.len()].iter().any(|length| *length != rows)
        {
            return Err(SourceError::Shape(format!("columns do not have the length of {rows} labels")));
        }
        Ok(set)
    }
}

/// The first 64 bits of a hash.
pub(super) fn first_u64(hash: &[u8; 32]) -> u64 {
    hash.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: serde_json::Value) -> Result<TrainingSet, SourceError> {
        serde_json::from_value::<Document>(document).map_err(|e| SourceError::Shape(e.to_string()))?.into_set()
    }

    #[test]
    fn packed_and_listed_rows_are_the_same_set() {
        let values = [1.5_f32, f32::NAN, 2.0, 0.25];
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let packed = base64::engine::general_purpose::STANDARD.encode(bytes);
        let document = |rows: serde_json::Value| {
            serde_json::json!({
                "contractHash": "c", "names": ["a", "b"], "rows": rows, "labels": [true, false],
                "weights": [1.0, 20.0], "groups": [7, "019b0000-0000-7000-8000-000000000001"],
                "times": [1_000_000, "1970-01-01T00:00:02Z"], "more": "ignored"
            })
        };
        let sets =
            [packed.into(), serde_json::json!([[1.5, null], [2.0, 0.25]])].map(|rows| read(document(rows)).unwrap());
        assert_eq!(sets[0].times, [1_000_000, 2_000_000]);
        assert_eq!(sets[0].groups, sets[1].groups);
        assert!(sets.iter().all(|set| set.row(0)[1].is_nan() && set.row(1) == [2.0, 0.25]));
    }

    #[test]
    fn columns_of_unequal_length_are_refused() {
        let document = serde_json::json!({
            "contractHash": "c", "names": ["a"], "rows": [[1.0]], "labels": [true, false],
            "weights": [1.0, 1.0], "groups": [1, 2], "times": [1, 2]
        });
        assert!(matches!(read(document), Err(SourceError::Shape(_))));
    }
}
