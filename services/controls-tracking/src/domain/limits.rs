//! How long the texts of requests may be. What is longer is no name and no reason, and is refused with its place.

use customs::OfficeCode;

use super::Fault;

/// Identifiers: of officers, scanners, containers, parties.
pub const IDENTIFIER: usize = 100;
/// Names, places, references.
pub const NAME: usize = 200;
/// What somebody says in words.
pub const WORDS: usize = 2_000;
/// Entries of a list.
pub const ENTRIES: usize = 1_000;

/// The fault of a text of more than `most` characters.
pub fn fault(text: &str, pointer: impl Into<String>, most: usize) -> Option<Fault> {
    let is_longer = text.len() > most && text.chars().count() > most;
    is_longer.then(|| {
        let message = format!("{} characters; at most {most}", text.chars().count());
        Fault::new(pointer, "text-too-long", message)
    })
}

/// The fault of a code that no office can have.
pub fn office(code: &OfficeCode, pointer: &str) -> Option<Fault> {
    (!code.is_well_formed()).then(|| {
        let most = OfficeCode::MAX_LENGTH;
        let message = format!("an office's code is 1 to {most} letters, digits, dots, dashes or underscores");
        Fault::new(pointer, "bad-office", message)
    })
}

/// The fault of a list of more than [`ENTRIES`].
pub fn entries(count: usize, pointer: &str) -> Option<Fault> {
    (count > ENTRIES).then(|| Fault::new(pointer, "too-many", format!("{count} entries; at most {ENTRIES}")))
}
