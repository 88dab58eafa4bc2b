//! The declaration as lodged.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::{
    Container, CountryCode, DeclarationId, GoodsItem, MeansOfTransport, Money, OfficeCode, Party, PartyRole, PortCode,
    TransportDocument,
};

/// The most goods items one declaration may hold.
pub const MAX_ITEMS: usize = 9_999;
/// The most bytes one declaration may hold on the wire.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Which way the goods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Into the territory.
    In,
    /// Out of the territory.
    Out,
    /// Through the territory.
    Transit,
}

/// When the goods are declared in relation to their arrival (Spanish: *anticipado, urgente, diferido*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Modality {
    /// Before arrival.
    Advance,
    /// Around arrival, for goods that cannot wait.
    Urgent,
    /// After arrival.
    Deferred,
}

/// How much the declaration must tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// Everything.
    Full,
    /// The simplified declaration of small consignments.
    Simplified,
    /// Express consignments (Spanish: *envíos de entrega rápida*).
    Express,
}

/// Category of an express consignment, by contents and value: 1 documents, 2 low value, 3 medium, 4 full procedure.
pub type ExpressCategory = u8;

/// A declaration as the trader lodges it. What is missing or wrong, but readable, is accepted with notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declaration {
    /// The declarant's own reference, unique per declarant (WCO: functional reference).
    #[schema(example = "2026-000123")]
    pub reference: String,
    /// Who lodges.
    pub declarant: Party,
    /// The office that handles the declaration.
    #[schema(example = "118")]
    pub office: OfficeCode,
    /// When the customs system accepted it; RFC 3339 with offset.
    #[serde(deserialize_with = "crate::rfc3339::deserialize")]
    pub acceptance_date_time: Timestamp,
    /// Which way the goods go.
    pub direction: Direction,
    /// National procedure code (Peru: `10` import for consumption, `40` definitive export); empty when it is not declared.
    #[serde(default)]
    #[schema(example = "10")]
    pub regime: String,
    /// Advance, urgent or deferred.
    pub modality: Modality,
    /// Full, simplified or express.
    pub form: Form,
    /// Category of an express consignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub express_category: Option<ExpressCategory>,
    /// Office of entry or exit, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_exit_office: Option<OfficeCode>,
    /// Port or airport of entry or exit, UN/LOCODE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<PortCode>,
    /// Customs warehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// Where the goods can be examined (the control place).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_location: Option<String>,
    /// Country the goods were dispatched from (in) or go to (out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_country: Option<CountryCode>,
    /// Everyone but the declarant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Bills of lading, air waybills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transport_documents: Vec<TransportDocument>,
    /// Containers with seals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// Vessel, aircraft or vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means_of_transport: Option<MeansOfTransport>,
    /// Total of the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_total: Option<Money>,
    /// Units of the national currency per unit of the invoice currency, as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<Decimal>,
    /// Number of packages. What cannot be, such as a number below zero, is noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<i64>,
    /// Goods items, 1 to 9,999; a declaration without any is noted.
    #[serde(default)]
    pub items: Vec<GoodsItem>,
    /// National additions, text to text; filters and models see them like any other field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, String>,
}

impl Declaration {
    /// The identity: the same declarant and reference are the same declaration, whatever else differs.
    ///
    /// The id carries no time: an amendment may correct the acceptance date and stays the same declaration. The
    /// leading milliseconds come from `first_accepted`, the acceptance date of version 1.
    pub fn id(&self, first_accepted: Timestamp) -> DeclarationId {
        DeclarationId::derive(first_accepted, &[self.declarant.id.as_bytes(), self.reference.as_bytes()])
    }

    /// What the keyed draws hash: the consignment, so that cancelling and lodging again draws the same.
    ///
    /// The first transport document with the trader behind it; without a document, declarant and reference.
    pub fn consignment_key(&self) -> String {
        let trader = self.trader().map_or(self.declarant.id.as_str(), |party| party.id.as_str());
        match self.transport_documents.first() {
            Some(document) => format!("{}/{trader}", document.id),
            None => format!("{}/{}", self.declarant.id, self.reference),
        }
    }

    /// The first party in `role`.
    pub fn party(&self, role: PartyRole) -> Option<&Party> {
        self.parties.iter().find(|party| party.role == role)
    }

    /// Whose goods these are: the importer going in, the exporter going out.
    pub fn trader(&self) -> Option<&Party> {
        match self.direction {
            Direction::In | Direction::Transit => {
                self.party(PartyRole::Importer).or_else(|| self.party(PartyRole::Consignee))
            }
            Direction::Out => self.party(PartyRole::Exporter).or_else(|| self.party(PartyRole::Consignor)),
        }
    }

    /// Who is at the other end: the seller or exporter going in, the buyer or consignee going out.
    pub fn counterparty(&self) -> Option<&Party> {
        let roles = match self.direction {
            Direction::In | Direction::Transit => [PartyRole::Seller, PartyRole::Exporter, PartyRole::Consignor],
            Direction::Out => [PartyRole::Buyer, PartyRole::Importer, PartyRole::Consignee],
        };
        roles.into_iter().find_map(|role| self.party(role))
    }
}
