//! Findings by month, by trigger and by filter.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reports, summary::rates};
use crate::{ServiceError, domain::rates::Rate, store::read::Window};

/// What a filter brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterLine {
    /// The filter's code.
    pub code: String,
    /// Where it stands; absent when it is no longer distributed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The area of risk it tells the officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Declarations in which its condition held.
    pub matched: u64,
    /// Declarations in which it acted.
    pub acted: u64,
    /// Physical examinations of those with a final result, and what they found. Others may have ordered them as well.
    pub rate: Rate,
}

/// Findings per physical examination. Selected goods only: no rate here speaks of the goods that were not examined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "byMonth": [{"key": "2026-03", "n": 400, "findings": 60, "rate": 0.15, "interval": {"low": 0.12, "high": 0.19}}],
    "byTrigger": [{"key": "model", "n": 300, "findings": 55, "rate": 0.183, "interval": {"low": 0.14, "high": 0.23}}],
    "byMonthAndTrigger": [],
    "byFilter": [{"code": "UV-TEXTILES", "state": "active", "area": "value", "matched": 120, "acted": 60,
        "rate": {"key": "UV-TEXTILES", "n": 50, "findings": 9, "rate": 0.18}}]
}))]
pub struct FindingsReport {
    /// By month of order.
    pub by_month: Vec<Rate>,
    /// By trigger.
    pub by_trigger: Vec<Rate>,
    /// By month and trigger.
    pub by_month_and_trigger: Vec<MonthRates>,
    /// By filter, whatever ordered the examination.
    pub by_filter: Vec<FilterLine>,
}

/// The triggers of a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonthRates {
    /// The month (`2026-03`).
    pub month: String,
    /// By trigger.
    pub by_trigger: Vec<Rate>,
}

impl Reports {
    /// Findings of a period.
    pub async fn findings(&self, window: &Window) -> Result<FindingsReport, ServiceError> {
        let db = self.database.reader();
        let examined = window.examined(db).await?;
        let physical: Vec<_> = examined.iter().filter(|row| row.method == "physical").collect();
        let by_month_and_trigger = physical
            .chunk_by(|a, b| a.month == b.month)
            .map(|rows| MonthRates { month: rows[0].month.clone(), by_trigger: rates(rows, |row| &row.trigger) })
            .collect();
        let by_filter = window
            .filters(db)
            .await?
            .into_iter()
            .map(|row| FilterLine {
                rate: Rate::of(Some(&row.code), row.examined, row.findings),
                code: row.code,
                state: row.state,
                area: row.area,
                matched: row.matched,
                acted: row.acted,
            })
            .collect();
        Ok(FindingsReport {
            by_month: rates(&physical, |row| &row.month),
            by_trigger: rates(&physical, |row| &row.trigger),
            by_month_and_trigger,
            by_filter,
        })
    }
}
