//! What callers see of a control: officers what to do, analysts and auditors everything.

use customs::{
    Control, ControlId, ControlState, DeclarationId, Extent, Method, ReasonFor, ResultStage, ResultVersion, Subject,
    Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ControlsError;
use crate::domain::{NewScan, Record};
use crate::store::{assignments, controls};

/// A control as it stands in a worklist: what to examine, where, how, and what to verify. What stands out about the goods
/// is told to officers, what ordered it to supervisors alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "place": "DPW-3", "method": "physical", "extent": {"type": "full"},
    "verify": ["origin", "value"], "subject": {"type": "declaration", "id": "019cae0c-5c00-7c52-8f10-6f0ab54c1d2e"},
    "declaration": "019cae0c-5c00-7c52-8f10-6f0ab54c1d2e", "orderedAt": "2026-03-02T13:00:00Z", "state": "open",
}))]
pub struct WorkItem {
    /// The control.
    pub id: ControlId,
    /// Where.
    pub place: String,
    /// How.
    pub method: Method,
    /// How much.
    pub extent: Extent,
    /// What to verify.
    pub verify: Vec<String>,
    /// What stands out, in words; for supervisors also what ordered it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["Item 1: Smoothed rate of findings by physical examination for the heading: 31.2 %"]))]
    pub because: Vec<String>,
    /// What.
    pub subject: Subject,
    /// The declaration it concerns, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationId>,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// Where it stands.
    pub state: ControlState,
}

impl From<Record> for WorkItem {
    /// As officers see it.
    fn from(record: Record) -> Self {
        Self::of(record, ReasonFor::Officer)
    }
}

impl WorkItem {
    /// As `reader` sees it.
    pub fn of(record: Record, reader: ReasonFor) -> Self {
        let Record { control, state, officer, .. } = record;
        Self {
            id: control.id,
            place: control.place,
            method: control.order.method,
            because: control.order.because_for(reader),
            extent: control.order.extent,
            verify: control.order.verify,
            subject: control.subject,
            declaration: control.declaration,
            ordered_at: control.ordered_at,
            officer,
            state,
        }
    }
}

/// A control with everything about it but its results.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "office": "118", "place": "DPW-3",
    "subject": {"type": "declaration", "id": "019cae0c-5c00-7c52-8f10-6f0ab54c1d2e"},
    "declaration": "019cae0c-5c00-7c52-8f10-6f0ab54c1d2e", "declarationVersion": 1,
    "selection": "019cae0c-5c00-7d63-9e21-7a1bc65d2e3f", "basis": "ordinary",
    "order": {"method": "physical", "extent": {"type": "full"}, "trigger": "model", "verify": ["origin"], "overPlan": false},
    "orderedAt": "2026-03-02T13:00:00Z", "state": "resulted", "officer": "officer-7", "resultVersion": 1,
    "resultStage": "final",
}))]
pub struct ControlView {
    /// The control.
    #[serde(flatten)]
    pub control: Control,
    /// Where it stands.
    pub state: ControlState,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// Version of the result that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_version: Option<u32>,
    /// Its stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_stage: Option<ResultStage>,
    /// Who ordered it, where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_by: Option<String>,
    /// Why, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The control it grew out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalated_from: Option<ControlId>,
}

impl ControlView {
    /// The view of a row as `reader` may see it.
    pub fn of(row: controls::Model, reader: ReasonFor) -> Result<Self, ControlsError> {
        let mut record = row.record()?;
        record.control.order.because.retain(|reason| reason.least <= reader);
        Ok(Self {
            control: record.control,
            state: record.state,
            officer: record.officer,
            result_version: record.latest.map(|(version, _)| version),
            result_stage: record.latest.map(|(_, stage)| stage),
            ordered_by: row.ordered_by,
            reason: row.reason,
            escalated_from: row.escalated_from.map(ControlId),
        })
    }
}

/// A control with its whole history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019cae0c-5c00-7a41-9d3f-2a6bd40f1f0c", "office": "118", "place": "DPW-3",
    "subject": {"type": "container", "id": "MSKU1234565"}, "basis": "extraordinary",
    "order": {"method": "scan", "extent": {"type": "full"}, "trigger": "mandate", "overPlan": false},
    "orderedAt": "2026-03-02T13:00:00Z", "state": "open", "results": [], "assignments": [], "scans": [],
}))]
pub struct ControlDetail {
    /// The control.
    #[serde(flatten)]
    pub view: ControlView,
    /// Every version of its result; the last holds.
    pub results: Vec<ResultVersion>,
    /// Everyone who was given it; the last has it.
    pub assignments: Vec<AssignmentView>,
    /// Its scanner images.
    pub scans: Vec<NewScan>,
}

/// Who was given a control, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"officer": "officer-7", "assignedBy": "system", "assignedAt": "2026-03-02T13:05:00Z"}))]
pub struct AssignmentView {
    /// Who has it now.
    pub officer: String,
    /// A supervisor, or `system`.
    pub assigned_by: String,
    /// Why, where a supervisor decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub assigned_at: Timestamp,
}

impl AssignmentView {
    /// The view of a row.
    pub fn of(row: assignments::Model) -> Result<Self, ControlsError> {
        let assigned_at = row.at()?;
        Ok(Self { officer: row.officer, assigned_by: row.assigned_by, reason: row.reason, assigned_at })
    }
}
