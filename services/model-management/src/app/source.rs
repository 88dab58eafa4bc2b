//! What comes from other services, over HTTP: training sets and the past from the feature store, the figures of
//! filters from performance monitoring.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use clients::{Client, ClientError, HistoryExtent, HistoryLine, HistoryQuery};
use customs::Direction;
use jiff::Timestamp;
use risk_model::TrainingSet;
use rollout::{Outcome, Report, Scorer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::wire_name;

/// Makes training sets.
#[async_trait]
pub trait TrainingSource: Send + Sync {
    /// The labelled rows of `direction` as they were known at `as_of`.
    async fn fetch(&self, direction: Direction, as_of: Timestamp, wanted: Wanted) -> Result<TrainingSet, SourceError>;
}

/// Which part of a training set is wanted; all of it by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only declarations decided before this moment.
    pub decided_before: Option<Timestamp>,
}

/// Tells the past.
#[async_trait]
pub trait HistorySource: Send + Sync {
    /// How much there is.
    async fn extent(&self, query: &HistoryQuery) -> Result<HistoryExtent, SourceError>;
    /// The next part behind `after`, at most `limit` lines; fewer at the end.
    async fn page(&self, query: &HistoryQuery, after: u64, limit: usize) -> Result<Vec<HistoryLine>, SourceError>;
}

/// Tells what filters bring.
#[async_trait]
pub trait StatisticsSource: Send + Sync {
    /// Figures by filter code.
    async fn figures(&self) -> Result<BTreeMap<String, FilterFigures>, SourceError>;
}

/// Tells what a rollout has come to, and who decides.
#[async_trait]
pub trait EvidenceSource: Send + Sync {
    /// The counts of a rollout since `from`.
    async fn report(&self, rollout: &str, from: Timestamp, outcome: &Outcome) -> Result<Report, SourceError>;
    /// The processes that decide.
    async fn scorers(&self) -> Result<Vec<Scorer>, SourceError>;
}

/// Performance monitoring and scoring, over HTTP.
pub struct Watched {
    /// Performance monitoring.
    pub monitoring: Arc<Client>,
    /// Scoring.
    pub scoring: Arc<Client>,
}

#[async_trait]
impl EvidenceSource for Watched {
    async fn report(&self, rollout: &str, from: Timestamp, outcome: &Outcome) -> Result<Report, SourceError> {
        Ok(self.monitoring.rollout_report(rollout, &from.to_string(), outcome).await?)
    }

    async fn scorers(&self) -> Result<Vec<Scorer>, SourceError> {
        Ok(self.scoring.scorers().await?)
    }
}

/// The other services, as far as this one asks them.
#[derive(Clone)]
pub struct Sources {
    /// What rollouts have come to.
    pub evidence: Arc<dyn EvidenceSource>,
    /// Training sets.
    pub training: Arc<dyn TrainingSource>,
    /// The past.
    pub history: Arc<dyn HistorySource>,
    /// The figures of filters.
    pub statistics: Arc<dyn StatisticsSource>,
}

/// What filters brought; a declaration that two of them matched counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterFigures {
    /// Declarations matched.
    pub matches: u64,
    /// Of these, selected, whatever selected them.
    pub selections: u64,
    /// Of the matches, physically examined with a final result.
    pub examined: u64,
    /// Of these, with a standing finding.
    pub findings: u64,
    /// Findings per examination; absent when nothing was examined.
    #[serde(default, rename = "yield", skip_serializing_if = "Option::is_none")]
    pub yielded: Option<f64>,
    /// Lower end of its 95 % interval (Clopper–Pearson).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yield_low: Option<f64>,
    /// Upper end of its 95 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yield_high: Option<f64>,
}

impl FilterFigures {
    /// The figures of so many matches.
    pub fn of(matches: u64, selections: u64, examined: u64, findings: u64) -> Self {
        let interval = (examined > 0).then(|| evidence::clopper_pearson(findings as f64, examined as f64, 0.95));
        Self {
            matches,
            selections,
            examined,
            findings,
            yielded: (examined > 0).then(|| findings as f64 / examined as f64),
            yield_low: interval.map(|interval| interval.low),
            yield_high: interval.map(|interval| interval.high),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self::of(
            self.matches + other.matches,
            self.selections + other.selections,
            self.examined + other.examined,
            self.findings + other.findings,
        )
    }
}

/// Why another service gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It did not answer, or refused.
    #[error("another service did not answer as it should")]
    Client(#[from] ClientError),
    /// It gave something else.
    #[error("what another service answered cannot be read: {0}")]
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
    async fn fetch(&self, direction: Direction, as_of: Timestamp, wanted: Wanted) -> Result<TrainingSet, SourceError> {
        let request = serde_json::json!({
            "direction": wire_name(&direction), "asOf": as_of,
            "decidedBefore": wanted.decided_before,
        });
        self.training_set::<Document>(&request).await?.into_set()
    }
}

#[async_trait]
impl HistorySource for Client {
    async fn extent(&self, query: &HistoryQuery) -> Result<HistoryExtent, SourceError> {
        Ok(self.history_extent(query).await?)
    }

    async fn page(&self, query: &HistoryQuery, after: u64, limit: usize) -> Result<Vec<HistoryLine>, SourceError> {
        Ok(self.history(query, after, limit).await?)
    }
}

/// A page of the statistics of filters, as far as it is needed.
#[derive(Debug, Deserialize)]
struct StatisticsPage {
    items: Vec<FilterLine>,
    #[serde(default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FilterLine {
    code: String,
    matches: u64,
    selections: u64,
    #[serde(rename = "yield")]
    yielded: YieldLine,
}

#[derive(Debug, Deserialize)]
struct YieldLine {
    n: u64,
    findings: u64,
}

#[async_trait]
impl StatisticsSource for Client {
    async fn figures(&self) -> Result<BTreeMap<String, FilterFigures>, SourceError> {
        let mut figures = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let answer = self.filter_statistics(after.as_deref()).await?;
            let page: StatisticsPage =
                serde_json::from_value(answer).map_err(|error| SourceError::Shape(error.to_string()))?;
            figures.extend(page.items.into_iter().map(|line| {
                let YieldLine { n, findings } = line.yielded;
                (line.code, FilterFigures::of(line.matches, line.selections, n, findings))
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(figures),
            }
        }
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
