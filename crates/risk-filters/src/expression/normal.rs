//! A condition as alternatives of conjunctions of simple tests, for the index and for judging what can hold.
//!
//! A condition matches when it is *true*; unknown and false are the same to that. So a negation moves inward to the
//! tests, where "is known to be false" is a test of its own, and `&&` and `||` over "is known to be" are ordinary
//! logic: Kleene's three values need no room here. What is no simple test stays whole, as an opaque one.

use std::sync::Arc;

use super::tree::{Comparison, Condition, Integer, ListInForce, Number, Scope, Text, TextList, TextTest};
use crate::list::TextSet;

/// A set of text.
#[derive(Clone, Debug)]
pub(crate) enum Entries {
    /// Sorted literals.
    Few(Vec<Box<str>>),
    /// A named list, shared by all who name it.
    Many(Arc<TextSet>),
}

impl Entries {
    pub(crate) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(few) => few.binary_search_by(|entry| entry.as_ref().cmp(text)).is_ok(),
            Self::Many(many) => many.contains(text),
        }
    }
}

/// A test of one field, or something else that is evaluated whole.
#[derive(Clone, Debug)]
pub(crate) enum Atom<'c> {
    /// Text that is there and in the set (`inside`), or there and not in it.
    In { slot: usize, entries: Entries, inside: bool },
    /// Text that is there and begins so, or does not.
    Begins { slot: usize, prefix: &'c str, inside: bool },
    /// There, or not.
    Present { slot: usize, present: bool },
    /// True or false.
    Is { slot: usize, value: bool },
    /// A whole number in the list, or not.
    Among { slot: usize, numbers: Vec<i64>, inside: bool },
    /// A whole number between two, both included.
    Whole { slot: usize, low: i64, high: i64 },
    /// A number between two, both included.
    Between { slot: usize, low: f64, high: f64 },
    /// A list that has the element.
    Holds { slot: usize, element: &'c str },
    /// A condition that has this truth.
    Opaque { condition: &'c Condition, truth: bool },
}

impl Atom<'_> {
    /// The field that is tested.
    pub(crate) fn slot(&self) -> Option<usize> {
        match self {
            Self::In { slot, .. }
            | Self::Begins { slot, .. }
            | Self::Present { slot, .. }
            | Self::Is { slot, .. }
            | Self::Among { slot, .. }
            | Self::Whole { slot, .. }
            | Self::Between { slot, .. }
            | Self::Holds { slot, .. } => Some(*slot),
            Self::Opaque { .. } => None,
        }
    }
}

/// Tests that must all hold.
pub(crate) type Conjunction<'c> = Vec<Atom<'c>>;

/// Alternatives of which one must hold for `condition` to have `truth`: at most `limit` of them, beyond which parts
/// stay opaque. None: it never has it; an empty one: it always has.
pub(crate) fn conjunctions<'c>(
    condition: &'c Condition,
    truth: bool,
    lists: &[ListInForce],
    limit: usize,
) -> Vec<Conjunction<'c>> {
    if let Some(value) = constant(condition) {
        return if value == truth { vec![Vec::new()] } else { Vec::new() };
    }
    match condition {
        Condition::Choice(parts) => {
            let (asked, yes, no) = (&parts.0, &parts.1, &parts.2);
            let mut either = together(&[(asked, true), (yes, truth)], lists, limit);
            either.extend(together(&[(asked, false), (no, truth)], lists, limit));
            if either.len() > limit { vec![vec![Atom::Opaque { condition, truth }]] } else { either }
        }
        Condition::Not(inner) => conjunctions(inner, !truth, lists, limit),
        Condition::And(parts) | Condition::Or(parts) if matches!(condition, Condition::And(_)) == truth => {
            let parts: Vec<(&Condition, bool)> = parts.iter().map(|part| (part, truth)).collect();
            together(&parts, lists, limit)
        }
        Condition::And(parts) | Condition::Or(parts) => any(condition, parts, truth, lists, limit),
        Condition::Conditions(equal, sides) => match (&sides.0, &sides.1) {
            (inner, Condition::Constant(value)) | (Condition::Constant(value), inner) => {
                conjunctions(inner, (value == equal) == truth, lists, limit)
            }
            (Condition::Field(a), Condition::Field(b)) if a == b => of_itself(*a, *equal == truth),
            _ => vec![vec![Atom::Opaque { condition, truth }]],
        },
        Condition::Integers(how, Integer::Field(a), Integer::Field(b))
        | Condition::Numbers(how, Number::Field(a), Number::Field(b))
        | Condition::Texts(how, Text::Field(a), Text::Field(b))
            if a == b =>
        {
            of_itself(*a, how.holds_for_equals() == truth)
        }
        Condition::NumberIn(Number::Field(slot), numbers) if truth && numbers.len() <= limit => {
            numbers.iter().map(|number| vec![Atom::Between { slot: *slot, low: *number, high: *number }]).collect()
        }
        Condition::Test(TextTest::StartsWith, Text::Field(slot), Text::Constant(prefix)) if prefix.is_empty() => {
            if truth {
                vec![vec![Atom::Present { slot: *slot, present: true }]]
            } else {
                Vec::new()
            }
        }
        _ => vec![vec![atom(condition, truth, lists)]],
    }
}

