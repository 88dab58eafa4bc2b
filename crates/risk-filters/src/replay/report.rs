//! What a replay says, as it is served.

use std::collections::BTreeMap;

use customs::OfficeCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Month, Tally};
use crate::{FilterDefinition, weighted::Estimate};

/// Confidence of the intervals.
const LEVEL: f64 = 0.95;

/// Controls of the filter's method that an office can do in a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capacity {
    /// By office; an office that is not named has an unknown capacity.
    pub per_month: BTreeMap<OfficeCode, f64>,
}

/// Matches of one office in one month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonthOfOffice {
    /// The office.
    pub office: OfficeCode,
    /// The month.
    #[schema(value_type = String, example = "2026-03")]
    pub month: Month,
    /// Declarations of that month.
    pub declarations: u64,
    /// Their items.
    pub items: u64,
    /// Declarations that the filter matched.
    pub matched_declarations: u64,
    /// Matches: items, or declarations when the filter looks at the whole.
    pub matches: u64,
    /// Controls it would have ordered: matched declarations × sampling share.
    pub expected_orders: f64,
    /// Controls that the office can do in a month, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<f64>,
    /// Expected orders as a share of the capacity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_of_capacity: Option<f64>,
}

/// What is known of the matches from examinations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Examinations {
    /// Declarations that were examined.
    pub examined: u64,
    /// Of these, matched.
    pub matched: u64,
    /// Of the matched, with findings.
    pub found: u64,
    /// With findings and not matched.
    pub missed: u64,
    /// Examined without a logged probability: in the counts above, not in the shares below.
    pub without_probability: u64,
    /// Findings per examination where it matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yield_of_matches: Option<Estimate>,
    /// Findings per examination where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yield_of_rest: Option<Estimate>,
    /// Share of all findings that it matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_of_findings: Option<Estimate>,
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ExampleKind {
    /// Matched, and something was found.
    Found,
    /// Matched, and nothing was found.
    Nothing,
    /// Matched, and nobody looked.
    NotExamined,
    /// Not matched, and something was found.
    Missed,
}

/// A declaration that shows what the filter does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// What it shows.
    pub kind: ExampleKind,
    /// Its reference.
    pub reference: String,
    /// Its office.
    pub office: OfficeCode,
    /// Its month.
    #[schema(value_type = String, example = "2026-03")]
    pub month: Month,
    /// The first item that matched, by sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// Fields of the condition with the values they had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<(String, String)>,
}

/// What a filter would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Declarations seen.
    pub declarations: u64,
    /// Their items.
    pub items: u64,
    /// Declarations that it matched.
    pub matched_declarations: u64,
    /// Matches: items, or declarations when the filter looks at the whole.
    pub matches: u64,
    /// By office and month, in that order.
    pub months: Vec<MonthOfOffice>,
    /// What examinations say.
    pub examinations: Examinations,
    /// A few declarations of each kind.
    pub examples: Vec<Example>,
}

pub(super) fn report(definition: &FilterDefinition, tally: &Tally, capacity: &Capacity) -> ReplayReport {
    let mut months = Vec::new();
    for (office, by_month) in &tally.months {
        let capacity = capacity.per_month.get(office).copied();
        for (month, counts) in by_month {
            let expected_orders = counts.matched_declarations as f64 * definition.sampling_share;
            months.push(MonthOfOffice {
                office: office.clone(),
                month: *month,
                declarations: counts.declarations,
                items: counts.items,
                matched_declarations: counts.matched_declarations,
                matches: counts.matches,
                expected_orders,
                capacity,
                share_of_capacity: capacity.filter(|most| *most > 0.0).map(|most| expected_orders / most),
            });
        }
    }
    let examined = &tally.examined;
    ReplayReport {
        declarations: tally.declarations(),
        items: tally.items(),
        matched_declarations: tally.counts().map(|counts| counts.matched_declarations).sum(),
        matches: tally.counts().map(|counts| counts.matches).sum(),
        months,
        examinations: Examinations {
            examined: examined.examined,
            matched: examined.matched,
            found: examined.found,
            missed: examined.missed,
            without_probability: examined.without_probability,
            yield_of_matches: examined.yielded.estimate(LEVEL),
            yield_of_rest: examined.rest.estimate(LEVEL),
            share_of_findings: examined.covered.estimate(LEVEL),
        },
        examples: tally.examples.values().flat_map(BTreeMap::values).cloned().collect(),
    }
}
