//! What the groups are called, and which declared fields name their entities.

use crate::entity::Group;

/// A group for people.
pub struct About {
    /// Behind "for": "the chapter".
    pub en: &'static str,
    /// Behind a noun, with its preposition: "del capítulo".
    pub es: &'static str,
    /// Fields that name an entity of it.
    pub fields: &'static [&'static str],
}

const CODE: &str = "item.commodityCode";
const ORIGIN: &str = "item.originCountry";
const ROUTE: &str = "declaration.routeCountry";
const TAXES: &str = "item.dutyTaxes";
const VALUE: &str = "item.valuation.fob";
const MASS: &str = "item.netMassKg";
const PARTIES: &str = "declaration.parties";
const DECLARANT: &str = "declaration.declarant";
const DIRECTION: &str = "declaration.direction";

const fn about(en: &'static str, es: &'static str, fields: &'static [&'static str]) -> About {
    About { en, es, fields }
}

/// What `group` is called.
#[rustfmt::skip]
pub fn of(group: Group) -> About {
    match group {
        Group::Everything => about("all goods of the direction", "de toda la mercancía de la dirección", &[DIRECTION]),
        Group::Hs2 => about("the chapter", "del capítulo", &[CODE]),
        Group::Hs4 => about("the heading", "de la partida", &[CODE]),
        Group::Hs6 => about("the subheading", "de la subpartida", &[CODE]),
        Group::Origin => about("the origin", "del origen", &[ORIGIN]),
        Group::Route => about("the route", "de la ruta", &[ROUTE]),
        Group::Hs4Origin => about("heading and origin", "de la partida y el origen", &[CODE, ORIGIN]),
        Group::Hs6Origin => about("subheading and origin", "de la subpartida y el origen", &[CODE, ORIGIN]),
        Group::Hs6Route => about("subheading and route", "de la subpartida y la ruta", &[CODE, ROUTE]),
        Group::Hs6RouteOrigin => about("subheading, route and origin", "de la subpartida, la ruta y el origen", &[CODE, ROUTE, ORIGIN]),
        Group::Hs4Tuple => about("heading, route, origin and taxes", "de la partida, la ruta, el origen y los tributos", &[CODE, ROUTE, ORIGIN, TAXES]),
        Group::Hs6Tuple => about("subheading, route, origin and taxes", "de la subpartida, la ruta, el origen y los tributos", &[CODE, ROUTE, ORIGIN, TAXES]),
        Group::PricedTuple => about("national code, route, origin, taxes and band of the unit value", "del código nacional, la ruta, el origen, los tributos y la banda del valor unitario", &[CODE, ROUTE, ORIGIN, TAXES, VALUE, MASS]),
        Group::TraderHs4 => about("trader and heading", "del operador y la partida", &[PARTIES, CODE]),
        Group::TraderOrigin => about("trader and origin", "del operador y el origen", &[PARTIES, ORIGIN]),
        Group::DeclarantHs2 => about("declarant and chapter", "del declarante y el capítulo", &[DECLARANT, CODE]),
        Group::Trader => about("the trader", "del operador", &[PARTIES]),
        Group::Declarant => about("the declarant", "del declarante", &[DECLARANT]),
        Group::Counterparty => about("the counterparty", "de la contraparte", &[PARTIES]),
        Group::TraderCounterparty => about("trader and counterparty", "del operador y la contraparte", &[PARTIES]),
        Group::Carrier => about("the carrier", "del transportista", &[PARTIES, "declaration.meansOfTransport"]),
        Group::Location => about("the place of the goods", "del lugar de la mercancía", &["declaration.goodsLocation"]),
        Group::Office => about("the office", "de la intendencia", &["declaration.office"]),
        Group::Address => about("the trader's address", "del domicilio del operador", &[PARTIES]),
        Group::Contact => about("the trader's worst contact", "del peor contacto del operador", &[PARTIES]),
        Group::Container => about("the worst container", "del peor contenedor", &["declaration.containers"]),
        Group::Document => about("the worst transport document", "del peor documento de transporte", &["declaration.transportDocuments"]),
        Group::ValuesHs6 => about("the subheading", "de la subpartida", &[CODE, VALUE, MASS]),
        Group::ValuesHs6Origin => about("subheading and origin", "de la subpartida y el origen", &[CODE, ORIGIN, VALUE, MASS]),
        Group::Taxes => about("the taxes", "de los tributos", &[TAXES]),
        Group::Lane => about("route and origin", "de la ruta y el origen", &[ROUTE, ORIGIN]),
        Group::LaneTaxes => about("route, origin and taxes", "de la ruta, el origen y los tributos", &[ROUTE, ORIGIN, TAXES]),
        Group::Hs2Tuple => about("chapter, route, origin and taxes", "del capítulo, la ruta, el origen y los tributos", &[CODE, ROUTE, ORIGIN, TAXES]),
        Group::Hs6Taxes => about("subheading and taxes", "de la subpartida y los tributos", &[CODE, TAXES]),
        Group::Article => about("subheading and unit value", "de la subpartida y el valor unitario", &[CODE, VALUE, MASS]),
        Group::Lot => about("national code, route, origin, taxes, band of the unit value and mass", "del código nacional, la ruta, el origen, los tributos, la banda del valor unitario y la masa", &[CODE, ROUTE, ORIGIN, TAXES, VALUE, MASS]),
        Group::Extension => about("the national additions", "de los datos nacionales adicionales", &["declaration.extensions"]),
        Group::ItemExtension => about("the item's national additions", "de los datos nacionales adicionales de la serie", &["item.extensions"]),
        Group::ArticleTuple => about("subheading, unit value, route, origin and taxes", "de la subpartida, el valor unitario, la ruta, el origen y los tributos", &[CODE, VALUE, MASS, ROUTE, ORIGIN, TAXES]),
    }
}
