//! What each filter brings, and which should go.

use customs::{DeclarationId, FilterId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reports;
use crate::{
    ServiceError,
    domain::{
        rates::Rate,
        retirement::{Others, Reason, Record, Thresholds, reasons},
    },
    store::statistics::{self, Months, Totals, Unit},
};

/// Overlaps that a list shows of each filter.
const SHOWN_OVERLAPS: usize = 5;
/// Matches that the detail of a filter shows.
const SHOWN_MATCHES: u64 = 20;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// What a filter brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "UV-TEXTILES", "filter": "019b0000-0000-7000-8000-000000000001", "version": 2, "state": "active",
    "area": "value", "risk": "R-017", "matches": 1200, "acted": 600, "selections": 540,
    "yield": {"n": 500, "findings": 90, "rate": 0.18, "interval": {"low": 0.147, "high": 0.217}},
    "redundancy": 0.21, "overlaps": [{"code": "HS-61", "matches": 130, "share": 0.108}],
    "lastMatch": "2026-06-29T15:00:00Z", "lastFinding": "2026-06-27T15:00:00Z", "daysSinceLastFinding": 3,
    "verdicts": {"justified": 30, "unclear": 4, "unjustified": 6}, "retire": []
}))]
pub struct FilterStatistics {
    /// The filter's code.
    pub code: String,
    /// The filter; absent when it is no longer distributed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterId>,
    /// The version in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The area of risk it tells the officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The entry of the risk register that it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// Declarations in which its condition held.
    pub matches: u64,
    /// Of these, those on which it acted.
    pub acted: u64,
    /// Of the matches, those that were not green, whatever selected them.
    pub selections: u64,
    /// Matches with a final physical examination, whatever ordered it, and what these found. It speaks of nothing that
    /// was not examined.
    #[serde(rename = "yield")]
    pub yielded: Rate,
    /// Share of what it acted on that another filter acted on as well; absent when it never acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redundancy: Option<f64>,
    /// Filters that matched the same declarations, the most first; over all time.
    pub overlaps: Vec<Overlap>,
    /// When it matched last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_match: Option<Timestamp>,
    /// When its last finding became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_finding: Option<Timestamp>,
    /// Whole days since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_since_last_finding: Option<i64>,
    /// What the officers who examined think of the targeting.
    pub verdicts: Verdicts,
    /// What speaks for retiring it, over all time; empty when nothing does, or when it is not in force.
    pub retire: Vec<Reason>,
}

/// A filter that matched the same declarations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overlap {
    /// The other filter.
    pub code: String,
    /// Declarations that both matched.
    pub matches: u64,
    /// As a share of this filter's matches.
    pub share: f64,
}

/// What officers think of the targeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdicts {
    /// There was reason to look.
    pub justified: u64,
    /// It cannot be said.
    pub unclear: u64,
    /// There was no reason to look.
    pub unjustified: u64,
}

/// A filter's statistics in detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "summary": {"code": "UV-TEXTILES", "matches": 1200, "acted": 600, "selections": 540,
        "yield": {"n": 500, "findings": 90}, "overlaps": [],
        "verdicts": {"justified": 0, "unclear": 0, "unjustified": 0}, "retire": []},
    "months": [{"version": 2, "month": "2026-03", "matches": 210, "acted": 100, "selections": 90,
        "yield": {"n": 80, "findings": 15}}],
    "lastMatches": [{"declaration": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "version": 2,
        "at": "2026-06-29T15:00:00Z", "acted": true, "selected": true, "found": true, "verdict": "justified"}]
}))]
pub struct FilterDetail {
    /// All together.
    pub summary: FilterStatistics,
    /// By version and month of decision.
    pub months: Vec<FilterMonth>,
    /// The last matches, but those of `withheldMatches`.
    pub last_matches: Vec<MatchView>,
    /// Of the last matches, those by something that was looked up in lists: which declarations these are would tell who
    /// is on a list. Its readers try the filter over the past to see them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld_matches: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A version of a filter in a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterMonth {
    /// The version; 0 where it was not recorded.
    pub version: u32,
    /// The month (`2026-03`).
    pub month: String,
    /// Declarations in which its condition held.
    pub matches: u64,
    /// Of these, those on which it acted.
    pub acted: u64,
    /// Of the matches, those that were not green.
    pub selections: u64,
    /// What physical examinations of the matches found.
    #[serde(rename = "yield")]
    pub yielded: Rate,
}

/// A declaration that a filter matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatchView {
    /// The declaration.
    pub declaration: DeclarationId,
    /// The filter's version.
    pub version: u32,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether the filter acted.
    pub acted: bool,
    /// Whether it was not green.
    pub selected: bool,
    /// What a final physical examination found; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<bool>,
    /// What the officer thinks of the targeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

