//! The entities that a declaration belongs to.

use customs::Declaration;

use crate::entity::{Counting, EntityKey, Group, Token};
use crate::outline::{ItemOutline, Outline};

/// Groups with at most one key per goods item.
pub(crate) const ITEM_GROUPS: [Group; 26] = [
    Group::Everything,
    Group::Hs2,
    Group::Hs4,
    Group::Hs6,
    Group::Origin,
    Group::Route,
    Group::Hs4Origin,
    Group::Hs6Origin,
    Group::Hs6Route,
    Group::Hs6RouteOrigin,
    Group::Hs4Tuple,
    Group::Hs6Tuple,
    Group::PricedTuple,
    Group::TraderHs4,
    Group::TraderOrigin,
    Group::DeclarantHs2,
    Group::ValuesHs6,
    Group::ValuesHs6Origin,
    Group::Taxes,
    Group::Lane,
    Group::LaneTaxes,
    Group::Hs2Tuple,
    Group::Hs6Taxes,
    Group::Article,
    Group::Lot,
    Group::ArticleTuple,
];

/// No key: what it is made of was not lodged.
const ABSENT: u32 = u32::MAX;

/// All entity keys of a declaration: each once, with an index from the declaration and from each item.
#[derive(Clone, Debug)]
pub struct DeclarationKeys {
    list: Vec<EntityKey>,
    /// Positions in `list` of the keys of the declaration as a whole.
    shared: Vec<u32>,
    items: Vec<[u32; ITEM_GROUPS.len()]>,
    /// Position of the item, position in `list`: of the items' national additions, of which there may be any number.
    additions: Vec<(u32, u32)>,
    outline: Outline,
}

/// The entity keys of all items of a declaration.
pub fn keys(declaration: &Declaration) -> DeclarationKeys {
    DeclarationKeys::of(Outline::of(declaration))
}

impl DeclarationKeys {
    /// The keys of an outline.
    pub fn of(outline: Outline) -> Self {
        let mut list = Vec::with_capacity(16 + outline.items.len() * ITEM_GROUPS.len());
        for (group, key) in shared_keys(&outline) {
            debug_assert_eq!(group.counting(), Counting::Declarations);
            // Two roles of one declaration never share a key: the group is part of it.
            list.push(key);
        }
        let shared = (0..list.len() as u32).collect();
        let mut items: Vec<[u32; ITEM_GROUPS.len()]> = Vec::with_capacity(outline.items.len());
        let large = outline.items.len() > 16;
        let mut positions = std::collections::HashMap::new();
        for item in &outline.items {
            let mut index = [ABSENT; ITEM_GROUPS.len()];
            for (slot, group) in ITEM_GROUPS.into_iter().enumerate() {
                let Some(key) = item_key(group, &outline, item) else { continue };
                index[slot] = if large {
                    *positions.entry(key).or_insert_with(|| push(&mut list, key))
                } else {
                    // A handful of items: looking back is cheaper than hashing.
                    let seen =
                        items.iter().map(|other| other[slot]).find(|at| *at != ABSENT && list[*at as usize] == key);
                    seen.unwrap_or_else(|| push(&mut list, key))
                };
            }
            items.push(index);
        }
        let mut additions = Vec::with_capacity(outline.item_extensions.len());
        for (item, addition) in &outline.item_extensions {
            let key = EntityKey::new(Group::ItemExtension, &[way(&outline), u64::from(addition.0)]);
            let at = *positions.entry(key).or_insert_with(|| push(&mut list, key));
            // Two keys of one item may hash to the same addition.
            if !additions.iter().rev().take_while(|(of, _)| of == item).any(|(_, other)| *other == at) {
                additions.push((*item, at));
            }
        }
        Self { list, shared, items, additions, outline }
    }

    /// Every key once; states are read and given in this order.
    pub fn list(&self) -> &[EntityKey] {
        &self.list
    }

    /// The outline the keys were derived from.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Positions in the list of the keys of the declaration as a whole.
    pub(crate) fn shared(&self) -> &[u32] {
        &self.shared
    }

    /// Positions in the list of an item's keys with their groups.
    pub fn item(&self, item: usize) -> impl Iterator<Item = (Group, usize)> + '_ {
        let index = self.items.get(item).map_or(&[][..], |index| &index[..]);
        let single = ITEM_GROUPS.into_iter().zip(index).filter(|(_, at)| **at != ABSENT);
        // They stand in the order of the items.
        let first = self.additions.partition_point(|(of, _)| (*of as usize) < item);
        let own = self.additions[first..].iter().take_while(move |(of, _)| *of as usize == item);
        let additions = own.map(|(_, at)| (Group::ItemExtension, at));
        single.chain(additions).map(|(group, at)| (group, *at as usize))
    }
}

