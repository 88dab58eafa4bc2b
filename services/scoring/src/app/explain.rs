//! Explaining a decision: what moved it, what a finding would be, and which past cases are like it.
//!
//! Everything comes from the record: the stored vectors, the artefact that decided then, what was declared then, and
//! cases known before it. Asked again, a decision has the same explanation, whatever was learned since.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use customs::{ItemScore, ModelVersionId, OfficeCode, Selection};
use explanation::{Declared, ItemCases, KindEstimate, PastCase, estimate};
use features::{contract, vector_from_bytes};
use risk_model::Artefact;

use super::cases::CaseQuestion;
use super::decider::Decider;
use crate::domain::declared::DeclaredItem;
use crate::domain::judgement::Champion;
use crate::error::ServiceError;
use crate::store::selections::{self, Of};
use crate::store::tables as stored;

/// Features told of an item.
const FEATURES: usize = 10;

/// How contributions were computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Differences along the paths of the trees, as recorded with the decision.
    Path,
    /// Shapley values: exactly fair.
    Shapley,
    /// No model decided.
    None,
}

/// A feature that moved the score of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The feature.
    pub name: String,
    /// Its value; none is missing.
    pub value: Option<f32>,
    /// What it added on the logit scale.
    pub contribution: f64,
}

/// What exact contributions add up to, on the logit scale: `start`, those that are told, and `rest` make `margin`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// The score with nothing known.
    pub start: f64,
    /// What is not told one by one.
    pub rest: f64,
    /// How many these are.
    pub others: u32,
    /// The score.
    pub margin: f64,
}

/// What is told of an item.
#[derive(Clone, Debug)]
pub struct ItemExplanation {
    /// The item, by sequence.
    pub item: u32,
    /// Probability that examining it finds something; none without a model.
    pub probability: Option<f64>,
    /// What moved the score, most first.
    pub moved: Vec<Moved>,
    /// Of exact contributions: what they add up from and to.
    pub sum: Option<Sum>,
    /// What was declared; none of an item that did not drive the decision.
    pub declared: Option<Declared>,
    /// What a finding would be.
    pub kinds: Vec<KindEstimate>,
    /// Past cases like it.
    pub similar: Vec<PastCase>,
}

/// Why a decision was taken, and what a finding would be.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub selection: Selection,
    /// How contributions were computed.
    pub method: Method,
    /// The items that drove it, most suspicious first.
    pub items: Vec<ItemExplanation>,
    /// Recorded cases that were looked at; none when the feature store did not answer.
    pub cases: Option<u32>,
}

impl Decider {
    /// The office that took the decision.
    pub async fn office_of(&self, of: Of) -> Result<OfficeCode, ServiceError> {
        selections::office_of(self.db.reader(), of).await?.ok_or_else(|| missing(of))
    }

    /// Explains the decision `of`, with `most` similar cases per item.
    pub async fn explain(&self, of: Of, exact: bool, most: u32) -> Result<Explanation, ServiceError> {
        let stored = selections::find_explained(self.db.reader(), of).await?;
        let (selection, declared) = stored.ok_or_else(|| missing(of))?.whole()?;
        let model = selection.scores.first().map(|score| score.model);
        let artefact = match model {
            Some(model) if exact => Some(self.artefact_of(model).await?),
            _ => None,
        };
        let method = match (&model, exact) {
            (None, _) => Method::None,
            (Some(_), true) => Method::Shapley,
            (Some(_), false) => Method::Path,
        };
        let mut items = driving(&selection, &declared, artefact.as_deref());
        let cases = self.recorded(&selection, &mut items, most).await;
        Ok(Explanation { selection, method, items, cases })
    }

    /// Adds what the past says. How many cases there were; none when nobody tells.
    async fn recorded(&self, selection: &Selection, items: &mut [ItemExplanation], most: u32) -> Option<u32> {
        let question = CaseQuestion {
            declaration: selection.declaration,
            version: selection.declaration_version,
            items: items.iter().map(|item| item.item).collect(),
            before: selection.decided_at,
            most,
        };
        let answer = if items.is_empty() { Ok(Vec::new()) } else { self.cases.similar(&question).await };
        let told =
            answer.inspect_err(|error| tracing::warn!(%error, "a decision is explained without past cases")).ok();
        let found: &[ItemCases] = told.as_deref().unwrap_or_default();
        for item in items {
            let own = found.iter().find(|own| own.item == item.item);
            let known = own.map(|own| own.known.clone()).unwrap_or_default();
            if let Some(declared) = &item.declared {
                item.kinds = estimate(declared, item.probability, &known);
            }
            item.similar = own.map(|own| own.similar.clone()).unwrap_or_default();
        }
        told.as_ref().map(|told| told.iter().map(|item| item.known.cases).max().unwrap_or(0))
    }