/// A comparison of a field with itself: it holds, or does not, wherever the field is there.
fn of_itself<'c>(slot: usize, holds: bool) -> Vec<Conjunction<'c>> {
    if holds { vec![vec![Atom::Present { slot, present: true }]] } else { Vec::new() }
}

/// What a condition over no field comes to; none where it reads one, or comes to nothing.
fn constant(condition: &Condition) -> Option<bool> {
    let reads_nothing = match condition {
        Condition::Constant(_) => true,
        Condition::Integers(_, a, b) => integer(a).is_some() && integer(b).is_some(),
        Condition::Numbers(_, a, b) => number(a).is_some() && number(b).is_some(),
        Condition::IntegerIn(a, _) => integer(a).is_some(),
        Condition::NumberIn(a, _) => number(a).is_some(),
        Condition::Texts(_, a, b) | Condition::Test(_, a, b) => {
            matches!((a, b), (Text::Constant(_), Text::Constant(_)))
        }
        Condition::TextIn(a, _) | Condition::Matches(a, _) => matches!(a, Text::Constant(_)),
        Condition::Among(a, list) => matches!((a, list), (Text::Constant(_), TextList::Constant(_))),
        _ => false,
    };
    if reads_nothing { condition.evaluate(&Scope::new(&[], &[])) } else { None }
}

/// One alternative of each part that is to have its truth.
fn together<'c>(parts: &[(&'c Condition, bool)], lists: &[ListInForce], limit: usize) -> Vec<Conjunction<'c>> {
    let mut made: Vec<Conjunction<'c>> = vec![Vec::new()];
    for &(part, truth) in parts {
        let alternatives = conjunctions(part, truth, lists, limit);
        if made.len() * alternatives.len() > limit {
            for conjunction in &mut made {
                conjunction.push(Atom::Opaque { condition: part, truth });
            }
            continue;
        }
        if let [only] = alternatives.as_slice() {
            for conjunction in &mut made {
                conjunction.extend(only.iter().cloned());
            }
            continue;
        }
        made = made
            .iter()
            .flat_map(|left| alternatives.iter().map(|right| left.iter().chain(right).cloned().collect()))
            .collect();
    }
    made
}

/// The alternatives of all parts; those that only ask for one field's text become one list.
fn any<'c>(
    whole: &'c Condition,
    parts: &'c [Condition],
    truth: bool,
    lists: &[ListInForce],
    limit: usize,
) -> Vec<Conjunction<'c>> {
    let mut made: Vec<Conjunction<'c>> = Vec::new();
    for part in parts {
        for mut alternative in conjunctions(part, truth, lists, limit) {
            if alternative.is_empty() {
                return vec![Vec::new()];
            }
            if let [Atom::In { slot, entries: Entries::Few(few), inside: true }] = alternative.as_mut_slice() {
                let earlier = made.iter_mut().find_map(|made| match made.as_mut_slice() {
                    [Atom::In { slot: same, entries: Entries::Few(earlier), inside: true }] if same == slot => {
                        Some(earlier)
                    }
                    _ => None,
                });
                if let Some(earlier) = earlier {
                    earlier.append(few);
                    earlier.sort_unstable();
                    earlier.dedup();
                    continue;
                }
            }
            made.push(alternative);
        }
    }
    if made.len() > limit { vec![vec![Atom::Opaque { condition: whole, truth }]] } else { made }
}

