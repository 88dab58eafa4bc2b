//! What a conjunct asks of one field, as columns take it.

use crate::expression::{Atom, Entries, Slots};

/// A test of one field that its column answers.
#[derive(Clone, Debug)]
pub(super) enum Ask<'c> {
    /// Text that is there and is an entry or begins so (`inside`), or that is there and neither.
    Text { entries: Entries, beginnings: Vec<Box<str>>, inside: bool },
    /// There, or not.
    Present(bool),
    /// True or false.
    Is(bool),
    /// A whole number in the list, or not.
    Among { numbers: Vec<i64>, inside: bool },
    /// A list that has the element.
    Holds(&'c str),
}

/// The tests of one conjunct on one field.
pub(super) type Asked<'c> = Vec<Ask<'c>>;

impl<'c> Ask<'c> {
    /// The field and what is asked of it; none for what no column answers.
    pub(super) fn of(atom: Atom<'c>) -> Option<(usize, Self)> {
        match atom {
            Atom::In { slot, entries, inside } => Some((slot, Self::Text { entries, beginnings: Vec::new(), inside })),
            Atom::Begins { slot, prefix, inside } => {
                let entries = Entries::Few(Vec::new());
                Some((slot, Self::Text { entries, beginnings: vec![prefix.into()], inside }))
            }
            Atom::Present { slot, present } => Some((slot, Self::Present(present))),
            Atom::Is { slot, value } => Some((slot, Self::Is(value))),
            Atom::Among { slot, numbers, inside } => Some((slot, Self::Among { numbers, inside })),
            Atom::Holds { slot, element } => Some((slot, Self::Holds(element))),
            Atom::Between { .. } | Atom::Whole { .. } | Atom::Opaque { .. } => None,
        }
    }

    /// The same asked of `code`, the longest part of the tariff code that anybody asks for: to have a heading is to
    /// begin with it. So one look answers for chapters, headings, subheadings and whole codes.
    pub(super) fn of_code(self, slot: usize, code: Option<usize>, slots: &Slots) -> (usize, Self) {
        let (Some(digits), Some(code)) = (slots.digits(slot), code) else { return (slot, self) };
        match self {
            whole if slot == code => (code, whole),
            Self::Text { entries: Entries::Few(few), beginnings, inside } => {
                let length = |text: &str| text.chars().count();
                let beginnings = beginnings.into_iter().filter(|text| length(text) <= digits);
                let (whole, rest): (Vec<_>, Vec<_>) = few.into_iter().partition(|text| length(text) == digits);
                let entries = rest.into_iter().filter(|text| length(text) < digits).collect();
                (
                    code,
                    Self::Text {
                        entries: Entries::Few(entries),
                        beginnings: beginnings.chain(whole).collect(),
                        inside,
                    },
                )
            }
            Self::Present(present) => (code, Self::Present(present)),
            other => (slot, other),
        }
    }

    /// Whether it holds for a value that is there and that no conjunct names.
    pub(super) fn left_by_other(&self) -> bool {
        match self {
            Self::Text { inside, .. } | Self::Among { inside, .. } => !inside,
            Self::Present(present) => *present,
            Self::Is(_) | Self::Holds(_) => false,
        }
    }

    /// Whether it holds for this text.
    pub(super) fn left_by_text(&self, text: &str) -> bool {
        match self {
            Self::Text { entries, beginnings, inside } => {
                let within =
                    entries.contains(text) || beginnings.iter().any(|beginning| text.starts_with(&**beginning));
                within == *inside
            }
            other => other.left_by_other(),
        }
    }

    /// Whether it holds for text that begins so, goes on in no way that is named, and is no entry.
    pub(super) fn left_by_beginning(&self, beginning: &str) -> bool {
        match self {
            Self::Text { beginnings, inside, .. } => {
                beginnings.iter().any(|named| beginning.starts_with(&**named)) == *inside
            }
            other => other.left_by_other(),
        }
    }

    /// Whether it holds for this whole number.
    pub(super) fn left_by_number(&self, number: i64) -> bool {
        match self {
            Self::Among { numbers, inside } => numbers.contains(&number) == *inside,
            other => other.left_by_other(),
        }
    }

    /// Whether it holds for yes, or for no.
    pub(super) fn left_by_truth(&self, yes: bool) -> bool {
        match self {
            Self::Is(value) => *value == yes,
            other => other.left_by_other(),
        }
    }
}
