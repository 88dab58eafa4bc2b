//! Data-quality notes: what is wrong with a declaration that can be read.
//!
//! A note never refuses: it tells the trader, and filters and models see it. [`notes`] compares a declaration with
//! itself and with reference data of its acceptance date; [`lodged`] compares its dates with the moment of lodging, which
//! the caller tells. A declaration of the past has only the former.

mod container;
mod country;
mod currency;
pub mod files;
mod header;
mod item;
mod lodging;
mod reference;

use customs::{Declaration, Money, Note, NoteCode, Severity};

pub use container::is_well_formed_container;
pub use country::is_country;
pub use currency::is_currency;
pub use lodging::{Punctuality, lodged};
pub use reference::ReferenceData;

/// The most notes of one code; more of the same tell nothing new.
pub const MAX_NOTES_PER_CODE: usize = 100;

/// Every note on `declaration`, those on the whole first, then item by item; at most [`MAX_NOTES_PER_CODE`] of each code.
///
/// Unknown fields are not in the declaration any more: their notes come from [`crate::json::receive`].
pub fn notes(declaration: &Declaration, reference: &ReferenceData) -> Vec<Note> {
    let mut notes = Notes::new(declaration, reference);
    header::check(declaration, &mut notes);
    item::check(declaration, &mut notes);
    notes.list
}

/// What checks share: the day the reference data is asked for, and the list.
struct Notes<'r> {
    reference: &'r ReferenceData,
    day: jiff::civil::Date,
    list: Vec<Note>,
    counts: [usize; 32],
}

impl<'r> Notes<'r> {
    fn new(declaration: &Declaration, reference: &'r ReferenceData) -> Self {
        let day = reference.local_day(declaration.acceptance_date_time);
        Self { reference, day, list: Vec::new(), counts: [0; 32] }
    }

    fn push(&mut self, code: NoteCode, severity: Severity, pointer: String, message: impl Into<String>) {
        let Some(count) = self.counts.get_mut(code as usize) else { return };
        *count += 1;
        if *count <= MAX_NOTES_PER_CODE {
            self.list.push(Note { code, severity, pointer, message: message.into() });
        }
    }

    fn country(&mut self, code: &customs::CountryCode, pointer: impl FnOnce() -> String) {
        if !is_country(code.as_str()) {
            let message = format!("{:?} is not a country of ISO 3166-1 (two capital letters)", clip(code.as_str()));
            self.push(NoteCode::UnknownCountry, Severity::Error, pointer(), message);
        }
    }

    /// A field that every declaration should have.
    fn missing(&mut self, pointer: String, message: &str) {
        self.push(NoteCode::MissingField, Severity::Error, pointer, message);
    }

    fn office(&mut self, code: &customs::OfficeCode, pointer: &str) {
        if !self.reference.knows_office(code) {
            let message = format!("the administration lists no office {:?}", clip(code.as_str()));
            self.push(NoteCode::UnknownOffice, Severity::Error, pointer.to_owned(), message);
        }
    }

    /// The currency of `money`, and its sign unless it may be negative.
    fn money(&mut self, money: &Money, may_be_negative: bool, pointer: impl Fn() -> String) {
        if !is_currency(&money.currency.0, self.day) {
            let message = format!("{:?} is not a currency of ISO 4217 on {}", clip(&money.currency.0), self.day);
            self.push(NoteCode::UnknownCurrency, Severity::Error, format!("{}/currency", pointer()), message);
        } else if !self.reference.has_rate(&money.currency, self.day) {
            let message = format!("the administration publishes no rate of {} on {}", money.currency.0, self.day);
            self.push(NoteCode::UnknownCurrency, Severity::Warning, format!("{}/currency", pointer()), message);
        }
        if !may_be_negative && is_negative(money.amount) {
            let message = format!("{} is below zero", money.amount);
            self.push(NoteCode::NegativeAmount, Severity::Error, format!("{}/amount", pointer()), message);
        }
    }
}

fn is_negative(number: customs::Decimal) -> bool {
    number.is_sign_negative() && !number.is_zero()
}

/// The beginning of a lodged text, for a message.
fn clip(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests;
