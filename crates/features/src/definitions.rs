//! The table of features: one line each, with name, type, unit, meaning, lineage and computation.
//!
//! Everything else is derived from it: the vector, the contract and its hash, the catalogue. A line that changes its
//! meaning keeps its name only together with a new contract version.

use customs::GoodsItem;
use rust_decimal::Decimal;

use crate::contract::FeatureType::{self, Code, Count, Flag, Number, Share};
use crate::entity::Group;
use crate::number::{float, ln};
use crate::outline::unit_value;
use crate::rates;
use crate::state::{Class, TILE_DAYS};
use crate::vector::view::{Shared, View};

type Value = fn(&Shared, &View) -> f32;

/// A feature.
pub struct Definition {
    pub name: &'static str,
    pub kind: FeatureType,
    pub unit: &'static str,
    pub description: &'static str,
    pub lineage: &'static str,
    pub value: Value,
}

const fn define(
    name: &'static str,
    kind: FeatureType,
    unit: &'static str,
    description: &'static str,
    lineage: &'static str,
    value: Value,
) -> Definition {
    Definition { name, kind, unit, description, lineage, value }
}

/// Every feature, in the order of the vector.
#[rustfmt::skip]
pub static DEFINITIONS: &[Definition] = &[
    // The item as declared.
    define("logValue", Number, "ln of currency", "Value free on board.", "item.valuation", |_, view| ln(float(view.item.valuation.fob.amount))),
    define("logNetMass", Number, "ln of kg", "Net mass, gross where net is not known.", "item.netMassKg", |_, view| view.item.net_mass_kg.or(view.item.gross_mass_kg).map_or(f32::NAN, |mass| ln(float(mass)))),
    define("logUnitValue", Number, "ln of currency per kg", "Value per kilogram.", "item.valuation, item.netMassKg", |_, view| unit_value(view.item).map_or(f32::NAN, ln)),
    define("logQuantityValue", Number, "ln of currency per unit", "Value per statistical unit.", "item.statisticalQuantity", |_, view| ln(float(view.item.valuation.fob.amount) / of(view.item.statistical_quantity))),
    define("netToGross", Share, "", "Net mass over gross mass.", "item.netMassKg, item.grossMassKg", |_, view| (of(view.item.net_mass_kg) / of(view.item.gross_mass_kg)) as f32),
    define("freightShare", Share, "", "Freight and insurance over value free on board.", "item.valuation", |_, view| freight_share(view.item)),
    define("taxRate", Number, "percent", "Rate of the first tax.", "item.dutyTaxes", |_, view| view.item.duty_taxes.first().map_or(f32::NAN, |tax| float(tax.rate) as f32)),
    define("taxRateSum", Number, "percent", "Sum of the rates of all taxes.", "item.dutyTaxes", |_, view| view.item.duty_taxes.iter().map(|tax| float(tax.rate) as f32).sum()),
    define("preference", Flag, "", "A preference is claimed.", "item.dutyTaxes", |_, view| flag(view.item.duty_taxes.iter().any(|tax| tax.preference.is_some()))),
    define("valuationMethod", Code, "", "WTO valuation method.", "item.valuation", |_, view| view.item.valuation.method.map_or(f32::NAN, f32::from)),
    define("chapter", Code, "", "HS chapter as a number.", "item.commodityCode", |_, view| view.item.commodity_code.chapter().parse().unwrap_or(f32::NAN)),
    define("originIsRoute", Flag, "", "The goods come straight from their origin.", "item.originCountry, declaration.routeCountry", |_, view| flag(view.outline.origin == view.outline.route)),
    define("valueShare", Share, "", "Share of the declaration's value.", "item.valuation", |shared, view| (float(view.item.valuation.fob.amount) / shared.total_value) as f32),
    // The declaration as declared.
    define("items", Count, "items", "Goods items.", "declaration.items", |shared, _| shared.declaration.items.len() as f32),
    define("logTotalValue", Number, "ln of currency", "Value of all items.", "declaration.items", |shared, _| ln(shared.total_value)),
    define("headings", Count, "headings", "Different HS headings.", "declaration.items", |shared, _| shared.headings as f32),
    define("logPackages", Number, "ln of packages", "Packages.", "declaration.packages", |shared, _| shared.declaration.packages.map_or(f32::NAN, |packages| ln(f64::from(packages)))),
    define("form", Code, "", "Full, simplified, express: 0, 1, 2.", "declaration.form", |shared, _| f32::from(shared.declaration.form as u8)),
    define("expressCategory", Code, "", "Category of an express consignment.", "declaration.expressCategory", |shared, _| shared.declaration.express_category.map_or(f32::NAN, f32::from)),
    define("modality", Code, "", "Advance, urgent, deferred: 0, 1, 2.", "declaration.modality", |shared, _| f32::from(shared.declaration.modality as u8)),
    define("regime", Code, "", "National procedure code as a number.", "declaration.regime", |shared, _| shared.declaration.regime.parse().unwrap_or(f32::NAN)),
    define("transportMode", Code, "", "Mode of transport, in the order of UNECE Recommendation 19.", "declaration.meansOfTransport", |shared, _| shared.declaration.means_of_transport.as_ref().map_or(f32::NAN, |means| f32::from(means.mode as u8))),
    define("containers", Count, "containers", "Containers.", "declaration.containers", |shared, _| shared.declaration.containers.len() as f32),
    define("noteWarnings", Count, "notes", "Data-quality warnings.", "notes", |shared, _| shared.notes[1] as f32),
    define("noteErrors", Count, "notes", "Data-quality errors.", "notes", |shared, _| shared.notes[2] as f32),
    define("hour", Number, "hour", "Hour of the decision, UTC.", "decision time", |shared, _| (shared.at.as_second().rem_euclid(86_400) / 3_600) as f32),
    define("weekday", Code, "", "Day of the week of the decision, Monday 0, UTC.", "decision time", |shared, _| f32::from((shared.day + 3) % 7)),
    define("daysToArrival", Number, "days", "From the decision to the expected arrival.", "declaration.meansOfTransport", |shared, _| days_to_arrival(shared)),
    define("traderAuthorised", Flag, "", "The trader is an authorised economic operator.", "parties", |shared, _| shared.declaration.trader().map_or(f32::NAN, |party| flag(party.authorised_economic_operator))),
    define("declarantAuthorised", Flag, "", "The declarant is an authorised economic operator.", "declaration.declarant", |shared, _| flag(shared.declaration.declarant.authorised_economic_operator)),
    define("selfDeclared", Flag, "", "The trader lodges itself.", "parties", |shared, _| shared.declaration.trader().map_or(f32::NAN, |party| flag(party.id == shared.declaration.declarant.id))),
    // The unit value against what others declare.
    define("valueScoreHs6", Number, "deviations", "Distance of the unit value from the mean of its subheading, in logarithms.", "unit values of the subheading", |_, view| view.value_score(view.values_hs6)),
    define("valueQuantileHs6", Share, "", "Share of unit values of its subheading below this one.", "unit values of the subheading", |_, view| view.value_quantile(view.values_hs6)),
    define("valuesHs6", Count, "values", "Unit values known of its subheading.", "unit values of the subheading", |_, view| view.values_hs6.map_or(0.0, |values| values.count as f32)),
    define("valueScoreHs6Origin", Number, "deviations", "Distance of the unit value from the mean of its subheading and origin, in logarithms.", "unit values of the subheading and origin", |_, view| view.value_score(view.values_hs6_origin)),
    define("valueQuantileHs6Origin", Share, "", "Share of unit values of its subheading and origin below this one.", "unit values of the subheading and origin", |_, view| view.value_quantile(view.values_hs6_origin)),
    define("valuesHs6Origin", Count, "values", "Unit values known of its subheading and origin.", "unit values of the subheading and origin", |_, view| view.values_hs6_origin.map_or(0.0, |values| values.count as f32)),
    // Goods, route and tax: back-off rates with their counts.
    define("everythingRate", Share, "", "Smoothed rate of findings by physical examination for all goods of the direction.", "history of all goods of the direction", |_, view| rate(view, Group::Everything)),
    define("hs2Rate", Share, "", "Smoothed rate of findings by physical examination for the chapter.", "history of the chapter", |_, view| rate(view, Group::Hs2)),
    define("hs2Examined", Count, "examinations", "Physical examinations of the chapter.", "history of the chapter", |_, view| examined(view, Group::Hs2)),
    define("hs4Rate", Share, "", "Smoothed rate of findings by physical examination for the heading.", "history of the heading", |_, view| rate(view, Group::Hs4)),
    define("hs4Examined", Count, "examinations", "Physical examinations of the heading.", "history of the heading", |_, view| examined(view, Group::Hs4)),
    define("hs6Rate", Share, "", "Smoothed rate of findings by physical examination for the subheading.", "history of the subheading", |_, view| rate(view, Group::Hs6)),
    define("hs6Examined", Count, "examinations", "Physical examinations of the subheading.", "history of the subheading", |_, view| examined(view, Group::Hs6)),
    define("originRate", Share, "", "Smoothed rate of findings by physical examination for the origin.", "history of the origin", |_, view| rate(view, Group::Origin)),
    define("originExamined", Count, "examinations", "Physical examinations of the origin.", "history of the origin", |_, view| examined(view, Group::Origin)),
    define("routeRate", Share, "", "Smoothed rate of findings by physical examination for the route.", "history of the route", |_, view| rate(view, Group::Route)),
    define("routeExamined", Count, "examinations", "Physical examinations of the route.", "history of the route", |_, view| examined(view, Group::Route)),
    define("hs6OriginRate", Share, "", "Smoothed rate of findings by physical examination for subheading and origin.", "history of subheading and origin", |_, view| rate(view, Group::Hs6Origin)),
    define("hs6OriginExamined", Count, "examinations", "Physical examinations of subheading and origin.", "history of subheading and origin", |_, view| examined(view, Group::Hs6Origin)),
    define("hs6RouteRate", Share, "", "Smoothed rate of findings by physical examination for subheading and route.", "history of subheading and route", |_, view| rate(view, Group::Hs6Route)),
    define("hs6RouteExamined", Count, "examinations", "Physical examinations of subheading and route.", "history of subheading and route", |_, view| examined(view, Group::Hs6Route)),
    define("hs6RouteOriginRate", Share, "", "Smoothed rate of findings by physical examination for subheading, route and origin.", "history of subheading, route and origin", |_, view| rate(view, Group::Hs6RouteOrigin)),
    define("hs6RouteOriginExamined", Count, "examinations", "Physical examinations of subheading, route and origin.", "history of subheading, route and origin", |_, view| examined(view, Group::Hs6RouteOrigin)),
    define("hs4TupleRate", Share, "", "Smoothed rate of findings by physical examination for heading, route, origin and taxes.", "history of heading, route, origin and taxes", |_, view| rate(view, Group::Hs4Tuple)),
    define("hs4TupleExamined", Count, "examinations", "Physical examinations of heading, route, origin and taxes.", "history of heading, route, origin and taxes", |_, view| examined(view, Group::Hs4Tuple)),
    define("hs6TupleRate", Share, "", "Smoothed rate of findings by physical examination for subheading, route, origin and taxes.", "history of subheading, route, origin and taxes", |_, view| rate(view, Group::Hs6Tuple)),
    define("hs6TupleExamined", Count, "examinations", "Physical examinations of subheading, route, origin and taxes.", "history of subheading, route, origin and taxes", |_, view| examined(view, Group::Hs6Tuple)),
    define("pricedTupleRate", Share, "", "Smoothed rate of findings by physical examination for national code, route, origin, taxes and band of the unit value.", "history of national code, route, origin, taxes and band of the unit value", |_, view| rate(view, Group::PricedTuple)),
    define("pricedTupleExamined", Count, "examinations", "Physical examinations of national code, route, origin, taxes and band of the unit value.", "history of national code, route, origin, taxes and band of the unit value", |_, view| examined(view, Group::PricedTuple)),
    define("hs6OriginDeclared", Count, "items", "Items declared of subheading and origin.", "history of subheading and origin", |_, view| declared(view, Group::Hs6Origin)),
    define("hs6TupleDeclared", Count, "items", "Items declared of subheading, route, origin and taxes.", "history of subheading, route, origin and taxes", |_, view| declared(view, Group::Hs6Tuple)),
    define("hs2RandomRate", Share, "", "Smoothed rate of findings by random examination for the chapter.", "history of the chapter", |_, view| class_rate(view, Group::Hs2, Class::Random)),
    define("hs2RandomExamined", Count, "examinations", "Random examinations of the chapter.", "history of the chapter", |_, view| class_examined(view, Group::Hs2, Class::Random)),
    define("hs6OriginRandomRate", Share, "", "Smoothed rate of findings by random examination for subheading and origin.", "history of subheading and origin", |_, view| class_rate(view, Group::Hs6Origin, Class::Random)),
    define("hs6OriginRandomExamined", Count, "examinations", "Random examinations of subheading and origin.", "history of subheading and origin", |_, view| class_examined(view, Group::Hs6Origin, Class::Random)),
    define("hs6OriginRecentRate", Share, "", "Smoothed rate of findings of the last 90 to 120 days for subheading and origin.", "history of subheading and origin", |shared, view| recent_rate(shared, view, Group::Hs6Origin)),
    define("combinedRate", Share, "", "The best guess from rates alone: goods, route and tax, moved by what is known of the trader.", "all rates", |_, view| rates::combined(&view.rates) as f32),
    // Histories of those involved.
    define("traderRate", Share, "", "Smoothed rate of findings by physical examination for the trader.", "history of the trader", |_, view| rate(view, Group::Trader)),
    define("traderExamined", Count, "examinations", "Physical examinations of the trader.", "history of the trader", |_, view| examined(view, Group::Trader)),
    define("declarantRate", Share, "", "Smoothed rate of findings by physical examination for the declarant.", "history of the declarant", |_, view| rate(view, Group::Declarant)),
    define("declarantExamined", Count, "examinations", "Physical examinations of the declarant.", "history of the declarant", |_, view| examined(view, Group::Declarant)),
    define("counterpartyRate", Share, "", "Smoothed rate of findings by physical examination for the counterparty.", "history of the counterparty", |_, view| rate(view, Group::Counterparty)),
    define("counterpartyExamined", Count, "examinations", "Physical examinations of the counterparty.", "history of the counterparty", |_, view| examined(view, Group::Counterparty)),
    define("carrierRate", Share, "", "Smoothed rate of findings by physical examination for the carrier.", "history of the carrier", |_, view| rate(view, Group::Carrier)),
    define("carrierExamined", Count, "examinations", "Physical examinations of the carrier.", "history of the carrier", |_, view| examined(view, Group::Carrier)),
    define("locationRate", Share, "", "Smoothed rate of findings by physical examination for the place of the goods.", "history of the place of the goods", |_, view| rate(view, Group::Location)),
    define("locationExamined", Count, "examinations", "Physical examinations of the place of the goods.", "history of the place of the goods", |_, view| examined(view, Group::Location)),
    define("officeRate", Share, "", "Smoothed rate of findings by physical examination for the office.", "history of the office", |_, view| rate(view, Group::Office)),
    define("officeExamined", Count, "examinations", "Physical examinations of the office.", "history of the office", |_, view| examined(view, Group::Office)),
    define("traderHs4Rate", Share, "", "Smoothed rate of findings by physical examination for trader and heading.", "history of trader and heading", |_, view| rate(view, Group::TraderHs4)),
    define("traderHs4Examined", Count, "examinations", "Physical examinations of trader and heading.", "history of trader and heading", |_, view| examined(view, Group::TraderHs4)),
    define("traderOriginRate", Share, "", "Smoothed rate of findings by physical examination for trader and origin.", "history of trader and origin", |_, view| rate(view, Group::TraderOrigin)),
    define("traderOriginExamined", Count, "examinations", "Physical examinations of trader and origin.", "history of trader and origin", |_, view| examined(view, Group::TraderOrigin)),
    define("declarantHs2Rate", Share, "", "Smoothed rate of findings by physical examination for declarant and chapter.", "history of declarant and chapter", |_, view| rate(view, Group::DeclarantHs2)),
    define("declarantHs2Examined", Count, "examinations", "Physical examinations of declarant and chapter.", "history of declarant and chapter", |_, view| examined(view, Group::DeclarantHs2)),
    define("traderRandomRate", Share, "", "Smoothed rate of findings by random examination for the trader.", "history of the trader", |_, view| class_rate(view, Group::Trader, Class::Random)),
    define("traderRandomExamined", Count, "examinations", "Random examinations of the trader.", "history of the trader", |_, view| class_examined(view, Group::Trader, Class::Random)),
    define("traderDocumentaryRate", Share, "", "Smoothed rate of findings by documentary examination for the trader.", "history of the trader", |_, view| class_rate(view, Group::Trader, Class::Documentary)),
    define("traderDocumentaryExamined", Count, "examinations", "Documentary examinations of the trader.", "history of the trader", |_, view| class_examined(view, Group::Trader, Class::Documentary)),
    define("traderRecentRate", Share, "", "Smoothed rate of findings of the last 90 to 120 days for the trader.", "history of the trader", |shared, view| recent_rate(shared, view, Group::Trader)),
    define("traderDeclared", Count, "declarations", "Declarations of the trader.", "history of the trader", |_, view| declared(view, Group::Trader)),
    define("declarantDeclared", Count, "declarations", "Declarations of the declarant.", "history of the declarant", |_, view| declared(view, Group::Declarant)),
    define("traderAgeDays", Number, "days", "Since the first declaration of the trader.", "history of the trader", |shared, view| age_days(shared, view, Group::Trader)),
    define("traderIdleDays", Number, "days", "Since the last declaration of the trader.", "history of the trader", |shared, view| idle_days(shared, view, Group::Trader)),
    define("traderFindingDays", Number, "days", "Since the last declaration of the trader with a finding: 0, 30, 60, 90 or 120; missing without one.", "history of the trader", |shared, view| finding_days(shared, view, Group::Trader)),
    define("traderMeanDuty", Number, "ln of currency", "Additional duty per examination of the trader.", "history of the trader", |_, view| mean_duty(view, Group::Trader)),
    define("traderHs4Share", Share, "", "Share of the trader's declarations with this heading.", "history of trader and heading", |_, view| share(view, Group::TraderHs4)),
    // What was never seen before.
    define("newTrader", Flag, "", "The trader was never seen.", "history of the trader", |_, view| unseen(view, Group::Trader)),
    define("newTraderHs4", Flag, "", "The trader with this heading was never seen.", "history of the trader with this heading", |_, view| unseen(view, Group::TraderHs4)),
    define("newTraderOrigin", Flag, "", "The trader with this origin was never seen.", "history of the trader with this origin", |_, view| unseen(view, Group::TraderOrigin)),
    define("newTraderCounterparty", Flag, "", "The trader with this counterparty was never seen.", "history of the trader with this counterparty", |_, view| unseen(view, Group::TraderCounterparty)),
    define("newHs6Origin", Flag, "", "The subheading from this origin was never seen.", "history of the subheading from this origin", |_, view| unseen(view, Group::Hs6Origin)),
    // Shells, containers and documents that come back.
    define("contactRate", Share, "", "Smoothed rate of findings under the trader's worst contact.", "history of contacts", |_, view| rate(view, Group::Contact)),
    define("contactExamined", Count, "examinations", "Physical examinations under the trader's worst contact.", "history of contacts", |_, view| examined(view, Group::Contact)),
    define("addressRate", Share, "", "Smoothed rate of findings under the trader's address.", "history of addresses", |_, view| rate(view, Group::Address)),
    define("addressExamined", Count, "examinations", "Physical examinations under the trader's address.", "history of addresses", |_, view| examined(view, Group::Address)),
    define("othersFound", Count, "findings", "Findings of other traders with the same contact or address.", "histories of contacts, addresses and the trader", |shared, _| shared.others_found.map_or(f32::NAN, |found| found as f32)),
    define("contactsOlderDays", Number, "days", "How much longer the contacts are known than the trader.", "histories of contacts, addresses and the trader", contacts_older_days),
    define("containerUses", Count, "declarations", "Earlier declarations with one of the containers.", "history of containers", |shared, _| shared.container_uses.map_or(f32::NAN, |uses| uses as f32)),
    define("containerFound", Count, "findings", "Findings in one of the containers.", "history of containers", |shared, _| shared.container_found.map_or(f32::NAN, |found| found as f32)),
    define("documentUses", Count, "declarations", "Earlier declarations with one of the transport documents.", "history of transport documents", |shared, _| shared.document_uses.map_or(f32::NAN, |uses| uses as f32)),
    // The declaration over all its items.
    define("maxItemRate", Share, "", "Highest back-off rate of an item.", "back-off rates", |shared, _| shared.summary.max_rate as f32),
    define("minValueScore", Number, "deviations", "Lowest distance of an item from the unit values of its subheading.", "unit values of the subheading", |shared, _| shared.summary.min_value_score),
];

