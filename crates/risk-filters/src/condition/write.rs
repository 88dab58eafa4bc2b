//! From the tree to text.

use super::{ConditionTree, FieldTest, Operand, Operator, Scalar, TreeError};
use crate::{Catalogue, FieldType, expression::quoted};

pub(super) fn write(tree: &ConditionTree, catalogue: &Catalogue) -> Result<String, TreeError> {
    part(tree, "", catalogue).map(|(text, _)| text)
}

/// How tightly a piece of text holds together.
#[derive(Clone, Copy, PartialEq)]
enum Bond {
    Or,
    And,
    /// A comparison.
    Test,
    /// Needs no parentheses anywhere.
    Tight,
}

fn part(tree: &ConditionTree, pointer: &str, catalogue: &Catalogue) -> Result<(String, Bond), TreeError> {
    match tree {
        ConditionTree::All { all } => joined(all, pointer, "all", " && ", Bond::And, catalogue),
        ConditionTree::Any { any } => joined(any, pointer, "any", " || ", Bond::Or, catalogue),
        ConditionTree::Not { not } => {
            let (text, _) = part(not, &format!("{pointer}/not"), catalogue)?;
            Ok((format!("!({text})"), Bond::Tight))
        }
        ConditionTree::Test(test) => of_field(test, pointer, catalogue),
        ConditionTree::Expression { expression } if expression.trim().is_empty() => {
            Err(wrong(pointer, "the expression is empty".to_owned(), None))
        }
        // What its author wrote may bind less than what stands around it.
        ConditionTree::Expression { expression } => Ok((expression.trim().to_owned(), Bond::Or)),
    }
}

fn joined(
    parts: &[ConditionTree],
    pointer: &str,
    key: &str,
    with: &str,
    bond: Bond,
    catalogue: &Catalogue,
) -> Result<(String, Bond), TreeError> {
    let mut texts = Vec::with_capacity(parts.len());
    let alone = parts.len() == 1;
    for (at, tree) in parts.iter().enumerate() {
        let (text, inner) = part(tree, &format!("{pointer}/{key}/{at}"), catalogue)?;
        if alone {
            return Ok((text, inner));
        }
        let holds = inner == Bond::Tight || inner == Bond::Test || (inner == bond && bond == Bond::And);
        texts.push(if holds { text } else { format!("({text})") });
    }
    if texts.is_empty() {
        return Err(wrong(pointer, format!("{key} needs at least one condition"), None));
    }
    Ok((texts.join(with), bond))
}

/// A field as the catalogue has it, with the key for national additions.
struct Named<'t> {
    field_type: FieldType,
    /// The map and the key.
    key: Option<(&'t str, &'t str)>,
}

fn find<'t>(test: &'t FieldTest, pointer: &str, catalogue: &Catalogue) -> Result<Named<'t>, TreeError> {
    if let Some(field) = catalogue.field(&test.field) {
        return Ok(Named { field_type: field.field_type, key: None });
    }
    let keyed = test.field.strip_suffix("']").and_then(|text| text.split_once("['"));
    if let Some((map, key)) = keyed
        && !key.is_empty()
        && catalogue.field(map).is_some_and(|field| field.field_type == FieldType::TextMap)
    {
        return Ok(Named { field_type: FieldType::Text, key: Some((map, key)) });
    }
    let suggestion = catalogue.nearest(&test.field).map(|field| field.name.clone());
    Err(wrong(&format!("{pointer}/field"), format!("there is no field {}", test.field), suggestion))
}

