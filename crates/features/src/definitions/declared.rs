//! Features of what is declared: no state, only the declaration, its notes and the time of the decision.

use customs::GoodsItem;
use rust_decimal::Decimal;

use crate::contract::FeatureType::{self, Code, Count, Flag, Number, Share};
use crate::definitions::{ACCEPTED, Definition, Lineage, Value};
use crate::number::{float, ln};
use crate::outline::unit_value;
use crate::vector::view::{Shared, View};

type Compute = fn(&Shared, &View) -> f32;

fn define(
    name: &str,
    measure: (FeatureType, &'static str),
    en: &str,
    es: &str,
    fields: &[&'static str],
    compute: Compute,
) -> Definition {
    let lineage = Lineage { events: vec![ACCEPTED], states: Vec::new(), fields: fields.to_vec() };
    Definition::new(name, measure, (en.to_owned(), es.to_owned()), lineage, Value::Plain(compute))
}

/// Item first, then the declaration as a whole.
#[rustfmt::skip]
pub fn definitions() -> Vec<Definition> {
    vec![
        define("logValue", (Number, "ln of currency"), "Value free on board", "Valor FOB", &["item.valuation.fob"], |_, view| ln(float(view.item.valuation.fob.amount))),
        define("logNetMass", (Number, "ln of kg"), "Net mass, gross where net is not known", "Peso neto, o bruto si el neto no se conoce", &["item.netMassKg", "item.grossMassKg"], |_, view| view.item.net_mass_kg.or(view.item.gross_mass_kg).map_or(f32::NAN, |mass| ln(float(mass)))),
        define("logUnitValue", (Number, "ln of currency per kg"), "Value per kilogram", "Valor por kilogramo", &["item.valuation.fob", "item.netMassKg"], |_, view| unit_value(view.item).map_or(f32::NAN, ln)),
        define("logQuantityValue", (Number, "ln of currency per unit"), "Value per statistical unit", "Valor por unidad estadística", &["item.valuation.fob", "item.statisticalQuantity"], |_, view| ln(float(view.item.valuation.fob.amount) / of(view.item.statistical_quantity))),
        define("netToGross", (Share, ""), "Net mass over gross mass", "Peso neto entre peso bruto", &["item.netMassKg", "item.grossMassKg"], |_, view| (of(view.item.net_mass_kg) / of(view.item.gross_mass_kg)) as f32),
        define("freightShare", (Share, ""), "Freight and insurance over value free on board", "Flete y seguro entre valor FOB", &["item.valuation"], |_, view| freight_share(view.item)),
        define("taxRate", (Number, "percent"), "Rate of the first tax", "Tasa del primer tributo", &["item.dutyTaxes"], |_, view| view.item.duty_taxes.first().map_or(f32::NAN, |tax| float(tax.rate) as f32)),
        define("taxRateSum", (Number, "percent"), "Sum of the rates of all taxes", "Suma de las tasas de todos los tributos", &["item.dutyTaxes"], |_, view| view.item.duty_taxes.iter().map(|tax| float(tax.rate) as f32).sum()),
        define("taxes", (Count, "taxes"), "Taxes declared", "Tributos declarados", &["item.dutyTaxes"], |_, view| view.item.duty_taxes.len() as f32),
        define("preference", (Flag, ""), "A preference is claimed", "Se solicita una preferencia", &["item.dutyTaxes"], |_, view| flag(view.item.duty_taxes.iter().any(|tax| tax.preference.is_some()))),
        define("valuationMethod", (Code, ""), "WTO valuation method", "Método de valoración de la OMC", &["item.valuation"], |_, view| view.item.valuation.method.map_or(f32::NAN, f32::from)),
        define("chapter", (Code, ""), "HS chapter as a number", "Capítulo del SA como número", &["item.commodityCode"], |_, view| view.item.commodity_code.chapter().parse().unwrap_or(f32::NAN)),
        define("originIsRoute", (Flag, ""), "The goods come straight from their origin", "La mercancía llega directamente de su origen", &["item.originCountry", "declaration.routeCountry"], |_, view| flag(view.outline.origin == view.outline.route)),
        define("valueShare", (Share, ""), "Share of the declaration's value", "Parte del valor de la declaración", &["item.valuation.fob"], |shared, view| (float(view.item.valuation.fob.amount) / shared.total_value) as f32),
        define("roundValue", (Flag, ""), "The value is a round number of hundreds", "El valor es un número redondo de centenas", &["item.valuation.fob"], |_, view| flag(is_round(view.item.valuation.fob.amount))),
        define("items", (Count, "items"), "Goods items", "Series", &["declaration.items"], |shared, _| shared.declaration.items.len() as f32),
        define("logTotalValue", (Number, "ln of currency"), "Value of all items", "Valor de todas las series", &["declaration.items"], |shared, _| ln(shared.total_value)),
        define("headings", (Count, "headings"), "Different HS headings", "Partidas distintas del SA", &["declaration.items"], |shared, _| shared.headings as f32),
        define("logPackages", (Number, "ln of packages"), "Packages", "Bultos", &["declaration.packages"], |shared, _| shared.declaration.packages.map_or(f32::NAN, |packages| ln(packages as f64))),
        define("form", (Code, ""), "Full, simplified, express: 0, 1, 2", "Completa, simplificada, exprés: 0, 1, 2", &["declaration.form"], |shared, _| f32::from(shared.declaration.form as u8)),
        define("expressCategory", (Code, ""), "Category of an express consignment", "Categoría de envío de entrega rápida", &["declaration.expressCategory"], |shared, _| shared.declaration.express_category.map_or(f32::NAN, f32::from)),
        define("modality", (Code, ""), "Advance, urgent, deferred: 0, 1, 2", "Anticipado, urgente, diferido: 0, 1, 2", &["declaration.modality"], |shared, _| f32::from(shared.declaration.modality as u8)),
        define("regime", (Code, ""), "National procedure code as a number", "Código del régimen como número", &["declaration.regime"], |shared, _| shared.declaration.regime.parse().unwrap_or(f32::NAN)),
        define("transportMode", (Code, ""), "Mode of transport, in the order of UNECE Recommendation 19", "Modo de transporte, en el orden de la Recomendación 19 de CEPE", &["declaration.meansOfTransport"], |shared, _| shared.declaration.means_of_transport.as_ref().map_or(f32::NAN, |means| f32::from(means.mode as u8))),
        define("containers", (Count, "containers"), "Containers", "Contenedores", &["declaration.containers"], |shared, _| shared.declaration.containers.len() as f32),
        define("noteWarnings", (Count, "notes"), "Data-quality warnings", "Avisos de calidad de datos", &["notes"], |shared, _| shared.notes[1] as f32),
        define("noteErrors", (Count, "notes"), "Data-quality errors", "Errores de calidad de datos", &["notes"], |shared, _| shared.notes[2] as f32),
        define("hour", (Number, "hour"), "Hour of the decision, UTC", "Hora de la decisión, UTC", &["decision time"], |shared, _| (shared.at.as_second().rem_euclid(86_400) / 3_600) as f32),
        define("weekday", (Code, ""), "Day of the week of the decision, Monday 0, UTC", "Día de la semana de la decisión, lunes 0, UTC", &["decision time"], |shared, _| f32::from((shared.day + 3) % 7)),
        define("daysToArrival", (Number, "days"), "From the decision to the expected arrival", "De la decisión a la llegada prevista", &["declaration.meansOfTransport", "decision time"], |shared, _| days_to_arrival(shared)),
        define("traderAuthorised", (Flag, ""), "The trader is an authorised economic operator", "El operador es OEA", &["declaration.parties"], |shared, _| shared.declaration.trader().map_or(f32::NAN, |party| flag(party.authorised_economic_operator))),
        define("declarantAuthorised", (Flag, ""), "The declarant is an authorised economic operator", "El declarante es OEA", &["declaration.declarant"], |shared, _| flag(shared.declaration.declarant.authorised_economic_operator)),
        define("selfDeclared", (Flag, ""), "The trader lodges itself", "El operador declara por sí mismo", &["declaration.parties", "declaration.declarant"], |shared, _| shared.declaration.trader().map_or(f32::NAN, |party| flag(party.id == shared.declaration.declarant.id))),
    ]
}

fn of(decimal: Option<Decimal>) -> f64 {
    decimal.map_or(f64::NAN, float)
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

fn is_round(amount: Decimal) -> bool {
    amount > Decimal::ZERO && (amount % Decimal::ONE_HUNDRED).is_zero()
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
