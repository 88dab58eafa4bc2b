//! The compiled form: one tree per type, over slots. Evaluation never fails; what cannot be known is `None`.
//!
//! `None` is what CEL calls an error: a missing field, an integer overflow, a division by zero, a number that does not
//! parse. `&&` and `||` take the known side where it decides, in either order, as CEL does.

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;

use crate::{input::Value, list::TextSet};

/// A named list with the entries in force.
pub(crate) type ListInForce = (Box<str>, Arc<TextSet>);

/// The values a condition is evaluated over.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    row: &'s [Value<'s>],
    lists: &'s [ListInForce],
    /// The innermost variable of `exists` and `all`, with what is outside of it.
    variable: Option<(&'s str, &'s Scope<'s>)>,
}

impl<'s> Scope<'s> {
    pub(crate) fn new(row: &'s [Value<'s>], lists: &'s [ListInForce]) -> Self {
        Self { row, lists, variable: None }
    }

    fn variable(&self, outward: usize) -> Option<&'s str> {
        let (value, outer) = self.variable?;
        if outward == 0 { Some(value) } else { outer.variable(outward - 1) }
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn of<T: PartialOrd + ?Sized>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

/// What is computed from two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    pub(super) fn of_integers(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Divide => a.checked_div(b),
            Self::Remainder => a.checked_rem(b),
        }
    }

    pub(super) fn of_numbers(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => a % b,
        }
    }
}

/// What is asked of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

impl TextTest {
    pub(crate) fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}

/// True or false.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Constant(bool),
    Field(usize),
    Has(usize),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Integers(Comparison, Integer, Integer),
    Numbers(Comparison, Number, Number),
    Texts(Comparison, Text, Text),
    /// Equal (true) or different (false).
    Conditions(bool, Box<(Condition, Condition)>),
    /// In a sorted list of literals.
    TextIn(Text, Vec<Box<str>>),
    IntegerIn(Integer, Vec<i64>),
    NumberIn(Number, Vec<f64>),
    /// In a list of the input.
    Among(Text, TextList),
    /// In the version in force of a named list, which the scope knows.
    Listed(Text, Box<str>),
    Test(TextTest, Text, Text),
    Matches(Text, Box<Regex>),
    Choice(Box<(Condition, Condition, Condition)>),
    /// Holds for one element (true) or for all of them (false).
    Quantified(bool, TextList, Box<Condition>),
}

/// A whole number.
#[derive(Clone, Debug)]
pub(crate) enum Integer {
    Constant(i64),
    Field(usize),
    SizeOfText(Box<Text>),
    SizeOfList(TextList),
    Negated(Box<Integer>),
    Computed(Arithmetic, Box<(Integer, Integer)>),
    FromNumber(Box<Number>),
    FromText(Box<Text>),
    Choice(Box<(Condition, Integer, Integer)>),
}

/// A number.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Constant(f64),
    Field(usize),
    Negated(Box<Number>),
    Computed(Arithmetic, Box<(Number, Number)>),
    FromInteger(Box<Integer>),
    FromText(Box<Text>),
    Choice(Box<(Condition, Number, Number)>),
}

/// Text.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Constant(Box<str>),
    Field(usize),
    /// The variable of the `n`th `exists` or `all` outward.
    Variable(usize),
    Joined(Box<(Text, Text)>),
    Choice(Box<(Condition, Text, Text)>),
}

/// A list of text.
#[derive(Clone, Debug)]
pub(crate) enum TextList {
    Constant(Vec<Box<str>>),
    Field(usize),
}

