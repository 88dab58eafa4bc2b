//! Fields that can have few values only: each is tried.

use super::{
    super::{
        Slots,
        normal::{Atom, Entries},
        tree::Scope,
    },
    REPEATED, Reason,
    fields::absence,
    texts::Range,
};
use crate::{FieldType, input::Value};

/// Of the tests of one field that leave few values, and none of these.
pub(super) fn contradiction(slot: usize, atoms: &[&Atom<'_>], slots: &Slots) -> Option<Reason> {
    let name = slots.name(slot);
    if of(slot, atoms, slots)?.iter().any(|value| atoms.iter().all(|atom| passes(atom, value, slots))) {
        return None;
    }
    let lists: Vec<&Vec<Box<str>>> = lists(atoms).collect();
    if let [first, others @ ..] = lists.as_slice() {
        if first.iter().all(|text| text.is_empty()) {
            let message = format!("{name} is never '': what is not declared is missing");
            return Some((message, Some(absence(name))));
        }
        if let [.., last] = others
            && !first.iter().any(|text| others.iter().all(|list| list.contains(text)))
        {
            let all: Vec<String> = first.iter().chain(*last).map(|text| format!("'{text}'")).take(REPEATED).collect();
            let suggestion = Some(format!("{name} in [{}]", all.join(", ")));
            return Some((format!("{name} cannot be two things at once"), suggestion));
        }
    }
    Some((format!("no {name} passes all of its tests"), None))
}

/// All values that can pass, where they are few.
fn of<'a>(slot: usize, atoms: &[&'a Atom<'_>], slots: &'a Slots) -> Option<Vec<Value<'a>>> {
    if let Some(first) = lists(atoms).next() {
        return Some(first.iter().map(|text| Value::Text(text)).collect());
    }
    if let Some(only) = Range::of(atoms).only() {
        return Some(vec![Value::Text(only)]);
    }
    let numbers = atoms.iter().find_map(|atom| match atom {
        Atom::Among { numbers, inside: true, .. } => Some(numbers),
        _ => None,
    });
    if let Some(numbers) = numbers {
        return Some(numbers.iter().map(|number| Value::Integer(*number)).collect());
    }
    let (_, domain) = slots.values(slot);
    if domain.is_empty() || slots.field_type(slot) != FieldType::Text {
        return None;
    }
    let missing = (!slots.is_always_there(slot)).then_some(Value::Missing);
    Some(domain.iter().map(|text| Value::Text(text)).chain(missing).collect())
}

fn lists<'a>(atoms: &[&'a Atom<'_>]) -> impl Iterator<Item = &'a Vec<Box<str>>> {
    atoms.iter().filter_map(|atom| match atom {
        Atom::In { entries: Entries::Few(few), inside: true, .. } => Some(few),
        _ => None,
    })
}

/// Whether a field with this value passes a test of it.
fn passes(atom: &Atom<'_>, value: &Value<'_>, slots: &Slots) -> bool {
    match (atom, value) {
        // What is empty is read as missing.
        (_, Value::Text("")) => false,
        (Atom::In { entries: entries @ Entries::Few(_), inside, .. }, Value::Text(text)) => {
            entries.contains(text) == *inside
        }
        (Atom::Begins { prefix, inside, .. }, Value::Text(text)) => text.starts_with(*prefix) == *inside,
        (Atom::Among { numbers, inside, .. }, Value::Integer(number)) => numbers.contains(number) == *inside,
        (Atom::Whole { low, high, .. }, Value::Integer(number)) => (low..=high).contains(&number),
        (Atom::Present { present, .. }, value) => *present != matches!(value, Value::Missing),
        // It reads this field alone: what stands in the place of others is of no meaning.
        (Atom::Opaque { condition, truth }, value) => {
            let row = vec![*value; slots.len()];
            condition.evaluate(&Scope::new(&row, &[])) == Some(*truth)
        }
        (_, Value::Missing) => false,
        _ => true,
    }
}

/// Whether a test, which one field decides, asks for the field to be there.
pub(super) fn asks_for_value(atom: &Atom<'_>, slots: &Slots) -> bool {
    !passes(atom, &Value::Missing, slots)
}
