//! The fields that a set of conditions reads, each with a number.

use std::cell::{LazyCell, OnceCell};
use std::collections::HashMap;

use customs::GoodsItem;

use super::{Program, UsedField};
use crate::{
    Field, FieldType,
    catalogue::{Reader, customs_value_of},
    input::{FilterInput, Value},
};

/// What is told instead of a value that a list was asked for.
pub(crate) const UNTOLD: &str = "not told, it was looked up in a list";

/// Characters of a text value that an explanation repeats.
const EXPLAINED_CHARACTERS: usize = 120;

/// The fields in use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    by_name: HashMap<String, usize>,
    of_declaration: Vec<usize>,
    of_item: Vec<usize>,
    /// Of the others, those that are lists.
    lists_of_declaration: Vec<usize>,
    lists_of_item: Vec<usize>,
}

/// The lists that a declaration and its items have.
#[derive(Debug)]
pub(crate) struct TextLists<'a> {
    of_declaration: Vec<Vec<&'a str>>,
    /// Item by item; read when the first item is.
    of_items: OnceCell<Vec<Vec<&'a str>>>,
}

#[derive(Clone, Debug)]
struct Slot {
    name: String,
    field_type: FieldType,
    unit: Option<String>,
    values: Vec<String>,
    minimum: Option<i64>,
    always_there: bool,
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
            minimum: field.minimum,
            always_there: field.always_there,
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
            minimum: None,
            always_there: false,
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
        let known = match (slot.reader.is_of_item(), slot.reader.is_list()) {
            (false, false) => &mut self.of_declaration,
            (false, true) => &mut self.lists_of_declaration,
            (true, false) => &mut self.of_item,
            (true, true) => &mut self.lists_of_item,
        };
        known.push(at);
        self.slots.push(slot);
        self.by_name.insert(name.to_owned(), at);
        at
    }

    /// Whether the slot's value differs between items.
    pub(crate) fn is_of_item(&self, slot: usize) -> bool {
        self.slots[slot].reader.is_of_item()
    }

    /// The field's name.
    pub(crate) fn name(&self, slot: usize) -> &str {
        &self.slots[slot].name
    }

    /// The field's type.
    pub(crate) fn field_type(&self, slot: usize) -> FieldType {
        self.slots[slot].field_type
    }

    /// Of a field that is the beginning of the tariff code: how many digits.
    pub(crate) fn digits(&self, slot: usize) -> Option<usize> {
        match self.slots[slot].reader {
            Reader::ItemCode(digits) => Some(digits),
            _ => None,
        }
    }

    /// The field's name, and all values it can have where they are few.
    pub(crate) fn values(&self, slot: usize) -> (&str, &[String]) {
        (&self.slots[slot].name, &self.slots[slot].values)
    }

    /// The least that the field can be, where that is certain.
    pub(crate) fn minimum(&self, slot: usize) -> Option<i64> {
        self.slots[slot].minimum
    }

    /// Whether every declaration, or item, has the field.
    pub(crate) fn is_always_there(&self, slot: usize) -> bool {
        self.slots[slot].always_there
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

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A row in which everything is missing.
    pub(crate) fn empty_row<'a>(&self) -> Vec<Value<'a>> {
        vec![Value::Missing; self.len()]
    }

    /// The lists that rows refer to.
    pub(crate) fn lists<'a>(&self, input: &FilterInput<'a>) -> TextLists<'a> {
        let of_declaration = self.lists_of_declaration.iter().map(|slot| input.texts(&self.slots[*slot].reader, None));
        TextLists { of_declaration: of_declaration.collect(), of_items: OnceCell::new() }
    }

    /// Reads what all items share.
    pub(crate) fn read_declaration<'a>(
        &self,
        input: &FilterInput<'a>,
        lists: &'a TextLists<'a>,
        row: &mut [Value<'a>],
    ) {
        for &slot in &self.of_declaration {
            input.read_declaration(&self.slots[slot].reader, &mut row[slot]);
        }
        for (&slot, list) in self.lists_of_declaration.iter().zip(&lists.of_declaration) {
            row[slot] = Value::Texts(list);
        }
    }

    /// Reads what belongs to the item at `index`.
    pub(crate) fn read_item<'a>(
        &self,
        input: &FilterInput<'a>,
        lists: &'a TextLists<'a>,
        index: usize,
        item: &'a GoodsItem,
        row: &mut [Value<'a>],
    ) {
        let value = LazyCell::new(|| customs_value_of(item));
        for &slot in &self.of_item {
            input.read_item(index, item, &self.slots[slot].reader, || *value, &mut row[slot]);
        }
        let of_items = || {
            let read =
                |item| self.lists_of_item.iter().map(move |&slot| input.texts(&self.slots[slot].reader, Some(item)));
            input.declaration.items.iter().flat_map(read).collect()
        };
        let of_items = lists.of_items.get_or_init(of_items);
        for (&slot, list) in self.lists_of_item.iter().zip(&of_items[index * self.lists_of_item.len()..]) {
            row[slot] = Value::Texts(list);
        }
    }

    /// Whether the value of `slot` says which of the `listed` values was looked up: it is one of them, or of the same
    /// person.
    pub(crate) fn tells_of(&self, slot: usize, listed: &[usize]) -> bool {
        let person = person_of(self.name(slot));
        listed.iter().any(|&other| slot == other || person.is_some() && person == person_of(self.name(other)))
    }

    /// Fields with the values they have in `row`, in words; of those that are not told, that they are not.
    pub(crate) fn explain<'m>(
        &'m self,
        fields: &'m [Told],
        row: &'m [Value<'m>],
        words: &'m Words,
    ) -> impl Iterator<Item = (&'m str, &'m str)> {
        fields.iter().map(move |told| {
            let slot = usize::from(told.slot);
            let value = if told.value { words.of(slot, row) } else { UNTOLD };
            (self.slots[slot].name.as_str(), value)
        })
    }

    /// Forgets the words of what belongs to items.
    pub(crate) fn next_item(&self, words: &mut Words) {
        if let Some(words) = words.0.get_mut() {
            for &slot in self.of_item.iter().chain(&self.lists_of_item) {
                words[slot].take();
            }
        }
    }
}

