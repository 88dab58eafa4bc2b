//! The outline of a declaration: the few things of it that the feature log keeps, in hashes and fixed point.
//!
//! Keys are derived from the outline alone, so that a new group can be added and rebuilt from the log.

use std::collections::BTreeMap;

use customs::{Declaration, Direction, GoodsItem, PartyRole};
use serde::{Deserialize, Serialize};

use crate::entity::Token;
use crate::number::{day, float};

const MAX_CONTACTS: usize = 4;
const MAX_DOCUMENTS: usize = 4;
const MAX_CONTAINERS: usize = 8;
/// National additions that are kept of a declaration and of a goods item, in the order of their keys.
const MAX_EXTENSIONS: usize = 8;
const MAX_ITEM_EXTENSIONS: usize = 4;
/// Binary digits of a hashed key and of a hashed value of it: 256 keys with 4,096 values each are told apart.
const KEY_BITS: u32 = 8;
const VALUE_BITS: u32 = 12;

/// What the feature log keeps of a declaration version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Day of acceptance, since 1970-01-01.
    pub day: u16,
    /// In, out, transit: 0, 1, 2.
    pub direction: u8,
    /// Importer or exporter.
    pub trader: Token,
    /// Declarant.
    pub declarant: Token,
    /// Seller or buyer.
    pub counterparty: Token,
    /// Carrier, or the means of transport.
    pub carrier: Token,
    /// Place of the goods.
    pub location: Token,
    /// Office.
    pub office: Token,
    /// Address of the trader.
    pub address: Token,
    /// Contacts of the trader, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Token>,
    /// Transport documents, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Token>,
    /// Containers, at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Token>,
    /// The goods items, in the order in which they were lodged.
    pub items: Vec<ItemOutline>,
    /// National additions of the declaration, at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Addition>,
    /// National additions of the items, at most 4 of each, with the position of the item from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_extensions: Vec<(u32, Addition)>,
}

/// A national addition: its key and its value, hashed into few digits. What is free text would otherwise be remembered
/// for ever under as many entities as there are texts; hashed, a key never has more than 4,096, and two values rarely
/// share one where a key is a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addition(pub u32);

impl Addition {
    /// The addition of `value` under `key`; none where the value is blank.
    pub fn of(key: &str, value: &str) -> Option<Self> {
        let (key, value) = (Token::of(key), Token::of(value));
        let digits = |token: Token, bits: u32| (token.0 >> (64 - bits)) as u32;
        value.is_some().then(|| Self(digits(key, KEY_BITS) << VALUE_BITS | digits(value, VALUE_BITS)))
    }
}

/// What the feature log keeps of a goods item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutline {
    /// Position in the declaration.
    pub sequence: u32,
    /// HS chapter.
    pub hs2: Token,
    /// HS heading.
    pub hs4: Token,
    /// HS subheading.
    pub hs6: Token,
    /// National code.
    pub code: Token,
    /// Country of origin.
    pub origin: Token,
    /// Country of departure or destination.
    pub route: Token,
    /// Taxes with rates and preferences.
    pub taxes: Token,
    /// Currency of the value.
    pub currency: Token,
    /// Binary logarithm of the value per kilogram in 1/65,536; none without value or mass.
    pub unit_value: Option<i32>,
    /// Binary logarithm of the mass in kilograms in 1/65,536; none without mass, and in facts from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mass: Option<i32>,
}

impl Outline {
    /// The outline of a declaration as lodged.
    pub fn of(declaration: &Declaration) -> Self {
        let trader = declaration.trader();
        let party = |party: Option<&customs::Party>| party.map_or(Token::NONE, |party| Token::of(&party.id));
        let text = |text: Option<&str>| text.map_or(Token::NONE, Token::of);
        let means = declaration.means_of_transport.as_ref().map(|means| means.id.as_str());
        let mut contacts = Vec::new();
        for contact in trader.iter().flat_map(|party| &party.contacts) {
            push_distinct(&mut contacts, normalized(contact), MAX_CONTACTS);
        }
        let mut documents = Vec::new();
        for document in &declaration.transport_documents {
            push_distinct(&mut documents, Token::of(&document.id), MAX_DOCUMENTS);
            push_distinct(&mut documents, text(document.master_id.as_deref()), MAX_DOCUMENTS);
        }
        let mut containers = Vec::new();
        for container in &declaration.containers {
            push_distinct(&mut containers, Token::of(&container.id), MAX_CONTAINERS);
        }
        let route = declaration.route_country.as_ref().map_or(Token::NONE, |country| Token::of(country.as_str()));
        Self {
            day: day(declaration.acceptance_date_time),
            direction: match declaration.direction {
                Direction::In => 0,
                Direction::Out => 1,
                Direction::Transit => 2,
            },
            trader: party(trader),
            declarant: Token::of(&declaration.declarant.id),
            counterparty: party(declaration.counterparty()),
            carrier: declaration.party(PartyRole::Carrier).map_or_else(|| text(means), |party| Token::of(&party.id)),
            location: text(declaration.goods_location.as_deref().or(declaration.warehouse.as_deref())),
            office: Token::of(declaration.office.as_str()),
            address: trader.and_then(|party| party.address.as_deref()).map_or(Token::NONE, normalized),
            contacts,
            documents,
            containers,
            items: declaration.items.iter().map(|item| ItemOutline::of(item, route)).collect(),
            extensions: distinct(additions(&declaration.extensions).take(MAX_EXTENSIONS)),
            item_extensions: (0_u32..)
                .zip(&declaration.items)
                .flat_map(|(at, item)| {
                    additions(&item.extensions).take(MAX_ITEM_EXTENSIONS).map(move |addition| (at, addition))
                })
                .collect(),
        }
    }
}

