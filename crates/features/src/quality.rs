//! Data quality by source and field: missing, unseen, out of range, late.
//!
//! Two accumulators, both sums that merge in any order, serialise, and stay within a fixed size. A [`Reference`] learns
//! from a period what is usual: the codes of each field and the range of each number. A [`Tally`] then counts, for the
//! declarant, the office and the profile (the format or channel) of each declaration, what is missing, what code was
//! never seen in the reference, what number lies beyond its quantiles, and what came late. A service observes every
//! accepted declaration ([`Tally::declaration`]) and every arrival that had a due time ([`Tally::arrival`]), keeps one
//! tally a day, merges days for a report, and learns a new reference from a closed period, which it freezes as what was
//! [`Usual`]. [`Tally::rows`] is the
//! report, ready to serialise. Nothing here tells whether a value is *wrong*: that is for the notes on a declaration.

mod field;
mod reference;
mod tally;

pub use field::{Field, Observation, observe};
pub use reference::{Range, Reference, Usual};
pub use tally::{Counts, QualityRow, SourceKind, Tally, sources};
