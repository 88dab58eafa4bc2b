//! An advisory score: what a declaration would be judged and valued as now. Stores nothing and learns nothing.

use std::sync::Arc;

use customs::{Declaration, FilterMatch, ItemScore, Timestamp};
use risk_filters::FilterInput;
use selection::{CLOSED_PRICE, OfficeState};

use super::decider::Decider;
use crate::domain::candidate::{Goods, candidate, filter_orders, sampling_salt};
use crate::domain::judgement::judge;
use crate::domain::novelty::Past;
use crate::domain::record::Epochs;
use crate::error::ServiceError;

/// What a declaration would be judged as.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Item scores, highest first; empty without a model.
    pub scores: Vec<ItemScore>,
    /// Probability that it hides a finding.
    pub probability: Option<f64>,
    /// Filters whose condition holds, but those that look something up in lists.
    pub matches: Vec<FilterMatch>,
    /// What examining it would be worth.
    pub value: f64,
    /// The office's price of a physical examination now; none when nothing more is ordered by value.
    pub price: Option<f64>,
    /// How little is known about it, 0 to 1.
    pub novelty: f64,
    /// How far the online features are.
    pub feature_sequence: u64,
    /// The tables.
    pub epochs: Epochs,
}

impl Decider {
    /// Judges `declaration` as if it were accepted at `at`. What looks something up in lists is left out: who may ask
    /// about any declaration would learn who is on them.
    pub async fn advise(&self, declaration: &Declaration, at: Timestamp) -> Result<Advice, ServiceError> {
        let live = self.live();
        let keys = features::keys(declaration);
        let snapshot = self.online.read(keys.list()).await?;
        let vectors = features::vectors(declaration, &keys, &snapshot.states, &[], at);
        let sequences: Vec<u32> = declaration.items.iter().map(|item| item.sequence).collect();
        let champion = live.tables.champion(declaration.direction);
        let counted = features::counted(&keys, &snapshot.states, at);
        let mut judgement = judge(&champion, &vectors, &sequences, Past::of(counted));
        judgement.explain(&champion, &vectors);
        let goods = Goods::of(declaration, &keys, Some(&snapshot.states), &vectors, &judgement, counted.days);
        let key = declaration.consignment_key();
        let input = FilterInput { declaration, notes: &[], features: &vectors };
        let filters = &live.tables.filters;
        let mut matches =
            filters.matches(&input, at, &declaration.office, |filter| self.secret.draw(&sampling_salt(filter), &key));
        matches.retain(|matched| !matched.listed);
        let orders = filter_orders(filters, &matches);
        let plan = live.tables.plan(&declaration.office);
        let asked = candidate(declaration, &plan, (at, None), &judgement, goods, orders);
        let state = live.offices.get(&declaration.office).cloned();
        let state = state.unwrap_or_else(|| Arc::new(OfficeState::open(&plan, at)));
        let price = state.view(&plan, &live.nation, at).physical_price;
        Ok(Advice {
            value: selection::value(&plan, &asked),
            probability: judgement.probability,
            novelty: judgement.novelty,
            scores: judgement.scores,
            matches,
            price: (price < CLOSED_PRICE).then_some(price),
            feature_sequence: snapshot.sequence,
            epochs: live.tables.epochs,
        })
    }
}
