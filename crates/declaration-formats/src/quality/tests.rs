use std::collections::BTreeSet;

use customs::{Container, Currency, Decimal, Direction, OfficeCode, TariffEdition};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::sample::{any_declaration, full};

fn reference() -> ReferenceData {
    ReferenceData::standard()
        .with_tariff(vec![TariffEdition {
            name: "HS2022".to_owned(),
            valid_from: date(2022, 1, 1),
            code_length: 10,
            subheadings: BTreeSet::from(["870323".to_owned()]),
        }])
        .with_offices([OfficeCode::from("118")])
        .with_time_zone("America/Lima")
}

/// The notes after a change of the declaration that has none.
fn after(change: impl FnOnce(&mut Declaration)) -> Vec<(NoteCode, String)> {
    let mut declaration = full();
    change(&mut declaration);
    notes(&declaration, &reference()).into_iter().map(|note| (note.code, note.pointer)).collect()
}

fn check(code: NoteCode, pointer: &str, change: impl FnOnce(&mut Declaration)) {
    assert_eq!(after(change), [(code, pointer.to_owned())]);
}

#[test]
fn a_good_declaration_has_no_notes() {
    assert_eq!(after(|_| {}), []);
}

#[test]
fn codes_are_compared_with_the_tariff_of_the_day() {
    let place = "/items/0/commodityCode";
    check(NoteCode::UnknownCommodityCode, place, |it| it.items[0].commodity_code = "8703240000".into());
    check(NoteCode::MalformedCommodityCode, place, |it| it.items[0].commodity_code = "870323".into());
    check(NoteCode::MalformedCommodityCode, place, |it| it.items[0].commodity_code = "87032310OO".into());
    // No edition was in force on that day in Lima: nothing is known of its codes.
    let before = after(|it| {
        it.acceptance_date_time = "2022-01-01T04:59:59Z".parse().unwrap();
        it.means_of_transport = None;
        it.items[0].commodity_code = "999999".into();
    });
    assert_eq!(before, []);
}

#[test]
fn countries_currencies_and_offices_must_exist() {
    check(NoteCode::UnknownCountry, "/routeCountry", |it| it.route_country = Some("XX".into()));
    check(NoteCode::UnknownCountry, "/items/1/originCountry", |it| it.items[1].origin_country = "jp".into());
    check(NoteCode::UnknownCountry, "/items/1/purchaseCountry", |it| it.items[1].purchase_country = Some("".into()));
    check(NoteCode::UnknownCountry, "/parties/1/country", |it| it.parties[1].country = Some("EU".into()));
    check(NoteCode::UnknownCountry, "/declarant/country", |it| it.declarant.country = Some("PER".into()));
    check(NoteCode::UnknownCurrency, "/items/0/dutyTaxes/0/base/currency", |it| {
        it.items[0].duty_taxes[0].base.as_mut().unwrap().currency = Currency::from("HRK");
    });
    check(NoteCode::UnknownOffice, "/office", |it| it.office = "119".into());
    check(NoteCode::UnknownOffice, "/entryExitOffice", |it| it.entry_exit_office = Some("119".into()));
}

#[test]
fn dates_must_be_possible_together() {
    let arrival = "/meansOfTransport/expectedArrival";
    let expect = |it: &mut Declaration, at: &str| {
        it.means_of_transport.as_mut().unwrap().expected_arrival = Some(at.parse().unwrap());
    };
    check(NoteCode::ImpossibleDate, arrival, |it| expect(it, "2028-03-10T00:00:00Z"));
    check(NoteCode::ImpossibleDate, arrival, |it| expect(it, "2026-02-20T00:00:00Z"));
    check(NoteCode::ImpossibleDate, arrival, |it| it.modality = customs::Modality::Deferred);
    check(NoteCode::ImpossibleDate, "/acceptanceDateTime", |it| {
        it.acceptance_date_time = "1926-03-02T08:00:00Z".parse().unwrap();
        it.means_of_transport = None;
    });
}

#[test]
fn masses_amounts_quantities_and_rates_have_their_ranges() {
    let minus = Decimal::NEGATIVE_ONE;
    check(NoteCode::NegativeMass, "/items/0/netMassKg", |it| it.items[0].net_mass_kg = Some(minus));
    check(NoteCode::NegativeMass, "/items/0/grossMassKg", |it| it.items[0].gross_mass_kg = Some(minus));
    check(NoteCode::NetAboveGross, "/items/0/netMassKg", |it| it.items[0].gross_mass_kg = Some(Decimal::ONE));
    check(NoteCode::NegativeQuantity, "/items/0/statisticalQuantity", |it| {
        it.items[0].statistical_quantity = Some(minus);
    });
    check(NoteCode::NegativeAmount, "/items/0/valuation/freight/amount", |it| {
        it.items[0].valuation.freight.as_mut().unwrap().amount = minus;
    });
    check(NoteCode::NegativeAmount, "/exchangeRate", |it| it.exchange_rate = Some(minus));
    check(NoteCode::ZeroValue, "/items/1/valuation/fob/amount", |it| {
        it.items[1].valuation.fob.amount = Decimal::ZERO;
    });
    check(NoteCode::BadRate, "/items/1/dutyTaxes/0/rate", |it| it.items[1].duty_taxes[0].rate = minus);
    check(NoteCode::BadRate, "/items/1/dutyTaxes/0/rate", |it| it.items[1].duty_taxes[0].rate = 1001.into());
    check(NoteCode::BadValuationMethod, "/items/0/valuation/method", |it| it.items[0].valuation.method = Some(7));
}

