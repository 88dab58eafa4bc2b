//! Tests of what is computed or of two fields with each other, and a test beside its own opposite.

use std::collections::BTreeMap;

use super::{
    super::{
        Slots,
        normal::{Atom, integer, number, number_between, whole_number},
        tree::{Comparison, Condition, Integer, Number, Text, TextList},
    },
    Reason,
    fields::same_as,
    numbers, texts,
};
use crate::codes::digits_of;

/// The numbers that fields are not, by slot.
pub(super) fn gaps(conjunction: &[Atom<'_>]) -> BTreeMap<usize, Vec<f64>> {
    let mut gaps = BTreeMap::<usize, Vec<f64>>::new();
    for atom in conjunction {
        if let Atom::Opaque { condition, truth } = atom
            && let Some((Number::Field(slot), out)) = gap(condition, *truth)
        {
            gaps.entry(*slot).or_default().extend(out);
        }
    }
    gaps
}

/// What is said to be none of these numbers.
fn gap(condition: &Condition, truth: bool) -> Option<(&Number, Vec<f64>)> {
    match condition {
        Condition::Numbers(how, a, b) if *how == if truth { Comparison::NotEqual } else { Comparison::Equal } => {
            match (number(a), number(b)) {
                (None, Some(constant)) => Some((a, vec![constant])),
                (Some(constant), None) => Some((b, vec![constant])),
                _ => None,
            }
        }
        Condition::NumberIn(of, out) if !truth => Some((of, out.clone())),
        _ => None,
    }
}

/// Why the tests that are no simple ones cannot all hold, if they cannot.
pub(super) fn contradiction(conjunction: &[Atom<'_>], slots: &Slots) -> Option<Reason> {
    let mut computed = BTreeMap::<String, Computed<'_>>::new();
    let mut orders = BTreeMap::<(String, String), u8>::new();
    let mut wanted = BTreeMap::<String, bool>::new();
    for atom in conjunction {
        let (key, truth) = match atom {
            Atom::Opaque { condition, truth } => {
                if let Some((key, (name, bounds), test)) = of_constant(condition, *truth, conjunction, slots) {
                    let entry = computed.entry(key).or_insert_with(|| Computed { name, bounds, ..Computed::default() });
                    match test {
                        Test::Atom(atom) => entry.atoms.push(atom),
                        Test::Gaps(gaps) => entry.gaps.extend(gaps),
                    }
                }
                if let Some((key, order)) = order(condition, *truth, slots) {
                    let left = orders.entry(key).or_insert(ALL);
                    *left &= order;
                    if *left == 0 {
                        return Some(("two values cannot have all of these orders".to_owned(), None));
                    }
                }
                (format!("{condition:?}"), *truth)
            }
            Atom::Holds { slot, element } => {
                let held = Condition::Among(Text::Constant((*element).into()), TextList::Field(*slot));
                (format!("{held:?}"), true)
            }
            _ => continue,
        };
        if wanted.insert(key, truth).is_some_and(|before| before != truth) {
            return Some(("the same would have to hold and not to hold".to_owned(), None));
        }
    }
    computed.values().find_map(|of| {
        let atoms: Vec<&Atom<'_>> = of.atoms.iter().collect();
        let whole = numbers::whole(&of.name, &atoms, of.bounds.0, of.bounds.1);
        whole.or_else(|| numbers::number(&of.name, &atoms, &of.gaps))
    })
}

/// Something computed, with the constants it is compared with.
#[derive(Default)]
struct Computed<'c> {
    name: String,
    bounds: Bounds,
    atoms: Vec<Atom<'c>>,
    gaps: Vec<f64>,
}

/// The least and the most that a whole number can be, where that is certain.
type Bounds = (Option<i64>, Option<i64>);

enum Test<'c> {
    Atom(Atom<'c>),
    Gaps(Vec<f64>),
}

/// A comparison of something computed with a constant: what it is, its name with what it can be, the test.
fn of_constant<'c>(
    condition: &'c Condition,
    truth: bool,
    conjunction: &[Atom<'_>],
    slots: &Slots,
) -> Option<(String, (String, Bounds), Test<'c>)> {
    let of_integer = |of: &Integer, test| Some((format!("{of:?}"), size_of(of, conjunction, slots), Test::Atom(test)));
    let of_number = |of: &Number, test| Some((format!("{of:?}"), (RESULT.to_owned(), (None, None)), test));
    // The slot is of no meaning here: all tests of one thing are gathered.
    match condition {
        Condition::Integers(how, a, b) => match (integer(a), integer(b)) {
            (None, Some(constant)) => of_integer(a, whole_number(0, *how, constant, truth)),
            (Some(constant), None) => of_integer(b, whole_number(0, how.turned(), constant, truth)),
            _ => None,
        },
        Condition::IntegerIn(of, numbers) => {
            of_integer(of, Atom::Among { slot: 0, numbers: numbers.clone(), inside: truth })
        }
        Condition::Numbers(how, a, b) => {
            if let Some((of, out)) = gap(condition, truth) {
                return of_number(of, Test::Gaps(out));
            }
            match (number(a), number(b)) {
                (None, Some(constant)) => of_number(a, Test::Atom(number_between(0, *how, constant, truth)?)),
                (Some(constant), None) => of_number(b, Test::Atom(number_between(0, how.turned(), constant, truth)?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a message calls a result.
const RESULT: &str = "result";

/// The name of a computed whole number, and what it can be where the tests beside it hold.
fn size_of(of: &Integer, conjunction: &[Atom<'_>], slots: &Slots) -> (String, Bounds) {
    match of {
        Integer::SizeOfText(text) => match text.as_ref() {
            Text::Field(slot) => {
                let name = slots.name(*slot);
                let most = digits_of(name).map(|digits| digits as i64);
                (format!("size({name})"), (Some(texts::least_size(*slot, conjunction)), most))
            }
            _ => ("size".to_owned(), (Some(0), None)),
        },
        Integer::SizeOfList(TextList::Field(slot)) => (format!("size({})", slots.name(*slot)), (Some(0), None)),
        Integer::SizeOfList(TextList::Constant(_)) => ("size".to_owned(), (Some(0), None)),
        _ => (RESULT.to_owned(), (None, None)),
    }
}

const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;
const ALL: u8 = LESS | EQUAL | GREATER;

/// Two things that are compared, in one order for both ways of writing it, and how they may stand to each other.
fn order(condition: &Condition, truth: bool, slots: &Slots) -> Option<((String, String), u8)> {
    let (how, left, right) = match condition {
        Condition::Integers(how, a, b) => (*how, format!("{a:?}"), format!("{b:?}")),
        Condition::Numbers(how, a, b) => (*how, format!("{a:?}"), format!("{b:?}")),
        Condition::Texts(how, a, b) => (*how, text(a, slots), text(b, slots)),
        _ => return None,
    };
    let how = if truth { how } else { how.negated() };
    let (how, key) = if left <= right { (how, (left, right)) } else { (how.turned(), (right, left)) };
    // What is computed may be no number, which is different from itself.
    let own = if key.0 == key.1 && !matches!(condition, Condition::Numbers(..)) { EQUAL } else { ALL };
    let allowed = match how {
        Comparison::Equal => EQUAL,
        Comparison::NotEqual => LESS | GREATER,
        Comparison::Less => LESS,
        Comparison::LessOrEqual => LESS | EQUAL,
        Comparison::Greater => GREATER,
        Comparison::GreaterOrEqual => GREATER | EQUAL,
    };
    Some((key, allowed & own))
}

/// A text, the same for each name of one field.
fn text(of: &Text, slots: &Slots) -> String {
    match of {
        Text::Field(slot) => same_as(slots.name(*slot)).to_owned(),
        other => format!("{other:?}"),
    }
}
