//! Taking stored decisions again, and holding them against their records.
//!
//! Given are the vectors, which filters held, and what was left of the office's capacity at which price. Everything that
//! follows from those is computed again by the code that decides: scores and what moved them, probability, novelty, the
//! keyed draws, value, orders with their reasons, channel, and the probabilities of having been selected.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use customs::{ItemVector, ModelVersionId, Selection, SelectionId};
use events::erasure::names_erased;
use features::{contract, vector_from_bytes};
use selection::{Candidate, CapacityPlan, Earlier, decide_again};
use serde_json::Value;

use super::decider::Decider;
use crate::domain::basis::Basis;
use crate::domain::because::because;
use crate::domain::candidate::alike;
use crate::domain::judgement::{Champion, judge};
use crate::domain::record::{as_earlier, decision_point, exact, id_of};
use crate::error::ServiceError;
use crate::store::selections::{self, Based};
use crate::store::tables as stored;

/// Numbers that lie no further apart are one: texts of numbers are read to the last but one bit.
const SAME: f64 = 1e-9;

/// What is not the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, as a JSON pointer into the record.
    pub pointer: String,
    /// What is recorded.
    pub recorded: Value,
    /// What it comes to.
    pub again: Value,
}

/// What came of taking a decision again.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The same.
    Equal,
    /// Something else.
    Different(Vec<Difference>),
    /// A person was taken out of it: what its draws hashed is gone, so that they cannot be made again.
    Erased,
    /// It cannot be taken again, for this reason.
    Unknown(String),
}

/// A decision with what came of taking it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The decision.
    pub selection: Selection,
    /// What came of it.
    pub verdict: Verdict,
}

/// Why a decision without its vectors cannot be taken again.
const UNREADABLE: &str = "its vectors cannot be read";

/// What many decisions have in common.
#[derive(Default)]
struct Tables {
    champions: HashMap<ModelVersionId, Champion>,
    plans: HashMap<u64, Option<Vec<CapacityPlan>>>,
}

impl Decider {
    /// Takes the decision `id` again.
    pub async fn verify(&self, id: SelectionId) -> Result<Verified, ServiceError> {
        let row = selections::find_based(self.db.reader(), id).await?;
        let row = row.ok_or_else(|| ServiceError::NotFound(format!("selection {id}")))?;
        self.verify_one(row, &mut Tables::default()).await
    }

    /// Takes the decisions after the place `after` again, at most `limit`. With the place of the last one.
    pub async fn verify_after(&self, after: i64, limit: u64) -> Result<(Vec<Verified>, Option<i64>), ServiceError> {
        let rows = selections::based(self.db.reader(), after, limit).await?;
        let last = rows.last().map(|row| row.seq);
        let (mut tables, mut verified) = (Tables::default(), Vec::with_capacity(rows.len()));
        for row in rows {
            verified.push(self.verify_one(row, &mut tables).await?);
        }
        Ok((verified, last))
    }

    async fn verify_one(&self, row: Based, tables: &mut Tables) -> Result<Verified, ServiceError> {
        let recorded = row.selection;
        let verdict = match &row.basis {
            _ if names_erased(&row.consignment) => Verdict::Erased,
            None => Verdict::Unknown("it was taken before its basis was kept".to_owned()),
            Some(_) if !row.is_readable => Verdict::Unknown(UNREADABLE.to_owned()),
            Some(basis) => match self.again(&recorded, basis, &row.consignment, tables).await? {
                Ok(again) => compare(&recorded, &again)?,
                Err(reason) => Verdict::Unknown(reason),
            },
        };
        Ok(Verified { selection: recorded, verdict })
    }

    /// The decision taken again, or why it cannot be.
    async fn again(
        &self,
        recorded: &Selection,
        basis: &Basis,
        consignment: &str,
        tables: &mut Tables,
    ) -> Result<Result<Selection, String>, ServiceError> {
        if recorded.feature_contract.as_ref().is_some_and(|of| *of != contract().hash) {
            return Ok(Err("its vectors are of another feature contract".to_owned()));
        }
        let champion = match self.champion_of(recorded, tables).await {
            Ok(champion) => champion,
            Err(ServiceError::Artefact(reason)) => return Ok(Err(reason)),
            Err(error) => return Err(error),
        };
        let plan = match &basis.plan {
            Some(plan) => CapacityPlan::clone(plan),
            None => match self.plan_of(recorded, tables).await? {
                Some(plan) => plan,
                None => return Ok(Err(format!("the plans of epoch {} are not kept", recorded.capacity_epoch))),
            },
        };
        let earlier = match recorded.supersedes {
            None => None,
            Some(id) => match selections::find(self.db.reader(), id).await? {
                Some(earlier) => Some(as_earlier(&earlier.into_selection()?)),
                None => return Ok(Err(format!("selection {id}, which it replaces, is not kept"))),
            },
        };
        let Some(mut items) = vectors(&recorded.vectors) else {
            return Ok(Err(UNREADABLE.to_owned()));
        };
        // As they were declared.
        items.sort_by_key(|(item, _)| *item);
        Ok(Ok(self.take_again(recorded, basis, consignment, items, (&champion, &plan, earlier.as_ref()))))
    }

