//! Wire names of data-quality notes, as conditions compare them.

use customs::NoteCode;

/// The wire name of a note's code.
pub(crate) fn note_code(code: NoteCode) -> &'static str {
    match code {
        NoteCode::UnknownCommodityCode => "unknown-commodity-code",
        NoteCode::MalformedCommodityCode => "malformed-commodity-code",
        NoteCode::UnknownCountry => "unknown-country",
        NoteCode::UnknownCurrency => "unknown-currency",
        NoteCode::ImpossibleDate => "impossible-date",
        NoteCode::NegativeMass => "negative-mass",
        NoteCode::NetAboveGross => "net-above-gross",
        NoteCode::NegativeAmount => "negative-amount",
        NoteCode::NegativeQuantity => "negative-quantity",
        NoteCode::SequenceGap => "sequence-gap",
        NoteCode::DuplicateSequence => "duplicate-sequence",
        NoteCode::ZeroValue => "zero-value",
        NoteCode::MissingTrader => "missing-trader",
        NoteCode::MissingTransportDocument => "missing-transport-document",
        NoteCode::BadExpressCategory => "bad-express-category",
        NoteCode::BadValuationMethod => "bad-valuation-method",
        NoteCode::MalformedContainer => "malformed-container",
        NoteCode::UnlistedContainer => "unlisted-container",
        NoteCode::RegimeMismatch => "regime-mismatch",
        NoteCode::TotalMismatch => "total-mismatch",
        NoteCode::UnknownOffice => "unknown-office",
        NoteCode::NoItems => "no-items",
        NoteCode::BadRate => "bad-rate",
        NoteCode::UnknownField => "unknown-field",
        NoteCode::MissingField => "missing-field",
        NoteCode::ExchangeRateMismatch => "exchange-rate-mismatch",
    }
}

/// Values of `declaration.notes`.
pub(crate) const NOTE_CODES: &[&str] = &[
    "unknown-commodity-code",
    "malformed-commodity-code",
    "unknown-country",
    "unknown-currency",
    "impossible-date",
    "negative-mass",
    "net-above-gross",
    "negative-amount",
    "negative-quantity",
    "sequence-gap",
    "duplicate-sequence",
    "zero-value",
    "missing-trader",
    "missing-transport-document",
    "bad-express-category",
    "bad-valuation-method",
    "malformed-container",
    "unlisted-container",
    "regime-mismatch",
    "total-mismatch",
    "unknown-office",
    "no-items",
    "bad-rate",
    "unknown-field",
    "missing-field",
    "exchange-rate-mismatch",
];
