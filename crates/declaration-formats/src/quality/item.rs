//! Notes on goods items: codes, masses, values, taxes.

use std::collections::BTreeSet;

use customs::{Decimal, Declaration, DutyTax, GoodsItem, NoteCode, Severity};

use super::{Notes, clip, is_negative};

/// Rates above this many percent do not exist.
const HIGHEST_RATE: u32 = 1_000;

pub(super) fn check(declaration: &Declaration, notes: &mut Notes) {
    if declaration.items.is_empty() {
        notes.push(NoteCode::NoItems, Severity::Error, "/items".to_owned(), "the declaration has no goods items");
    }
    sequences(declaration, notes);
    let listed: BTreeSet<&str> = declaration.containers.iter().map(|container| container.id.as_str()).collect();
    for (index, item) in declaration.items.iter().enumerate() {
        commodity(item, index, notes);
        countries(item, index, notes);
        quantities(item, index, notes);
        valuation(item, index, notes);
        for (number, tax) in item.duty_taxes.iter().enumerate() {
            duty_tax(tax, index, number, notes);
        }
        for (number, container) in item.containers.iter().enumerate() {
            if !listed.contains(container.as_str()) {
                let message = format!("the declaration lists no container {:?}", clip(container));
                let pointer = format!("/items/{index}/containers/{number}");
                notes.push(NoteCode::UnlistedContainer, Severity::Warning, pointer, message);
            }
        }
    }
}

fn sequences(declaration: &Declaration, notes: &mut Notes) {
    let mut seen = BTreeSet::new();
    let mut in_order = true;
    for (index, item) in declaration.items.iter().enumerate() {
        let pointer = || format!("/items/{index}/sequence");
        if item.sequence == 0 {
            notes.missing(pointer(), "the item has no sequence; they count from 1");
            in_order = false;
            continue;
        }
        if !seen.insert(item.sequence) {
            let message = format!("{} stands more than once", item.sequence);
            notes.push(NoteCode::DuplicateSequence, Severity::Error, pointer(), message);
        } else if in_order && item.sequence as usize != index + 1 {
            // Every later one is off as well: one note tells it.
            let message = format!("{} where {} is expected", item.sequence, index + 1);
            notes.push(NoteCode::SequenceGap, Severity::Warning, pointer(), message);
        }
        in_order &= item.sequence as usize == index + 1;
    }
}

/// Chapters that the Harmonized System never had: unknown even where no tariff edition is loaded.
const CHAPTERS_OF_NO_EDITION: [&str; 2] = ["00", "77"];

fn commodity(item: &GoodsItem, index: usize, notes: &mut Notes) {
    let code = &item.commodity_code;
    let pointer = || format!("/items/{index}/commodityCode");
    if code.as_str().trim().is_empty() {
        notes.missing(pointer(), "no tariff code is declared");
        return;
    }
    let edition = notes.reference.edition(notes.day);
    let length = notes.reference.code_length(notes.day);
    if !code.is_well_formed() || length.is_some_and(|length| code.as_str().len() != length) {
        let wanted = length.map_or_else(|| "at least 6".to_owned(), |length| length.to_string());
        let message = format!("{:?} is not {wanted} digits", clip(code.as_str()));
        notes.push(NoteCode::MalformedCommodityCode, Severity::Error, pointer(), message);
    }
    if !code.is_well_formed() {
        return;
    }
    let listed = notes.reference.lists(code, notes.day);
    let message = match edition {
        _ if listed == Some(false) => format!("the tariff does not list {} on {}", clip(code.as_str()), notes.day),
        _ if listed == Some(true) => return,
        Some(edition) if !edition.knows(code) => {
            format!("{} does not know subheading {}", edition.name, code.subheading())
        }
        None if CHAPTERS_OF_NO_EDITION.contains(&code.chapter()) => {
            format!("no edition of the Harmonized System has a chapter {}", code.chapter())
        }
        _ => return,
    };
    notes.push(NoteCode::UnknownCommodityCode, Severity::Error, pointer(), message);
}

fn countries(item: &GoodsItem, index: usize, notes: &mut Notes) {
    if item.origin_country.as_str().trim().is_empty() {
        notes.missing(format!("/items/{index}/originCountry"), "no country of origin is declared");
    } else {
        notes.country(&item.origin_country, || format!("/items/{index}/originCountry"));
    }
    if let Some(country) = &item.purchase_country {
        notes.country(country, || format!("/items/{index}/purchaseCountry"));
    }
}

fn quantities(item: &GoodsItem, index: usize, notes: &mut Notes) {
    let fields = [
        (item.gross_mass_kg, "grossMassKg", NoteCode::NegativeMass),
        (item.net_mass_kg, "netMassKg", NoteCode::NegativeMass),
        (item.statistical_quantity, "statisticalQuantity", NoteCode::NegativeQuantity),
    ];
    for (value, name, code) in fields {
        if let Some(value) = value.filter(|value| is_negative(*value)) {
            let message = format!("{value} is below zero");
            notes.push(code, Severity::Error, format!("/items/{index}/{name}"), message);
        }
    }
    if let (Some(gross), Some(net)) = (item.gross_mass_kg, item.net_mass_kg)
        && net > gross
        && !is_negative(gross)
    {
        let message = format!("net {net} kg is more than gross {gross} kg");
        notes.push(NoteCode::NetAboveGross, Severity::Warning, format!("/items/{index}/netMassKg"), message);
    }
}

fn valuation(item: &GoodsItem, index: usize, notes: &mut Notes) {
    let valuation = &item.valuation;
    if valuation.is_absent() {
        notes.missing(format!("/items/{index}/valuation"), "no value is declared");
        return;
    }
    let at = |name: &str| format!("/items/{index}/valuation/{name}");
    notes.money(&valuation.fob, false, || at("fob"));
    if valuation.fob.amount.is_zero() {
        notes.push(NoteCode::ZeroValue, Severity::Warning, at("fob/amount"), "the item is declared without value");
    }
    for (money, name) in [(&valuation.freight, "freight"), (&valuation.insurance, "insurance")] {
        if let Some(money) = money {
            notes.money(money, false, || at(name));
        }
    }
    // Adjustments are additions and deductions.
    if let Some(money) = &valuation.adjustments {
        notes.money(money, true, || at("adjustments"));
    }
    if let Some(method) = valuation.method.filter(|method| !(1..=6).contains(method)) {
        let message = format!("{method}: the methods of the WTO valuation agreement are 1 to 6");
        notes.push(NoteCode::BadValuationMethod, Severity::Error, at("method"), message);
    }
}

fn duty_tax(tax: &DutyTax, index: usize, number: usize, notes: &mut Notes) {
    let at = |name: &str| format!("/items/{index}/dutyTaxes/{number}/{name}");
    if is_negative(tax.rate) || tax.rate > Decimal::from(HIGHEST_RATE) {
        let message = format!("{} is outside 0 to {HIGHEST_RATE} percent", tax.rate);
        notes.push(NoteCode::BadRate, Severity::Error, at("rate"), message);
    }
    let amounts = [
        (&tax.base, "base"),
        (&tax.declared, "declared"),
        (&tax.assessed, "assessed"),
        (&tax.guaranteed, "guaranteed"),
        (&tax.collected, "collected"),
    ];
    for (money, name) in amounts {
        if let Some(money) = money {
            notes.money(money, false, || at(name));
        }
    }
}
