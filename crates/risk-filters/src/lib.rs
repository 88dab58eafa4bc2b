//! Risk filters: an analyst's multi-variable condition that orders a control. Check, compile, match.
//!
//! A condition is text in the Common Expression Language (CEL) over a [`Vocabulary`]: a [`Catalogue`] of fields, named
//! [`Lists`], and the [`Codes`] that exist. It is typed when it is written, with line and column of every mistake, also
//! of conditions that can never hold or always do; a form can make and show it as a [`ConditionTree`]. A [`FilterSet`]
//! compiles many into one index that is asked once per item, so that the cost grows with the filters that match and not
//! with those that exist; what no index can hold is evaluated as a typed tree, for the few items that get that far.
//!
//! [`replay`] runs a draft over history before it acts, and [`mining`] proposes drafts from results. The crate is pure:
//! no clock, no draw of its own, no I/O. It refuses what it cannot type; it never guesses.
//!
//! **Missing values.** A comparison with a missing field does not hold, and neither does its negation: the condition is
//! *unknown* (as `NULL` in SQL, and as CEL treats an error) and only `&&`, `||`, `? :`, `exists` and `all` can still
//! decide around it. An unknown condition is no match. `has(item.netMassKg)` tells whether a field is there.

pub mod catalogue;
pub mod codes;
pub mod condition;
pub mod definition;
pub mod error;
pub mod expression;
mod index;
pub mod input;
pub mod list;
pub mod mining;
pub mod replay;
pub mod set;
pub mod vocabulary;
pub mod weighted;

pub use catalogue::{Catalogue, DescribedFeature, Field, FieldType, Label};
pub use codes::{CodeKind, Codes, UnknownCode};
pub use condition::{ConditionTree, FieldTest, Operand, Operator, Scalar, TreeError};
pub use definition::{FilterAction, FilterDefinition, FilterScope, FilterState};
pub use error::{ExpressionError, ExpressionErrorCode, FilterError};
pub use expression::{Checked, Level, UsedField, check};
pub use input::FilterInput;
pub use list::{FilterList, ListError, Lists};
pub use set::{CompiledFilter, FilterSet, Matched, compile};
pub use vocabulary::Vocabulary;
pub use weighted::Estimate;
