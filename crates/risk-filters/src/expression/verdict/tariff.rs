//! Tests of the digits of the tariff code, which chapter, heading, subheading and the code itself share.

use super::{
    super::{
        Slots,
        normal::{Atom, Entries},
    },
    REPEATED, Reason,
};
use crate::codes::digits_of;

/// The beginning that a tariff code would have to have, or all of it.
#[derive(Clone)]
struct Digits<'c> {
    text: &'c str,
    whole: bool,
}

/// Of what is asked of the tariff code through its chapter, heading, subheading and itself.
pub(super) fn contradiction(conjunction: &[Atom<'_>], slots: &Slots) -> Option<Reason> {
    let mut allowed: Option<Vec<Digits<'_>>> = None;
    for atom in conjunction {
        let Some(name) = atom.slot().map(|slot| slots.name(slot)) else { continue };
        let digits = digits_of(name);
        if digits.is_none() && name != "item.commodityCode" {
            continue;
        }
        let asked: Vec<Digits<'_>> = match atom {
            Atom::In { entries: Entries::Few(few), inside: true, .. } => {
                let can_be = few.iter().filter(|text| digits.is_none_or(|digits| text.chars().count() <= digits));
                can_be.map(|text| Digits { text, whole: digits.is_none() }).collect()
            }
            Atom::Begins { prefix, inside: true, .. } if digits.is_none_or(|digits| prefix.len() <= digits) => {
                vec![Digits { text: prefix, whole: false }]
            }
            Atom::Begins { inside: true, .. } => Vec::new(),
            _ => continue,
        };
        if asked.is_empty() {
            return Some((format!("{name} has {} digits", digits.unwrap_or_default()), None));
        }
        let both = match &allowed {
            None => asked,
            Some(before) => before.iter().flat_map(|a| asked.iter().filter_map(move |b| narrower(a, b))).collect(),
        };
        if both.is_empty() {
            return Some((format!("{name} asks for other digits of the tariff code than the tests before it"), None));
        }
        allowed = Some(both);
    }
    let left = |digits: &Digits<'_>| !conjunction.iter().any(|atom| excludes(atom, digits, slots));
    let allowed = allowed?;
    if allowed.iter().any(left) {
        return None;
    }
    let begins: Vec<&str> = allowed.iter().map(|digits| digits.text).take(REPEATED).collect();
    Some((format!("what begins with {} is excluded by the other tests", begins.join(", ")), None))
}

/// Whether a test that something is *not* so leaves nothing of the codes that begin with these digits.
fn excludes(atom: &Atom<'_>, digits: &Digits<'_>, slots: &Slots) -> bool {
    let Some(name) = atom.slot().map(|slot| slots.name(slot)) else { return false };
    let of_field = digits_of(name);
    if of_field.is_none() && name != "item.commodityCode" {
        return false;
    }
    match atom {
        Atom::In { entries: Entries::Few(few), inside: false, .. } => {
            let known = match of_field {
                Some(many) => digits.text.get(..many),
                None => digits.whole.then_some(digits.text),
            };
            known.is_some_and(|text| few.iter().any(|excluded| excluded.as_ref() == text))
        }
        Atom::Begins { prefix, inside: false, .. } => {
            of_field.is_none_or(|many| prefix.len() <= many) && digits.text.starts_with(*prefix)
        }
        _ => false,
    }
}

/// What both allow, if anything.
fn narrower<'c>(a: &Digits<'c>, b: &Digits<'c>) -> Option<Digits<'c>> {
    if a.text.starts_with(b.text) && (!b.whole || a.text == b.text) {
        return Some(Digits { text: a.text, whole: a.whole || b.whole });
    }
    (b.text.starts_with(a.text) && !a.whole).then(|| b.clone())
}