impl Outline {
    /// Puts `other` wherever `person` stands. Address and contacts are the trader's: they go with the trader. Whether
    /// anything changed.
    pub fn replace(&mut self, person: Token, other: Token) -> bool {
        let before = self.clone();
        if self.trader == person {
            self.address = Token::NONE;
            self.contacts.clear();
        }
        for token in
            [&mut self.trader, &mut self.declarant, &mut self.counterparty, &mut self.carrier, &mut self.location]
        {
            if *token == person {
                *token = other;
            }
        }
        *self != before
    }
}

impl ItemOutline {
    fn of(item: &GoodsItem, route: Token) -> Self {
        let loading = item.loading_port.as_ref().and_then(|port| port.as_str().get(..2));
        let unit_value = unit_value(item).filter(|value| *value > 0.0 && value.is_finite());
        Self {
            sequence: item.sequence,
            hs2: Token::of(item.commodity_code.chapter()),
            hs4: Token::of(item.commodity_code.heading()),
            hs6: Token::of(item.commodity_code.subheading()),
            code: Token::of(item.commodity_code.as_str()),
            origin: Token::of(item.origin_country.as_str()),
            route: if route.is_some() { route } else { loading.map_or(Token::NONE, Token::of) },
            taxes: taxes(item),
            currency: Token::of(&item.valuation.fob.currency.0),
            unit_value: unit_value.map(octaves),
            mass: mass(item).map(octaves),
        }
    }
}

fn additions(extensions: &BTreeMap<String, String>) -> impl Iterator<Item = Addition> + '_ {
    extensions.iter().filter_map(|(key, value)| Addition::of(key, value))
}

/// Each once: two keys may hash to the same addition.
fn distinct(additions: impl Iterator<Item = Addition>) -> Vec<Addition> {
    let mut all = Vec::new();
    for addition in additions {
        if !all.contains(&addition) {
            all.push(addition);
        }
    }
    all
}

/// Value per kilogram of net mass (gross where net is not known), in the lodged currency.
pub(crate) fn unit_value(item: &GoodsItem) -> Option<f64> {
    mass(item).map(|mass| float(item.valuation.fob.amount) / mass)
}

/// Net mass in kilograms, gross where net is not known.
fn mass(item: &GoodsItem) -> Option<f64> {
    item.net_mass_kg.or(item.gross_mass_kg).map(float).filter(|mass| *mass > 0.0)
}

/// Binary logarithm in 1/65,536.
fn octaves(value: f64) -> i32 {
    (value.log2() * 65_536.0).round() as i32
}

/// Every tax with rate and preference, whatever their order.
fn taxes(item: &GoodsItem) -> Token {
    let mut sum = 0_u64;
    let mut text = String::with_capacity(24);
    for tax in &item.duty_taxes {
        text.clear();
        text.push_str(&tax.kind);
        text.push('|');
        text.push_str(tax.preference.as_deref().unwrap_or(""));
        let mut bytes = [0_u8; 64];
        let used = text.len().min(48);
        bytes[..used].copy_from_slice(&text.as_bytes()[..used]);
        let rate = tax.rate.normalize();
        bytes[48..64].copy_from_slice(&rate.mantissa().to_le_bytes());
        bytes[47] = rate.scale() as u8;
        sum = sum.wrapping_add(Token::of_bytes(&bytes).0);
    }
    Token(sum)
}

/// Letters and digits only, in lower case: `Av. Perú 12` and `AV PERÚ, 12` are one address.
fn normalized(text: &str) -> Token {
    let text: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Token::of(&text)
}

fn push_distinct(tokens: &mut Vec<Token>, token: Token, limit: usize) {
    if token.is_some() && tokens.len() < limit && !tokens.contains(&token) {
        tokens.push(token);
    }
}
