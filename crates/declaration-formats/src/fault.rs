//! What makes a declaration unreadable: a stable code, a place, and words that say how to write it instead.

use serde::Serialize;

/// Stable codes of faults. A code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// More bytes than a declaration may have.
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// The text ends before the value does.
    Truncated,
    /// Not JSON.
    Syntax,
    /// Nested deeper than 128 levels.
    TooDeep,
    /// A name stands twice in one object.
    DuplicateKey,
    /// `NaN`, `Infinity`, or a number beyond every range.
    NotFinite,
    /// A required field is absent.
    MissingField,
    /// A value of another type than the field has.
    WrongType,
    /// A value that is not one of those allowed.
    UnknownValue,
    /// Not a date and time of RFC 3339 with offset.
    BadTimestamp,
    /// Not a decimal number in a text, or one that is too large for it.
    BadDecimal,
    /// A whole number beyond the field's range.
    OutOfRange,
    /// More goods items than a declaration may have.
    TooManyItems,
    /// A text that must say something is empty.
    EmptyText,
    /// A text of more than 10,000 characters, or one that identifies the declaration of more than 200.
    TextTooLong,
    /// A control character in a text that identifies the declaration.
    ControlCharacter,
    /// More faults than are listed.
    MoreFaults,
}

impl FaultCode {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotUtf8 => "not-utf8",
            Self::Truncated => "truncated",
            Self::Syntax => "syntax",
            Self::TooDeep => "too-deep",
            Self::DuplicateKey => "duplicate-key",
            Self::NotFinite => "not-finite",
            Self::MissingField => "missing-field",
            Self::WrongType => "wrong-type",
            Self::UnknownValue => "unknown-value",
            Self::BadTimestamp => "bad-timestamp",
            Self::BadDecimal => "bad-decimal",
            Self::OutOfRange => "out-of-range",
            Self::TooManyItems => "too-many-items",
            Self::EmptyText => "empty-text",
            Self::TextTooLong => "text-too-long",
            Self::ControlCharacter => "control-character",
            Self::MoreFaults => "more-faults",
        }
    }
}

impl std::fmt::Display for FaultCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that makes a declaration unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the place; empty for the document as a whole.
    pub pointer: String,
    /// Stable code.
    pub code: FaultCode,
    /// What is wrong and how to write it, in words.
    pub message: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: FaultCode, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {} ({})", self.message, self.code)
    }
}
