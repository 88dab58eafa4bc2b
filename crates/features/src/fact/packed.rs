//! Facts as bytes: JSON for what is rare, a packed form for what is lodged, of which there is one per declaration.
//!
//! The first byte tells the form. All numbers are little-endian; a later form gets another first byte, so that old
//! logs stay readable.

use customs::{DeclarationId, Timestamp};

use crate::entity::Token;
use crate::fact::{Fact, Lodged};
use crate::outline::{Addition, ItemOutline, Outline};

/// What is lodged, and the same with national additions behind it.
const LODGED: [u8; 2] = [b'M', b'B'];
/// Both as they were written before the mass of an item was kept.
const LODGED_WITHOUT_MASS: [u8; 2] = [b'L', b'A'];

/// Bytes that are no fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a fact: {0}")]
pub struct UnreadableFact(String);

impl Fact {
    /// The bytes of the fact.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Lodged(lodged) => pack(lodged),
            Self::Resulted(_) | Self::Cancelled(_) => serde_json::to_vec(self).expect("facts are JSON"),
        }
    }

    /// The fact of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableFact> {
        match bytes.split_first() {
            Some((form, rest)) if LODGED.contains(form) || LODGED_WITHOUT_MASS.contains(form) => {
                let of = |forms: [u8; 2]| forms.iter().position(|known| known == form);
                let (additions, mass) = (of(LODGED).or(of(LODGED_WITHOUT_MASS)) == Some(1), of(LODGED).is_some());
                unpack(rest, additions, mass)
                    .map(Self::Lodged)
                    .ok_or_else(|| UnreadableFact("it is cut short".to_owned()))
            }
            _ => serde_json::from_slice(bytes).map_err(|error| UnreadableFact(error.to_string())),
        }
    }
}

fn pack(lodged: &Lodged) -> Vec<u8> {
    let outline = &lodged.outline;
    let mut bytes = Vec::with_capacity(128 + outline.items.len() * 78);
    let additions = !(outline.extensions.is_empty() && outline.item_extensions.is_empty());
    bytes.push(LODGED[usize::from(additions)]);
    bytes.extend_from_slice(lodged.declaration.0.as_bytes());
    bytes.extend_from_slice(&lodged.version.to_le_bytes());
    bytes.extend_from_slice(&lodged.accepted_at.as_microsecond().to_le_bytes());
    bytes.push(u8::from(lodged.history));
    bytes.extend_from_slice(&outline.day.to_le_bytes());
    bytes.push(outline.direction);
    for token in singles(outline) {
        bytes.extend_from_slice(&token.0.to_le_bytes());
    }
    for tokens in [&outline.contacts, &outline.documents, &outline.containers] {
        bytes.push(tokens.len() as u8);
        bytes.extend(tokens.iter().flat_map(|token| token.0.to_le_bytes()));
    }
    bytes.extend_from_slice(&(outline.items.len() as u32).to_le_bytes());
    for item in &outline.items {
        bytes.extend_from_slice(&item.sequence.to_le_bytes());
        for token in [item.hs2, item.hs4, item.hs6, item.code, item.origin, item.route, item.taxes, item.currency] {
            bytes.extend_from_slice(&token.0.to_le_bytes());
        }
        // No logarithm of a decimal comes near the lowest number.
        for number in [item.unit_value, item.mass] {
            bytes.extend_from_slice(&number.unwrap_or(i32::MIN).to_le_bytes());
        }
    }
    if additions {
        bytes.push(outline.extensions.len() as u8);
        bytes.extend(outline.extensions.iter().flat_map(|addition| addition.0.to_le_bytes()));
        bytes.extend_from_slice(&(outline.item_extensions.len() as u32).to_le_bytes());
        for (item, addition) in &outline.item_extensions {
            bytes.extend_from_slice(&item.to_le_bytes());
            bytes.extend_from_slice(&addition.0.to_le_bytes());
        }
    }
    bytes
}

fn singles(outline: &Outline) -> [Token; 7] {
    [
        outline.trader,
        outline.declarant,
        outline.counterparty,
        outline.carrier,
        outline.location,
        outline.office,
        outline.address,
    ]
}

fn unpack(bytes: &[u8], additions: bool, mass: bool) -> Option<Lodged> {
    let mut reader = Reader(bytes);
    let declaration = DeclarationId(uuid::Uuid::from_bytes(reader.take()?));
    let version = u32::from_le_bytes(reader.take()?);
    let accepted_at = Timestamp::from_microsecond(i64::from_le_bytes(reader.take()?)).ok()?;
    let [history] = reader.take()?;
    let day = u16::from_le_bytes(reader.take()?);
    let [direction] = reader.take()?;
    let mut single = || reader.token();
    let mut outline = Outline {
        day,
        direction,
        trader: single()?,
        declarant: single()?,
        counterparty: single()?,
        carrier: single()?,
        location: single()?,
        office: single()?,
        address: single()?,
        ..Outline::default()
    };
    outline.contacts = reader.tokens()?;
    outline.documents = reader.tokens()?;
    outline.containers = reader.tokens()?;
    let items = u32::from_le_bytes(reader.take()?);
    for _ in 0..items {
        outline.items.push(ItemOutline {
            sequence: u32::from_le_bytes(reader.take()?),
            hs2: reader.token()?,
            hs4: reader.token()?,
            hs6: reader.token()?,
            code: reader.token()?,
            origin: reader.token()?,
            route: reader.token()?,
            taxes: reader.token()?,
            currency: reader.token()?,
            unit_value: known(i32::from_le_bytes(reader.take()?)),
            mass: if mass { known(i32::from_le_bytes(reader.take()?)) } else { None },
        });
    }
    if additions {
        let [count] = reader.take()?;
        outline.extensions = (0..count).map(|_| reader.addition()).collect::<Option<_>>()?;
        let count = u32::from_le_bytes(reader.take()?);
        for _ in 0..count {
            let item = u32::from_le_bytes(reader.take()?);
            outline.item_extensions.push((item, reader.addition()?));
        }
    }
    reader.0.is_empty().then_some(Lodged { declaration, version, accepted_at, history: history != 0, outline })
}

/// A logarithm, unless it is the lowest number: that there is none.
fn known(logarithm: i32) -> Option<i32> {
    Some(logarithm).filter(|known| *known != i32::MIN)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn token(&mut self) -> Option<Token> {
        self.take().map(u64::from_le_bytes).map(Token)
    }

    fn addition(&mut self) -> Option<Addition> {
        self.take().map(u32::from_le_bytes).map(Addition)
    }

    fn tokens(&mut self) -> Option<Vec<Token>> {
        let [count] = self.take()?;
        (0..count).map(|_| self.token()).collect()
    }
}