impl Reports {
    /// The statistics of a page of filters, by code, and the code to go on after.
    pub async fn filter_statistics(
        &self,
        months: &Months,
        after: &str,
        limit: usize,
    ) -> Result<(Vec<FilterStatistics>, Option<String>), ServiceError> {
        let mut totals = statistics::totals(self.database.reader(), months, after, None, limit as u64 + 1).await?;
        let more = totals.len() > limit;
        totals.truncate(limit);
        let next = totals.last().filter(|_| more).map(|last| last.code.clone());
        Ok((self.with_overlaps(totals, Some(SHOWN_OVERLAPS)).await?, next))
    }

    /// The statistics of one filter in detail; none when nothing is known of it.
    pub async fn filter_detail(&self, code: &str, months: &Months) -> Result<Option<FilterDetail>, ServiceError> {
        let db = self.database.reader();
        let totals = statistics::totals(db, months, "", Some(code), 1).await?;
        let Some(summary) = self.with_overlaps(totals, None).await?.pop() else { return Ok(None) };
        let months = statistics::by_month(db, code, months).await?;
        let mut last = statistics::last(db, code, SHOWN_MATCHES).await?;
        let found = last.len();
        last.retain(|unit| !unit.listed);
        Ok(Some(FilterDetail {
            summary,
            months: months
                .into_iter()
                .map(|row| FilterMonth {
                    version: row.version,
                    month: row.month,
                    matches: row.matches,
                    acted: row.acted,
                    selections: row.selected,
                    yielded: Rate::of(None, row.examined, row.findings),
                })
                .collect(),
            withheld_matches: (found - last.len()) as u64,
            last_matches: last.into_iter().map(MatchView::try_from).collect::<Result<_, _>>()?,
        }))
    }

    async fn with_overlaps(
        &self,
        totals: Vec<Totals>,
        most: Option<usize>,
    ) -> Result<Vec<FilterStatistics>, ServiceError> {
        let db = self.database.reader();
        let codes: Vec<&str> = totals.iter().map(|row| row.code.as_str()).collect();
        let pairs = statistics::pairs(db, &codes).await?;
        // What speaks for retirement speaks of all time, whatever months are shown.
        let all = statistics::totals_of(db, &codes).await?;
        let others = Others {
            random: statistics::of_trigger(db, "random").await?,
            model: statistics::of_trigger(db, "model").await?,
        };
        let now = self.now().as_microsecond();
        totals
            .into_iter()
            .map(|row| {
                let whole = all.iter().find(|whole| whole.code == row.code).unwrap_or(&row);
                let own = pairs.iter().filter(|(code, ..)| *code == row.code);
                let overlaps = own
                    .take(most.unwrap_or(usize::MAX))
                    .map(|(_, other, matches)| Overlap {
                        code: other.clone(),
                        matches: *matches,
                        share: *matches as f64 / whole.matches.max(1) as f64,
                    })
                    .collect();
                let retire = match row.state {
                    Some(_) => reasons(&record(whole), &others, now, &Thresholds::default()),
                    None => Vec::new(),
                };
                Ok(FilterStatistics {
                    filter: row.id.map(FilterId),
                    version: row.version,
                    state: row.state.clone(),
                    area: row.area.clone(),
                    risk: row.risk.clone(),
                    matches: row.matches,
                    acted: row.acted,
                    selections: row.selected,
                    yielded: Rate::of(None, row.examined, row.findings),
                    redundancy: (row.acted > 0).then(|| 1.0 - row.alone as f64 / row.acted as f64),
                    overlaps,
                    last_match: row.last_match.map(moment).transpose()?,
                    last_finding: row.last_finding.map(moment).transpose()?,
                    days_since_last_finding: row.last_finding.map(|at| now.saturating_sub(at) / DAY),
                    verdicts: Verdicts { justified: row.justified, unclear: row.unclear, unjustified: row.unjustified },
                    retire,
                    code: row.code,
                })
            })
            .collect()
    }
}

fn record(row: &Totals) -> Record {
    Record {
        acted: row.acted,
        alone: row.alone,
        examined: row.examined,
        findings: row.findings,
        unjustified: row.unjustified,
        verdicts: row.justified + row.unclear + row.unjustified,
        since: row.since,
        first_match: row.first_match,
        last_match: row.last_match,
        last_finding: row.last_finding,
    }
}

fn moment(micros: i64) -> Result<Timestamp, ServiceError> {
    Timestamp::from_microsecond(micros).map_err(|_| ServiceError::Stored("time"))
}

impl TryFrom<Unit> for MatchView {
    type Error = ServiceError;

    fn try_from(unit: Unit) -> Result<Self, ServiceError> {
        Ok(Self {
            declaration: DeclarationId(unit.declaration),
            version: unit.version,
            at: moment(unit.decided_at)?,
            acted: unit.acted,
            selected: unit.selected,
            found: unit.examined.then_some(unit.found),
            verdict: unit.verdict,
        })
    }
}
