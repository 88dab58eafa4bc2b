//! The fields that a set of conditions reads, each with a number.

use std::collections::HashMap;

use customs::GoodsItem;

use super::{Program, UsedField};
use crate::{
    Field, FieldType,
    catalogue::Reader,
    input::{FilterInput, Value},
};

/// Characters of a text value that an explanation repeats.
const EXPLAINED_CHARACTERS: usize = 120;

/// The fields in use.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    by_name: HashMap<String, usize>,
    of_declaration: Vec<usize>,
    of_item: Vec<usize>,
}

#[derive(Debug)]
struct Slot {
    name: String,
    field_type: FieldType,
    unit: Option<String>,
    values: Vec<String>,
    reader: Reader,
}

impl Slots {
    /// The slot of a field of the catalogue.
    pub(crate) fn of_field(&mut self, field: &Field) -> usize {
        self.slot(&field.name, || Slot {
            name: field.name.clone(),
            field_type: field.field_type,
            unit: field.unit.clone(),
            values: field.values.clone(),
            reader: field.reader.clone(),
        })
    }

    /// The slot of one key of a field that is text by key.
    pub(crate) fn of_key(&mut self, field: &Field, key: &str) -> usize {
        let name = format!("{}['{key}']", field.name);
        self.slot(&name, || Slot {
            name: name.clone(),
            field_type: FieldType::Text,
            unit: None,
            values: Vec::new(),
            reader: match field.reader {
                Reader::ItemExtensions => Reader::ItemExtension(key.into()),
                _ => Reader::DeclarationExtension(key.into()),
            },
        })
    }

    fn slot(&mut self, name: &str, make: impl FnOnce() -> Slot) -> usize {
        if let Some(&at) = self.by_name.get(name) {
            return at;
        }
        let at = self.slots.len();
        let slot = make();
        if slot.reader.is_of_item() { &mut self.of_item } else { &mut self.of_declaration }.push(at);
        self.slots.push(slot);
        self.by_name.insert(name.to_owned(), at);
        at
    }

    /// Whether the slot's value differs between items.
    pub(crate) fn is_of_item(&self, slot: usize) -> bool {
        self.slots[slot].reader.is_of_item()
    }

    /// The field's name, and all values it can have where they are few.
    pub(crate) fn values(&self, slot: usize) -> (&str, &[String]) {
        (&self.slots[slot].name, &self.slots[slot].values)
    }

    /// The fields that a program uses.
    pub(crate) fn used(&self, program: &Program) -> Vec<UsedField> {
        program
            .fields
            .iter()
            .map(|&slot| {
                let Slot { name, field_type, unit, .. } = &self.slots[slot];
                UsedField { name: name.clone(), field_type: *field_type, unit: unit.clone() }
            })
            .collect()
    }

    /// A row in which everything is missing.
    pub(crate) fn empty_row<'a>(&self) -> Vec<Value<'a>> {
        vec![Value::Missing; self.slots.len()]
    }

    /// Reads what all items share.
    pub(crate) fn read_declaration<'a>(&self, input: &FilterInput<'a>, row: &mut [Value<'a>]) {
        for &slot in &self.of_declaration {
            row[slot] = input.read_declaration(&self.slots[slot].reader);
        }
    }

    /// Reads what belongs to the item at `index`.
    pub(crate) fn read_item<'a>(
        &self,
        input: &FilterInput<'a>,
        index: usize,
        item: &'a GoodsItem,
        row: &mut [Value<'a>],
    ) {
        for &slot in &self.of_item {
            row[slot] = input.read_item(index, item, &self.slots[slot].reader);
        }
    }

    /// The fields of a condition with the values they have in `row`.
    pub(crate) fn explain(&self, program: &Program, row: &[Value<'_>]) -> Vec<(String, String)> {
        program.fields.iter().map(|&slot| (self.slots[slot].name.clone(), in_words(&row[slot]))).collect()
    }
}

fn in_words(value: &Value<'_>) -> String {
    match value {
        Value::Missing => "missing".to_owned(),
        Value::Text(text) => shortened(text),
        Value::Integer(number) => number.to_string(),
        // Six decimals are beyond what masses, amounts and 32-bit features carry.
        Value::Number(number) => {
            let text = format!("{number:.6}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Value::Boolean(yes) => yes.to_string(),
        Value::Texts(texts) => shortened(&texts.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(EXPLAINED_CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
