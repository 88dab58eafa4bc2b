//! Entities: what histories are kept of, and the keys they are kept under.
//!
//! A key is a group and a hash, never the text itself: states can be exported without naming anyone.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

/// A hash of one lodged text (an identifier, a code). Zero stands for a text that is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub u64);

impl Token {
    /// Nothing was lodged.
    pub const NONE: Self = Self(0);

    /// The token of `text`; blank text is absent.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::NONE } else { Self::of_bytes(text.as_bytes()) }
    }

    /// The token of bytes, which are taken as they are.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = blake3::hash(bytes);
        let mut first = [0_u8; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        Self(u64::from_le_bytes(first).max(1))
    }

    /// Whether something was lodged.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// How a declaration counts in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Every goods item counts.
    Items,
    /// The declaration counts once, whatever the number of its items with the key.
    Declarations,
    /// Not counted: a distribution of unit values.
    Values,
}

macro_rules! groups {
    ($( $(#[$doc:meta])* $name:ident = $wire:literal, $counting:ident; )*) => {
        /// The kinds of entities.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Group { $( $(#[$doc])* $name, )* }

        impl Group {
            /// Every group, in the order of their codes.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The name in feature names.
            pub fn name(self) -> &'static str {
                match self { $( Self::$name => $wire, )* }
            }

            /// How a declaration counts in it.
            pub fn counting(self) -> Counting {
                match self { $( Self::$name => Counting::$counting, )* }
            }
        }
    };
}

groups! {
    /// All goods of a direction.
    Everything = "everything", Items;
    /// HS chapter.
    Hs2 = "hs2", Items;
    /// HS heading.
    Hs4 = "hs4", Items;
    /// HS subheading.
    Hs6 = "hs6", Items;
    /// Country of origin.
    Origin = "origin", Items;
    /// Country of departure (in) or destination (out).
    Route = "route", Items;
    /// Heading and origin.
    Hs4Origin = "hs4Origin", Items;
    /// Subheading and origin.
    Hs6Origin = "hs6Origin", Items;
    /// Subheading and route.
    Hs6Route = "hs6Route", Items;
    /// Subheading, route and origin.
    Hs6RouteOrigin = "hs6RouteOrigin", Items;
    /// Heading, route, origin and taxes.
    Hs4Tuple = "hs4Tuple", Items;
    /// Subheading, route, origin and taxes.
    Hs6Tuple = "hs6Tuple", Items;
    /// National code, route, origin, taxes and band of the unit value.
    PricedTuple = "pricedTuple", Items;
    /// Trader and heading.
    TraderHs4 = "traderHs4", Declarations;
    /// Trader and origin.
    TraderOrigin = "traderOrigin", Declarations;
    /// Declarant and chapter.
    DeclarantHs2 = "declarantHs2", Declarations;
    /// Importer or exporter.
    Trader = "trader", Declarations;
    /// Declarant.
    Declarant = "declarant", Declarations;
    /// Seller or buyer.
    Counterparty = "counterparty", Declarations;
    /// Trader and counterparty.
    TraderCounterparty = "traderCounterparty", Declarations;
    /// Carrier, or the means of transport when no carrier is named.
    Carrier = "carrier", Declarations;
    /// Place of the goods.
    Location = "location", Declarations;
    /// Office.
    Office = "office", Declarations;
    /// Address of the trader.
    Address = "address", Declarations;
    /// Telephone number or e-mail address of the trader.
    Contact = "contact", Declarations;
    /// Container.
    Container = "container", Declarations;
    /// Transport document, house or master.
    Document = "document", Declarations;
    /// Unit values of a subheading in a currency.
    ValuesHs6 = "valuesHs6", Values;
    /// Unit values of a subheading and origin in a currency.
    ValuesHs6Origin = "valuesHs6Origin", Values;
    /// Taxes, whatever they are on.
    Taxes = "taxes", Items;
    /// Route and origin.
    Lane = "lane", Items;
    /// Route, origin and taxes.
    LaneTaxes = "laneTaxes", Items;
    /// Chapter, route, origin and taxes.
    Hs2Tuple = "hs2Tuple", Items;
    /// Subheading and taxes.
    Hs6Taxes = "hs6Taxes", Items;
    /// Goods of a subheading at one unit value in a currency: most likely one article.
    Article = "article", Items;
    /// National code, route, origin, taxes, band of the unit value, and mass: the same consignment again.
    Lot = "lot", Items;
    /// Article, route, origin and taxes.
    ArticleTuple = "articleTuple", Items;
    /// A national addition of the declaration: key and value.
    Extension = "extension", Declarations;
    /// A national addition of a goods item: key and value.
    ItemExtension = "itemExtension", Items;
}

impl Group {
    /// How many groups there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The group with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// The key of an entity: its group in the highest byte, a hash of what names it in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityKey(pub u128);

impl EntityKey {
    /// The key of the entity of `group` that `parts` name, in this order.
    pub fn new(group: Group, parts: &[u64]) -> Self {
        // Tokens are cryptographic hashes already; two lanes of multiply and rotate keep tuples of them apart.
        let mut low = 0x9E37_79B9_7F4A_7C15_u64 ^ (parts.len() as u64);
        let mut high = 0xD1B5_4A32_D192_ED03_u64.wrapping_add(group as u64);
        for part in parts {
            low = finish((low ^ part).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29));
            high = (high.rotate_left(23) ^ part).wrapping_mul(0x94D0_49BB_1331_11EB) ^ (low >> 7);
        }
        let hash = (u128::from(finish(high)) << 64) | u128::from(low);
        Self((hash & (u128::MAX >> 8)) | (u128::from(group as u8) << 120))
    }

    /// The group; none for a key that this program does not know.
    pub fn group(self) -> Option<Group> {
        Group::from_code((self.0 >> 120) as u8)
    }
}

/// Keys are hashes already: their low half is taken as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

/// What is known by entity.
pub type ByEntity<T> = HashMap<EntityKey, T, BuildHasherDefault<KeyHasher>>;

fn finish(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_know_their_group_and_differ_by_order_and_group() {
        let (a, b) = (Token::of("a").0, Token::of("b").0);
        let key = EntityKey::new(Group::Hs6Origin, &[a, b]);
        assert_eq!(key.group(), Some(Group::Hs6Origin));
        assert_ne!(key, EntityKey::new(Group::Hs6Origin, &[b, a]));
        assert_ne!(key.0 << 8, EntityKey::new(Group::Hs6Route, &[a, b]).0 << 8);
        assert_ne!(key, EntityKey::new(Group::Hs6Origin, &[a]));
    }

    #[test]
    fn blank_text_has_no_token() {
        assert_eq!(Token::of("  "), Token::NONE);
        assert_eq!(Token::of(" a "), Token::of("a"));
    }

    #[test]
    fn small_numbers_do_not_collide() {
        let keys: HashSet<_> =
            (0..300_u64).flat_map(|a| (0..300_u64).map(move |b| EntityKey::new(Group::Hs6, &[a, b]))).collect();
        assert_eq!(keys.len(), 90_000);
    }
}