    fn take_again(
        &self,
        recorded: &Selection,
        basis: &Basis,
        consignment: &str,
        items: Vec<(u32, Vec<f32>)>,
        (champion, plan, earlier): (&Champion, &CapacityPlan, Option<&Earlier>),
    ) -> Selection {
        let (sequences, vectors): (Vec<u32>, Vec<Vec<f32>>) = items.into_iter().unzip();
        let mut judgement = judge(champion, &vectors, &sequences, basis.past);
        // Of a declaration with more items than vectors are kept, what all of them make together is given.
        let whole = recorded.degraded || (!vectors.is_empty() && vectors.len() == basis.items as usize);
        if !whole {
            judgement.probability = recorded.probability_of_finding;
            judgement.flag.clone_from(&recorded.novelty);
        }
        let [examined_alike, declared_alike] = alike(judgement.recorded.first().and_then(|at| vectors.get(*at)));
        let asked = Candidate {
            consignment_key: consignment,
            probability_of_finding: judgement.probability,
            duty_at_stake: basis.duty,
            probability_of_critical: basis.critical,
            filters: basis.filters.clone(),
            verify: judgement.areas.clone(),
            novelty: if whole { judgement.novelty } else { basis.novelty },
            examined_alike,
            declared_alike,
            counted_days: basis.days,
            items: basis.items,
            hold_hours: basis.hold,
            degraded: judgement.probability.is_none(),
            told_channel: basis.told,
            earlier,
            // Its price is given, and nobody learns from it.
            trial: None,
            arrival: recorded.declaration_version == 1,
        };
        let mut decision = decide_again(plan, basis.standing, &asked, &self.secret);
        if !decision.orders.is_empty() {
            judgement.explain(champion, &vectors);
            for order in decision.orders.iter_mut().filter(|order| order.because.is_empty()) {
                order.because = because(order, &recorded.matches, &judgement, &vectors);
            }
        }
        if !whole {
            keep_reasons(&mut judgement.scores, &mut decision.orders, recorded);
        }
        Selection {
            id: id_of(recorded.decided_at, recorded.declaration, recorded.declaration_version),
            decision_point: decision_point(recorded.declaration_version),
            channel: decision.channel,
            channel_without_draw: decision.channel_without_draw,
            orders: decision.orders,
            probability: exact(decision.probability),
            random_probability: exact(decision.random_probability),
            draw: exact(decision.draw),
            probability_of_finding: judgement.probability.map(exact),
            novelty: judgement.flag,
            value: exact(decision.value),
            price: exact(decision.price),
            learning: (decision.learning.abs() >= 1e-12).then(|| exact(decision.learning)),
            scores: judgement.scores,
            degraded: judgement.probability.is_none(),
            ..recorded.clone()
        }
    }

    async fn champion_of(&self, recorded: &Selection, tables: &mut Tables) -> Result<Champion, ServiceError> {
        let Some(model) = recorded.scores.first().map(|score| score.model) else {
            return Ok(if recorded.degraded { Champion::Unusable } else { Champion::Baseline });
        };
        if let Some(known) = tables.champions.get(&model) {
            return Ok(known.clone());
        }
        let champion = Champion::Model(model, self.artefact_of(model).await?);
        tables.champions.insert(model, champion.clone());
        Ok(champion)
    }

    async fn plan_of(&self, recorded: &Selection, tables: &mut Tables) -> Result<Option<CapacityPlan>, ServiceError> {
        let epoch = recorded.capacity_epoch;
        let plans = match tables.plans.entry(epoch) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(stored::plans_of(self.db.reader(), epoch).await?),
        };
        Ok(plans.as_ref().and_then(|plans| plans.iter().find(|plan| plan.office == recorded.office).cloned()))
    }
}

/// The vectors by item; none where one is no vector of the contract.
fn vectors(recorded: &[ItemVector]) -> Option<Vec<(u32, Vec<f32>)>> {
    let read = |vector: &ItemVector| {
        let bytes = STANDARD.decode(&vector.values).ok()?;
        Some((vector.item, vector_from_bytes(&bytes)?))
    };
    recorded.iter().map(read).collect()
}

/// Reasons that follow from more items than are kept stay as they are recorded.
fn keep_reasons(scores: &mut [customs::ItemScore], orders: &mut [customs::ControlOrder], recorded: &Selection) {
    for score in scores {
        if let Some(known) = recorded.scores.iter().find(|known| known.item == score.item) {
            score.contributions.clone_from(&known.contributions);
        }
    }
    for order in orders {
        if let Some(known) = recorded.orders.iter().find(|known| known.method == order.method) {
            order.because.clone_from(&known.because);
        }
    }
}

fn compare(recorded: &Selection, again: &Selection) -> Result<Verdict, ServiceError> {
    let json = |selection: &Selection| {
        serde_json::to_value(selection).map_err(|error| ServiceError::Json("a decision", error))
    };
    let mut differences = Vec::new();
    differ(String::new(), &json(recorded)?, &json(again)?, &mut differences);
    Ok(if differences.is_empty() { Verdict::Equal } else { Verdict::Different(differences) })
}

fn differ(pointer: String, recorded: &Value, again: &Value, differences: &mut Vec<Difference>) {
    match (recorded, again) {
        (Value::Object(one), Value::Object(other)) => {
            let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let of = |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or(Value::Null);
                differ(format!("{pointer}/{name}"), &of(one), &of(other), differences);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                differ(format!("{pointer}/{at}"), one, other, differences);
            }
        }
        (Value::Number(one), Value::Number(other)) => {
            let (a, b) = (one.as_f64().unwrap_or(f64::NAN), other.as_f64().unwrap_or(f64::NAN));
            if (a - b).abs() > SAME * a.abs().max(b.abs()).max(1.0) {
                differences.push(Difference { pointer, recorded: recorded.clone(), again: again.clone() });
            }
        }
        (one, other) if one == other => {}
        _ => differences.push(Difference { pointer, recorded: recorded.clone(), again: again.clone() }),
    }
}
