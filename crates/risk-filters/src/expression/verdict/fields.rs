//! What is known of fields beside their tests, and how their presence is written.

use std::collections::BTreeMap;

use super::{
    super::{
        Slots,
        normal::{Atom, Entries},
    },
    Reason,
    candidates::{self, asks_for_value},
};

/// The field that another field is the same as, wherever that is there.
pub(super) fn same_as(name: &str) -> &str {
    match name {
        "importer.id" => "declaration.trader.id",
        "importer.name" => "declaration.trader.name",
        "cargo.mode" => "declaration.transportMode",
        other => other,
    }
}

/// Has the tests of a field be those of the same field by another name, too. Tells when one of them cannot be there.
pub(super) fn gather(by_slot: &mut BTreeMap<usize, Vec<&Atom<'_>>>, slots: &Slots) -> Option<Reason> {
    let there: Vec<usize> = by_slot
        .iter()
        .filter(|(slot, atoms)| {
            let name = slots.name(**slot);
            same_as(name) != name && atoms.iter().any(|atom| asks_for_value(atom, slots))
        })
        .map(|(slot, _)| *slot)
        .collect();
    for slot in there {
        let name = slots.name(slot);
        let named = |wanted: &str| by_slot.keys().copied().find(|other| slots.name(*other) == wanted);
        if name.starts_with("importer.")
            && let Some(direction) = named("declaration.direction")
        {
            let inward = Atom::In { slot: direction, entries: Entries::Few(vec!["out".into()]), inside: false };
            let atoms: Vec<&Atom<'_>> = by_slot[&direction].iter().copied().chain([&inward]).collect();
            if candidates::contradiction(direction, &atoms, slots).is_some() {
                return Some(("what goes out has no importer".to_owned(), Some("declaration.trader.id".to_owned())));
            }
        }
        if let Some(other) = named(same_as(name)) {
            let also = by_slot[&slot].clone();
            by_slot.entry(other).or_default().extend(also);
        }
    }
    None
}

/// The condition that a field is there.
pub(super) fn presence(name: &str) -> String {
    key_of(name).map_or_else(|| format!("has({name})"), |(map, key)| format!("{key} in {map}"))
}

/// The condition that it is not.
pub(super) fn absence(name: &str) -> String {
    key_of(name).map_or_else(|| format!("!has({name})"), |(map, key)| format!("!({key} in {map})"))
}

/// The map and the literal of its key, where the field is one of a map.
fn key_of(name: &str) -> Option<(&str, &str)> {
    name.strip_suffix(']')?.split_once('[')
}
