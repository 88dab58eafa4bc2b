//! What the world does in a tick, and what it is told in return.
//!
//! Feedback is plain data with serde: whoever drives the world logs it, and replays the log to get the world back.

use customs::{Channel, ControlId, Declaration, Extent, Method, NewResult, OfficeCode, ScanVerdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What an office can do, per day of trade, averaged over the year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfficeCapacity {
    /// The office.
    pub office: OfficeCode,
    /// Physical examinations.
    pub physical_per_day: f64,
    /// Documentary examinations.
    pub documentary_per_day: f64,
    /// Declarations to expect.
    pub declarations_per_day: f64,
}

/// Everything that happens between two moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TickActions {
    /// New declarations, by acceptance time.
    pub lodgements: Vec<Lodgement>,
    /// Corrections by traders, by time.
    pub amendments: Vec<Amendment>,
    /// Withdrawals by traders, by time.
    pub cancellations: Vec<Cancellation>,
    /// Arrivals, presentations and releases, by time. An arrival may lie before the lodgement it comes with.
    pub movements: Vec<Movement>,
    /// What officers report, by time.
    pub results: Vec<ControlReport>,
    /// Scanner images, by time. A scan may lie before the lodgement it comes with.
    pub scans: Vec<Scan>,
    /// Controls that officers open on their own account, by time.
    pub extraordinary: Vec<ExtraordinaryControl>,
}

impl TickActions {
    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        self.lodgements.is_empty()
            && self.amendments.is_empty()
            && self.cancellations.is_empty()
            && self.movements.is_empty()
            && self.results.is_empty()
            && self.scans.is_empty()
            && self.extraordinary.is_empty()
    }
}

/// A declaration is lodged.
#[derive(Clone, Debug, PartialEq)]
pub struct Lodgement {
    /// The world's own name for it.
    pub key: u64,
    /// The cancelled declaration whose consignment this is.
    pub lodged_again_for: Option<u64>,
    /// What is lodged.
    pub declaration: Declaration,
}

/// A declaration is corrected.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// Which.
    pub key: u64,
    /// The version this makes, from 2.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// What stands now.
    pub declaration: Declaration,
}

/// A declaration is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// Which.
    pub key: u64,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What happens to the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MovementKind {
    /// The means of transport arrived.
    Arrived,
    /// The goods were presented for examination.
    Presented,
    /// The goods may leave.
    Released,
}

/// The goods of a declaration moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Which declaration.
    pub key: u64,
    /// What happened.
    pub kind: MovementKind,
    /// When.
    pub at: Timestamp,
}

/// A container passed a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The declaration that covers the container.
    pub key: u64,
    /// ISO 6346 number.
    pub container: String,
    /// Where.
    pub office: OfficeCode,
    /// When.
    pub at: Timestamp,
    /// What the image showed.
    pub verdict: ScanVerdict,
}

/// A control that officers open on their own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraordinaryControl {
    /// The key under which the driver orders it back ([`ControlOrdered::key`]).
    pub key: u64,
    /// The declaration it concerns; none for a vehicle nobody declared anything for.
    pub declaration: Option<u64>,
    /// Registration of the vehicle, when there is no declaration.
    pub vehicle: Option<String>,
    /// The office.
    pub office: OfficeCode,
    /// How they examine.
    pub method: Method,
    /// When they open it.
    pub at: Timestamp,
}

/// An officer reports.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlReport {
    /// The control, as it was ordered.
    pub control: ControlId,
    /// The key it was ordered for.
    pub key: u64,
    /// Who reports.
    pub officer: String,
    /// What was established; a higher version replaces the lower ones.
    pub result: NewResult,
}

/// What the world is told after a tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// Channels told to traders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelTold>,
    /// Controls ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlOrdered>,
}

/// A trader learns the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTold {
    /// Which declaration.
    pub key: u64,
    /// The channel.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
}

/// A control is ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlOrdered {
    /// The control.
    pub control: ControlId,
    /// Which declaration, or which extraordinary control.
    pub key: u64,
    /// How.
    pub method: Method,
    /// How much.
    pub extent: Extent,
    /// When.
    pub at: Timestamp,
}