fn of_field(test: &FieldTest, pointer: &str, catalogue: &Catalogue) -> Result<(String, Bond), TreeError> {
    let named = find(test, pointer, catalogue)?;
    if !Operator::of(named.field_type).contains(&test.op) {
        let asked: Vec<String> = Operator::of(named.field_type).iter().map(Operator::to_string).collect();
        let message = match asked.as_slice() {
            [] => format!("{} is not asked of {}; ask it of one of its keys", test.op, named.field_type),
            asked => {
                format!("{} is not asked of {}; what is asked of it: {}", test.op, named.field_type, asked.join(", "))
            }
        };
        return Err(wrong(&format!("{pointer}/op"), message, None));
    }
    let name = match named.key {
        Some((map, key)) => format!("{map}[{}]", quoted(key)),
        None => test.field.clone(),
    };
    let value = Values { test, field_type: named.field_type, pointer };
    let compared = |sign: &str| value.one().map(|literal| (format!("{name} {sign} {literal}"), Bond::Test));
    let called = |function: &str| value.one().map(|literal| (format!("{name}.{function}({literal})"), Bond::Tight));
    match test.op {
        Operator::Equal if named.field_type == FieldType::Boolean => match &test.value {
            Some(Operand::One(Scalar::Boolean(true))) => Ok((name, Bond::Tight)),
            Some(Operand::One(Scalar::Boolean(false))) => Ok((format!("!{name}"), Bond::Tight)),
            _ => Err(value.refused("true or false")),
        },
        Operator::Equal => compared("=="),
        Operator::NotEqual => compared("!="),
        Operator::Less => compared("<"),
        Operator::LessOrEqual => compared("<="),
        Operator::Greater => compared(">"),
        Operator::GreaterOrEqual => compared(">="),
        Operator::Between => match value.several()?.as_slice() {
            [low, high] => Ok((format!("{name} >= {low} && {name} <= {high}"), Bond::And)),
            _ => Err(value.refused("two values")),
        },
        Operator::OneOf => Ok((format!("{name} in [{}]", value.several()?.join(", ")), Bond::Test)),
        Operator::NoneOf => Ok((format!("!({name} in [{}])", value.several()?.join(", ")), Bond::Tight)),
        Operator::StartsWith => called("startsWith"),
        Operator::EndsWith => called("endsWith"),
        Operator::Contains => called("contains"),
        Operator::Matches => called("matches"),
        Operator::Present => value.nothing().map(|()| (presence(&named, &name), Bond::Tight)),
        Operator::Missing => value.nothing().map(|()| (format!("!{}", presence(&named, &name)), Bond::Tight)),
        Operator::Includes => value.one().map(|literal| (format!("{literal} in {name}"), Bond::Test)),
        Operator::Listed => value.list().map(|list| (format!("{name} in lists.{list}"), Bond::Test)),
        Operator::NotListed => value.list().map(|list| (format!("!({name} in lists.{list})"), Bond::Tight)),
    }
}

fn presence(named: &Named<'_>, name: &str) -> String {
    match named.key {
        Some((map, key)) => format!("({} in {map})", quoted(key)),
        None => format!("has({name})"),
    }
}

/// The value of a test as literals of the field's type.
struct Values<'t> {
    test: &'t FieldTest,
    field_type: FieldType,
    pointer: &'t str,
}

impl Values<'_> {
    fn one(&self) -> Result<String, TreeError> {
        match &self.test.value {
            Some(Operand::One(scalar)) => self.literal(scalar),
            _ => Err(self.refused("one value")),
        }
    }

    fn several(&self) -> Result<Vec<String>, TreeError> {
        match &self.test.value {
            Some(Operand::Several(scalars)) if !scalars.is_empty() => {
                scalars.iter().map(|scalar| self.literal(scalar)).collect()
            }
            _ => Err(self.refused("several values")),
        }
    }

    fn nothing(&self) -> Result<(), TreeError> {
        if self.test.value.is_none() { Ok(()) } else { Err(self.refused("no value")) }
    }

    fn list(&self) -> Result<&str, TreeError> {
        match &self.test.value {
            Some(Operand::One(Scalar::Text(name)))
                if name.starts_with(|first: char| first.is_ascii_alphabetic())
                    && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') =>
            {
                Ok(name)
            }
            _ => Err(self.refused("the name of a list")),
        }
    }

    fn literal(&self, scalar: &Scalar) -> Result<String, TreeError> {
        match (self.field_type, scalar) {
            (FieldType::Text | FieldType::TextList, Scalar::Text(text)) => Ok(quoted(text)),
            (FieldType::Integer, Scalar::Integer(number)) => Ok(number.to_string()),
            (FieldType::Integer, Scalar::Number(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Ok((*number as i64).to_string())
            }
            (FieldType::Number, Scalar::Number(number)) if number.is_finite() => Ok(format!("{number:?}")),
            (FieldType::Number, Scalar::Integer(number)) => Ok(format!("{:?}", *number as f64)),
            _ => Err(self.refused(match self.field_type {
                FieldType::Integer => "whole numbers",
                FieldType::Number => "numbers",
                _ => "text",
            })),
        }
    }

    fn refused(&self, wanted: &str) -> TreeError {
        let message = format!("{} of {} takes {wanted}", self.test.op, self.test.field);
        wrong(&format!("{}/value", self.pointer), message, None)
    }
}

fn wrong(pointer: &str, message: String, suggestion: Option<String>) -> TreeError {
    TreeError { pointer: pointer.to_owned(), message, suggestion }
}
