//! What the `cel` interpreter needs for one item.

use std::collections::HashMap;

use cel::{Context, Value};
use customs::{Declaration, GoodsItem, Modality, TransportMode};
use rust_decimal::prelude::ToPrimitive;

use super::goods::FEATURES;

type Entries = HashMap<String, Value>;

fn put(entries: &mut Entries, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        entries.insert(name.to_owned(), value.into());
    }
}

fn item_entries(item: &GoodsItem) -> Entries {
    let mut entries = Entries::new();
    let value = item.valuation.customs_value().and_then(|money| money.amount.to_f64());
    let net = item.net_mass_kg.and_then(|mass| mass.to_f64());
    put(&mut entries, "hs2", Some(item.commodity_code.chapter()));
    put(&mut entries, "hs4", Some(item.commodity_code.heading()));
    put(&mut entries, "hs6", Some(item.commodity_code.subheading()));
    put(&mut entries, "commodityCode", Some(item.commodity_code.as_str()));
    put(&mut entries, "origin", Some(item.origin_country.as_str()));
    put(&mut entries, "loadingPort", item.loading_port.as_ref().map(customs::PortCode::as_str));
    put(&mut entries, "unit", item.statistical_unit.as_deref());
    put(&mut entries, "incoterm", item.valuation.incoterm.as_deref());
    put(&mut entries, "preference", item.duty_taxes.iter().find_map(|tax| tax.preference.as_deref()));
    put(&mut entries, "netMassKg", net);
    put(&mut entries, "quantity", item.statistical_quantity.and_then(|quantity| quantity.to_f64()));
    put(&mut entries, "customsValue", value);
    let per_kg = value.zip(net).filter(|(_, net)| *net > 0.0).map(|(value, net)| value / net);
    put(&mut entries, "unitValuePerKg", per_kg);
    entries
}

/// The variables of a declaration of one item.
pub fn context(declaration: &Declaration, features: &[f32]) -> Context<'static, 'static> {
    let item = &declaration.items[0];
    let party = |party: Option<&customs::Party>| {
        let mut entries = Entries::new();
        put(&mut entries, "id", party.map(|party| party.id.as_str()));
        put(&mut entries, "country", party.and_then(|party| party.country.as_ref()).map(customs::CountryCode::as_str));
        Value::from(entries)
    };
    let mut whole = Entries::new();
    put(&mut whole, "office", Some(declaration.office.as_str()));
    put(&mut whole, "regime", Some(declaration.regime.as_str()));
    let modality = match declaration.modality {
        Modality::Advance => "advance",
        Modality::Urgent => "urgent",
        Modality::Deferred => "deferred",
    };
    put(&mut whole, "modality", Some(modality));
    let form = match declaration.form {
        customs::Form::Full => "full",
        customs::Form::Simplified => "simplified",
        customs::Form::Express => "express",
    };
    put(&mut whole, "form", Some(form));
    let mode = declaration.means_of_transport.as_ref().map(|means| match means.mode {
        TransportMode::Maritime => "maritime",
        TransportMode::Air => "air",
        _ => "road",
    });
    put(&mut whole, "transportMode", mode);
    put(&mut whole, "routeCountry", declaration.route_country.as_ref().map(customs::CountryCode::as_str));
    put(&mut whole, "packages", declaration.packages);
    put(&mut whole, "totalValue", item.valuation.customs_value().and_then(|money| money.amount.to_f64()));
    whole.insert("trader".to_owned(), party(declaration.trader()));
    whole.insert("counterparty".to_owned(), party(declaration.counterparty()));
    let vector: Entries = FEATURES
        .iter()
        .zip(features)
        .filter(|(_, value)| !value.is_nan())
        .map(|(name, value)| ((*name).to_owned(), Value::from(f64::from(*value))))
        .collect();
    let mut context = Context::default();
    context.add_variable_from_value("item", Value::from(item_entries(item)));
    context.add_variable_from_value("declaration", Value::from(whole));
    context.add_variable_from_value("feature", Value::from(vector));
    context
}
