//! Explanations of decisions, in words and in numbers.
//!
//! Officers read what to look for: words, likely right values, shares of kinds, past cases. Why it was ordered and how
//! probable a finding is stays with those who analyse: an officer who knew would examine a random one less well.

use actix_web::{HttpResponse, get, web::Data};
use customs::{Channel, DeclarationId, FilterMatch, Novelty, OfficeCode, Selection, SelectionId, Timestamp, Trigger};
use explanation::{KindEstimate, PastCase, words::words};
use rest::{Authorized, PathParams, Principal, Problem, QueryParams, ReadProblems, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::reasons::reasons;
use crate::app::explain::{Explanation, ItemExplanation, Method, Moved};
use crate::store::selections::Of;

rest::roles!(pub Explained = Officer | Supervisor | Analyst | Auditor | DataScientist);

/// Similar cases per item, unless asked otherwise, and at most.
const SIMILAR: (u32, u32) = (5, 50);

/// How much is told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplanationParams {
    /// With exact contributions (Shapley values) of the artefact that decided, instead of the recorded path differences.
    #[serde(default)]
    pub exact: bool,
    /// Similar past cases per item, 0 to 50; 5 unless told.
    pub similar: Option<u32>,
}

/// How contributions were computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ContributionMethod {
    /// Differences along the paths of the trees, as recorded with the decision.
    Path,
    /// Shapley values: exactly fair.
    Shapley,
    /// No model decided.
    None,
}

/// Which way a feature moved the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Towards a finding.
    Raises,
    /// Away from one.
    Lowers,
}

/// Why a decision was taken, and what a finding would be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationView {
    /// The decision.
    pub selection: SelectionId,
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub declaration_version: u32,
    /// The office.
    pub office: OfficeCode,
    /// When it was decided; nothing that became known later is in here.
    pub decided_at: Timestamp,
    /// The channel.
    pub channel: Channel,
    /// What the ordered controls are to verify.
    pub verify: Vec<String>,
    /// One line each, most telling first.
    pub reasons: Vec<String>,
    /// Why controls were ordered; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<Trigger>>,
    /// Filters whose condition held, with the values; for analysts and auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<Vec<FilterMatch>>,
    /// Probability that the declaration hides a finding; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability_of_finding: Option<f64>,
    /// What nobody knew about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novelty: Option<Novelty>,
    /// How contributions were computed.
    pub contributions: ContributionMethod,
    /// The items that drove the decision, most suspicious first.
    pub items: Vec<ItemView>,
    /// Recorded cases known before the decision that were looked at; absent when they could not be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<u32>,
}

/// An item that drove the decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    /// The item, by sequence.
    pub item: u32,
    /// Declared commodity code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commodity_code: Option<String>,
    /// Declared origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_country: Option<String>,
    /// Probability that examining it finds something; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Of exact contributions: where the score starts with nothing known, on the logit scale; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Of exact contributions: what the features that are not in `features` added together; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<f64>,
    /// Of exact contributions: how many features are in `rest`; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_features: Option<u32>,
    /// Of exact contributions: the score on the logit scale, which is `start`, the contributions of `features` and
    /// `rest`; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// What moved the score, most first.
    pub features: Vec<FeatureView>,
    /// What a finding would be, most probable kind first.
    pub kinds: Vec<KindEstimate>,
    /// Past cases like it, most similar first.
    pub similar: Vec<PastCase>,
}

/// A feature that moved a score.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureView {
    /// Name in the catalogue.
    pub name: String,
    /// What it says, in English.
    pub label: String,
    /// What it says, in Spanish.
    pub label_es: String,
    /// Its value with unit, as text.
    pub value: String,
    /// Which way it moved the score.
    pub effect: Effect,
    /// What it added on the logit scale; not for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contribution: Option<f64>,
}

/// What a caller may know beyond what to look for.
#[derive(Clone, Copy, Debug)]
struct Audience {
    /// Probabilities, contributions, triggers.
    numbers: bool,
    /// Filters.
    filters: bool,
}

impl Audience {
    fn of(caller: &Principal) -> Self {
        let any = |roles: &[Role]| roles.iter().any(|role| caller.has(*role));
        let filters = any(&[Role::Analyst, Role::Auditor]);
        Self { numbers: filters || any(&[Role::Supervisor, Role::DataScientist]), filters }
    }
}

impl ExplanationView {
    fn of(explanation: Explanation, audience: Audience) -> Self {
        let reasons = reasons(&explanation, audience.filters, audience.numbers);
        let Explanation { selection, method, items, cases } = explanation;
        let Selection { orders, matches, .. } = &selection;
        let mut verify: Vec<String> = Vec::new();
        for area in orders.iter().flat_map(|order| &order.verify) {
            if !verify.contains(area) {
                verify.push(area.clone());
            }
        }
        Self {
            verify,
            reasons,
            triggers: audience.numbers.then(|| orders.iter().map(|order| order.trigger).collect()),
            matches: audience.filters.then(|| matches.clone()),
            probability_of_finding: selection.probability_of_finding.filter(|_| audience.numbers),
            novelty: selection.novelty,
            contributions: match method {
                Method::Path => ContributionMethod::Path,
                Method::Shapley => ContributionMethod::Shapley,
                Method::None => ContributionMethod::None,
            },
            items: items.into_iter().map(|item| ItemView::of(item, audience)).collect(),
            cases,
            selection: selection.id,
            declaration: selection.declaration,
            declaration_version: selection.declaration_version,
            office: selection.office,
            decided_at: selection.decided_at,
            channel: selection.channel,
        }
    }
}