impl Condition {
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Option<bool> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Boolean(value) => Some(*value),
                _ => None,
            },
            Self::Has(slot) => Some(!matches!(scope.row[*slot], Value::Missing)),
            Self::Not(inner) => inner.evaluate(scope).map(|value| !value),
            Self::And(parts) => decided_by(parts.iter().map(|part| part.evaluate(scope)), false),
            Self::Or(parts) => decided_by(parts.iter().map(|part| part.evaluate(scope)), true),
            Self::Integers(how, a, b) => Some(how.of(&a.evaluate(scope)?, &b.evaluate(scope)?)),
            Self::Numbers(how, a, b) => {
                let (a, b) = (a.evaluate(scope)?, b.evaluate(scope)?);
                // What came of 0 / 0 is equal to nothing and has no place in an order.
                let ordered = !matches!(how, Comparison::Equal | Comparison::NotEqual);
                if ordered && (a.is_nan() || b.is_nan()) { None } else { Some(how.of(&a, &b)) }
            }
            Self::Texts(how, a, b) => Some(how.of(a.evaluate(scope)?.as_ref(), b.evaluate(scope)?.as_ref())),
            Self::Conditions(equal, sides) => Some((sides.0.evaluate(scope)? == sides.1.evaluate(scope)?) == *equal),
            Self::TextIn(text, list) => {
                let text = text.evaluate(scope)?;
                Some(list.binary_search_by(|element| element.as_ref().cmp(text.as_ref())).is_ok())
            }
            Self::IntegerIn(number, list) => Some(list.contains(&number.evaluate(scope)?)),
            Self::NumberIn(number, list) => Some(list.contains(&number.evaluate(scope)?)),
            Self::Among(text, list) => {
                let text = text.evaluate(scope)?;
                list.any(scope, |element| Some(element == text.as_ref()))
            }
            Self::Listed(text, name) => {
                let text = text.evaluate(scope)?;
                let (_, entries) = scope.lists.iter().find(|(known, _)| known == name)?;
                Some(entries.contains(text.as_ref()))
            }
            Self::Test(test, text, part) => {
                let (text, part) = (text.evaluate(scope)?, part.evaluate(scope)?);
                Some(test.holds(&text, &part))
            }
            Self::Matches(text, pattern) => Some(pattern.is_match(text.evaluate(scope)?.as_ref())),
            Self::Choice(parts) => {
                if parts.0.evaluate(scope)? {
                    parts.1.evaluate(scope)
                } else {
                    parts.2.evaluate(scope)
                }
            }
            Self::Quantified(one, list, body) => {
                let holds = |element: &str| {
                    let found = body.evaluate(&Scope { variable: Some((element, scope)), ..*scope });
                    if *one { found } else { found.map(|value| !value) }
                };
                let any = list.any(scope, holds);
                if *one { any } else { any.map(|value| !value) }
            }
        }
    }
}

/// `decisive` as soon as one part is; unknown when none is and one is unknown.
fn decided_by(parts: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(!decisive) }
}

impl Integer {
    fn evaluate(&self, scope: &Scope<'_>) -> Option<i64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Integer(value) => Some(*value),
                _ => None,
            },
            Self::SizeOfText(text) => i64::try_from(text.evaluate(scope)?.chars().count()).ok(),
            Self::SizeOfList(list) => list.size(scope),
            Self::Negated(inner) => inner.evaluate(scope)?.checked_neg(),
            Self::Computed(how, sides) => {
                let (a, b) = (sides.0.evaluate(scope)?, sides.1.evaluate(scope)?);
                how.of_integers(a, b)
            }
            Self::FromNumber(number) => {
                // The bounds are exclusive because neither is a double: -2⁶³ is, and CEL refuses it too.
                let number = number.evaluate(scope)?;
                (number > i64::MIN as f64 && number < i64::MAX as f64).then_some(number as i64)
            }
            Self::FromText(text) => text.evaluate(scope)?.parse().ok(),
            Self::Choice(parts) => {
                if parts.0.evaluate(scope)? {
                    parts.1.evaluate(scope)
                } else {
                    parts.2.evaluate(scope)
                }
            }
        }
    }
}

impl Number {
    fn evaluate(&self, scope: &Scope<'_>) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Number(value) => Some(*value),
                _ => None,
            },
            Self::Negated(inner) => Some(-inner.evaluate(scope)?),
            Self::Computed(how, sides) => {
                let (a, b) = (sides.0.evaluate(scope)?, sides.1.evaluate(scope)?);
                Some(how.of_numbers(a, b))
            }
            Self::FromInteger(number) => Some(number.evaluate(scope)? as f64),
            Self::FromText(text) => text.evaluate(scope)?.parse().ok(),
            Self::Choice(parts) => {
                if parts.0.evaluate(scope)? {
                    parts.1.evaluate(scope)
                } else {
                    parts.2.evaluate(scope)
                }
            }
        }
    }
}

impl Text {
    fn evaluate<'s>(&'s self, scope: &Scope<'s>) -> Option<Cow<'s, str>> {
        match self {
            Self::Constant(text) => Some(Cow::Borrowed(text)),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Text(text) => Some(Cow::Borrowed(text)),
                _ => None,
            },
            Self::Variable(outward) => scope.variable(*outward).map(Cow::Borrowed),
            Self::Joined(sides) => {
                let mut text = sides.0.evaluate(scope)?.into_owned();
                text.push_str(&sides.1.evaluate(scope)?);
                Some(Cow::Owned(text))
            }
            Self::Choice(parts) => {
                if parts.0.evaluate(scope)? {
                    parts.1.evaluate(scope)
                } else {
                    parts.2.evaluate(scope)
                }
            }
        }
    }
}

impl TextList {
    fn any(&self, scope: &Scope<'_>, holds: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Constant(list) => decided_by(list.iter().map(|element| holds(element)), true),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Texts(list) => decided_by(list.iter().map(|element| holds(element)), true),
                _ => None,
            },
        }
    }

    fn size(&self, scope: &Scope<'_>) -> Option<i64> {
        match self {
            Self::Constant(list) => i64::try_from(list.len()).ok(),
            Self::Field(slot) => match &scope.row[*slot] {
                Value::Texts(list) => i64::try_from(list.len()).ok(),
                _ => None,
            },
        }
    }
}
