//! Where offences are likely: the shape of fraud in this world.
//!
//! Most offences are habits: a small share of traders offends again and again, half of them through brokers that ask few
//! questions, many from shells, part of them in hot spots. The rest is diffuse among everybody, moved moderately by
//! goods, duty, broker and novelty. In the null world nothing moves anything.

use customs::Form;

use crate::calendar::DAY;
use crate::consignment::{Consignment, Scene};
use crate::spec::FraudKind;
use crate::traders::Flow;

/// Highest probability of an offence of an honest trader.
const DIFFUSE_LIMIT: f64 = 0.5;
/// Share of a habitual trader's offences that are of his own kind.
const OWN_KIND: f64 = 0.85;

/// How the risk of an honest trader's consignment compares with others, `age` microseconds after he began to trade.
pub(crate) fn diffuse_factor(scene: &Scene, consignment: &Consignment, age: i64) -> f64 {
    if consignment.kinds.is_empty() {
        return 0.0;
    }
    let hot = consignment.items.iter().any(|item| scene.goods.source(item.cell).hot);
    let duty = consignment.items.iter().map(|item| scene.goods.good(item.cell).ad_valorem).fold(0.0, f64::max);
    let flow = match (consignment.pick.flow, consignment.form) {
        (Flow::Express, _) | (Flow::Import, Form::Simplified) => 0.8,
        (Flow::Import, _) if consignment.regime == "10" => 1.05,
        (Flow::Import | Flow::Export, _) => 0.75,
    };
    let factor: f64 = flow
        * if hot { 2.3 } else { 1.0 }
        * if duty >= 11.0 {
            1.25
        } else if duty > 0.0 {
            1.1
        } else {
            0.85
        }
        * if scene.brokers.get(consignment.broker).loose { 1.8 } else { 1.0 }
        * if age < 60 * DAY { 1.6 } else { 1.0 };
    factor.powf(scene.spec.diffuse_contrast)
}

/// The probability of an offence before looking at values and masses.
pub(crate) fn prior(scene: &Scene, consignment: &Consignment, age: i64) -> f64 {
    if scene.spec.null_world {
        return scene.spec.offence_rate;
    }
    if consignment.habit.is_some() {
        return scene.spec.habitual_rate;
    }
    (scene.diffuse_rate * diffuse_factor(scene, consignment, age)).min(DIFFUSE_LIMIT)
}

/// What an offence would be, with relative frequencies that add up to 1; empty when none is possible.
pub(crate) fn kinds(scene: &Scene, consignment: &Consignment) -> Vec<(FraudKind, f64)> {
    let null = scene.spec.null_world;
    let mut kinds: Vec<(FraudKind, f64)> = scene
        .spec
        .fraud
        .iter()
        .map(|(kind, weight)| (*kind, weight * if null { 1.0 } else { aptness(*kind, consignment) }))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let total: f64 = kinds.iter().map(|(_, weight)| weight).sum();
    let own = if null { None } else { consignment.habit };
    let others = if own.is_some() && total > 0.0 { 1.0 - OWN_KIND } else { 1.0 };
    for (_, weight) in &mut kinds {
        *weight *= others / total;
    }
    if let Some(own) = own {
        let share = if kinds.is_empty() { 1.0 } else { OWN_KIND };
        match kinds.iter_mut().find(|(kind, _)| *kind == own) {
            Some((_, weight)) => *weight += share,
            None => kinds.push((own, share)),
        }
    }
    kinds
}

/// How apt a consignment is for a kind of fraud.
fn aptness(kind: FraudKind, consignment: &Consignment) -> f64 {
    let apt = |yes: bool, weight: f64| if yes { weight } else { 0.0 };
    let flow = consignment.pick.flow;
    match kind {
        FraudKind::Misclassification => apt(flow != Flow::Express, 1.0),
        FraudKind::Origin => apt(consignment.claims_preference, 1.5),
        FraudKind::Quantity => 1.0,
        FraudKind::Undervaluation | FraudKind::Undeclared => apt(flow != Flow::Export, 1.0),
        FraudKind::ExpressSplitting => apt(consignment.form == Form::Express, 3.0),
        FraudKind::ContaminatedExport => apt(flow == Flow::Export && consignment.containerised, 3.0),
        FraudKind::Contraband => apt(flow != Flow::Export, if consignment.regime == "80" { 3.0 } else { 0.6 }),
    }
}
