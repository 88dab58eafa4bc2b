//! Conditions that can never hold, and conditions that always do: right in grammar and type, and still mistakes.
//!
//! A condition is impossible when every alternative of it contradicts itself over one field (or over the digits of the
//! tariff code, which several fields share), or between what is computed, and always true when the same is so for its
//! being false. What is not understood is taken as able to go either way, so that nothing possible is ever refused.

mod numbers;
mod relations;
mod tariff;

use std::collections::BTreeMap;

use super::{
    Slots,
    normal::{Atom, Entries, conjunctions},
    tree::Condition,
};
use crate::ExpressionErrorCode as Code;

/// Alternatives that are looked at; beyond these a part counts as possible.
const LIMIT: usize = 64;
/// Values of a list that a message repeats.
const REPEATED: usize = 6;

/// What is wrong with a condition as a whole.
pub(super) struct Verdict {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Judges `condition`. `whole`: it is what the author wrote, not a part of it.
pub(super) fn verdict(condition: &Condition, slots: &Slots, whole: bool) -> Option<Verdict> {
    if let Condition::Constant(value) = condition {
        let (code, message) = match value {
            true => (Code::AlwaysTrue, "this holds whatever is declared"),
            false => (Code::Impossible, "this never holds"),
        };
        return whole.then(|| Verdict { code, message: message.to_owned(), suggestion: None });
    }
    if let Some((reason, suggestion)) = contradicted(condition, true, slots) {
        return Some(Verdict { code: Code::Impossible, message: format!("this never holds: {reason}"), suggestion });
    }
    let (_, _) = contradicted(condition, false, slots)?;
    let mut named = Vec::new();
    for atom in conjunctions(condition, false, &[], LIMIT).iter().flatten() {
        named.extend(atom.slot().map(|slot| slots.name(slot)));
    }
    named.dedup();
    let (message, suggestion) = match named.first() {
        Some(field) => {
            (format!("this holds whatever {field} is, as long as it is there"), Some(format!("has({field})")))
        }
        None => ("this holds whatever is declared".to_owned(), None),
    };
    Some(Verdict { code: Code::AlwaysTrue, message, suggestion })
}

type Reason = (String, Option<String>);

/// Why `condition` can never have `truth`, if it cannot.
fn contradicted(condition: &Condition, truth: bool, slots: &Slots) -> Option<Reason> {
    let mut first = None;
    for conjunction in conjunctions(condition, truth, &[], LIMIT) {
        let reason = contradiction(&conjunction, slots)?;
        first.get_or_insert(reason);
    }
    Some(first.unwrap_or_else(|| ("its parts exclude it".to_owned(), None)))
}

/// Why the tests cannot all hold, if they cannot.
fn contradiction(conjunction: &[Atom<'_>], slots: &Slots) -> Option<Reason> {
    let mut by_slot = BTreeMap::<usize, Vec<&Atom<'_>>>::new();
    for atom in conjunction {
        if let Some(slot) = atom.slot() {
            by_slot.entry(slot).or_default().push(atom);
        }
    }
    let gaps = relations::gaps(conjunction);
    by_slot
        .iter()
        .find_map(|(slot, atoms)| of_field(*slot, atoms, gaps.get(slot).map_or(&[], Vec::as_slice), slots))
        .or_else(|| tariff::contradiction(conjunction, slots))
        .or_else(|| relations::contradiction(conjunction, slots))
}

/// Of the tests of one field, which is a number outside of the `gaps`.
fn of_field(slot: usize, atoms: &[&Atom<'_>], gaps: &[f64], slots: &Slots) -> Option<Reason> {
    let name = slots.name(slot);
    let missing = atoms.iter().any(|atom| matches!(atom, Atom::Present { present: false, .. }));
    if missing && atoms.iter().any(|atom| !matches!(atom, Atom::Present { present: false, .. })) {
        return Some((format!("{name} would have to be missing and there at once"), None));
    }
    let is = |wanted: bool| atoms.iter().any(|atom| matches!(atom, Atom::Is { value, .. } if *value == wanted));
    if is(true) && is(false) {
        return Some((format!("{name} would have to be true and false at once"), None));
    }
    of_text(slot, atoms, slots)
        .or_else(|| numbers::whole(name, atoms, slots.minimum(slot)))
        .or_else(|| numbers::number(name, atoms, gaps))
}

fn of_text(slot: usize, atoms: &[&Atom<'_>], slots: &Slots) -> Option<Reason> {
    let (name, domain) = slots.values(slot);
    let lists = atoms.iter().filter_map(|atom| match atom {
        Atom::In { entries: Entries::Few(few), inside: true, .. } => Some(few),
        _ => None,
    });
    let lists: Vec<&Vec<Box<str>>> = lists.collect();
    let mut begins: Vec<&str> = Vec::new();
    for atom in atoms {
        if let Atom::Begins { prefix, inside: true, .. } = atom {
            if let Some(other) = begins.iter().find(|other| !other.starts_with(*prefix) && !prefix.starts_with(**other))
            {
                return Some((format!("{name} cannot begin with '{other}' and with '{prefix}'"), None));
            }
            begins.push(prefix);
        }
    }
    let fits = |text: &str| {
        atoms.iter().all(|atom| match atom {
            Atom::In { entries, inside, .. } => match entries {
                Entries::Few(_) => entries.contains(text) == *inside,
                Entries::Many(_) => true,
            },
            Atom::Begins { prefix, inside, .. } => text.starts_with(*prefix) == *inside,
            _ => true,
        })
    };
    let candidates: Vec<&str> = match lists.first() {
        Some(first) => first.iter().map(AsRef::as_ref).collect(),
        None if !domain.is_empty() => domain.iter().map(String::as_str).collect(),
        None => return None,
    };
    let tested = atoms.iter().any(|atom| matches!(atom, Atom::In { .. } | Atom::Begins { .. }));
    if !tested || candidates.into_iter().any(fits) {
        return None;
    }
    if let [first, .., last] = lists.as_slice() {
        let all: Vec<String> = first.iter().chain(*last).map(|text| format!("'{text}'")).take(REPEATED).collect();
        let suggestion = Some(format!("{name} in [{}]", all.join(", ")));
        return Some((format!("{name} cannot be two things at once"), suggestion));
    }
    Some((format!("no {name} passes all of its tests"), None))
}
