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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
    Texts(&'a [&'a str]),
}

impl<'a> FilterInput<'a> {
    /// Reads a field of the declaration as a whole into its place; not one that is a list.
    pub(crate) fn read_declaration(&self, reader: &Reader, into: &mut Value<'a>) {
        let declaration = self.declaration;
        match reader {
            Reader::DeclarationText(read) => into.text(read(declaration)),
            Reader::DeclarationInteger(read) => into.put(read(declaration), Value::Integer),
            Reader::DeclarationNumber(read) => into.number(read(declaration)),
            Reader::DeclarationBoolean(read) => into.put(read(declaration), Value::Boolean),
            Reader::DeclarationExtension(key) => into.text(declaration.extensions.get(&**key).map(String::as_str)),
            _ => *into = Value::Missing,
        }
    }

    /// Reads a field of the item at `index` into its place; `value` tells its customs value. Not one that is a list.
    pub(crate) fn read_item(
        &self,
        index: usize,
        item: &'a GoodsItem,
        reader: &Reader,
        value: impl FnOnce() -> Option<f64>,
        into: &mut Value<'a>,
    ) {
        match reader {
            Reader::ItemText(read) => into.text(read(item)),
            Reader::ItemCode(digits) => into.text(Some(item.commodity_code.first(*digits))),
            Reader::ItemInteger(read) => into.put(read(item), Value::Integer),
            Reader::ItemNumber(read) => into.number(read(item)),
            Reader::ItemValue(read) => into.number(value().and_then(|value| read(item, value))),
            Reader::ItemExtension(key) => into.text(item.extensions.get(&**key).map(String::as_str)),
            Reader::Feature(column) => {
                let value = self.features.get(index).and_then(|row| row.get(*column));
                into.number(value.map(|value| f64::from(*value)));
            }
            _ => *into = Value::Missing,
        }
    }

    /// Reads a field that is a list, of the declaration or of an item of it.
    pub(crate) fn texts(&self, reader: &Reader, item: Option<&'a GoodsItem>) -> Vec<&'a str> {
        match (reader, item) {
            (Reader::DeclarationTexts(read), _) => read(self.declaration),
            (Reader::NoteCodes, _) => self.notes.iter().map(|note| crate::catalogue::note_code(note.code)).collect(),
            (Reader::ItemTexts(read), Some(item)) => read(item),
            _ => Vec::new(),
        }
    }
}

impl<'a> Value<'a> {
    /// Written where it belongs: a value that is put together elsewhere and then moved costs more than all that it is
    /// used for.
    #[inline]
    fn put<T>(&mut self, value: Option<T>, of: impl FnOnce(T) -> Self) {
        match value {
            Some(value) => *self = of(value),
            None => *self = Self::Missing,
        }
    }

    fn text(&mut self, value: Option<&'a str>) {
        self.put(value.filter(|text| !text.is_empty()), Value::Text);
    }

    fn number(&mut self, value: Option<f64>) {
        self.put(value.filter(|number| !number.is_nan()), Value::Number);
    }
}
