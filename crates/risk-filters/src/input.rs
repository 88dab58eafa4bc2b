//! What filters look at: one declaration, its notes and the feature vectors of its items.
//!
//! Every field that any filter uses is read once per declaration (or item) into a table of slots; expressions then
//! refer to slots by number, so that a hundred filters on one field cost one reading of it.

use customs::{Declaration, GoodsItem, Note};

use crate::catalogue::Reader;

/// A declaration as the filters see it.
#[derive(Clone, Copy, Debug)]
pub struct FilterInput<'a> {
    /// The declaration.
    pub declaration: &'a Declaration,
    /// Its data-quality notes.
    pub notes: &'a [Note],
    /// One feature vector per item, in the order of the items and of the names the catalogue was made with. NaN is
    /// missing; a vector that is absent or too short has its features missing.
    pub features: &'a [Vec<f32>],
}

/// The value of a slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// The field is not there.
    #[default]
    Missing,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A list of text.
    Texts(Vec<&'a str>),
}

impl<'a> FilterInput<'a> {
    /// Reads a field of the declaration as a whole.
    pub(crate) fn read_declaration(&self, reader: &Reader) -> Value<'a> {
        let declaration = self.declaration;
        match reader {
            Reader::DeclarationText(read) => text(read(declaration)),
            Reader::DeclarationInteger(read) => read(declaration).map_or(Value::Missing, Value::Integer),
            Reader::DeclarationNumber(read) => number(read(declaration)),
            Reader::DeclarationBoolean(read) => read(declaration).map_or(Value::Missing, Value::Boolean),
            Reader::DeclarationTexts(read) => Value::Texts(read(declaration)),
            Reader::DeclarationExtension(key) => text(declaration.extensions.get(key.as_ref()).map(String::as_str)),
            Reader::NoteCodes => {
                Value::Texts(self.notes.iter().map(|note| crate::catalogue::note_code(note.code)).collect())
            }
            _ => Value::Missing,
        }
    }

    /// Reads a field of the item at `index`; `value` tells its customs value.
    pub(crate) fn read_item(
        &self,
        index: usize,
        item: &'a GoodsItem,
        reader: &Reader,
        value: impl FnOnce() -> Option<f64>,
    ) -> Value<'a> {
        match reader {
            Reader::ItemText(read) => text(read(item)),
            Reader::ItemCode(digits) => text(Some(item.commodity_code.first(*digits))),
            Reader::ItemInteger(read) => read(item).map_or(Value::Missing, Value::Integer),
            Reader::ItemNumber(read) => number(read(item)),
            Reader::ItemValue(read) => number(value().and_then(|value| read(item, value))),
            Reader::ItemTexts(read) => Value::Texts(read(item)),
            Reader::ItemExtension(key) => text(item.extensions.get(key.as_ref()).map(String::as_str)),
            Reader::Feature(column) => {
                number(self.features.get(index).and_then(|row| row.get(*column)).map(|value| f64::from(*value)))
            }
            _ => Value::Missing,
        }
    }
}

fn text(value: Option<&str>) -> Value<'_> {
    value.filter(|text| !text.is_empty()).map_or(Value::Missing, Value::Text)
}

fn number<'a>(value: Option<f64>) -> Value<'a> {
    value.filter(|number| !number.is_nan()).map_or(Value::Missing, Value::Number)
}
