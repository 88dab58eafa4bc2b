//! A control with where it stands.

use customs::{Control, ControlId, ControlState, ResultId, ResultStage};

/// A control in the record of this service.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The control as other services know it.
    pub control: Control,
    /// Where it stands.
    pub state: ControlState,
    /// Who has it.
    pub officer: Option<String>,
    /// Version and stage of the result that holds.
    pub latest: Option<(u32, ResultStage)>,
}

impl Record {
    /// A control that nobody has yet.
    pub fn open(control: Control) -> Self {
        Self { control, state: ControlState::Open, officer: None, latest: None }
    }

    /// Whether it still waits to be done.
    pub fn is_live(&self) -> bool {
        matches!(self.state, ControlState::Open | ControlState::Assigned)
    }
}

/// The result's id: all versions of a control's result share it.
pub fn result_id(control: &Control) -> ResultId {
    ResultId::derive(control.ordered_at, &[control.id.0.as_bytes()])
}

/// The id of a control that `parts` name.
pub fn control_id(at: customs::Timestamp, parts: &[&[u8]]) -> ControlId {
    ControlId::derive(at, parts)
}