#[test]
fn sequences_count_from_one() {
    check(NoteCode::DuplicateSequence, "/items/1/sequence", |it| it.items[1].sequence = 1);
    // One note, however many items follow the gap.
    check(NoteCode::SequenceGap, "/items/0/sequence", |it| {
        it.items[0].sequence = 2;
        it.items[1].sequence = 3;
    });
    check(NoteCode::NoItems, "/items", |it| it.items.clear());
    check(NoteCode::MissingField, "/items/1/sequence", |it| it.items[1].sequence = 0);
}

#[test]
fn what_is_not_declared_is_noted_once() {
    check(NoteCode::MissingField, "/items/0/commodityCode", |it| it.items[0].commodity_code = "".into());
    check(NoteCode::MissingField, "/items/1/originCountry", |it| it.items[1].origin_country = " ".into());
    check(NoteCode::MissingField, "/items/1/valuation", |it| it.items[1].valuation = customs::ItemValuation::default());
    check(NoteCode::NegativeQuantity, "/packages", |it| it.packages = Some(-1));
}

#[test]
fn codes_and_rates_are_compared_with_what_is_published() {
    let codes = files::tariff("code,validFrom,validTo\n8703231000,2022-01-01,2026-03-01\n8703231001,,\n".as_bytes());
    let rates = files::exchange_rates("currency,into,validFrom,rate\nUSD,PEN,2026-01-01,3.75\n".as_bytes());
    let reference = ReferenceData::standard().with_codes(codes.unwrap()).with_rates(rates.unwrap());
    let noted = |change: &dyn Fn(&mut Declaration)| -> Vec<(NoteCode, String)> {
        let mut declaration = full();
        declaration.items.iter_mut().for_each(|item| item.commodity_code = "8703231001".into());
        change(&mut declaration);
        notes(&declaration, &reference).into_iter().map(|note| (note.code, note.pointer)).collect()
    };
    assert_eq!(noted(&|_| {}), []);
    let place = "/items/0/commodityCode".to_owned();
    let old = noted(&|it| it.items[0].commodity_code = "8703231000".into());
    assert_eq!(old, [(NoteCode::UnknownCommodityCode, place.clone())]);
    let short = noted(&|it| it.items[0].commodity_code = "870323".into());
    assert_eq!(short[0], (NoteCode::MalformedCommodityCode, place));
    let rate = noted(&|it| it.exchange_rate = Some(Decimal::new(42, 1)));
    assert_eq!(rate, [(NoteCode::ExchangeRateMismatch, "/exchangeRate".to_owned())]);
    let euros = noted(&|it| it.invoice_total.as_mut().unwrap().currency = Currency::from("EUR"));
    assert_eq!(euros, [(NoteCode::UnknownCurrency, "/invoiceTotal/currency".to_owned())]);
}

#[test]
fn procedure_and_cargo_must_fit() {
    check(NoteCode::RegimeMismatch, "/regime", |it| it.regime = "40".to_owned());
    check(NoteCode::MissingField, "/regime", |it| it.regime = String::new());
    check(NoteCode::BadExpressCategory, "/expressCategory", |it| it.express_category = None);
    check(NoteCode::BadExpressCategory, "/expressCategory", |it| it.express_category = Some(0));
    check(NoteCode::BadExpressCategory, "/expressCategory", |it| it.form = customs::Form::Full);
    check(NoteCode::MissingTrader, "/parties", |it| drop(it.parties.remove(0)));
    check(NoteCode::MissingTransportDocument, "/transportDocuments", |it| it.transport_documents.clear());
    check(NoteCode::MalformedContainer, "/containers/1/id", |it| {
        it.containers.push(Container { id: "CSQU3054384".to_owned(), seals: Vec::new() });
    });
    check(NoteCode::UnlistedContainer, "/items/1/containers/0", |it| {
        it.items[1].containers = vec!["MSKU1234565".to_owned()];
    });
    let export = after(|it| {
        it.direction = Direction::Out;
        it.regime = "40".to_owned();
        it.transport_documents.clear();
        it.parties[0].role = customs::PartyRole::Exporter;
    });
    assert_eq!(export, []);
}

#[test]
fn the_invoice_total_fits_with_or_without_freight() {
    let total = |it: &mut Declaration, cents| it.invoice_total.as_mut().unwrap().amount = Decimal::new(cents, 2);
    assert_eq!(after(|it| total(it, 130_090)), []);
    check(NoteCode::TotalMismatch, "/invoiceTotal/amount", |it| total(it, 200_000));
    // Items in another currency cannot be added up here.
    assert_eq!(after(|it| it.invoice_total = Some(Money::new(Decimal::ONE, "PEN"))), []);
}

#[test]
fn notes_of_one_code_are_bounded() {
    let mut declaration = full();
    let mut item = declaration.items[1].clone();
    item.origin_country = "XX".into();
    declaration.items = (1..=500).map(|sequence| customs::GoodsItem { sequence, ..item.clone() }).collect();
    declaration.invoice_total = None;
    assert_eq!(notes(&declaration, &reference()).len(), MAX_NOTES_PER_CODE);
}

#[test]
fn every_code_has_room_in_the_counters() {
    // This one stands last.
    assert!((NoteCode::ExchangeRateMismatch as usize) < 32);
}

proptest! {
    #[test]
    fn notes_never_panic_and_point_into_the_declaration(declaration in any_declaration()) {
        let document = serde_json::to_value(&declaration).unwrap();
        for note in notes(&declaration, &reference()) {
            let parent = note.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            prop_assert!(document.pointer(parent).is_some(), "{}", note.pointer);
        }
    }
}
