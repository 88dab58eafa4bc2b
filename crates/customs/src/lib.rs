//! The shared vocabulary of a customs administration: what a declaration, a control and a result are.
//!
//! Names follow the WCO Data Model, in camelCase on the wire. A type lives here when two services need the *same
//! meaning* of it. Nothing here reads a clock, draws a number or knows a database: the crate is pure.

pub mod cargo;
pub mod channel;
pub mod codes;
pub mod control;
pub mod currency;
pub mod declaration;
pub mod ids;
pub mod item;
pub mod money;
pub mod note;
pub mod office;
pub mod party;
pub mod place;
pub mod result;
pub mod rfc3339;
pub mod selection;
pub mod tariff;

pub use cargo::{Container, MeansOfTransport, TransportDocument, TransportMode};
pub use channel::Channel;
pub use codes::{CountryCode, HsCode, OfficeCode, PortCode};
pub use control::{
    Basis, Control, ControlOrder, ControlState, Extent, Method, OrderReason, ReasonFor, Subject, Trigger,
};
pub use currency::{CurrencyTable, ExchangeRate};
pub use declaration::{Declaration, Direction, ExpressCategory, Form, Modality};
pub use ids::{ControlId, DeclarationId, EventId, FilterId, ModelVersionId, ResultId, ScanId, SelectionId};
pub use item::{DutyTax, GoodsItem, ItemValuation};
pub use money::{Currency, Money};
pub use note::{Note, NoteCode, Severity};
pub use office::{Office, Shift};
pub use party::{Party, PartyRole};
pub use place::Place;
pub use result::{
    Finding, FindingKind, ItemOutcome, ItemResult, Measure, Nature, NewResult, ResultStage, ResultVersion, ScanVerdict,
    TargetingVerdict,
};
pub use selection::{DecisionPoint, FilterMatch, ItemScore, ItemVector, Novelty, PackedVectors, Selection, TrialArm};
pub use tariff::{TariffCode, TariffCodes, TariffEdition};

pub use jiff::Timestamp;
pub use rust_decimal::Decimal;
