//! Fields of a goods item.

use customs::{GoodsItem, ItemValuation};
use rust_decimal::Decimal;

use super::{Reader, Row, declaration::row, number};
use crate::codes::digits_of;
use Reader::{ItemInteger as Integer, ItemNumber as Number, ItemText as Text, ItemTexts as Texts, ItemValue as Value};

/// The table.
pub(super) fn rows() -> Vec<Row> {
    vec![
        row!("item.sequence", Integer(|i| Some(i64::from(i.sequence))), "Serie", "Sequence", "item.sequence == 1"),
        row!(
            "item.commodityCode",
            code("item.commodityCode"),
            "Subpartida nacional",
            "National tariff code",
            "item.commodityCode.startsWith('870323')"
        ),
        row!("item.hs2", code("item.hs2"), "Capítulo", "HS chapter", "item.hs2 in ['61', '62']"),
        row!("item.hs4", code("item.hs4"), "Partida", "HS heading", "item.hs4 == '8703'"),
        row!("item.hs6", code("item.hs6"), "Subpartida", "HS subheading", "item.hs6 == '870323'"),
        row!(
            "item.tariffEdition",
            Text(|i| i.tariff_edition.as_deref()),
            "Edición del arancel",
            "Tariff edition",
            "item.tariffEdition == 'HS2022'"
        ),
        row!(
            "item.description",
            Text(|i| Some(&i.description)),
            "Descripción",
            "Description",
            "item.description.matches('(?i)used|usado')"
        ),
        row!(
            "item.origin",
            Text(|i| Some(i.origin_country.as_str())),
            "País de origen",
            "Country of origin",
            "item.origin == 'CN'"
        ),
        row!(
            "item.purchaseCountry",
            Text(|i| i.purchase_country.as_ref().map(customs::CountryCode::as_str)),
            "País de adquisición",
            "Country of purchase",
            "item.purchaseCountry != item.origin"
        ),
        row!(
            "item.loadingPort",
            Text(|i| i.loading_port.as_ref().map(customs::PortCode::as_str)),
            "Puerto de embarque",
            "Port of loading",
            "item.loadingPort == 'CNSHA'"
        ),
        row!(
            "item.procedure",
            Text(|i| i.procedure.as_deref()),
            "Trato o procedimiento",
            "Procedure",
            "has(item.procedure)"
        ),
        row!("item.grossMassKg", Number(|i| i.gross_mass_kg.map(number)), "Peso bruto", "Gross mass", "item.grossMassKg > 1000.0", unit "kg"),
        row!("item.netMassKg", Number(|i| i.net_mass_kg.map(number)), "Peso neto", "Net mass", "item.netMassKg > 1000.0", unit "kg"),
        row!("item.quantity", Number(|i| i.statistical_quantity.map(number)), "Cantidad", "Quantity", "item.quantity > 10000.0", unit "item.unit"),
        row!("item.unit", Text(|i| i.statistical_unit.as_deref()), "Unidad", "Unit", "item.unit == 'KGM'"),
        row!("item.fobValue", Number(|i| Some(number(i.valuation.fob.amount))), "Valor FOB", "FOB value", "item.fobValue > 10000.0", unit "item.currency"),
        row!("item.freight", Number(|i| Some(number(i.valuation.freight.as_ref()?.amount))), "Flete", "Freight", "item.freight > item.fobValue", unit "item.currency"),
        row!("item.insurance", Number(|i| Some(number(i.valuation.insurance.as_ref()?.amount))), "Seguro", "Insurance", "!has(item.insurance)", unit "item.currency"),
        row!("item.customsValue", Value(|_, value| Some(value)), "Valor en aduana", "Customs value", "item.customsValue > 10000.0", unit "item.currency"),
        row!(
            "item.currency",
            Text(|i| Some(&i.valuation.fob.currency.0)),
            "Moneda",
            "Currency",
            "item.currency != 'USD'"
        ),
        row!("item.unitValuePerKg", Value(|i, value| ratio(value, i.net_mass_kg?)), "Valor por kilogramo neto", "Value per net kilogram", "item.unitValuePerKg < 4.0", unit "item.currency per kg"),
        row!("item.unitValue", Value(|i, value| ratio(value, i.statistical_quantity?)), "Valor unitario", "Value per statistical unit", "item.unitValue < 1.5", unit "item.currency per item.unit"),
        row!("item.taxRate", Number(tax_rate), "Suma de tasas declaradas", "Sum of the declared rates", "item.taxRate == 0.0", unit "percent"),
        row!(
            "item.preference",
            Text(|i| i.duty_taxes.iter().find_map(|tax| tax.preference.as_deref())),
            "Preferencia arancelaria",
            "Preference claimed",
            "has(item.preference)"
        ),
        row!(
            "item.valuationMethod",
            Integer(|i| i.valuation.method.map(i64::from)),
            "Método de valoración",
            "Valuation method",
            "item.valuationMethod > 1"
        ),
        row!(
            "item.incoterm",
            Text(|i| i.valuation.incoterm.as_deref()),
            "Incoterm",
            "Incoterm",
            "item.incoterm == 'EXW'"
        ),
        row!(
            "item.containers",
            Texts(|i| i.containers.iter().map(String::as_str).collect()),
            "Contenedores de la serie",
            "Containers of the item",
            "size(item.containers) > 1"
        ),
        row!(
            "item.extensions",
            Reader::ItemExtensions,
            "Datos nacionales de la serie",
            "National additions of the item",
            "item.extensions['marca'] == 'ACME'"
        ),
    ]
}

/// The tariff code, or the digits of it that a field has.
fn code(field: &str) -> Reader {
    Reader::ItemCode(digits_of(field).unwrap_or(usize::MAX))
}

/// FOB + freight + insurance + adjustments, when all are in one currency.
pub(super) fn customs_value(valuation: &ItemValuation) -> Option<Decimal> {
    let mut total = valuation.fob.amount;
    for part in [&valuation.freight, &valuation.insurance, &valuation.adjustments].into_iter().flatten() {
        if part.currency != valuation.fob.currency {
            return None;
        }
        total = total.checked_add(part.amount)?;
    }
    Some(total)
}

/// The customs value of an item as a number.
pub(crate) fn customs_value_of(item: &GoodsItem) -> Option<f64> {
    customs_value(&item.valuation).map(number)
}

fn ratio(value: f64, by: Decimal) -> Option<f64> {
    Some(number(by)).filter(|by| *by > 0.0).map(|by| value / by)
}

fn tax_rate(item: &GoodsItem) -> Option<f64> {
    if item.duty_taxes.is_empty() {
        return None;
    }
    let mut sum = Decimal::ZERO;
    for tax in &item.duty_taxes {
        sum = sum.checked_add(tax.rate)?;
    }
    Some(number(sum))
}
