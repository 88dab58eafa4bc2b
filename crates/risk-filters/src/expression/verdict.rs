//! Conditions that can never hold, and conditions that always do: right in grammar and type, and still mistakes.
//!
//! A condition is impossible when every alternative of it contradicts itself over one field (or over the digits of the
//! tariff code, which several fields share), and always true when the same is so for its being false. What is not a
//! simple test is taken as able to go either way, so that nothing possible is ever refused.

use std::collections::BTreeMap;

use super::{
    Slots,
    normal::{Atom, Entries, conjunctions},
    tree::Condition,
};
use crate::{ExpressionErrorCode as Code, codes::digits_of};

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
    by_slot.iter().find_map(|(slot, atoms)| of_field(*slot, atoms, slots)).or_else(|| of_tariff(conjunction, slots))
}

/// Of the tests of one field.
fn of_field(slot: usize, atoms: &[&Atom<'_>], slots: &Slots) -> Option<Reason> {
    let name = slots.name(slot);
    let missing = atoms.iter().any(|atom| matches!(atom, Atom::Present { present: false, .. }));
    if missing && atoms.iter().any(|atom| !matches!(atom, Atom::Present { present: false, .. })) {
        return Some((format!("{name} would have to be missing and there at once"), None));
    }
    let is = |wanted: bool| atoms.iter().any(|atom| matches!(atom, Atom::Is { value, .. } if *value == wanted));
    if is(true) && is(false) {
        return Some((format!("{name} would have to be true and false at once"), None));
    }
    of_text(slot, atoms, slots).or_else(|| of_whole(name, atoms)).or_else(|| of_number(name, atoms))
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

fn of_whole(name: &str, atoms: &[&Atom<'_>]) -> Option<Reason> {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    let mut lists: Vec<(&Vec<i64>, bool)> = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Whole { low: from, high: to, .. } => (low, high) = (low.max(*from), high.min(*to)),
            Atom::Among { numbers, inside, .. } => lists.push((numbers, *inside)),
            _ => {}
        }
    }
    let passes = |number: i64| {
        (low..=high).contains(&number) && lists.iter().all(|(list, inside)| list.contains(&number) == *inside)
    };
    let impossible = match lists.iter().find(|(_, inside)| *inside) {
        Some((candidates, _)) => !candidates.iter().any(|number| passes(*number)),
        None => low > high || (low == high && !passes(low)),
    };
    let crossed = low > high && low != i64::MIN && high != i64::MAX;
    let suggestion = crossed.then(|| format!("{name} >= {high} && {name} <= {low}"));
    impossible.then(|| (format!("no {name} passes all of its tests"), suggestion))
}

fn of_number(name: &str, atoms: &[&Atom<'_>]) -> Option<Reason> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for atom in atoms {
        if let Atom::Between { low: from, high: to, .. } = atom {
            (low, high) = (low.max(*from), high.min(*to));
        }
    }
    let suggestion = (low.is_finite() && high.is_finite())
        .then(|| format!("{name} >= {:?} && {name} <= {:?}", high as f32, low as f32));
    (low > high).then(|| (format!("no {name} passes all of its tests"), suggestion))
}

/// The beginning that a tariff code would have to have, or all of it.
#[derive(Clone)]
struct Digits<'c> {
    text: &'c str,
    whole: bool,
}

/// Of what is asked of the tariff code through its chapter, heading, subheading and itself.
fn of_tariff(conjunction: &[Atom<'_>], slots: &Slots) -> Option<Reason> {
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
    None
}

/// What both allow, if anything.
fn narrower<'c>(a: &Digits<'c>, b: &Digits<'c>) -> Option<Digits<'c>> {
    if a.text.starts_with(b.text) && (!b.whole || a.text == b.text) {
        return Some(Digits { text: a.text, whole: a.whole || b.whole });
    }
    (b.text.starts_with(a.text) && !a.whole).then(|| b.clone())
}
