//! The fields that are watched, and what a declaration says in each.

use customs::Declaration;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use utoipa::{PartialSchema, ToSchema};

use crate::entity::Token;
use crate::number::float;
use crate::outline::unit_value;

macro_rules! fields {
    ($( $(#[$doc:meta])* $name:ident = $wire:literal; )*) => {
        /// A watched field, or the arrival of something with a due time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Field { $( $(#[$doc])* #[serde(rename = $wire)] $name, )* }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The name, as in filters.
            pub fn name(self) -> &'static str {
                match self { $( Self::$name => $wire, )* }
            }
        }
    };
}

/// By name; a derived schema does not see what a macro renames.
impl PartialSchema for Field {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.iter().map(|field| field.name());
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        schema.description(Some("A watched field, or the arrival of something with a due time.")).into()
    }
}

impl ToSchema for Field {}

fields! {
    /// Arrival of the declaration itself.
    Declaration = "declaration";
    /// Arrival of a result of a control.
    Result = "result";
    /// Customs procedure.
    Regime = "declaration.regime";
    /// Office.
    Office = "declaration.office";
    /// Country of departure or destination.
    RouteCountry = "declaration.routeCountry";
    /// Mode of transport.
    TransportMode = "declaration.meansOfTransport.mode";
    /// Expected arrival.
    ExpectedArrival = "declaration.meansOfTransport.expectedArrival";
    /// Importer or exporter.
    Trader = "declaration.trader";
    /// Address of the trader.
    TraderAddress = "declaration.trader.address";
    /// Packages.
    Packages = "declaration.packages";
    /// Transport documents.
    TransportDocuments = "declaration.transportDocuments";
    /// Commodity code.
    CommodityCode = "item.commodityCode";
    /// Country of origin.
    OriginCountry = "item.originCountry";
    /// Description of the goods.
    Description = "item.description";
    /// Net mass.
    NetMass = "item.netMassKg";
    /// Gross mass.
    GrossMass = "item.grossMassKg";
    /// Statistical quantity.
    StatisticalQuantity = "item.statisticalQuantity";
    /// Value free on board.
    Fob = "item.valuation.fob.amount";
    /// Currency of the value.
    Currency = "item.valuation.fob.currency";
    /// Value per kilogram.
    UnitValue = "item.unitValue";
    /// Kind of a tax.
    TaxKind = "item.dutyTaxes.kind";
    /// Rate of a tax, percent.
    TaxRate = "item.dutyTaxes.rate";
}

/// What a declaration says in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// Nothing.
    Missing,
    /// Something, of which only presence is watched.
    Present,
    /// One of a list of codes.
    Code(Token),
    /// A number.
    Number(f64),
}

/// What `declaration` says, field by field; fields of items once per item.
pub fn observe(declaration: &Declaration) -> Vec<(Field, Observation)> {
    let mut seen = Vec::with_capacity(9 + 11 * declaration.items.len());
    let means = declaration.means_of_transport.as_ref();
    let trader = declaration.trader();
    seen.extend([
        (Field::Regime, code(Some(&declaration.regime))),
        (Field::Office, code(Some(declaration.office.as_str()))),
        (Field::RouteCountry, code(declaration.route_country.as_ref().map(customs::CountryCode::as_str))),
        (
            Field::TransportMode,
            means.map_or(Observation::Missing, |means| Observation::Code(Token(means.mode as u64 + 1))),
        ),
        (Field::ExpectedArrival, present(means.is_some_and(|means| means.expected_arrival.is_some()))),
        (Field::Trader, present(trader.is_some_and(|trader| !trader.id.trim().is_empty()))),
        (Field::TraderAddress, present(trader.is_some_and(|trader| trader.address.is_some()))),
        (Field::Packages, number(declaration.packages.map(|packages| packages as f64))),
        (Field::TransportDocuments, present(!declaration.transport_documents.is_empty())),
    ]);
    for item in &declaration.items {
        seen.extend([
            (Field::CommodityCode, code(Some(item.commodity_code.as_str()))),
            (Field::OriginCountry, code(Some(item.origin_country.as_str()))),
            (Field::Description, present(!item.description.trim().is_empty())),
            (Field::NetMass, number(item.net_mass_kg.map(float))),
            (Field::GrossMass, number(item.gross_mass_kg.map(float))),
            (Field::StatisticalQuantity, number(item.statistical_quantity.map(float))),
            (Field::Fob, number(Some(float(item.valuation.fob.amount)))),
            (Field::Currency, code(Some(&item.valuation.fob.currency.0))),
            (Field::UnitValue, number(unit_value(item))),
        ]);
        if item.duty_taxes.is_empty() {
            seen.extend([(Field::TaxKind, Observation::Missing), (Field::TaxRate, Observation::Missing)]);
        }
        for tax in &item.duty_taxes {
            seen.extend([(Field::TaxKind, code(Some(&tax.kind))), (Field::TaxRate, number(Some(float(tax.rate))))]);
        }
    }
    seen
}

fn code(text: Option<&str>) -> Observation {
    let token = text.map_or(Token::NONE, Token::of);
    if token.is_some() { Observation::Code(token) } else { Observation::Missing }
}

fn number(value: Option<f64>) -> Observation {
    value.filter(|value| value.is_finite()).map_or(Observation::Missing, Observation::Number)
}

fn present(present: bool) -> Observation {
    if present { Observation::Present } else { Observation::Missing }
}
