//! A JSON text as it stands: every member of every object, each fault with its place.
//!
//! A reader that goes straight to a type never looks at what the type does not know. Here everything is looked at:
//! names that stand twice, texts without end and nesting without end are refused wherever they are.

use std::collections::HashSet;
use std::fmt;

use customs::Place;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

/// Levels at which a text is refused: what nests deeper is no request.
pub const MAX_DEPTH: usize = 127;
/// The most characters of one text or name.
pub const MAX_TEXT: usize = 10_000;

/// Up to here a float is exactly one whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object, every member in order, each name once.
    Object(Vec<(String, Tree)>),
}

/// A number in the narrowest kind that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Whole, not below zero.
    Positive(u64),
    /// Whole, below zero.
    Negative(i64),
    /// With a fraction or an exponent.
    Float(f64),
}

/// One thing that makes a body unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to the place.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
}

/// The one value in `text`.
pub fn read(text: &str) -> Result<Tree, Fault> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut fault = None;
    let reader = Reader { place: Place::Root, depth: 0, fault: &mut fault };
    let read = reader.deserialize(&mut json);
    match read {
        Ok(tree) => json.end().map(|()| tree).map_err(|error| named(String::new(), &error)),
        Err(error) => Err(fault.unwrap_or_else(|| named(String::new(), &error))),
    }
}

/// The fault that `serde_json` tells of, with a code of its own where there is one.
fn named(pointer: String, error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    let code = match error.classify() {
        Category::Eof => "truncated",
        Category::Data => "wrong-shape",
        _ if message.starts_with("recursion limit exceeded") => "too-deep",
        _ => "not-json",
    };
    Fault { pointer, code, message }
}

struct Reader<'p, 'f> {
    place: Place<'p>,
    depth: usize,
    fault: &'f mut Option<Fault>,
}

impl Reader<'_, '_> {
    fn refuse<E: serde::de::Error>(&mut self, place: Place<'_>, code: &'static str, message: String) -> E {
        *self.fault = Some(Fault { pointer: place.pointer(), code, message });
        E::custom(code)
    }

    /// Refuses what nests too deep.
    fn descend<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= MAX_DEPTH - 1 {
            return Err(self.refuse(self.place, "too-deep", format!("nested {MAX_DEPTH} levels deep")));
        }
        Ok(self.depth + 1)
    }

    fn text(&mut self, text: &str) -> Result<(), serde_json::Error> {
        if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
            let message = format!("{} characters; a text has at most {MAX_TEXT}", text.chars().count());
            return Err(self.refuse(self.place, "text-too-long", message));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        let (place, fault) = (self.place, self.fault);
        let reader = Reader { place, depth: self.depth, fault: &mut *fault };
        let read = deserializer.deserialize_any(reader);
        read.inspect_err(|error| {
            // The innermost value tells first, and is where the fault is.
            if fault.is_none() {
                let message = error.to_string();
                let code = if message.starts_with("recursion limit exceeded") {
                    "too-deep"
                } else if message.starts_with("EOF") {
                    "truncated"
                } else {
                    "not-json"
                };
                *fault = Some(Fault { pointer: place.pointer(), code, message });
            }
        })
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(Number::Positive(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(Number::Negative(number)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        // A whole number may be written with a fraction of nothing, or an exponent.
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within what a float holds exactly")]
        let whole = (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64);
        Ok(Tree::Number(match whole {
            None => Number::Float(number),
            Some(whole) => u64::try_from(whole).map_or(Number::Negative(whole), Number::Positive),
        }))
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<Tree, E> {
        self.text(text).map_err(E::custom)?;
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Tree, A::Error> {
        let depth = self.descend()?;
        let mut elements = Vec::new();
        loop {
            let place = Place::Index(&self.place, elements.len());
            match access.next_element_seed(Reader { place, depth, fault: &mut *self.fault })? {
                Some(element) => elements.push(element),
                None => return Ok(Tree::List(elements)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Tree, A::Error> {
        let depth = self.descend()?;
        let mut members: Vec<(String, Tree)> = Vec::new();
        let mut names: HashSet<String> = HashSet::new();
        while let Some(name) = access.next_key::<String>()? {
            self.text(&name).map_err(A::Error::custom)?;
            if !names.insert(name.clone()) {
                let message = "stands more than once in this object; keep one".to_owned();
                let parent = self.place;
                return Err(self.refuse(Place::Key(&parent, &name), "duplicate-key", message));
            }
            let place = Place::Key(&self.place, &name);
            let value = access.next_value_seed(Reader { place, depth, fault: &mut *self.fault })?;
            members.push((name, value));
        }
        Ok(Tree::Object(members))
    }
}
