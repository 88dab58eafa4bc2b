//! What an operation can refuse, and the only mapping of it to a problem response.

use customs::{ControlId, DeclarationId, OfficeCode};
use rest::{Problem, ProblemError};
use store::StoreError;

use crate::domain::Fault;

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlsError {
    /// No such control.
    #[error("control {0} does not exist")]
    UnknownControl(ControlId),
    /// No such office.
    #[error("office {0} is not set up")]
    UnknownOffice(OfficeCode),
    /// The caller's token does not cover the office.
    #[error("the token does not cover office {0}")]
    OfficeForbidden(OfficeCode),
    /// Only a supervisor may do this.
    #[error("{0}")]
    SupervisorOnly(&'static str),
    /// The request says something that cannot be.
    #[error("the {what} cannot be taken")]
    Invalid {
        /// `result`, `control`, `scan` …
        what: &'static str,
        /// Everything that is wrong.
        faults: Vec<Fault>,
    },
    /// The result's version exists with other content, or skips one.
    #[error("{0}")]
    ResultVersion(String),
    /// The identity exists with other content.
    #[error("{0}")]
    Conflict(String),
    /// The control has a result or is withdrawn.
    #[error("control {0} is closed")]
    Closed(ControlId),
    /// The control belongs to another declaration.
    #[error("the control belongs to declaration {0}")]
    Linked(DeclarationId),
    /// The declaration is not known here.
    #[error("declaration {0} is not known")]
    UnknownDeclaration(DeclarationId),
    /// Nobody can take the control.
    #[error("{}", .0.message)]
    NoOfficer(Fault),
    /// The named officer may not examine this trader's goods.
    #[error("{}", .0.message)]
    OfficerConflict(Fault),
    /// This control cannot become a wider one.
    #[error("{0}")]
    NotEscalable(String),
    /// The database.
    #[error("the controls cannot be read or written")]
    Store(#[from] StoreError),
    /// A stored or sent value is not JSON of its shape.
    #[error("a record cannot be read or written")]
    Record(#[from] serde_json::Error),
}

impl From<sea_orm::DbErr> for ControlsError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<ControlsError> for Problem {
    fn from(error: ControlsError) -> Self {
        let detail = error.to_string();
        let problem = match error {
            ControlsError::UnknownControl(id) => return Problem::not_found(format!("control {id}")),
            ControlsError::UnknownOffice(_) => Problem::unprocessable("office-unknown", "The office is not set up"),
            ControlsError::OfficeForbidden(_) => {
                Problem::forbidden("office-forbidden", "The token does not cover this office")
            }
            ControlsError::SupervisorOnly(_) => Problem::forbidden("supervisor-only", "Only a supervisor may do this"),
            ControlsError::Invalid { what, faults } => {
                let errors = faults.into_iter().map(|fault| ProblemError {
                    pointer: fault.pointer,
                    code: fault.code.to_owned(),
                    message: fault.message,
                });
                let (code, title) = match what {
                    "result" => ("result-invalid", "The result cannot be"),
                    "scan" => ("scan-invalid", "The scan cannot be"),
                    "office" => ("office-invalid", "The office cannot be"),
                    _ => ("control-invalid", "The request about a control cannot be"),
                };
                return Problem::unprocessable(code, title).with_errors(errors);
            }
            ControlsError::ResultVersion(_) => {
                Problem::conflict("result-version-conflict", "The version of the result does not fit the record")
            }
            ControlsError::Conflict(_) => {
                Problem::conflict("identity-conflict", "The same identity stands with other content")
            }
            ControlsError::Closed(_) => Problem::conflict("control-closed", "The control is closed"),
            ControlsError::Linked(_) => {
                Problem::conflict("control-linked", "The control belongs to another declaration")
            }
            ControlsError::UnknownDeclaration(_) => {
                Problem::unprocessable("declaration-unknown", "The declaration is not known here")
            }
            ControlsError::NoOfficer(fault) => Problem::unprocessable(
                "no-officer-available",
                "Nobody can take the control",
            )
            .with_error(fault.pointer, fault.code, fault.message),
            ControlsError::OfficerConflict(fault) => Problem::unprocessable(
                "officer-conflicted",
                "The officer is in conflict with a party",
            )
            .with_error(fault.pointer, fault.code, fault.message),
            ControlsError::NotEscalable(_) => {
                Problem::conflict("escalation-impossible", "The control cannot become a wider one")
            }
            ControlsError::Store(ref store) if store.is_transient() => return Problem::overloaded(1),
            ControlsError::Store(_) | ControlsError::Record(_) => return Problem::internal(&error),
        };
        problem.with_detail(detail)
    }
}
