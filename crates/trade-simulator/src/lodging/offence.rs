//! What an examination that detects an offence would write down.

use crate::consignment::{Consignment, Scene};
use crate::countries::{self, HUBS};
use crate::draw::Stream;
use crate::spec::FraudKind;

use super::ItemAmounts;

/// Value added tax and municipal tax, percent.
pub(super) const VALUE_ADDED: f64 = 16.0;
pub(super) const MUNICIPAL: f64 = 2.0;

/// Goods taken out of trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seizure {
    pub(crate) quantity: f64,
    pub(crate) unit: &'static str,
    /// US dollars; none for what has no lawful price.
    pub(crate) value: Option<f64>,
}

/// The offence in one item.
#[derive(Clone, Debug)]
pub(crate) struct ItemOffence {
    /// The item; 0 for goods that belong to none.
    pub(crate) sequence: u32,
    pub(crate) field: &'static str,
    pub(crate) declared: String,
    pub(crate) found: String,
    /// Ad valorem and value added duty lost, US dollars.
    pub(crate) ad_valorem: f64,
    pub(crate) value_added: f64,
    pub(crate) seizure: Option<Seizure>,
}

/// The offence in a declaration.
#[derive(Clone, Debug)]
pub(crate) struct Offence {
    pub(crate) fraud: FraudKind,
    pub(crate) items: Vec<ItemOffence>,
}

impl Offence {
    /// Duty and taxes at stake, US dollars.
    pub(crate) fn duty(&self) -> f64 {
        self.items.iter().map(|item| item.ad_valorem + item.value_added).sum()
    }
}

/// The offence of kind `fraud` in the `concerned` items.
pub(super) fn describe(
    scene: &Scene,
    consignment: &Consignment,
    fraud: FraudKind,
    concerned: &[bool],
    amounts: &[ItemAmounts],
    stream: &mut Stream,
) -> Offence {
    // What hides behind the goods is found once, not item by item.
    let once = matches!(fraud, FraudKind::Undeclared | FraudKind::ContaminatedExport | FraudKind::Contraband);
    let chosen = (0..concerned.len()).filter(|index| concerned[*index]).take(if once { 1 } else { usize::MAX });
    let items = chosen.map(|index| describe_item(scene, consignment, fraud, index, &amounts[index], stream)).collect();
    Offence { fraud, items }
}

fn describe_item(
    scene: &Scene,
    consignment: &Consignment,
    fraud: FraudKind,
    index: usize,
    amounts: &ItemAmounts,
    stream: &mut Stream,
) -> ItemOffence {
    let plan = &consignment.items[index];
    let good = scene.goods.good(plan.cell);
    let rate = if consignment.prefers(scene, plan) { 0.0 } else { good.ad_valorem };
    let value = amounts.declared;
    // Value added tax is due on the goods and on the duty.
    let taxed = |field, declared: String, found: String, base: f64, ad_valorem: f64| ItemOffence {
        sequence: index as u32 + 1,
        field,
        declared,
        found,
        ad_valorem: base * ad_valorem / 100.0,
        value_added: base * (1.0 + ad_valorem / 100.0) * (VALUE_ADDED + MUNICIPAL) / 100.0,
        seizure: None,
    };
    let only_duty = |field, declared: &str, found: &str, duty: f64| ItemOffence {
        ad_valorem: duty,
        value_added: duty * VALUE_ADDED / 100.0,
        ..taxed(field, declared.to_owned(), found.to_owned(), 0.0, 0.0)
    };
    match fraud {
        FraudKind::Undervaluation | FraudKind::ExpressSplitting => {
            // Even where the draw left the value as it was, an officer would show some difference.
            let paid = amounts.paid.max(value * stream.between(1.15, 1.6));
            taxed("valuation", format!("{value:.2}"), format!("{paid:.2}"), paid - value, rate)
        }
        FraudKind::Misclassification => {
            let dearer = scene.goods.dearer_neighbour(plan.cell, stream);
            let lost = (dearer.ad_valorem - rate).max(5.0);
            only_duty("commodityCode", good.code, dearer.code, value * lost / 100.0)
        }
        FraudKind::Origin => {
            let declared = countries::at(plan.origin).code;
            let found = stream.pick(HUBS);
            let found = if found == declared { "IN" } else { found };
            only_duty("originCountry", declared, found, value * good.ad_valorem.max(6.0) / 100.0)
        }
        FraudKind::Quantity => {
            let more = stream.between(0.12, 0.7);
            let base = if consignment.is_export() { 0.0 } else { value * more };
            let kilograms = |mass: f64| format!("{mass:.3}");
            taxed("netMassKg", kilograms(amounts.net_kg), kilograms(amounts.net_kg * (1.0 + more)), base, rate)
        }
        FraudKind::Undeclared => {
            let hidden = consignment.value * stream.between(0.1, 0.8);
            let mut offence = taxed("description", String::new(), "mercancía no declarada".to_owned(), hidden, 6.0);
            if stream.chance(0.1) {
                offence.sequence = 0;
            }
            let quantity = (hidden / 15.0).max(1.0);
            offence.seizure = Some(Seizure { quantity, unit: "KGM", value: Some(hidden) });
            offence
        }
        FraudKind::ContaminatedExport => {
            let quantity = stream.lognormal(120.0, 1.1).clamp(2.0, 4_000.0);
            let mut offence = taxed("containers", String::new(), "clorhidrato de cocaína".to_owned(), 0.0, 0.0);
            offence.seizure = Some(Seizure { quantity, unit: "KGM", value: None });
            offence
        }
        FraudKind::Contraband => {
            let hidden = consignment.value * stream.lognormal(0.5, 0.7).min(4.0);
            let mut offence = taxed("description", String::new(), "contrabando".to_owned(), hidden, 17.0);
            let quantity = (hidden / 20.0).max(1.0);
            offence.seizure = Some(Seizure { quantity, unit: "KGM", value: Some(hidden) });
            offence
        }
    }
}
