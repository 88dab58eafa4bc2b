//! Parties: who lodges, buys, sells, carries and receives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a party is to a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PartyRole {
    /// Lodges the declaration: a customs broker, or the trader itself.
    Declarant,
    /// Brings goods in.
    Importer,
    /// Sends goods out.
    Exporter,
    /// Sold the goods.
    Seller,
    /// Bought the goods.
    Buyer,
    /// Sends the consignment.
    Consignor,
    /// Receives the consignment.
    Consignee,
    /// Is told of the arrival.
    NotifyParty,
    /// Carries the goods.
    Carrier,
}

/// A person or company in a role, with what networks are later found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// The role in this declaration.
    pub role: PartyRole,
    /// The number that identifies the party (Peru: RUC).
    #[schema(example = "20123456786")]
    pub id: String,
    /// What kind of number that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "RUC")]
    pub id_type: Option<String>,
    /// Name as lodged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address as lodged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// ISO 3166-1 alpha-2 country of the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<crate::CountryCode>,
    /// Telephone numbers and e-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Whether the party is an authorised economic operator in this role at the acceptance date.
    #[serde(default)]
    pub authorised_economic_operator: bool,
}

impl Party {
    /// A party known by its number alone.
    pub fn new(role: PartyRole, id: impl Into<String>) -> Self {
        Self {
            role,
            id: id.into(),
            id_type: None,
            name: None,
            address: None,
            country: None,
            contacts: Vec::new(),
            authorised_economic_operator: false,
        }
    }
}
