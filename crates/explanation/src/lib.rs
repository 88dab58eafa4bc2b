//! What a finding would be: of which kind, how probably, what would be right, and what it would bring.
//!
//! Pure arithmetic over what was recorded before a moment: cases (examined items with findings), unit values that
//! others declared, and the item itself. It neither scores nor selects, and reads no clock and no database, so that the
//! same past gives the same explanation whoever asks, and whenever.

pub mod backoff;
pub mod case;
pub mod duty;
pub mod estimate;
pub mod known;
pub mod past;
pub mod similarity;
pub mod value;
pub mod words;

pub use case::{Case, CaseFinding, Profile};
pub use estimate::{Declared, KindEstimate, LikelyValue, Source, estimate};
pub use known::{Known, KnownKind, Level};
pub use past::{ItemCases, PastCase};
pub use similarity::{Aspect, SimilarCase, nearest};
pub use value::{Likely, Typical, Uplift};