fn of(decimal: Option<Decimal>) -> f64 {
    decimal.map_or(f64::NAN, float)
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

fn freight_share(item: &GoodsItem) -> f32 {
    let valuation = &item.valuation;
    if valuation.freight.is_none() && valuation.insurance.is_none() {
        return f32::NAN;
    }
    let extra: f64 = [&valuation.freight, &valuation.insurance].into_iter().flatten().map(|m| float(m.amount)).sum();
    (extra / float(valuation.fob.amount)) as f32
}

fn days_to_arrival(shared: &Shared) -> f32 {
    let expected = shared.declaration.means_of_transport.as_ref().and_then(|means| means.expected_arrival);
    expected.map_or(f32::NAN, |expected| (expected.as_second() - shared.at.as_second()) as f32 / 86_400.0)
}

fn rate(view: &View, group: Group) -> f32 {
    if view.present[group as usize] { view.rates[group as usize] as f32 } else { f32::NAN }
}

fn examined(view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.physical() as f32)
}

fn declared(view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.declared as f32)
}

fn class_rate(view: &View, group: Group, class: Class) -> f32 {
    let prior = view.rates[Group::Everything as usize];
    view.history(group).map_or(f32::NAN, |history| rates::of_class(&history, class, prior) as f32)
}

fn class_examined(view: &View, group: Group, class: Class) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.examined[class as usize] as f32)
}

