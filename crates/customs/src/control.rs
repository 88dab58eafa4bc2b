//! Controls: orders to examine, of every kind, in one record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ControlId, DeclarationId, OfficeCode, SelectionId};

/// What is examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "type", content = "id")]
pub enum Subject {
    /// A declaration: all its goods.
    Declaration(DeclarationId),
    /// A transport document, by number.
    TransportDocument(String),
    /// A container, by ISO 6346 number.
    Container(String),
    /// A vehicle, by registration.
    Vehicle(String),
    /// A warehouse, by code.
    Warehouse(String),
    /// A person, by identifier.
    Person(String),
    /// A company, by identifier.
    Company(String),
}

/// How it is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// The documents (Spanish: *revisión documentaria*).
    Documentary,
    /// The goods (Spanish: *reconocimiento físico*).
    Physical,
    /// A scanner image.
    Scan,
    /// A laboratory sample.
    LaboratorySample,
    /// The books, after release.
    Audit,
}

/// On what legal basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// In the ordinary course of clearance.
    Ordinary,
    /// Ex officio, outside the ordinary channel (Spanish: *acción de control extraordinario*).
    Extraordinary,
    /// After release.
    PostClearance,
}

/// What ordered it. Officers never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// The law says so: a mandatory filter.
    Mandate,
    /// A risk filter matched.
    Filter,
    /// A model valued it above the price.
    Model,
    /// The random stratum.
    Random,
    /// The exploration share.
    Exploration,
    /// Intelligence.
    Intelligence,
    /// An officer's decision.
    Officer,
    /// Another agency asked.
    OtherAgency,
    /// The trader asked.
    TraderRequest,
    /// Imported from the incumbent system.
    IncumbentSystem,
    /// The plan's fail-safe: no decision came in time, or only in part.
    FailSafe,
}

/// How much of it is examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "type", content = "of")]
pub enum Extent {
    /// All of it.
    Full,
    /// A part the officer chooses.
    Partial,
    /// The named goods items, by sequence.
    Items(Vec<u32>),
    /// The named containers.
    Containers(Vec<String>),
}

/// A control as a selection or a person orders it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlOrder {
    /// How.
    pub method: Method,
    /// How much.
    pub extent: Extent,
    /// Why; analysts only.
    pub trigger: Trigger,
    /// What the officer is told to verify: an area of risk, never an expression or a score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
    /// Ordered by a mandatory match beyond the day's capacity.
    #[serde(default)]
    pub over_plan: bool,
    /// Why, in words, each for those who may read it; never for the trader.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<OrderReason>,
}

impl ControlOrder {
    /// Why, as far as `reader` may know.
    pub fn because_for(&self, reader: ReasonFor) -> Vec<String> {
        self.because.iter().filter(|reason| reason.least <= reader).map(|reason| reason.text.clone()).collect()
    }
}

/// Who may read a reason: each also what is for those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReasonFor {
    /// Who examines: what stands out about the goods. The same whatever ordered the control, so that nobody who examines
    /// can tell what was drawn.
    Officer,
    /// Who is responsible for those who examine: what ordered it.
    Supervisor,
    /// Who looks after the filters: which condition held, with which values.
    Analyst,
}

/// A reason for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderReason {
    /// Who may read it, at least.
    #[serde(rename = "for")]
    pub least: ReasonFor,
    /// The reason in words.
    #[schema(example = "Item 1: Smoothed rate of findings by physical examination for the heading: 31.2 %")]
    pub text: String,
}

/// Where a control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ControlState {
    /// Ordered, nobody has it yet.
    Open,
    /// An officer has it.
    Assigned,
    /// It has a result.
    Resulted,
    /// It is no longer needed: the declaration was cancelled, or a wider control replaced it.
    Withdrawn,
}

/// A control in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// Identifier.
    pub id: ControlId,
    /// The office that examines.
    pub office: OfficeCode,
    /// Where in the office: terminal, warehouse, gate.
    pub place: String,
    /// What.
    pub subject: Subject,
    /// The declaration it concerns, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationId>,
    /// The declaration version it was ordered for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_version: Option<u32>,
    /// The selection that ordered it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionId>,
    /// Legal basis.
    pub basis: Basis,
    /// Method, extent, trigger, what to verify.
    pub order: ControlOrder,
    /// When it was ordered (domain time).
    pub ordered_at: Timestamp,
}