fn atom<'c>(condition: &'c Condition, truth: bool, lists: &[ListInForce]) -> Atom<'c> {
    let simple = match condition {
        Condition::Field(slot) => Some(Atom::Is { slot: *slot, value: truth }),
        Condition::Has(slot) => Some(Atom::Present { slot: *slot, present: truth }),
        Condition::Texts(how @ (Comparison::Equal | Comparison::NotEqual), Text::Field(slot), Text::Constant(text))
        | Condition::Texts(how @ (Comparison::Equal | Comparison::NotEqual), Text::Constant(text), Text::Field(slot)) =>
        {
            let inside = (*how == Comparison::Equal) == truth;
            Some(Atom::In { slot: *slot, entries: Entries::Few(vec![text.clone()]), inside })
        }
        Condition::TextIn(Text::Field(slot), texts) => {
            Some(Atom::In { slot: *slot, entries: Entries::Few(texts.clone()), inside: truth })
        }
        Condition::Listed(Text::Field(slot), name) => lists
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, entries)| Atom::In { slot: *slot, entries: Entries::Many(Arc::clone(entries)), inside: truth }),
        Condition::Test(TextTest::StartsWith, Text::Field(slot), Text::Constant(prefix)) => {
            Some(Atom::Begins { slot: *slot, prefix, inside: truth })
        }
        Condition::Among(Text::Constant(element), TextList::Field(slot)) if truth => {
            Some(Atom::Holds { slot: *slot, element })
        }
        Condition::IntegerIn(Integer::Field(slot), numbers) => {
            Some(Atom::Among { slot: *slot, numbers: numbers.clone(), inside: truth })
        }
        Condition::Integers(how, left, right) => whole(*how, left, right, truth),
        Condition::Numbers(how, left, right) => between(*how, left, right, truth),
        _ => None,
    };
    simple.unwrap_or(Atom::Opaque { condition, truth })
}

fn whole<'c>(how: Comparison, left: &Integer, right: &Integer, truth: bool) -> Option<Atom<'c>> {
    match (left, right) {
        (Integer::Field(slot), other) => Some(whole_number(*slot, how, integer(other)?, truth)),
        (other, Integer::Field(slot)) => Some(whole_number(*slot, how.turned(), integer(other)?, truth)),
        _ => None,
    }
}

/// The test of a whole number against a constant.
pub(super) fn whole_number<'c>(slot: usize, how: Comparison, constant: i64, truth: bool) -> Atom<'c> {
    let range = |low, high| Atom::Whole { slot, low, high };
    match if truth { how } else { how.negated() } {
        Comparison::Equal => Atom::Among { slot, numbers: vec![constant], inside: true },
        Comparison::NotEqual => Atom::Among { slot, numbers: vec![constant], inside: false },
        // Nothing is beyond the ends: an empty range.
        Comparison::Less if constant == i64::MIN => range(1, 0),
        Comparison::Greater if constant == i64::MAX => range(1, 0),
        Comparison::Less => range(i64::MIN, constant - 1),
        Comparison::LessOrEqual => range(i64::MIN, constant),
        Comparison::Greater => range(constant + 1, i64::MAX),
        Comparison::GreaterOrEqual => range(constant, i64::MAX),
    }
}

fn between<'c>(how: Comparison, left: &Number, right: &Number, truth: bool) -> Option<Atom<'c>> {
    match (left, right) {
        (Number::Field(slot), other) => number_between(*slot, how, number(other)?, truth),
        (other, Number::Field(slot)) => number_between(*slot, how.turned(), number(other)?, truth),
        _ => None,
    }
}

/// The test of a number against a constant; none where it leaves a gap.
pub(super) fn number_between<'c>(slot: usize, how: Comparison, constant: f64, truth: bool) -> Option<Atom<'c>> {
    if constant.is_nan() {
        return None;
    }
    let range = |low, high| Some(Atom::Between { slot, low, high });
    // Fields are never NaN, so "not below" is "at least".
    match if truth { how } else { how.negated() } {
        Comparison::Equal => range(constant, constant),
        Comparison::NotEqual => None,
        Comparison::Less if constant == f64::NEG_INFINITY => range(1.0, 0.0),
        Comparison::Greater if constant == f64::INFINITY => range(1.0, 0.0),
        Comparison::Less => range(f64::NEG_INFINITY, constant.next_down()),
        Comparison::LessOrEqual => range(f64::NEG_INFINITY, constant),
        Comparison::Greater => range(constant.next_up(), f64::INFINITY),
        Comparison::GreaterOrEqual => range(constant, f64::INFINITY),
    }
}

/// The constant that a whole number is.
pub(super) fn integer(of: &Integer) -> Option<i64> {
    match of {
        Integer::Constant(value) => Some(*value),
        Integer::Negated(inner) => integer(inner)?.checked_neg(),
        Integer::Computed(how, sides) => how.of_integers(integer(&sides.0)?, integer(&sides.1)?),
        _ => None,
    }
}

/// The constant that a number is.
pub(super) fn number(of: &Number) -> Option<f64> {
    match of {
        Number::Constant(value) => Some(*value),
        Number::Negated(inner) => number(inner).map(|value| -value),
        Number::Computed(how, sides) => Some(how.of_numbers(number(&sides.0)?, number(&sides.1)?)),
        Number::FromInteger(inner) => integer(inner).map(|value| value as f64),
        _ => None,
    }
}

impl Comparison {
    /// Whether it holds between equal values.
    fn holds_for_equals(self) -> bool {
        matches!(self, Self::Equal | Self::LessOrEqual | Self::GreaterOrEqual)
    }

    /// The same with the sides exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// What holds exactly when this does not, for values that have an order.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }
}
