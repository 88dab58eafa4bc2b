//! What was declared of an item and what others declare of such goods, as far as explanation and value need it.

use customs::{Declaration, GoodsItem};
use explanation::value::FIRST_DEVIATION;
use explanation::{Declared, Typical, backoff::Sum, duty};
use features::{DeclarationKeys, EntityState, Group, History, Values};
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

/// Groups whose findings tell what a finding among goods like these brings, general ones first.
const GOODS: [Group; 5] = [Group::Everything, Group::Hs2, Group::Hs4, Group::Hs6, Group::Hs6Origin];

/// An item as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredItem {
    /// The item, by sequence.
    pub item: u32,
    /// What was declared.
    #[serde(flatten)]
    pub declared: Declared,
}

/// What the states say of one item.
#[derive(Clone, Copy, Debug, Default)]
struct Precedents {
    typical: Option<Typical>,
    recorded: [Sum; GOODS.len()],
    critical: [Sum; GOODS.len()],
}

impl Precedents {
    fn of(keys: &DeclarationKeys, states: &[Option<EntityState>], position: usize) -> Self {
        let mut past = Self::default();
        let (mut hs6, mut hs6_origin) = (None, None);
        for (group, at) in keys.item(position) {
            let Some(state) = states.get(at).and_then(Option::as_ref) else { continue };
            match (state, GOODS.iter().position(|goods| *goods == group)) {
                (EntityState::Values(values), _) if group == Group::ValuesHs6 => hs6 = typical(values),
                (EntityState::Values(values), _) if group == Group::ValuesHs6Origin => hs6_origin = typical(values),
                (EntityState::History(history), Some(level)) => past.learn(level, history),
                _ => {}
            }
        }
        past.typical = hs6.map(|hs6: Typical| hs6.narrowed(hs6_origin)).or(hs6_origin);
        past
    }

    fn learn(&mut self, level: usize, history: &History) {
        let found = history.found.iter().fold(0_u32, |sum, found| sum.saturating_add(*found));
        self.recorded[level] = Sum { count: found, sum: history.duty_cents as f64 / 100.0 };
        self.critical[level] = Sum { count: found, sum: f64::from(history.critical) };
    }
}

fn typical(values: &Values) -> Option<Typical> {
    Some(Typical { mean: values.mean()?, deviation: values.deviation(FIRST_DEVIATION)?, count: values.count })
}

/// The item at `position`, with the unit values that others declared as known now.
pub fn declared(
    declaration: &Declaration,
    keys: &DeclarationKeys,
    states: &[Option<EntityState>],
    position: usize,
) -> Option<DeclaredItem> {
    let item = declaration.items.get(position)?;
    let mass = item.net_mass_kg.or(item.gross_mass_kg);
    Some(DeclaredItem {
        item: item.sequence,
        declared: Declared {
            commodity_code: item.commodity_code.0.clone(),
            origin: item.origin_country.0.clone(),
            value: item.valuation.fob.amount.to_f64().unwrap_or(0.0),
            currency: item.valuation.fob.currency.0.clone(),
            mass_kg: mass.and_then(|mass| mass.to_f64()).filter(|mass| *mass > 0.0),
            rate: rate(item),
            typical: Precedents::of(keys, states, position).typical,
        },
    })
}

/// Duties and taxes over the value free on board: as declared where their amounts are in its currency, else as the sum
/// of the rates.
fn rate(item: &GoodsItem) -> f64 {
    let fob = &item.valuation.fob;
    let value = fob.amount.to_f64().unwrap_or(0.0);
    let amounts = item.duty_taxes.iter().map(|tax| {
        let declared = tax.declared.as_ref().filter(|declared| declared.currency == fob.currency)?;
        declared.amount.to_f64()
    });
    let declared = amounts.sum::<Option<f64>>().filter(|_| value > 0.0).map(|duty| duty / value);
    let rates = || item.duty_taxes.iter().filter_map(|tax| tax.rate.to_f64()).sum::<f64>() / 100.0;
    declared.unwrap_or_else(rates).clamp(0.0, 10.0)
}