impl ItemView {
    fn of(item: ItemExplanation, audience: Audience) -> Self {
        let ItemExplanation { item, probability, moved, sum, declared, mut kinds, similar } = item;
        if !audience.numbers {
            for kind in &mut kinds {
                (kind.probability, kind.expected_duty) = (None, None);
            }
        }
        let sum = sum.filter(|_| audience.numbers);
        Self {
            item,
            commodity_code: declared.as_ref().map(|declared| declared.commodity_code.clone()),
            origin_country: declared.map(|declared| declared.origin),
            probability: probability.filter(|_| audience.numbers),
            start: sum.map(|sum| sum.start),
            rest: sum.map(|sum| sum.rest),
            rest_features: sum.map(|sum| sum.others),
            margin: sum.map(|sum| sum.margin),
            features: moved.into_iter().map(|moved| FeatureView::of(moved, audience)).collect(),
            kinds,
            similar,
        }
    }
}

impl FeatureView {
    fn of(moved: Moved, audience: Audience) -> Self {
        let told = words(&moved.name, moved.value);
        Self {
            name: moved.name,
            label: told.label,
            label_es: told.label_es,
            value: told.value,
            effect: if moved.contribution > 0.0 { Effect::Raises } else { Effect::Lowers },
            contribution: audience.numbers.then_some(moved.contribution),
        }
    }
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "selection": "019515e8-7c80-7abc-8def-0123456789ab", "declaration": "019515e8-7c80-7def-8abc-0123456789ab",
        "declarationVersion": 1, "office": "118", "decidedAt": "2026-03-02T17:00:00Z", "channel": "red",
        "verify": ["value"],
        "reasons": ["Item 1: if something is found, most probably undervaluation (71 %): 4000.00 USD declared, \
            6900.00 likely (6100.00 to 8200.00)"],
        "triggers": ["model"], "matches": [], "probabilityOfFinding": 0.41, "contributions": "path", "cases": 210,
        "items": [{
            "item": 1, "commodityCode": "8467210000", "originCountry": "CN", "probability": 0.38,
            "features": [{
                "name": "hs4Rate", "label": "Smoothed rate of findings by physical examination for the heading",
                "labelEs": "Tasa suavizada de hallazgos en reconocimientos físicos de la partida", "value": "31.2 %",
                "effect": "raises", "contribution": 0.82
            }],
            "kinds": [{
                "kind": "undervaluation", "share": 0.71, "probability": 0.27, "findings": 12, "level": "heading",
                "likely": [{
                    "field": "valuation", "declared": "4000.00", "value": "6900.00", "lower": "6100.00",
                    "upper": "8200.00", "support": 212, "source": "typicalValueAndRecordedFindings"
                }],
                "dutyIfFound": { "amount": "580.00", "currency": "USD" },
                "dutySource": "typicalValueAndRecordedFindings",
                "expectedDuty": { "amount": "156.60", "currency": "USD" }
            }],
            "similar": [{
                "declaration": "019c8e0c-5c00-7a41-9d3f-2a6bd40f1f0c", "item": 2, "knownAt": "2026-02-10T17:00:00Z",
                "control": "019c8e0c-5c00-7d63-9e21-7a1bc65d2e3f", "method": "physical", "stage": "final",
                "kinds": ["undervaluation"], "additionalDuty": { "amount": "410.20", "currency": "USD" },
                "similarity": 0.83, "shared": ["chapter", "heading", "subheading", "origin", "unitValue"]
            }]
        }]
    })
}

/// Explain a decision
///
/// The items that drove it with what moved their scores, in words; what a finding would be, of which kind, with the
/// likely right value and the additional duty; past cases like them. Only what was known when it was decided: asked
/// again, the answer is the same. Officers are not told why it was ordered, nor how probable a finding is.
#[utoipa::path(
    tag = "explanations",
    operation_id = "selectionexplanation_read",
    params(("id" = SelectionId, Path, description = "The selection."), ExplanationParams),
    responses((status = 200, description = "The explanation.", body = ExplanationView, example = json!(example())), ReadProblems),
    security(("bearer" = ["officer", "supervisor", "analyst", "auditor", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/selections/{id}/explanation")]
pub async fn read(
    caller: Authorized<Explained>,
    id: PathParams<SelectionId>,
    params: QueryParams<ExplanationParams>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    explain(&caller, Of::Selection(id.0), &params.0, &state).await
}

/// Explain the last decision about a declaration
///
/// As the explanation of a selection, for those who know the declaration: a worklist names it.
#[utoipa::path(
    tag = "explanations",
    operation_id = "declarationexplanation_read",
    params(("id" = DeclarationId, Path, description = "The declaration."), ExplanationParams),
    responses((status = 200, description = "The explanation.", body = ExplanationView, example = json!(example())), ReadProblems),
    security(("bearer" = ["officer", "supervisor", "analyst", "auditor", "data-scientist"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/declarations/{id}/explanation")]
pub async fn of_declaration(
    caller: Authorized<Explained>,
    id: PathParams<DeclarationId>,
    params: QueryParams<ExplanationParams>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    explain(&caller, Of::Declaration(id.0), &params.0, &state).await
}

async fn explain(
    caller: &Principal,
    of: Of,
    params: &ExplanationParams,
    state: &State,
) -> Result<HttpResponse, Problem> {
    let most = params.similar.unwrap_or(SIMILAR.0).min(SIMILAR.1);
    // The office is checked before anybody else is asked.
    let office = state.decider.office_of(of).await?;
    caller.check_office(&office)?;
    let explanation = state.decider.explain(of, params.exact, most).await?;
    Ok(HttpResponse::Ok().json(ExplanationView::of(explanation, Audience::of(caller))))
}
