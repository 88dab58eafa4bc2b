//! Conditions that can never hold, and conditions that always do: right in grammar and type, and still mistakes.
//!
//! A condition is impossible when every alternative of it contradicts itself over one field (or over the digits of the
//! tariff code, which several fields share), or between what is computed, and always true when the same is so for its
//! being false. What is not understood is taken as able to go either way, so that nothing possible is ever refused.

mod candidates;
mod fields;
mod numbers;
mod reads;
mod relations;
mod tariff;
mod texts;

use std::collections::BTreeMap;

use super::{
    Slots,
    normal::{Atom, conjunctions},
    tree::{Condition, Scope},
};
use crate::ExpressionErrorCode as Code;
use candidates::asks_for_value;
use reads::{Reads, only_field};

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
    contradicted(condition, false, slots)?;
    let (message, suggestion) = always(condition, slots);
    Some(Verdict { code: Code::AlwaysTrue, message, suggestion })
}

/// What is told of a condition that is never false, and what to write for it.
fn always(condition: &Condition, slots: &Slots) -> Reason {
    if let Condition::Has(slot) = condition {
        return (format!("this holds whatever is declared: {} is always there", slots.name(*slot)), None);
    }
    let reads = Reads::of(condition);
    let maybe: Vec<&str> =
        reads.fields.iter().filter(|slot| !slots.is_always_there(**slot)).map(|slot| slots.name(*slot)).collect();
    let without = !reads.more && condition.evaluate(&Scope::new(&slots.empty_row(), &[])) == Some(true);
    match maybe.as_slice() {
        [field] if !without => {
            let message = format!("this holds whatever {field} is, as long as it is there");
            (message, Some(fields::presence(field)))
        }
        [_, ..] if !without => {
            (format!("this holds whatever {} are, as long as they are there", maybe.join(" and ")), None)
        }
        _ => ("this holds whatever is declared".to_owned(), None),
    }
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
        if let Some(slot) = only_field(atom) {
            by_slot.entry(slot).or_default().push(atom);
        }
    }
    let gaps = relations::gaps(conjunction);
    fields::gather(&mut by_slot, slots)
        .or_else(|| {
            by_slot
                .iter()
                .find_map(|(slot, atoms)| of_field(*slot, atoms, gaps.get(slot).map_or(&[], Vec::as_slice), slots))
        })
        .or_else(|| tariff::contradiction(conjunction, slots))
        .or_else(|| relations::contradiction(conjunction, slots))
        .or_else(|| conjunction.iter().find_map(|atom| of_loop(atom, slots)))
}

/// Of the tests of one field, which is a number outside of the `gaps`.
fn of_field(slot: usize, atoms: &[&Atom<'_>], gaps: &[f64], slots: &Slots) -> Option<Reason> {
    let name = slots.name(slot);
    if atoms.iter().any(|atom| matches!(atom, Atom::Present { present: false, .. })) {
        if slots.is_always_there(slot) {
            return Some((format!("{name} is always there"), None));
        }
        if atoms.iter().any(|atom| asks_for_value(atom, slots)) {
            return Some((format!("{name} would have to be missing and there at once"), None));
        }
    }
    let is = |wanted: bool| atoms.iter().any(|atom| matches!(atom, Atom::Is { value, .. } if *value == wanted));
    if is(true) && is(false) {
        return Some((format!("{name} would have to be true and false at once"), None));
    }
    texts::contradiction(name, atoms)
        .or_else(|| numbers::whole(name, atoms, slots.minimum(slot), None))
        .or_else(|| numbers::number(name, atoms, gaps))
        .or_else(|| candidates::contradiction(slot, atoms, slots))
}

/// Of an `exists` that needs an element of which nothing holds, or an `all` that needs one of which all does.
fn of_loop(atom: &Atom<'_>, slots: &Slots) -> Option<Reason> {
    match atom {
        Atom::Opaque { condition: Condition::Quantified(one, _, body), truth } if truth == one => {
            contradicted(body, *one, slots)
        }
        _ => None,
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
