//! The same condition as a tree, so that a form can show and make it without anybody writing CEL.
//!
//! `{"all": […]}`, `{"any": […]}`, `{"not": …}` and tests of one field, `{"field", "op", "value"}`; what is outside of
//! that form stays text, `{"expression": "…"}`. [`ConditionTree::to_expression`] and [`ConditionTree::of_expression`] go
//! both ways; the text is what is stored, approved and compiled, so a tree never means anything that its text does not.

mod read;
mod write;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::{Catalogue, ExpressionError, FieldType};

/// A condition as a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "a condition is {\"all\": […]}, {\"any\": […]}, {\"not\": …}, {\"field\", \"op\", \"value\"} or {\"expression\"}"
)]
#[schema(no_recursion)]
pub enum ConditionTree {
    /// All of them hold.
    All {
        /// The parts, at least one.
        all: Vec<ConditionTree>,
    },
    /// One of them holds.
    Any {
        /// The parts, at least one.
        any: Vec<ConditionTree>,
    },
    /// It is known not to hold.
    Not {
        /// The part.
        not: Box<ConditionTree>,
    },
    /// A test of one field.
    Test(FieldTest),
    /// A condition outside of the form, as text.
    Expression {
        /// CEL.
        expression: String,
    },
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"field": "item.hs4", "op": "oneOf", "value": ["6109", "6203"]}))]
pub struct FieldTest {
    /// The name in the catalogue; with its key for national additions (`item.extensions['brand']`).
    #[schema(example = "item.hs4")]
    pub field: String,
    /// What is asked.
    pub op: Operator,
    /// What it is compared with; nothing for presence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Operand>,
}

/// What a test asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// From the first value to the second, both included.
    Between,
    /// One of the values.
    OneOf,
    /// There, and none of the values.
    NoneOf,
    /// Begins with the value.
    StartsWith,
    /// Ends with the value.
    EndsWith,
    /// Has the value within.
    Contains,
    /// Matches the regular expression.
    Matches,
    /// Is there.
    Present,
    /// Is not there.
    Missing,
    /// The list of the field has the value.
    Includes,
    /// In the named list.
    Listed,
    /// There, and not in the named list.
    NotListed,
}

/// As it is written in a tree.
impl std::fmt::Display for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl Operator {
    /// What can be asked of a field of a type.
    pub fn of(field_type: FieldType) -> &'static [Self] {
        match field_type {
            FieldType::Text => &[
                Self::Equal,
                Self::NotEqual,
                Self::OneOf,
                Self::NoneOf,
                Self::StartsWith,
                Self::EndsWith,
                Self::Contains,
                Self::Matches,
                Self::Listed,
                Self::NotListed,
                Self::Present,
                Self::Missing,
            ],
            FieldType::Integer => &[
                Self::Equal,
                Self::NotEqual,
                Self::Less,
                Self::LessOrEqual,
                Self::Greater,
                Self::GreaterOrEqual,
                Self::Between,
                Self::OneOf,
                Self::NoneOf,
                Self::Present,
                Self::Missing,
            ],
            FieldType::Number => &[
                Self::Less,
                Self::LessOrEqual,
                Self::Greater,
                Self::GreaterOrEqual,
                Self::Between,
                Self::Equal,
                Self::NotEqual,
                Self::Present,
                Self::Missing,
            ],
            FieldType::Boolean => &[Self::Equal, Self::Present, Self::Missing],
            FieldType::TextList => &[Self::Includes],
            FieldType::TextMap => &[],
        }
    }
}

/// One value or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Operand {
    /// One.
    One(Scalar),
    /// Several.
    Several(Vec<Scalar>),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

/// Not one of several schemas: a whole number is also a number.
impl PartialSchema for Scalar {
    fn schema() -> RefOr<Schema> {
        let types = SchemaType::from_iter([Type::Boolean, Type::Number, Type::String]);
        ObjectBuilder::new().schema_type(types).description(Some("A value.")).into()
    }
}

impl ToSchema for Scalar {}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self::One(Scalar::Text(text.to_owned()))
    }
}

impl From<f64> for Operand {
    fn from(number: f64) -> Self {
        Self::One(Scalar::Number(number))
    }
}

/// What is wrong with a tree, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{pointer}: {message}")]
pub struct TreeError {
    /// JSON pointer into the tree.
    #[schema(example = "/all/1")]
    pub pointer: String,
    /// What is wrong, in words.
    pub message: String,
    /// What to write instead, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl ConditionTree {
    /// A test of one field.
    pub fn test(field: &str, op: Operator, value: impl Into<Operand>) -> Self {
        Self::Test(FieldTest { field: field.to_owned(), op, value: Some(value.into()) })
    }

    /// The condition as CEL. Fields, operators and the types of values are checked here; that it makes sense, by
    /// [`check`](crate::check).
    pub fn to_expression(&self, catalogue: &Catalogue) -> Result<String, TreeError> {
        write::write(self, catalogue)
    }

    /// A well-formed expression as a tree; parts outside of the form stay text.
    pub fn of_expression(expression: &str, catalogue: &Catalogue) -> Result<Self, Vec<ExpressionError>> {
        read::read(expression, catalogue)
    }

    /// Whether every part is in the form.
    pub fn is_formal(&self) -> bool {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => parts.iter().all(Self::is_formal),
            Self::Not { not } => not.is_formal(),
            Self::Test(_) => true,
            Self::Expression { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
