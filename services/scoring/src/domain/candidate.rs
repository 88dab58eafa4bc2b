//! What the selection is asked about a declaration.

use customs::{Channel, FilterMatch};
use risk_filters::{FilterDefinition, FilterSet};
use selection::{Candidate, Earlier, FilterOrder};

use super::declared::Stakes;
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
    judgement: &Judgement,
    stakes: Stakes,
    filters: Vec<FilterOrder>,
    told_channel: Option<Channel>,
    earlier: Option<&'a Earlier>,
    arrival: bool,
) -> Candidate<'a> {
    Candidate {
        consignment_key,
        probability_of_finding: judgement.probability,
        duty_at_stake: stakes.duty,
        probability_of_critical: judgement.probability.unwrap_or(0.0) * stakes.critical,
        filters,
        verify: judgement.areas.clone(),
        novelty: judgement.novelty,
        degraded: judgement.probability.is_none(),
        told_channel,
        earlier,
        arrival,
        ..Candidate::default()
    }
}
