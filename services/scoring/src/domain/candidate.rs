//! What the selection is asked about a declaration.

use customs::{Channel, Declaration, FilterMatch};
use risk_filters::{FilterDefinition, FilterSet};
use rust_decimal::prelude::ToPrimitive as _;
use selection::{Candidate, Earlier, FilterOrder};

use super::judgement::Judgement;

/// The salt of a filter's sampling draw.
pub fn sampling_salt(filter: &FilterDefinition) -> String {
    format!("filter/{}", filter.id)
}

/// What the acting matches ask for, each filter once.
pub fn filter_orders(filters: &FilterSet, matches: &[FilterMatch]) -> Vec<FilterOrder> {
    let mut orders = Vec::new();
    let mut last = None;
    // Matches of one filter stand together.
    for matched in matches.iter().filter(|matched| matched.acted) {
        if last == Some(matched.filter) {
            continue;
        }
        last = Some(matched.filter);
        if let Some(filter) = filters.definition(matched.filter) {
            let verify = if filter.verify.is_empty() { &filter.area } else { &filter.verify };
            orders.push(FilterOrder {
                method: filter.action.method,
                mandatory: filter.action.mandatory,
                weight: filter.action.weight,
                verify: verify.clone(),
            });
        }
    }
    orders
}

/// The candidate of a declaration version.
pub fn candidate<'a>(
    consignment_key: &'a str,
    declaration: &Declaration,
    judgement: &Judgement,
    filters: Vec<FilterOrder>,
    told_channel: Option<Channel>,
    earlier: Option<&'a Earlier>,
    arrival: bool,
) -> Candidate<'a> {
    Candidate {
        consignment_key,
        probability_of_finding: judgement.probability,
        duty_at_stake: declared_duty(declaration),
        probability_of_critical: 0.0,
        filters,
        verify: judgement.areas.clone(),
        novelty: judgement.novelty,
        degraded: judgement.probability.is_none(),
        told_channel,
        earlier,
        arrival,
    }
}

/// Duties and taxes as declared: what a finding most often moves.
fn declared_duty(declaration: &Declaration) -> f64 {
    let duties = declaration.items.iter().flat_map(|item| &item.duty_taxes);
    duties.filter_map(|duty| duty.declared.as_ref()?.amount.to_f64()).filter(|amount| *amount > 0.0).sum()
}