fn recent_rate(shared: &Shared, view: &View, group: Group) -> f32 {
    let prior = view.rates[group as usize];
    view.history(group).map_or(f32::NAN, |history| rates::recent(&history, shared.day, prior) as f32)
}

fn age_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let known = view.history(group).filter(crate::History::is_known);
    known.map_or(f32::NAN, |history| f32::from(shared.day.saturating_sub(history.first_day)))
}

fn idle_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let known = view.history(group).filter(crate::History::is_known);
    known.map_or(f32::NAN, |history| f32::from(shared.day.saturating_sub(history.last_day)))
}

fn finding_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let Some(history) = view.history(group).filter(|history| history.physical_found() > 0) else { return f32::NAN };
    let periods = history.recent(shared.day).find(|(_, tile)| tile.found > 0).map_or(4, |(age, _)| age);
    (periods * usize::from(TILE_DAYS)) as f32
}

fn mean_duty(view: &View, group: Group) -> f32 {
    let history = view.history(group).filter(|history| history.physical() > 0);
    history.map_or(f32::NAN, |h| ln((h.duty_cents.max(0) as f64 / 100.0 / f64::from(h.physical())) + 1.0))
}

fn share(view: &View, group: Group) -> f32 {
    let whole = view.history(Group::Trader).filter(|trader| trader.declared > 0);
    match (view.history(group), whole) {
        (Some(part), Some(whole)) => part.declared as f32 / whole.declared as f32,
        _ => f32::NAN,
    }
}

fn unseen(view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| flag(!history.is_known()))
}

fn contacts_older_days(shared: &Shared, view: &View) -> f32 {
    let trader = view.history(Group::Trader).filter(crate::History::is_known).map_or(shared.day, |h| h.first_day);
    shared.contacts_since.map_or(f32::NAN, |since| f32::from(trader.saturating_sub(since)))
}
