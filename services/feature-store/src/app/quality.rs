//! The report of data quality: days summed, worst shares first.

use features::quality::{QualityRow, SourceKind, Tally};

use crate::ServiceError;
use crate::store::quality;

/// Which part of the report.
#[derive(Clone, Debug)]
pub struct Question {
    /// First day since 1970.
    pub from: i64,
    /// The day after the last one.
    pub until: i64,
    /// Sources of this kind alone.
    pub kind: Option<SourceKind>,
    /// This source alone.
    pub source: Option<String>,
    /// Fields observed at least so often.
    pub least: u64,
}

/// What was counted in the days asked for: a row for each field of a source that has a flaw.
pub async fn report(database: &::store::Database, question: &Question) -> Result<Vec<QualityRow>, ServiceError> {
    let tally: Tally = quality::parts(database.reader(), question.from, question.until).await?;
    let mut rows = tally.rows(question.least);
    rows.retain(|row| {
        question.kind.is_none_or(|kind| row.kind == kind)
            && question.source.as_ref().is_none_or(|source| row.source == *source)
    });
    Ok(rows)
}
