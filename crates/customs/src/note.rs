//! Data-quality notes: what is wrong with an accepted declaration, in codes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Probably wrong.
    Warning,
    /// Certainly wrong.
    Error,
}

/// Stable codes of notes. A code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteCode {
    /// The tariff edition does not know the code.
    UnknownCommodityCode,
    /// The code is not digits of the right length.
    MalformedCommodityCode,
    /// Not an ISO 3166-1 country.
    UnknownCountry,
    /// Not an ISO 4217 currency known at the acceptance date.
    UnknownCurrency,
    /// A date that cannot be, or not at the time of lodging.
    ImpossibleDate,
    /// A mass below zero.
    NegativeMass,
    /// Net mass above gross mass.
    NetAboveGross,
    /// An amount below zero.
    NegativeAmount,
    /// A quantity below zero.
    NegativeQuantity,
    /// Sequences are not 1, 2, 3 …
    SequenceGap,
    /// A sequence stands twice.
    DuplicateSequence,
    /// An item without value.
    ZeroValue,
    /// No importer or exporter.
    MissingTrader,
    /// No transport document where one is expected.
    MissingTransportDocument,
    /// An express declaration without its category, or a category outside 1 to 4.
    BadExpressCategory,
    /// A valuation method outside 1 to 6.
    BadValuationMethod,
    /// A container number that fails ISO 6346.
    MalformedContainer,
    /// An item names a container that the declaration does not.
    UnlistedContainer,
    /// The regime does not fit the direction.
    RegimeMismatch,
    /// Invoice total and sum of items differ.
    TotalMismatch,
    /// An office that the administration does not list.
    UnknownOffice,
    /// A declaration without goods items.
    NoItems,
    /// A rate outside 0 to 1,000 percent.
    BadRate,
    /// A field that the format does not know; it is kept with the received text.
    UnknownField,
    /// A field that every declaration should have.
    MissingField,
    /// The declared exchange rate is far from the published one.
    ExchangeRateMismatch,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Stable code.
    pub code: NoteCode,
    /// How much it matters.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) to the place.
    #[schema(example = "/items/0/commodityCode")]
    pub pointer: String,
    /// What is wrong, in words.
    pub message: String,
}