/// What a finding would bring.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stakes {
    /// Expected additional duty given a finding.
    pub duty: f64,
    /// Probability that a finding is a critical one.
    pub critical: f64,
}

/// What a finding in the declaration would bring, from the `suspects`: positions of the most suspicious items with
/// their probabilities.
pub fn stakes(
    declaration: &Declaration,
    keys: &DeclarationKeys,
    states: &[Option<EntityState>],
    suspects: &[(usize, f64)],
) -> Stakes {
    let mut stakes = Stakes::default();
    let together: f64 = suspects.iter().map(|(_, probability)| *probability).sum();
    if together <= 0.0 {
        return stakes;
    }
    for (position, probability) in suspects {
        let Some(item) = declaration.items.get(*position) else { continue };
        let past = Precedents::of(keys, states, *position);
        let unit_value = keys.outline().items.get(*position).and_then(|item| item.unit_value);
        let at_stake = duty::at_stake(&duty::AtStake {
            value: item.valuation.fob.amount.to_f64().unwrap_or(0.0),
            rate: rate(item),
            unit_value: unit_value.map(|log| f64::from(log) / 65_536.0),
            typical: past.typical,
            recorded: &past.recorded,
        });
        let share = probability / together;
        stakes.duty += share * at_stake;
        stakes.critical += share * explanation::backoff::mean(Some(0.0), past.critical).unwrap_or(0.0);
    }
    stakes.critical = stakes.critical.clamp(0.0, 1.0);
    stakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use features::keys;
    use testkit::Changes;

    fn known(
        declaration: &Declaration,
        values: &[f64],
        found: u32,
        duty_cents: i64,
        critical: u32,
    ) -> Vec<Option<EntityState>> {
        let mut distribution = Values::default();
        for value in values {
            distribution.merge(&Values::of((value.log2() * 65_536.0).round() as i32));
        }
        let history =
            History { examined: [0, found * 2, 0], found: [0, found, 0], duty_cents, critical, ..History::seen(1) };
        let list = keys(declaration).list().to_vec();
        list.into_iter()
            .map(|key| match EntityState::empty(key) {
                EntityState::Values(_) => Some(EntityState::Values(distribution)),
                EntityState::History(_) => Some(EntityState::History(history)),
            })
            .collect()
    }

    #[test]
    fn an_item_far_below_what_others_declare_puts_more_at_stake() {
        let declaration = testkit::declaration();
        let keys = keys(&declaration);
        let at = |value: f64| {
            let states = known(&declaration, &[value; 40], 0, 0, 0);
            stakes(&declaration, &keys, &states, &[(0, 0.5)]).duty
        };
        // Item 1 is declared at 12.5 dollars a kilogram.
        assert!(at(50.0) > 2.0 * at(12.5), "{} {}", at(50.0), at(12.5));
        let item = super::declared(&declaration, &keys, &known(&declaration, &[25.0; 40], 0, 0, 0), 0).unwrap();
        assert!((item.declared.typical.unwrap().mean - 25_f64.log2()).abs() < 0.01);
        assert!((item.declared.unit_value().unwrap() - 12.5_f64.log2()).abs() < 1e-6);
        // Sixteen percent of value, freight and insurance.
        assert!((item.declared.rate - 0.16 * 1_365.0 / 1_250.0).abs() < 1e-9);
    }

    #[test]
    fn recorded_findings_tell_what_one_brings_and_whether_it_is_critical() {
        let declaration = testkit::declaration().with(|declaration| declaration.items.truncate(1));
        let keys = keys(&declaration);
        let little = stakes(&declaration, &keys, &known(&declaration, &[12.5; 9], 20, 20 * 1_000, 0), &[(0, 0.3)]);
        let much = stakes(&declaration, &keys, &known(&declaration, &[12.5; 9], 20, 20 * 9_000_000, 19), &[(0, 0.3)]);
        assert!(much.duty > 5.0 * little.duty, "{little:?} {much:?}");
        assert!(little.critical.abs() < 1e-9 && much.critical > 0.9);
        assert_eq!(stakes(&declaration, &keys, &[], &[]), Stakes::default());
    }
}
