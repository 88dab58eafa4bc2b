//! Fields of the declaration as a whole.

use customs::{Declaration, Direction, Form, Modality, Party};
use rust_decimal::Decimal;

use super::{NOTE_CODES, Reader, Row, item::customs_value, number};
use Reader::{
    DeclarationBoolean as Boolean, DeclarationInteger as Integer, DeclarationNumber as Number, DeclarationText as Text,
};

macro_rules! row {
    ($name:literal, $reader:expr, $es:literal, $en:literal, $example:literal $(, unit $unit:literal)? $(, values $values:expr)?) => {{
        #[allow(unused_mut, unused_assignments, reason = "most rows have neither a unit nor listed values")]
        let row = {
            let mut unit: Option<&'static str> = None;
            let mut values: &'static [&'static str] = &[];
            $(unit = Some($unit);)?
            $(values = $values;)?
            $crate::catalogue::Row { name: $name, unit, example: $example, es: $es, en: $en, values, reader: $reader }
        };
        row
    }};
}
pub(super) use row;

/// The table.
pub(super) fn rows() -> Vec<Row> {
    vec![
        row!(
            "declaration.reference",
            Text(|d| Some(&d.reference)),
            "Referencia",
            "Reference",
            "declaration.reference.startsWith('2026-')"
        ),
        row!(
            "declaration.office",
            Text(|d| Some(d.office.as_str())),
            "Aduana",
            "Office",
            "declaration.office == '118'"
        ),
        row!(
            "declaration.entryExitOffice",
            Text(|d| d.entry_exit_office.as_ref().map(customs::OfficeCode::as_str)),
            "Aduana de ingreso o salida",
            "Office of entry or exit",
            "declaration.entryExitOffice != declaration.office"
        ),
        row!(
            "declaration.direction",
            Text(|d| Some(direction(d.direction))),
            "Sentido",
            "Direction",
            "declaration.direction == 'in'",
            values & ["in", "out", "transit"]
        ),
        row!(
            "declaration.regime",
            Text(|d| Some(&d.regime)),
            "Régimen",
            "Regime",
            "declaration.regime in ['10', '20']"
        ),
        row!(
            "declaration.modality",
            Text(|d| Some(modality(d.modality))),
            "Modalidad",
            "Modality",
            "declaration.modality == 'advance'",
            values & ["advance", "urgent", "deferred"]
        ),
        row!(
            "declaration.form",
            Text(|d| Some(form(d.form))),
            "Tipo de declaración",
            "Form",
            "declaration.form == 'express'",
            values & ["full", "simplified", "express"]
        ),
        row!(
            "declaration.expressCategory",
            Integer(|d| d.express_category.map(i64::from)),
            "Categoría de envío de entrega rápida",
            "Express category",
            "declaration.expressCategory == 2"
        ),
        row!(
            "declaration.port",
            Text(|d| d.port.as_ref().map(customs::PortCode::as_str)),
            "Puerto de ingreso o salida",
            "Port of entry or exit",
            "declaration.port == 'PECLL'"
        ),
        row!(
            "declaration.warehouse",
            Text(|d| d.warehouse.as_deref()),
            "Depósito",
            "Warehouse",
            "has(declaration.warehouse)"
        ),
        row!(
            "declaration.goodsLocation",
            Text(|d| d.goods_location.as_deref()),
            "Lugar de reconocimiento",
            "Goods location",
            "declaration.goodsLocation == '3014'"
        ),
        row!(
            "declaration.routeCountry",
            Text(|d| d.route_country.as_ref().map(customs::CountryCode::as_str)),
            "País de procedencia o destino",
            "Country of dispatch or destination",
            "declaration.routeCountry in ['CN', 'HK']"
        ),
        row!("declaration.transportMode", Text(super::cargo::mode), "Vía de transporte", "Transport mode", "declaration.transportMode == 'maritime'", values super::cargo::MODES),
        row!(
            "declaration.itemCount",
            Integer(|d| i64::try_from(d.items.len()).ok()),
            "Número de series",
            "Number of items",
            "declaration.itemCount > 20"
        ),
        row!("declaration.totalValue", Number(total_value), "Valor en aduana total", "Total customs value", "declaration.totalValue > 50000.0", unit "invoice currency"),
        row!("declaration.invoiceTotal", Number(|d| Some(number(d.invoice_total.as_ref()?.amount))), "Total de la factura", "Invoice total", "declaration.invoiceTotal > 50000.0", unit "invoice currency"),
        row!(
            "declaration.invoiceCurrency",
            Text(|d| d.invoice_total.as_ref().map(|total| total.currency.0.as_str())),
            "Moneda de la factura",
            "Invoice currency",
            "declaration.invoiceCurrency != 'USD'"
        ),
        row!("declaration.grossMassKg", Number(gross_mass), "Peso bruto total", "Total gross mass", "declaration.grossMassKg > 20000.0", unit "kg"),
        row!("declaration.packages", Integer(|d| d.packages), "Bultos", "Packages", "declaration.packages > 500"),
        row!(
            "declaration.declarant.id",
            Text(|d| Some(&d.declarant.id)),
            "Declarante: número",
            "Declarant: number",
            "declaration.declarant.id == '20123456786'"
        ),
        row!(
            "declaration.declarant.name",
            Text(|d| d.declarant.name.as_deref()),
            "Declarante: nombre",
            "Declarant: name",
            "declaration.declarant.name.contains('AGENCIA')"
        ),
        row!(
            "declaration.declarant.aeo",
            Boolean(|d| Some(d.declarant.authorised_economic_operator)),
            "Declarante: OEA",
            "Declarant: AEO",
            "!declaration.declarant.aeo"
        ),
        row!(
            "declaration.trader.id",
            Text(|d| Some(&d.trader()?.id)),
            "Importador o exportador: número",
            "Trader: number",
            "declaration.trader.id in ['20123456786']"
        ),
        row!(
            "declaration.trader.name",
            Text(|d| d.trader()?.name.as_deref()),
            "Importador o exportador: nombre",
            "Trader: name",
            "declaration.trader.name.startsWith('IMPORT')"
        ),
        row!(
            "declaration.trader.country",
            Text(|d| country(d.trader())),
            "Importador o exportador: país",
            "Trader: country",
            "declaration.trader.country == 'PE'"
        ),
        row!(
            "declaration.trader.aeo",
            Boolean(|d| Some(d.trader()?.authorised_economic_operator)),
            "Importador o exportador: OEA",
            "Trader: AEO",
            "!declaration.trader.aeo"
        ),
        row!(
            "importer.id",
            Text(|d| Some(&importer(d)?.id)),
            "Importador: número",
            "Importer: number",
            "importer.id in ['20123456786']"
        ),
        row!(
            "importer.name",
            Text(|d| importer(d)?.name.as_deref()),
            "Importador: nombre",
            "Importer: name",
            "importer.name.startsWith('IMPORT')"
        ),
        row!(
            "declaration.counterparty.id",
            Text(|d| Some(&d.counterparty()?.id)),
            "Proveedor o comprador: número",
            "Counterparty: number",
            "has(declaration.counterparty.id)"
        ),
        row!(
            "declaration.counterparty.name",
            Text(|d| d.counterparty()?.name.as_deref()),
            "Proveedor o comprador: nombre",
            "Counterparty: name",
            "declaration.counterparty.name.contains('TRADING')"
        ),
        row!(
            "declaration.counterparty.country",
            Text(|d| country(d.counterparty())),
            "Proveedor o comprador: país",
            "Counterparty: country",
            "declaration.counterparty.country != 'CN'"
        ),
        row!("declaration.notes", Reader::NoteCodes, "Observaciones de calidad", "Data-quality notes", "'net-above-gross' in declaration.notes", values NOTE_CODES),
        row!(
            "declaration.extensions",
            Reader::DeclarationExtensions,
            "Datos nacionales de la declaración",
            "National additions of the declaration",
            "declaration.extensions['canalPrevio'] == 'R'"
        ),
    ]
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Transit => "transit",
    }
}

fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::Advance => "advance",
        Modality::Urgent => "urgent",
        Modality::Deferred => "deferred",
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Full => "full",
        Form::Simplified => "simplified",
        Form::Express => "express",
    }
}

/// The trader of goods that come in; who brings goods out imports nothing.
fn importer(declaration: &Declaration) -> Option<&Party> {
    if declaration.direction == Direction::Out { None } else { declaration.trader() }
}

fn country(party: Option<&Party>) -> Option<&str> {
    party?.country.as_ref().map(customs::CountryCode::as_str)
}

/// Sum of the items' customs values; missing when they are in several currencies.
fn total_value(declaration: &Declaration) -> Option<f64> {
    let currency = &declaration.items.first()?.valuation.fob.currency;
    let mut total = Decimal::ZERO;
    for item in &declaration.items {
        if item.valuation.fob.currency != *currency {
            return None;
        }
        total = total.checked_add(customs_value(&item.valuation)?)?;
    }
    Some(number(total))
}

/// Sum of the items' gross masses; missing when any is.
fn gross_mass(declaration: &Declaration) -> Option<f64> {
    let mut total = Decimal::ZERO;
    for item in &declaration.items {
        total = total.checked_add(item.gross_mass_kg?)?;
    }
    Some(number(total))
}
