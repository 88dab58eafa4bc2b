//! The second look at a document that serde has read: refuses what serde lets through, and finds unknown fields.
//!
//! serde takes a list for an object, `{"in": null}` for a name, and lets the last of two equal names win in a map. None
//! of that may pass: two readers of the received text would see two declarations.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use customs::{Note, NoteCode, Place, Severity};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::shape::{ANY, DECLARATION, Presence, Shape};
use super::{MAX_FAULTS, MAX_IDENTITY, MAX_TEXT};

/// Notes on the unknown fields of `text`. An error only says that something is wrong, not what.
pub fn walk(text: &str) -> Result<Vec<Note>, serde_json::Error> {
    let mut notes = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Guard { shape: &DECLARATION, nullable: false, path: Place::Root, notes: &mut notes }
        .deserialize(&mut deserializer)?;
    Ok(notes)
}

struct Guard<'p> {
    shape: &'static Shape,
    nullable: bool,
    path: Place<'p>,
    notes: &'p mut Vec<Note>,
}

impl<'de> DeserializeSeed<'de> for Guard<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Guard<'_> {
    fn is_scalar(&self, wanted: bool) -> bool {
        wanted || matches!(self.shape, Shape::Any)
    }

    fn note_unknown(notes: &mut Vec<Note>, path: Place<'_>) {
        if notes.len() < MAX_FAULTS {
            notes.push(Note {
                code: NoteCode::UnknownField,
                severity: Severity::Notice,
                pointer: path.pointer(),
                message: "a field that the format does not know; it is kept with the received text".to_owned(),
            });
        }
    }

    fn object<'de, A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let fields = match self.shape {
            Shape::Object(_, fields) => *fields,
            _ => &[],
        };
        let mut seen = 0_u64;
        let mut others = BTreeSet::<Key<'de>>::new();
        while let Some(key) = access.next_key::<Key<'de>>()? {
            let name: &str = &key.0;
            if is_too_long(name) {
                return Err(A::Error::custom("a name is too long"));
            }
            let path = Place::Key(&self.path, name);
            if let Some(index) = fields.iter().position(|field| field.name == name) {
                if seen & (1 << index) != 0 {
                    return Err(A::Error::custom("a name stands twice"));
                }
                seen |= 1 << index;
                let field = &fields[index];
                let nullable = field.presence == Presence::Optional;
                access.next_value_seed(Guard { shape: field.shape, nullable, path, notes: self.notes })?;
                continue;
            }
            let shape = match self.shape {
                Shape::Texts => &Shape::Text,
                Shape::Any => &ANY,
                _ => {
                    Self::note_unknown(self.notes, path);
                    &ANY
                }
            };
            access.next_value_seed(Guard { shape, nullable: false, path, notes: self.notes })?;
            if !others.insert(key) {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Guard<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a value of the declaration's shape")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        accept(self.is_scalar(matches!(self.shape, Shape::Flag)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let fits = match self.shape {
            Shape::Integer(most) => value <= *most,
            Shape::Signed => i64::try_from(value).is_ok(),
            _ => false,
        };
        accept(self.is_scalar(fits))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        accept(self.is_scalar(matches!(self.shape, Shape::Signed)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        accept(self.is_scalar(false))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        accept(self.is_scalar(self.nullable))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        let fits = match self.shape {
            Shape::FilledText => identifies(value),
            // serde has read the value; here only its kind counts.
            Shape::Text | Shape::Decimal | Shape::Timestamp | Shape::OneOf(_) | Shape::Any => true,
            _ => false,
        };
        accept(fits && !is_too_long(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let (shape, most) = match self.shape {
            Shape::List(shape, most) => (*shape, *most),
            Shape::Any => (&ANY, usize::MAX),
            _ => return accept(false),
        };
        let mut index = 0;
        while access
            .next_element_seed(Guard {
                shape,
                nullable: false,
                path: Place::Index(&self.path, index),
                notes: self.notes,
            })?
            .is_some()
        {
            index += 1;
            if index > most {
                return accept(false);
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Object(..) | Shape::Texts | Shape::Any => self.object(access),
            _ => accept(false),
        }
    }
}

fn accept<E: Error>(fits: bool) -> Result<(), E> {
    if fits { Ok(()) } else { Err(E::custom("not of the declaration's shape")) }
}

/// Whether a text can identify a declaration: it says something, on one line, and not at length.
fn identifies(text: &str) -> bool {
    !text.trim().is_empty() && !is_longer(text, MAX_IDENTITY) && !text.chars().any(char::is_control)
}

/// Whether `text` has more than `most` characters.
pub fn is_longer(text: &str, most: usize) -> bool {
    text.len() > most && text.chars().count() > most
}

/// Whether `text` has more than [`MAX_TEXT`] characters.
pub fn is_too_long(text: &str) -> bool {
    is_longer(text, MAX_TEXT)
}

/// A name of an object, borrowed where it holds no escapes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a name")
            }
            fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