fn push(list: &mut Vec<EntityKey>, key: EntityKey) -> u32 {
    list.push(key);
    (list.len() - 1) as u32
}

fn shared_keys(outline: &Outline) -> impl Iterator<Item = (Group, EntityKey)> + '_ {
    let single = [
        (Group::Trader, [outline.trader, Token(1)]),
        (Group::Declarant, [outline.declarant, Token(1)]),
        (Group::Counterparty, [outline.counterparty, Token(1)]),
        (Group::TraderCounterparty, [outline.trader, outline.counterparty]),
        (Group::Carrier, [outline.carrier, Token(1)]),
        (Group::Location, [outline.location, Token(1)]),
        (Group::Office, [outline.office, Token(1)]),
        (Group::Address, [outline.address, Token(1)]),
    ];
    let many = [
        (Group::Contact, &outline.contacts),
        (Group::Document, &outline.documents),
        (Group::Container, &outline.containers),
    ];
    let single = single.into_iter().filter(|(_, parts)| parts.iter().all(|part| part.is_some()));
    let many = many.into_iter().flat_map(|(group, tokens)| tokens.iter().map(move |token| (group, [*token, Token(1)])));
    let tokens = single.chain(many).map(|(group, parts)| (group, EntityKey::new(group, &[parts[0].0, parts[1].0])));
    let additions = outline
        .extensions
        .iter()
        .map(|addition| (Group::Extension, EntityKey::new(Group::Extension, &[way(outline), u64::from(addition.0)])));
    tokens.chain(additions)
}

/// The direction as a part of keys.
fn way(outline: &Outline) -> u64 {
    u64::from(outline.direction) + 1
}

/// The unit value to 1/8,192 of an octave, 0.008 %: coarser than the rounding of an amount, finer than two prices.
fn article(item: &ItemOutline) -> Option<u64> {
    item.unit_value.map(|value| i64::from((value + 4).div_euclid(8)) as u64)
}

/// The unit value to an eighth of an octave, about 9 %.
fn price_band(item: &ItemOutline) -> Option<u64> {
    item.unit_value.map(|value| i64::from(value.div_euclid(8_192)) as u64)
}

fn item_key(group: Group, outline: &Outline, item: &ItemOutline) -> Option<EntityKey> {
    let way = way(outline);
    let (hs4, hs6, origin, route, taxes) = (item.hs4.0, item.hs6.0, item.origin.0, item.route.0, item.taxes.0);
    let key = |parts: &[u64]| Some(EntityKey::new(group, parts));
    match group {
        Group::Everything => key(&[way]),
        Group::Hs2 => key(&[way, item.hs2.0]),
        Group::Hs4 => key(&[way, hs4]),
        Group::Hs6 => key(&[way, hs6]),
        Group::Origin => key(&[way, origin]),
        Group::Route => key(&[way, route]),
        Group::Hs4Origin => key(&[way, hs4, origin]),
        Group::Hs6Origin => key(&[way, hs6, origin]),
        Group::Hs6Route => key(&[way, hs6, route]),
        Group::Hs6RouteOrigin => key(&[way, hs6, route, origin]),
        Group::Hs4Tuple => key(&[way, hs4, route, origin, taxes]),
        Group::Hs6Tuple => key(&[way, hs6, route, origin, taxes]),
        Group::PricedTuple => key(&[way, item.code.0, route, origin, taxes, price_band(item)?]),
        // A 64th of an octave, about 1 %.
        Group::Lot => {
            let mass = i64::from(item.mass?.div_euclid(1_024)) as u64;
            key(&[way, item.code.0, route, origin, taxes, price_band(item)?, mass])
        }
        Group::Taxes => key(&[way, taxes]),
        Group::Lane => key(&[way, route, origin]),
        Group::LaneTaxes => key(&[way, route, origin, taxes]),
        Group::Hs2Tuple => key(&[way, item.hs2.0, route, origin, taxes]),
        Group::Hs6Taxes => key(&[way, hs6, taxes]),
        Group::Article => key(&[way, hs6, article(item)?, item.currency.0]),
        Group::ArticleTuple => key(&[way, hs6, article(item)?, item.currency.0, route, origin, taxes]),
        Group::TraderHs4 => outline.trader.is_some().then(|| EntityKey::new(group, &[outline.trader.0, hs4])),
        Group::TraderOrigin => outline.trader.is_some().then(|| EntityKey::new(group, &[outline.trader.0, origin])),
        Group::DeclarantHs2 => key(&[outline.declarant.0, item.hs2.0]),
        Group::ValuesHs6 => item.unit_value.and_then(|_| key(&[way, hs6, item.currency.0])),
        Group::ValuesHs6Origin => item.unit_value.and_then(|_| key(&[way, hs6, origin, item.currency.0])),
        _ => None,
    }
}
