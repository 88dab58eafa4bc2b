//! What performance monitoring tells of a rollout: counts from which everything that gates look at is computed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bins of probability in which the scores of both models are counted.
pub const SCORE_BINS: u8 = 40;

/// The bin of a probability: even in its log-odds from 1/1,000 to 999/1,000, for findings are rare.
pub fn score_bin(probability: f64) -> u8 {
    let odds = probability.clamp(0.001, 0.999);
    let place = f64::midpoint((odds / (1.0 - odds)).ln() / 6.906_754_778_648_554, 1.0);
    ((place * f64::from(SCORE_BINS)) as u8).min(SCORE_BINS - 1)
}

/// One arm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArmReport {
    /// Declarations that this arm decided.
    pub declarations: u64,
    /// Of these, decided without model or features.
    pub degraded: u64,
    /// Of these, decided later than the report's limit.
    pub slow: u64,
    /// Of these, ordered for a physical examination because of the model.
    pub examined: u64,
    /// Of these, with a result of an age that counts.
    pub matured: u64,
    /// Of these, with a finding.
    pub findings: u64,
}

/// Findings in declarations that the candidate had with this share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingsAtWeight {
    /// The candidate's share, in hundredths of a percent.
    pub weight: u16,
    /// Findings of the candidate.
    pub candidate: u64,
    /// Findings of the champion.
    pub champion: u64,
}

/// Declarations by the scores that both models gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScoreCell {
    /// The champion's bin.
    pub champion: u8,
    /// The candidate's bin.
    pub candidate: u8,
    /// How many declarations.
    pub declarations: u64,
}

/// A rollout so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The rollout.
    #[schema(example = "boosted-7")]
    pub rollout: String,
    /// When this was counted (domain time).
    pub as_of: Timestamp,
    /// What the candidate decided.
    pub candidate: ArmReport,
    /// What the champion decided of the same traffic at the same time.
    pub champion: ArmReport,
    /// Physical examinations of either arm, whatever ordered them.
    pub examinations: u64,
    /// Of these, with a result of an age that counts.
    pub matured_labels: u64,
    /// Findings that a model's order led to, by share.
    pub findings: Vec<FindingsAtWeight>,
    /// Scores of both.
    pub scores: Vec<ScoreCell>,
}

/// A declaration that the candidate let through though the champion would have looked closer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LetThrough {
    /// The declaration.
    #[schema(example = "019b0000-0000-7000-8000-000000000001")]
    pub declaration: String,
    /// The office.
    #[schema(example = "118")]
    pub office: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The champion's probability of a finding.
    #[schema(example = 0.41)]
    pub champion: f64,
    /// The candidate's, on which it was decided.
    #[schema(example = 0.02)]
    pub candidate: f64,
}
