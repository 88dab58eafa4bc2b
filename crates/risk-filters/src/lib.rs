//! Risk filters: an analyst's multi-variable condition that orders a control. Check, compile, match.
//!
//! A condition is text in the Common Expression Language (CEL) over a [`Catalogue`] of fields. It is typed against the
//! catalogue when it is written, with line and column of every mistake, and compiled to a small expression tree of our
//! own that reads a declaration once and evaluates every filter over it. The crate is pure: no clock, no draw of its
//! own, no I/O. It refuses what it cannot type; it never guesses.
//!
//! **Missing values.** A comparison with a missing field does not hold, and neither does its negation: the condition is
//! *unknown* (as `NULL` in SQL, and as CEL treats an error) and only `&&`, `||`, `? :`, `exists` and `all` can still
//! decide around it. An unknown condition is no match. `has(item.netMassKg)` tells whether a field is there.

pub mod catalogue;
pub mod definition;
pub mod error;
pub mod expression;
pub mod input;
pub mod set;

pub use catalogue::{Catalogue, Field, FieldType, Label};
pub use definition::{FilterAction, FilterDefinition, FilterScope, FilterState};
pub use error::{ExpressionError, ExpressionErrorCode, FilterError};
pub use expression::{Checked, Level, UsedField, check};
pub use input::FilterInput;
pub use set::{CompiledFilter, FilterSet, compile};