    /// The artefact that the model version is: the one in force, a kept one, or fetched again.
    pub(super) async fn artefact_of(&self, model: ModelVersionId) -> Result<Arc<Artefact>, ServiceError> {
        let live = self.live();
        let in_force = live.tables.champions.values().find_map(|champion| match champion {
            Champion::Model(version, artefact) if *version == model => Some(Arc::clone(artefact)),
            _ => None,
        });
        if let Some(artefact) = in_force {
            return Ok(artefact);
        }
        let digest = stored::digest_of(self.db.reader(), model).await?;
        let digest = digest.ok_or_else(|| ServiceError::Artefact(format!("no digest is known of model {model}")))?;
        let failed = |error: &dyn std::fmt::Display| ServiceError::Artefact(format!("artefact {digest}: {error}"));
        let artefact = if let Some(kept) = stored::load_artefact(self.db.reader(), &digest).await? {
            Artefact::from_bytes(&kept)
        } else {
            let bytes = self.source.fetch(&digest).await.map_err(|error| failed(&error))?;
            Artefact::from_bytes(&bytes)
        };
        let artefact = artefact.map_err(|error| failed(&error))?;
        if artefact.digest() == digest { Ok(Arc::new(artefact)) } else { Err(failed(&"its content is another one")) }
    }
}

fn missing(of: Of) -> ServiceError {
    ServiceError::NotFound(match of {
        Of::Selection(id) => format!("selection {id}"),
        Of::Declaration(id) => format!("a decision about declaration {id}"),
    })
}

/// The items that drove the decision: those that were explained with it, or declared with it; the first where nothing of
/// this was kept.
fn driving(selection: &Selection, declared: &[DeclaredItem], artefact: Option<&Artefact>) -> Vec<ItemExplanation> {
    let drives = |score: &&ItemScore| {
        !score.contributions.is_empty() || declared.iter().any(|declared| declared.item == score.item)
    };
    let mut items: Vec<ItemExplanation> =
        selection.scores.iter().filter(drives).map(|score| explained(selection, score, artefact)).collect();
    if selection.scores.is_empty() {
        items.extend(declared.iter().map(|declared| ItemExplanation {
            item: declared.item,
            probability: None,
            moved: Vec::new(),
            sum: None,
            declared: None,
            kinds: Vec::new(),
            similar: Vec::new(),
        }));
    }
    for item in &mut items {
        let own = declared.iter().find(|declared| declared.item == item.item);
        item.declared = own.map(|own| own.declared.clone());
    }
    items
}

fn explained(selection: &Selection, score: &ItemScore, artefact: Option<&Artefact>) -> ItemExplanation {
    let vector = selection
        .vectors
        .iter()
        .find(|vector| vector.item == score.item)
        .and_then(|vector| vector_from_bytes(&STANDARD.decode(&vector.values).ok()?));
    let names = names(selection, artefact);
    let (mut moved, mut sum) = (score.contributions.clone(), None);
    // A vector of another contract than the artefact's says nothing to it.
    let fits = |artefact: &&Artefact| selection.feature_contract.as_deref() == Some(artefact.contract_hash());
    if let (Some(artefact), Some(vector)) = (artefact.filter(fits), &vector) {
        let (start, by_feature) = artefact.shapley(vector);
        let mut order: Vec<usize> = (0..by_feature.len()).filter(|at| by_feature[*at] != 0.0).collect();
        order.sort_by(|a, b| by_feature[*b].abs().total_cmp(&by_feature[*a].abs()).then(a.cmp(b)));
        let (told, others) = order.split_at(order.len().min(FEATURES));
        let margin = artefact.margin(vector);
        // As a difference, so that what is told adds up to the last digit.
        let rest = margin - told.iter().fold(start, |sum, at| sum + by_feature[*at]);
        sum = Some(Sum { start, rest, others: others.len() as u32, margin });
        moved = told.iter().filter_map(|at| Some((names.get(*at)?.clone(), by_feature[*at]))).collect();
    }
    moved.truncate(FEATURES);
    let value = |name: &str| {
        let at = names.iter().position(|other| other == name)?;
        vector.as_ref()?.get(at).copied().filter(|value| !value.is_nan())
    };
    ItemExplanation {
        item: score.item,
        probability: Some(score.probability),
        moved: moved
            .into_iter()
            .map(|(name, contribution)| Moved { value: value(&name), name, contribution })
            .collect(),
        sum,
        declared: None,
        kinds: Vec::new(),
        similar: Vec::new(),
    }
}

/// The names of the record's vectors; none when neither the artefact nor this program knows its contract.
fn names(selection: &Selection, artefact: Option<&Artefact>) -> Vec<String> {
    let recorded = selection.feature_contract.as_deref();
    match artefact {
        Some(artefact) if recorded == Some(artefact.contract_hash()) => artefact.names().to_vec(),
        _ if recorded == Some(contract().hash.as_str()) => {
            contract().names.iter().map(|name| (*name).to_owned()).collect()
        }
        _ => Vec::new(),
    }
}