/// A field in an explanation, and whether its value is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) slot: u16,
    pub(crate) value: bool,
}

/// The person that a field of the catalogue describes.
fn person_of(field: &str) -> Option<&str> {
    match field.rsplit_once('.')?.0 {
        "importer" => Some("declaration.trader"),
        person @ ("declaration.trader" | "declaration.counterparty" | "declaration.declarant") => Some(person),
        _ => None,
    }
}

/// Values of a row in words, made when they are first asked for: many filters match by the same values, and most items
/// match none.
#[derive(Debug, Default)]
pub(crate) struct Words(OnceCell<Box<[OnceCell<Word>]>>);

/// A value in words. Numbers are short and need no room of their own.
#[derive(Clone, Debug)]
enum Word {
    Short { length: u8, bytes: [u8; 22] },
    Long(Box<str>),
}

impl Word {
    fn of(text: &str) -> Self {
        let mut bytes = [0; 22];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short { length: text.len() as u8, bytes }
            }
            None => Self::Long(text.into()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Short { length, bytes } => {
                std::str::from_utf8(&bytes[..usize::from(*length)]).expect("it was copied from text")
            }
            Self::Long(text) => text,
        }
    }
}

impl Words {
    fn of<'m>(&'m self, slot: usize, row: &'m [Value<'_>]) -> &'m str {
        let word = || &self.0.get_or_init(|| vec![OnceCell::new(); row.len()].into())[slot];
        match &row[slot] {
            Value::Missing => "missing",
            Value::Text(text) if text.len() <= EXPLAINED_CHARACTERS => text,
            Value::Boolean(true) => "true",
            Value::Boolean(false) => "false",
            Value::Integer(number) => word().get_or_init(|| Word::of(itoa::Buffer::new().format(*number))).as_str(),
            Value::Number(number) => word().get_or_init(|| number_in_words(*number)).as_str(),
            Value::Text(text) => word().get_or_init(|| Word::of(&shortened(text))).as_str(),
            Value::Texts(texts) => word().get_or_init(|| Word::of(&shortened(&texts.join(", ")))).as_str(),
        }
    }
}

/// With six decimals at most, which is beyond what masses, amounts and 32-bit features carry.
fn number_in_words(number: f64) -> Word {
    if number.abs() >= 1e9 || number.is_nan() {
        let text = format!("{number:.6}");
        let tidy = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return Word::of(tidy);
    }
    let millionths = (number * 1e6).round() as i64;
    let (whole, mut part) = (millionths.unsigned_abs() / 1_000_000, millionths.unsigned_abs() % 1_000_000);
    let mut bytes = [0; 22];
    let mut length = 0;
    if millionths < 0 {
        bytes[0] = b'-';
        length = 1;
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(whole).as_bytes();
    bytes[length..length + digits.len()].copy_from_slice(digits);
    length += digits.len();
    if part > 0 {
        bytes[length] = b'.';
        let mut scale = 100_000;
        while part > 0 {
            length += 1;
            bytes[length] = b'0' + (part / scale) as u8;
            part %= scale;
            scale /= 10;
        }
        length += 1;
    }
    Word::Short { length: length as u8, bytes }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(EXPLAINED_CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_in_words_are_their_first_six_decimals(number in -2e9..2e9_f64, places in 0_i32..7) {
            let number = (number * 10_f64.powi(places)).round() / 10_f64.powi(places);
            let words = number_in_words(number);
            let words = words.as_str();
            prop_assert!((words.parse::<f64>().unwrap() - number).abs() <= 5.1e-7, "{} as {}", number, words);
            prop_assert!(!words.contains('.') || !words.ends_with(['0', '.']), "{}", words);
        }
    }

    #[test]
    fn words_are_short_and_tidy() {
        for (number, words) in [
            (3.0, "3"),
            (-1.5, "-1.5"),
            (0.000_001, "0.000001"),
            (-0.0, "0"),
            (2.5e12, "2500000000000"),
            (0.9_f32.into(), "0.9"),
        ] {
            assert_eq!(number_in_words(number).as_str(), words);
        }
        assert_eq!(number_in_words(f64::INFINITY).as_str(), "inf");
        assert_eq!(shortened(&"ñ".repeat(130)).chars().count(), EXPLAINED_CHARACTERS + 1);
    }
}
