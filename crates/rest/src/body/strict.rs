//! Reads a type from a tree, and takes nothing for something else.
//!
//! serde's derived readers take a list for an object, `{"in": null}` for a name, and overlook what they do not know.
//! Here an object is an object, a name is a text, and a member that the type does not have is refused, with the name
//! that was probably meant. This holds for every type that is read, without any attribute on it. (A type that collects
//! unknown members, by `flatten` or a map, still gets them; and inside an enum with an inner tag, or without any, serde
//! reads by its own rules: requests have none.)

use std::fmt;

use customs::Place;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::tree::{Fault, Number, Tree};

/// The `T` in `tree`.
pub fn read<T: DeserializeOwned>(tree: &Tree) -> Result<T, Fault> {
    T::deserialize(Value { tree, place: Place::Root }).map_err(|error| Fault {
        pointer: error.pointer.unwrap_or_default(),
        code: error.code,
        message: error.message,
    })
}

/// What is wrong, and where as soon as that is known.
#[derive(Debug)]
struct Error {
    pointer: Option<String>,
    /// A member of the place that is told later.
    member: Option<String>,
    code: &'static str,
    message: String,
}

impl Error {
    fn new(code: &'static str, message: String) -> Self {
        Self { pointer: None, member: None, code, message }
    }

    fn at(mut self, place: Place<'_>) -> Self {
        if self.pointer.is_none() {
            let member = self.member.take();
            self.pointer = Some(match &member {
                Some(name) => Place::Key(&place, name).pointer(),
                None => place.pointer(),
            });
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("wrong-shape", message.to_string())
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        let known: Vec<&str> = known.to_vec();
        Self { member: Some(name.to_owned()), ..Self::new("unknown-field", unknown(name, &known)) }
    }

    fn missing_field(name: &'static str) -> Self {
        let message = "the field is required".to_owned();
        Self { member: Some(name.to_owned()), ..Self::new("missing-field", message) }
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("there is no such field; {nearest:?} is meant?"),
        None if known.is_empty() => "there is no such field".to_owned(),
        None => format!("there is no such field; known are {}", known.join(", ")),
    }
}

/// The known name that is a slip of the keys, or of the case, away.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let written = plain(&name.chars().take(64).collect::<String>());
    let distances = known.iter().map(|candidate| (distance(&written, &plain(candidate)), *candidate));
    let (slips, candidate) = distances.min_by_key(|(slips, _)| *slips)?;
    (slips <= 1 + candidate.len() / 6).then_some(candidate)
}

/// Letters to insert, leave out or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// A value with its place.
#[derive(Clone, Copy)]
struct Value<'t, 'p> {
    tree: &'t Tree,
    place: Place<'p>,
}

impl Value<'_, '_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match self.tree {
            Tree::Null => Unexpected::Other("null"),
            Tree::Flag(flag) => Unexpected::Bool(*flag),
            Tree::Number(Number::Positive(number)) => Unexpected::Unsigned(*number),
            Tree::Number(Number::Negative(number)) => Unexpected::Signed(*number),
            Tree::Number(Number::Float(number)) => Unexpected::Float(*number),
            Tree::Text(text) => Unexpected::Str(beginning(text)),
            Tree::List(_) => Unexpected::Other("a list"),
            Tree::Object(_) => Unexpected::Other("an object"),
        }
    }

    fn refuse<T>(&self, expected: &dyn Expected) -> Result<T, Error> {
        Err(Error::invalid_type(self.unexpected(), expected).at(self.place))
    }
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(60).map_or(text, |(at, _)| &text[..at])
}

/// A value of another kind is refused, also by visitors that would take several: what is a text stays a text.
macro_rules! kinds {
    ($($kind:pat, $expected:literal: $($method:ident)+;)+) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.tree {
                $kind => self.deserialize_any(visitor),
                _ => self.refuse(&$expected),
            }
        }
    )+)+};
}

