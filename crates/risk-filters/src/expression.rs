//! From the text of a condition to a typed tree over slots.
//!
//! The parser knows the grammar and no types; here every name is looked up in the catalogue and every operator gets
//! the operands it takes, or the author is told what is wrong and where.

mod compiler;
mod slots;
mod tree;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Catalogue, ExpressionError, FieldType, input::Value};
use compiler::Compiler;
pub(crate) use slots::Slots;
use tree::{Condition, Scope};

/// The most characters a condition may have.
pub const MAX_LENGTH: usize = 8_192;
/// The deepest a condition may nest.
pub const MAX_DEPTH: u16 = 48;

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// The declaration as a whole: it matches once.
    Declaration,
    /// Items: it matches per item, because it names a field of the item or a feature.
    Item,
}

/// A field that a condition uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsedField {
    /// The name as in the catalogue; with the key for national additions.
    #[schema(example = "item.netMassKg")]
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Its unit, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "kg")]
    pub unit: Option<String>,
}

/// A condition that is well typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// What it looks at.
    pub level: Level,
    /// The fields it uses, in the order in which it names them.
    pub fields: Vec<UsedField>,
}

/// Types a condition: what it uses, or every mistake in it (at least one, in the order of the text).
pub fn check(expression: &str, catalogue: &Catalogue) -> Result<Checked, Vec<ExpressionError>> {
    let mut slots = Slots::default();
    let program = compile_condition(expression, catalogue, &mut slots)?;
    Ok(Checked { level: program.level, fields: slots.used(&program) })
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Program {
    condition: Condition,
    /// Slots it reads, in the order in which it names them.
    fields: Vec<usize>,
    /// What it looks at.
    pub(crate) level: Level,
}

impl Program {
    /// Whether the condition is true for the values in `row`; false also when it is unknown.
    pub(crate) fn holds(&self, row: &[Value<'_>]) -> bool {
        self.condition.evaluate(&Scope::new(row)) == Some(true)
    }
}

/// Compiles a condition whose fields are added to `slots`.
pub(crate) fn compile_condition(
    expression: &str,
    catalogue: &Catalogue,
    slots: &mut Slots,
) -> Result<Program, Vec<ExpressionError>> {
    let parsed = compiler::parse(expression)?;
    let mut compiler = Compiler::new(catalogue, slots, &parsed);
    let condition = compiler.condition(&parsed.root);
    let (mut errors, fields) = compiler.finish();
    match condition {
        Some(condition) if errors.is_empty() => {
            let level =
                if fields.iter().any(|&slot| slots.is_of_item(slot)) { Level::Item } else { Level::Declaration };
            Ok(Program { condition, fields, level })
        }
        _ => {
            errors.sort_by_key(|error| (error.line, error.column));
            errors.dedup();
            Err(errors)
        }
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
