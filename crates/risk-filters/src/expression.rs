//! From the text of a condition to a typed tree over slots.
//!
//! The parser knows the grammar and no types; here every name is looked up in the catalogue and every operator gets
//! the operands it takes, or the author is told what is wrong and where.

mod compiler;
mod normal;
mod parse;
mod print;
mod slots;
mod tree;
mod verdict;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Catalogue, CodeKind, ExpressionError, FieldType, Vocabulary};
use compiler::{Compiler, Whole};
pub(crate) use normal::{Atom, Entries, conjunctions};
pub(crate) use parse::{parse, path};
pub(crate) use print::{printed, quoted};
pub(crate) use slots::{Slots, Told, Words};
pub(crate) use tree::{Condition, ListInForce, Scope};

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
    /// The named lists it asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
    /// What kinds of codes it compares with that could not be checked, because no reference table of them is loaded.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unchecked: BTreeSet<CodeKind>,
}

/// Types a condition: what it uses, or every mistake in it (at least one, in the order of the text). A condition that
/// can never hold, or always does, is a mistake of its author.
pub fn check(expression: &str, catalogue: &Catalogue) -> Result<Checked, Vec<ExpressionError>> {
    Vocabulary::from(catalogue).check(expression)
}

impl Vocabulary<'_> {
    /// As [`check`], with lists and reference codes.
    pub fn check(&self, expression: &str) -> Result<Checked, Vec<ExpressionError>> {
        let mut slots = Slots::default();
        let program = compile_strictly(expression, self, true, &mut slots)?;
        Ok(Checked {
            level: program.level,
            fields: slots.used(&program),
            lists: program.lists.into_iter().map(String::from).collect(),
            unchecked: program.unchecked,
        })
    }
}

impl Vocabulary<'_> {
    /// The named lists that a condition asks, be it one that a form would refuse; none where it does not type.
    pub fn lists_of(&self, expression: &str) -> Vec<String> {
        let program = compile_condition(expression, self, &mut Slots::default());
        program.map(|program| program.lists.into_iter().map(String::from).collect()).unwrap_or_default()
    }
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) condition: Condition,
    /// Slots it reads, in the order in which it names them.
    pub(crate) fields: Vec<usize>,
    /// Named lists it asks, in the same order.
    pub(crate) lists: Vec<Box<str>>,
    /// Of the slots, those whose values tell what is on a list.
    pub(crate) untold: Vec<usize>,
    /// What codes it compares with that no table of the vocabulary knows.
    pub(crate) unchecked: BTreeSet<CodeKind>,
    /// What it looks at.
    pub(crate) level: Level,
}

/// Compiles a condition whose fields are added to `slots`. A filter in force may be one that always holds.
pub(crate) fn compile_condition(
    expression: &str,
    vocabulary: &Vocabulary<'_>,
    slots: &mut Slots,
) -> Result<Program, Vec<ExpressionError>> {
    compile_strictly(expression, vocabulary, false, slots)
}

fn compile_strictly(
    expression: &str,
    vocabulary: &Vocabulary<'_>,
    strict: bool,
    slots: &mut Slots,
) -> Result<Program, Vec<ExpressionError>> {
    let parsed = parse::parse(expression)?;
    let Whole { condition, fields, lists, listed, unchecked } =
        Compiler::new(*vocabulary, strict, slots, &parsed).whole(&parsed.root)?;
    let level = if fields.iter().any(|&slot| slots.is_of_item(slot)) { Level::Item } else { Level::Declaration };
    let untold = fields.iter().copied().filter(|&slot| slots.tells_of(slot, &listed)).collect();
    Ok(Program { condition, fields, lists, untold, unchecked, level })
}

#[cfg(test)]
pub(crate) mod oracle;
#[cfg(test)]
mod tests;