impl<'de, 't: 'de> Deserializer<'de> for Value<'t, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = match self.tree {
            Tree::Null => visitor.visit_unit(),
            Tree::Flag(flag) => visitor.visit_bool(*flag),
            Tree::Number(Number::Positive(number)) => visitor.visit_u64(*number),
            Tree::Number(Number::Negative(number)) => visitor.visit_i64(*number),
            Tree::Number(Number::Float(number)) => visitor.visit_f64(*number),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::List(elements) => {
                let mut elements = Elements { rest: elements.iter(), place: &self.place, index: 0 };
                visitor.visit_seq(&mut elements).and_then(|read| elements.end(read))
            }
            Tree::Object(members) => {
                visitor.visit_map(Members { rest: members.iter(), place: &self.place, value: None })
            }
        };
        read.map_err(|error| error.at(self.place))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.tree {
            Tree::Null => visitor.visit_none().map_err(|error: Error| error.at(self.place)),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Tree::Object(members) = self.tree else { return self.refuse(&"an object") };
        if let Some((name, _)) = members.iter().find(|(name, _)| !fields.contains(&name.as_str())) {
            return Err(Error::unknown_field(name, fields).at(self.place));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.tree {
            Tree::Object(_) => self.deserialize_any(visitor),
            _ => self.refuse(&"an object"),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.tree {
            Tree::List(_) => self.deserialize_any(visitor),
            _ => self.refuse(&"a list"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (name, content) = match self.tree {
            Tree::Text(name) => (name, None),
            Tree::Object(members) if members.len() == 1 => (&members[0].0, Some(&members[0].1)),
            _ => return self.refuse(&"a text"),
        };
        if !known.contains(&name.as_str()) {
            let message = match nearest(name, known) {
                Some(nearest) => format!("{:?} is not known; {nearest:?} is meant?", beginning(name)),
                None => format!("{:?} is not one of {}", beginning(name), known.join(", ")),
            };
            return Err(Error::new("wrong-shape", message).at(self.place));
        }
        let variant = Variant { name, content, place: &self.place };
        visitor.visit_enum(variant).map_err(|error| error.at(self.place))
    }

    kinds! {
        Tree::Flag(_), "true or false": deserialize_bool;
        Tree::Number(_), "a number":
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
            deserialize_f32 deserialize_f64;
        Tree::Text(_), "a text":
            deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
            deserialize_identifier;
        Tree::Null, "null": deserialize_unit;
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Elements<'t, 'p> {
    rest: std::slice::Iter<'t, Tree>,
    place: &'p Place<'p>,
    index: usize,
}

impl Elements<'_, '_> {
    /// Refuses elements that nobody took.
    fn end<T>(&self, read: T) -> Result<T, Error> {
        match self.rest.len() {
            0 => Ok(read),
            more => Err(Error::invalid_length(self.index + more, &format!("{} elements", self.index).as_str())),
        }
    }
}

impl<'de, 't: 'de> SeqAccess<'de> for Elements<'t, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(tree) = self.rest.next() else { return Ok(None) };
        let place = Place::Index(self.place, self.index);
        self.index += 1;
        seed.deserialize(Value { tree, place }).map(Some).map_err(|error| error.at(place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Members<'t, 'p> {
    rest: std::slice::Iter<'t, (String, Tree)>,
    place: &'p Place<'p>,
    value: Option<(&'t str, &'t Tree)>,
}

impl<'de, 't: 'de> MapAccess<'de> for Members<'t, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((name, tree)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, tree));
        let place = Place::Key(self.place, name);
        let key = serde::de::value::BorrowedStrDeserializer::new(name.as_str());
        seed.deserialize(key).map(Some).map_err(|error: Error| error.at(place))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some((name, tree)) = self.value.take() else { return Err(Error::custom("a value without a name")) };
        let place = Place::Key(self.place, name);
        seed.deserialize(Value { tree, place }).map_err(|error| error.at(place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Variant<'t, 'p> {
    name: &'t str,
    content: Option<&'t Tree>,
    place: &'p Place<'p>,
}

impl<'t: 'p, 'p> Variant<'t, 'p> {
    fn content(self, expected: &'static str) -> Result<Value<'t, 'p>, Error> {
        match self.content {
            Some(tree) => Ok(Value { tree, place: Place::Key(self.place, self.name) }),
            None => Err(Error::invalid_type(Unexpected::UnitVariant, &expected)),
        }
    }
}

impl<'de, 't: 'de> EnumAccess<'de> for Variant<'t, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = self.name.into_deserializer();
        seed.deserialize(name).map(|value| (value, self))
    }
}

impl<'de, 't: 'de> VariantAccess<'de> for Variant<'t, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Error::invalid_type(Unexpected::Other("an object"), &"a text")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        let content = self.content("an object")?;
        seed.deserialize(content).map_err(|error| error.at(content.place))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content("an object")?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.content("an object")?.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests;
