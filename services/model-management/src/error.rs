//! What an operation can refuse, and the only mapping of it to a problem response.

use customs::{FilterId, ModelVersionId, OfficeCode};
use rest::{Problem, ProblemError};
use risk_filters::FilterState;
use store::StoreError;

use crate::app::source::SourceError;
use crate::domain::{Fault, approval::Refusal, filter::FilterFaults};

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ManagementError {
    /// No such filter.
    #[error("filter {0} does not exist")]
    UnknownFilter(FilterId),
    /// No such version of a filter.
    #[error("filter {0} has no version {1}")]
    UnknownFilterVersion(FilterId, u32),
    /// No plan for this office.
    #[error("office {0} has no capacity plan")]
    UnknownPlan(OfficeCode),
    /// No such model version.
    #[error("model version {0} does not exist")]
    UnknownModelVersion(ModelVersionId),
    /// No artefact with this digest.
    #[error("there is no artefact with digest {0}")]
    UnknownArtefact(String),
    /// The filter cannot be.
    #[error("the filter cannot be")]
    FilterInvalid(FilterFaults),
    /// Another filter has the code.
    #[error("the code {0} belongs to another filter, or to this one with other content")]
    FilterCodeTaken(String),
    /// Two people are needed, or other ones.
    #[error(transparent)]
    Approval(#[from] Refusal),
    /// A newer version is in force.
    #[error("version {newer} of the filter is in force; version {asked} is older")]
    Superseded {
        /// Asked for.
        asked: u32,
        /// In force.
        newer: u32,
    },
    /// An emergency order that cannot be.
    #[error("{0}")]
    EmergencyInvalid(&'static str),
    /// An emergency order for a filter that already had one.
    #[error("this filter had an emergency order that nobody has confirmed; only two people can put it in force now")]
    EmergencyRepeated,
    /// The version is not one that an order can put in force.
    #[error("version {version} is {}, an emergency order takes a draft or a shadow", crate::domain::wire_name(state))]
    EmergencyState {
        /// The version.
        version: u32,
        /// Where it stands.
        state: FilterState,
    },
    /// Plans that cannot be.
    #[error("the capacity plan cannot be")]
    PlanInvalid(Vec<Fault>),
    /// The caller's token does not cover the office.
    #[error("the token does not cover office {0}")]
    OfficeForbidden(OfficeCode),
    /// A training that cannot be asked for.
    #[error("{0}")]
    TrainingInvalid(&'static str),
    /// The feature store gave no training set.
    #[error("no training set")]
    Source(#[from] SourceError),
    /// A stored value is not of its shape.
    #[error("a record cannot be read or written: {0}")]
    Unreadable(String),
    /// The trainer broke off.
    #[error("the training broke off")]
    Training(#[from] tokio::task::JoinError),
    /// The database.
    #[error("the database fails")]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ManagementError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

fn told(faults: Vec<Fault>) -> impl Iterator<Item = ProblemError> {
    faults.into_iter().map(|fault| ProblemError {
        pointer: fault.pointer,
        code: fault.code.to_owned(),
        message: fault.message,
    })
}

impl From<ManagementError> for Problem {
    fn from(error: ManagementError) -> Self {
        use ManagementError as E;
        let detail = error.to_string();
        let problem = match error {
            E::UnknownFilter(id) => return Self::not_found(format!("filter {id}")),
            E::UnknownFilterVersion(id, version) => {
                return Self::not_found(format!("version {version} of filter {id}"));
            }
            E::UnknownPlan(office) => return Self::not_found(format!("a capacity plan of office {office}")),
            E::UnknownModelVersion(id) => return Self::not_found(format!("model version {id}")),
            E::UnknownArtefact(digest) => return Self::not_found(format!("artefact {digest}")),
            E::FilterInvalid(found) => {
                let places = serde_json::to_value(&found.expression).unwrap_or_default();
                return Self::unprocessable("filter-invalid", "The filter cannot be")
                    .with_errors(told(found.faults))
                    .with_member("expressionErrors", places);
            }
            E::FilterCodeTaken(_) => Self::conflict("filter-code-taken", "The code is taken"),
            E::Approval(Refusal::OwnVersion) => Self::forbidden("four-eyes", "Another person must approve"),
            E::Approval(Refusal::NotApprover) => Self::forbidden("approver-needed", "An approver must approve"),
            E::Approval(Refusal::Retired) => Self::conflict("filter-retired", "The version is retired"),
            E::Superseded { .. } => Self::conflict("filter-superseded", "A newer version is in force"),
            E::EmergencyInvalid(_) => Self::unprocessable("emergency-invalid", "The emergency order cannot be"),
            E::EmergencyRepeated => Self::conflict("emergency-repeated", "An emergency order cannot be repeated"),
            E::EmergencyState { .. } => Self::conflict("emergency-state", "The version cannot be ordered into force"),
            E::PlanInvalid(faults) => {
                return Self::unprocessable("capacity-plan-invalid", "The capacity plan cannot be")
                    .with_errors(told(faults));
            }
            E::OfficeForbidden(_) => Self::forbidden("office-forbidden", "The token does not cover this office"),
            E::TrainingInvalid(_) => Self::unprocessable("training-invalid", "The training cannot be run"),
            E::Source(ref source) if source.is_transient() => return Self::overloaded(5),
            E::Store(ref store) if store.is_transient() => return Self::overloaded(1),
            E::Source(_) | E::Store(_) | E::Unreadable(_) | E::Training(_) => return Self::internal(&error),
        };
        problem.with_detail(detail)
    }
}
