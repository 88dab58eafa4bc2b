//! What novelty brings: findings among what nobody knew yet, beside those among the rest.
//!
//! Both are estimates for all declarations of their kind, examined or not: each examined one is weighted by the inverse
//! of the probability with which its goods were selected, so that what a model or a filter sought out does not speak for
//! what they left alone.

use std::collections::BTreeSet;

use customs::Novelty;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Reports,
    green::{StratumRate, matured, weighted_rate},
};
use crate::{
    ServiceError,
    domain::rates::{Of, Rate},
    store::read::{NoveltyUnit, Window},
};

/// Declarations that were flagged, or were not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoveltyYield {
    /// The reason it is of; absent for all reasons together, and for what was not flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Declarations decided, examined or not.
    pub declarations: u64,
    /// Findings per physical examination: it speaks of the examined alone.
    pub examined: Rate,
    /// Estimate for all of these declarations, each examined one weighted by 1 / probability of its selection.
    pub estimated: StratumRate,
}

/// What novelty brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "asOf": "2026-12-31T00:00:00Z", "maturityDays": 45,
    "flagged": {"declarations": 5200, "examined": {"n": 640, "findings": 102, "rate": 0.159,
        "interval": {"low": 0.132, "high": 0.19}}, "estimated": {"estimate": 0.031,
        "interval": {"low": 0.012, "high": 0.064}, "n": 640, "findings": 102, "nEffective": 51.0, "pending": 3}},
    "others": {"declarations": 61300, "examined": {"n": 4100, "findings": 690, "rate": 0.168,
        "interval": {"low": 0.157, "high": 0.18}}, "estimated": {"estimate": 0.019,
        "interval": {"low": 0.012, "high": 0.029}, "n": 4100, "findings": 690, "nEffective": 310.0, "pending": 11}},
    "byReason": [],
    "note": "Traders and goods are called new once 1000 goods items of their direction were declared over 30 days, and never \
        examined once 100 were examined. What was decided before that is among the others."
}))]
pub struct NoveltyReport {
    /// The moment whose knowledge it reflects.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Days between selection and that moment from which a declaration counts.
    pub maturity_days: u32,
    /// Declarations that were flagged as novel.
    pub flagged: NoveltyYield,
    /// Declarations that were not flagged, also those of a time of which too little was known to call anything new.
    pub others: NoveltyYield,
    /// Flagged declarations by what was new about them, in alphabetical order; one may have several reasons.
    pub by_reason: Vec<NoveltyYield>,
    /// From when on something is called new; what was decided before is among the others.
    pub note: String,
}

impl Reports {
    /// What novelty brought, over the window's selections that were at least `maturity_days` old at `as_of`.
    pub async fn novelty(
        &self,
        window: &Window,
        as_of: Timestamp,
        maturity_days: u32,
    ) -> Result<NoveltyReport, ServiceError> {
        let db = self.database.reader();
        let known = as_of.as_microsecond();
        let cohort = matured(window, known, maturity_days);
        let declared = cohort.novelty(db).await?;
        let examined = cohort.novelty_examined(db, known).await?;
        let reasons: BTreeSet<&str> =
            declared.iter().filter_map(|(reasons, _)| reasons.as_deref()).flat_map(each).collect();
        let of = |reason: Option<&str>, belongs: &dyn Fn(Option<&str>) -> bool| {
            let declared = declared.iter().filter(|(reasons, _)| belongs(reasons.as_deref()));
            let examined = examined.iter().filter(|unit| belongs(unit.reasons.as_deref()));
            yielded(reason, declared.map(|(_, n)| *n).sum(), examined)
        };
        Ok(NoveltyReport {
            as_of,
            maturity_days,
            flagged: of(None, &|reasons| reasons.is_some())?,
            others: of(None, &|reasons| reasons.is_none())?,
            by_reason: reasons
                .iter()
                .map(|reason| of(Some(reason), &|told| told.is_some_and(|told| each(told).any(|one| one == *reason))))
                .collect::<Result<_, _>>()?,
            note: format!(
                "Traders and goods are called new once {} goods items of their direction were declared over {} days, and \
                 never examined once {} were examined. What was decided before that is among the others.",
                Novelty::LEAST_DECLARED,
                Novelty::LEAST_DAYS,
                Novelty::LEAST_EXAMINED
            ),
        })
    }
}

fn each(reasons: &str) -> impl Iterator<Item = &str> {
    reasons.split(' ').filter(|reason| !reason.is_empty())
}

fn yielded<'a>(
    reason: Option<&str>,
    declarations: u64,
    examined: impl Iterator<Item = &'a NoveltyUnit>,
) -> Result<NoveltyYield, ServiceError> {
    let units: Vec<_> = examined.map(|unit| (unit.found, unit.probability)).collect();
    let estimated = weighted_rate(None, &units, Of::All)?;
    Ok(NoveltyYield {
        reason: reason.map(str::to_owned),
        declarations,
        examined: Rate::of(None, estimated.n, estimated.findings),
        estimated,
    })
}
