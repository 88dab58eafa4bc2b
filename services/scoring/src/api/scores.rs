//! Advisory scores.

use actix_web::{HttpResponse, post, web::Data};
use customs::{Declaration, FilterMatch, ItemScore};
use rest::{Authorized, Body, Problem, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::State;

rest::roles!(pub Advised = Analyst | Auditor | DataScientist | Service);

/// What a declaration would be judged and valued as now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdviceView {
    /// Item scores with what moved them most, highest first; empty without a model.
    pub scores: Vec<ItemScore>,
    /// Probability that the declaration hides a finding; absent when it cannot be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_of_finding: Option<f64>,
    /// Filters whose condition holds. Those that look something up in lists are left out, of the value too.
    pub matches: Vec<FilterMatch>,
    /// What examining it would be worth, in the unit of the office's plan.
    pub value: f64,
    /// The office's price of a physical examination now; absent when nothing more is ordered by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// How little is known about it, 0 to 1.
    pub novelty: f64,
    /// Sequence of the feature log that the online features have applied.
    pub feature_sequence: u64,
    /// Epoch of the routing table.
    pub routing_epoch: u64,
    /// Epoch of the filter set.
    pub filters_epoch: u64,
    /// Epoch of the capacity plans.
    pub capacity_epoch: u64,
}

/// Score a declaration without deciding it
///
/// Stores nothing, learns nothing and promises nothing: the price moves, and the random stratum is not asked. Never for
/// declarants.
#[utoipa::path(
    tag = "scores",
    operation_id = "score_create",
    request_body(content = Declaration, description = "The declaration as it would be lodged.", example = json!({
        "reference": "2026-000123", "declarant": { "role": "declarant", "id": "20200000001" }, "office": "118",
        "acceptanceDateTime": "2026-03-02T12:00:00-05:00", "direction": "in", "regime": "10",
        "modality": "deferred", "form": "full",
        "parties": [{ "role": "importer", "id": "20456789012", "name": "Importadora Andina S.A.C." }],
        "transportDocuments": [{ "id": "MAEU604338211" }],
        "items": [{
            "sequence": 1, "commodityCode": "8517130000", "description": "Smartphones", "originCountry": "CN",
            "netMassKg": "12.5",
            "valuation": { "fob": { "amount": "1250.40", "currency": "USD" }, "method": 1 }
        }]
    })),
    responses(
        (status = 200, description = "What it would be judged as.", body = AdviceView, example = json!({
            "scores": [], "probabilityOfFinding": 0.031, "matches": [], "value": 0.031, "price": 0.12, "novelty": 0.3,
            "featureSequence": 4711, "routingEpoch": 3, "filtersEpoch": 2, "capacityEpoch": 1
        })),
        WriteProblems,
    ),
    security(("bearer" = ["analyst", "auditor", "data-scientist", "service"])),
    extensions(("x-audit" = json!("look"))),
)]
#[post("/v1/scores")]
pub async fn advise(
    caller: Authorized<Advised>,
    declaration: Body<Declaration>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    caller.check_office(&declaration.0.office)?;
    let advice = state.decider.advise(&declaration.0, state.clock.now()).await?;
    Ok(HttpResponse::Ok().json(AdviceView {
        scores: advice.scores,
        probability_of_finding: advice.probability,
        matches: advice.matches,
        value: advice.value,
        price: advice.price,
        novelty: advice.novelty,
        feature_sequence: advice.feature_sequence,
        routing_epoch: advice.epochs.routing,
        filters_epoch: advice.epochs.filters,
        capacity_epoch: advice.epochs.capacity,
    }))
}
