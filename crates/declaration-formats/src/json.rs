//! Declarations as JSON.
//!
//! A good declaration is read by serde in one pass, and walked once more against the [`shape`] for what serde lets
//! through: names that stand twice, lists for objects, over-long texts, unknown fields. The walk cannot wait for a
//! failure, because these are none to serde: of two offices in one text the last would hold, and another reader of the
//! same text would take the first. It costs two fifths of the reading, 7 µs of 17 for a declaration of four items
//! (`cargo bench -p declaration-formats --bench reading`). Only a bad declaration is parsed leniently and described fault
//! by fault.

mod diagnose;
mod guard;
mod shape;
mod tree;

use customs::declaration::MAX_BYTES;
use customs::{Declaration, Note};

use crate::{Fault, FaultCode};

/// The most characters one text may have.
pub const MAX_TEXT: usize = 10_000;
/// The most characters of a text that identifies the declaration: its reference, its declarant, its office.
pub const MAX_IDENTITY: usize = 200;
/// Nesting at which a document is refused.
pub const MAX_DEPTH: usize = 128;
/// The most faults that are listed for one document.
pub const MAX_FAULTS: usize = 1_000;

/// A declaration that was read, with the fields that the format does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What was lodged.
    pub declaration: Declaration,
    /// One note per unknown field, at most [`MAX_FAULTS`]; the received text keeps their values.
    pub unknown_fields: Vec<Note>,
}

/// The declaration in `bytes`, or everything that makes it unreadable (never an empty list).
pub fn read(bytes: &[u8]) -> Result<Declaration, Vec<Fault>> {
    receive(bytes).map(|received| received.declaration)
}

/// Like [`read`], with a note for every field that the format does not know.
pub fn receive(bytes: &[u8]) -> Result<Received, Vec<Fault>> {
    if bytes.len() > MAX_BYTES {
        let message = format!("{} bytes; a declaration has at most {MAX_BYTES}", bytes.len());
        return Err(vec![Fault::new("", FaultCode::TooLarge, message)]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| vec![diagnose::not_utf8(bytes, error.valid_up_to())])?;
    let declaration = match serde_json::from_str::<Declaration>(text) {
        Ok(declaration) => declaration,
        Err(error) => return Err(faults(text, &error)),
    };
    match guard::walk(text) {
        Ok(unknown_fields) => Ok(Received { declaration, unknown_fields }),
        Err(error) => Err(faults(text, &error)),
    }
}

/// The JSON of `declaration`.
pub fn write(declaration: &Declaration) -> Vec<u8> {
    serde_json::to_vec(declaration).expect("a declaration has text keys and no floats")
}

fn faults(text: &str, refusal: &serde_json::Error) -> Vec<Fault> {
    let found = diagnose::faults(text);
    if found.is_empty() {
        // The shape is checked against the types by tests; should they ever part, the reader still refuses with reason.
        return vec![Fault::new("", FaultCode::WrongType, refusal.to_string())];
    }
    found
}

#[cfg(test)]
mod tests;
