//! How good what comes in is: what is missing, unseen, out of range, late, by source and field.

use std::fmt::Write as _;

use actix_web::{HttpResponse, get, web};
use customs::Timestamp;
use features::quality::{Counts, QualityRow, SourceKind};
use rest::{Authorized, Problem, QueryParams, ReadProblems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::State;
use crate::app::quality::{Question, report};
use crate::domain::quality::{day_of, start_of};

rest::roles!(pub QualityReader = Analyst | Auditor | DataScientist | ModelManager | Service);

const DEFAULT_LEAST: u64 = 20;
const DEFAULT_LIMIT: u64 = 200;
const MAX_LIMIT: u64 = 5_000;

/// Which days and sources.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QualityParams {
    /// From the day (UTC) of this moment; the beginning when absent.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub from: Option<Timestamp>,
    /// Before the day (UTC) of this moment; open when absent.
    #[param(example = "2026-02-01T00:00:00Z")]
    pub until: Option<Timestamp>,
    /// Sources of this kind alone.
    #[param(inline)]
    pub kind: Option<SourceKind>,
    /// This source alone.
    #[param(example = "118")]
    pub source: Option<String>,
    /// Only fields that were observed at least so often; 20 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub least: Option<u64>,
    /// At most so many rows, 1 to 5,000, the worst first; 200 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub limit: Option<u64>,
    /// `json`, or `markdown` to read it; `json` when absent.
    #[serde(default)]
    #[param(inline)]
    pub format: QualityFormat,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum QualityFormat {
    /// For programs.
    #[default]
    Json,
    /// For people: a table.
    Markdown,
}

/// The report of data quality.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "flawed": 1, "rows": [{
    "kind": "declarant", "source": "3421", "field": "item.grossMassKg", "observed": 412, "missing": 37, "unseen": 0,
    "outOfRange": 4, "late": 0, "missingShare": 0.0898, "unseenShare": 0.0, "outOfRangeShare": 0.0097, "lateShare": 0.0
}]}))]
pub struct QualityReport {
    /// The first moment that counts; absent when the report begins with the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment that no longer counts; absent when the report is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Fields of sources with any flaw, of which `rows` are the worst.
    pub flawed: usize,
    /// The worst share of flaws first. A field of a source without any flaw has no row.
    pub rows: Vec<QualityLine>,
}

/// A field of a source, counted, with shares of the observed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityLine {
    /// What was counted.
    #[serde(flatten)]
    pub row: QualityRow,
    /// Share that is missing.
    pub missing_share: f64,
    /// Share with a code that never stood there in the 52 weeks before.
    pub unseen_share: f64,
    /// Share with a number beyond all but one in a thousand of the 52 weeks before.
    pub out_of_range_share: f64,
    /// Share that came after it was due.
    pub late_share: f64,
}

impl From<QualityRow> for QualityLine {
    fn from(row: QualityRow) -> Self {
        let Counts { observed, missing, unseen, out_of_range, late } = row.counts;
        let share = |count: u64| if observed == 0 { 0.0 } else { count as f64 / observed as f64 };
        Self {
            missing_share: share(missing),
            unseen_share: share(unseen),
            out_of_range_share: share(out_of_range),
            late_share: share(late),
            row,
        }
    }
}

/// Reports data quality by source and field
///
/// A source is a declarant, an office, or a profile: `live` or `history` for declarations, the method of examination for
/// results. *Late* is a declaration in advance that was accepted after the goods arrived, or a first result that became
/// known more than the set days after it was established. Nothing here says that a value is wrong: that is for notes.
#[utoipa::path(
    operation_id = "dataquality_read",
    params(QualityParams),
    responses(
        (status = 200, description = "The worst fields of sources.", content(
            (QualityReport = "application/json"),
            (String = "text/markdown", example = json!("| kind | source | field |\n|---|---|---|\n"))
        )),
        ReadProblems
    ),
    security(("bearer" = ["analyst", "auditor", "data-scientist", "model-manager", "service"])),
)]
#[get("/v1/data-quality")]
pub async fn read(
    _: Authorized<QualityReader>,
    params: QueryParams<QualityParams>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let params = params.0;
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let (from, until) = (params.from.map(day_of), params.until.map(day_of));
    if let (Some(first), Some(end)) = (from, until)
        && first >= end
    {
        return Err(Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/until",
            "before-from",
            "the period has no whole day: until must be at least a day after from",
        ));
    }
    let question = Question {
        from: from.unwrap_or(i64::MIN),
        until: until.unwrap_or(i64::MAX),
        kind: params.kind,
        source: params.source,
        least: params.least.unwrap_or(DEFAULT_LEAST),
    };
    let mut rows = report(&state.database, &question).await?;
    let flawed = rows.len();
    rows.truncate(limit);
    let rows = rows.into_iter().map(QualityLine::from).collect();
    let report = QualityReport { from: from.and_then(start_of), until: until.and_then(start_of), flawed, rows };
    Ok(match params.format {
        QualityFormat::Json => HttpResponse::Ok().json(report),
        QualityFormat::Markdown => {
            HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(markdown(&report))
        }
    })
}

fn markdown(report: &QualityReport) -> String {
    let day = |at: Option<Timestamp>, otherwise: &str| {
        at.map_or_else(|| otherwise.to_owned(), |at| at.strftime("%F").to_string())
    };
    let mut text = format!(
        "# Data quality\n\n{} to before {} (UTC): the {} worst of {} fields of sources with flaws.\n\n\
         | kind | source | field | n | missing | unseen | out of range | late |\n|---|---|---|---:|---:|---:|---:|---:|\n",
        day(report.from, "The beginning"),
        day(report.until, "now"),
        report.rows.len(),
        report.flawed,
    );
    for line in &report.rows {
        let (row, counts) = (&line.row, line.row.counts);
        let cell = |count: u64, share: f64| {
            if count == 0 { "–".to_owned() } else { format!("{count} ({:.1} %)", share * 100.0) }
        };
        let source = row.source.replace('|', "\\|").replace(['\n', '\r'], " ");
        let _ = writeln!(
            text,
            "| {} | {source} | {} | {} | {} | {} | {} | {} |",
            kind(row.kind),
            row.field.name(),
            counts.observed,
            cell(counts.missing, line.missing_share),
            cell(counts.unseen, line.unseen_share),
            cell(counts.out_of_range, line.out_of_range_share),
            cell(counts.late, line.late_share),
        );
    }
    text
}

fn kind(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Declarant => "declarant",
        SourceKind::Office => "office",
        SourceKind::Profile => "profile",
    }
}
