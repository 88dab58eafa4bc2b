//! What is wrong with an expression, and where, in words an analyst can act on.

use customs::FilterId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of mistake. A code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpressionErrorCode {
    /// Not an expression of the language.
    Syntax,
    /// A field that the catalogue does not have.
    UnknownField,
    /// A function that does not exist here.
    UnknownFunction,
    /// An operator or function with operands it does not take.
    TypeMismatch,
    /// A literal that the field can never have.
    UnknownValue,
    /// Part of the language that filters do not use.
    Unsupported,
    /// A regular expression that does not compile.
    BadPattern,
    /// The condition is not true or false.
    NotACondition,
    /// Longer or deeper than a condition may be.
    TooLarge,
    /// A code that the reference table of its kind does not have.
    UnknownCode,
    /// A list that does not exist.
    UnknownList,
    /// A condition, or a part of it, that can never hold.
    Impossible,
    /// A condition, or a part of it, that holds whatever is declared.
    AlwaysTrue,
}

/// One mistake with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("line {line}, column {column}: {message}")]
pub struct ExpressionError {
    /// The kind of mistake.
    pub code: ExpressionErrorCode,
    /// What is wrong, in words.
    pub message: String,
    /// Line, from 1.
    #[schema(example = 1)]
    pub line: u32,
    /// Column in characters, from 1.
    #[schema(example = 6)]
    pub column: u32,
    /// What to write instead, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "item.netMassKg")]
    pub suggestion: Option<String>,
}

/// A filter that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("filter {code} version {version}: {error}")]
pub struct FilterError {
    /// The filter.
    pub filter: FilterId,
    /// Its version.
    pub version: u32,
    /// Its short code.
    pub code: String,
    /// The first mistake.
    #[source]
    pub error: ExpressionError,
}
