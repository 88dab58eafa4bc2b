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
    /// No such risk.
    #[error("the risk register has no risk {0}")]
    UnknownRisk(String),
    /// A risk that cannot be.
    #[error("the risk cannot be")]
    RiskInvalid(Vec<Fault>),
    /// Another risk has the code.
    #[error("the code {0} belongs to another risk, or to this one with other content")]
    RiskCodeTaken(String),
    /// The risk is closed.
    #[error("risk {0} is closed")]
    RiskClosed(String),
    /// A filter in force names the risk.
    #[error("filter {filter} is in force and names risk {risk}")]
    RiskInUse {
        /// The risk.
        risk: String,
        /// The filter.
        filter: String,
    },
    /// No such list.
    #[error("there is no list {0}")]
    UnknownList(String),
    /// No such version of a list.
    #[error("list {0} has no version {1}")]
    UnknownListVersion(String, u32),
    /// A list that cannot be.
    #[error("the list cannot be")]
    ListInvalid(Vec<Fault>),
    /// Another list has the name.
    #[error("the name {0} belongs to another list, or to this one with other content")]
    ListNameTaken(String),
    /// The caller is not among the readers of the list.
    #[error("list {0} is in a compartment that the caller does not belong to")]
    ListForbidden(String),
    /// A retired version stays retired.
    #[error("version {1} of list {0} is retired; write a new version")]
    ListRetired(String, u32),
    /// A filter in force names the list.
    #[error("filter {filter} is in force and names list {list}")]
    ListInUse {
        /// The list.
        list: String,
        /// The filter.
        filter: String,
    },
    /// A filter that is to be in force names a list that is not.
    #[error("the filter names list {0}, of which no version is in force")]
    ListNotInForce(String),
    /// A version that is to leave its draft names no risk, or one that is not open.
    #[error(
        "version {version} of filter {filter} {}: register the risk (POST /v1/risks) and write a version of the filter \
         that names it (POST /v1/filters/{id}/versions)",
        .risk.as_ref().map_or_else(|| "names no risk".to_owned(), |risk| format!("names risk {risk}, which is closed"))
    )]
    RiskNeeded {
        /// The filter.
        id: FilterId,
        /// Its code.
        filter: String,
        /// The version.
        version: u32,
        /// The risk that it names and that is not open; none when it names none.
        risk: Option<String>,
    },
    /// No such rollout.
    #[error("there is no rollout {0}")]
    UnknownRollout(String),
    /// A rollout that cannot be.
    #[error("the rollout cannot be")]
    RolloutInvalid(Vec<rollout::Fault>),
    /// Another rollout has the name.
    #[error("the name {0} belongs to another rollout")]
    RolloutNameTaken(String),
    /// The rollout is over.
    #[error("rollout {0} is {1}; only a retry begins it again")]
    RolloutOver(String, &'static str),
    /// Somebody else drives rollouts.
    #[error("rollouts are driven by the {0} (rollout.driver)")]
    OtherDriver(&'static str),
    /// A driver whose place another has taken.
    #[error("fencing token {0} is lower than one that was shown: another process has taken over")]
    Deposed(u64),
    /// The routing changed since the driver has looked.
    #[error("the routing is at epoch {found}, and was decided on at {expected}")]
    RoutingMoved {
        /// The epoch that was seen.
        expected: u64,
        /// The epoch that is.
        found: u64,
    },
    /// A later intent of the same rollout was written.
    #[error("intent {0} of the rollout is behind one that was written: what it wants is no longer wanted")]
    IntentOvertaken(u64),
    /// Nobody decides in this direction.
    #[error("no version decides in this direction yet; there is nothing to compare with")]
    NoChampion,
    /// No such replay or search.
    #[error("there is no replay or search {0}")]
    UnknownReplay(uuid::Uuid),
    /// A replay or search that cannot be.
    #[error("{0}")]
    ReplayInvalid(String),
    /// The version was not tried over the past yet.
    #[error("version {0} has not been tried over the past; replay it first")]
    ReplayNeeded(u32),
    /// A word that is to be put on record is not the caller's.
    #[error("the word is {approver}'s and the token {caller}'s: a word is put on record with the token of who said it")]
    OthersWord {
        /// Whose word it is said to be.
        approver: String,
        /// Whose token it is.
        caller: String,
    },
    /// The caller's token does not cover the office.
    #[error("the token does not cover office {0}")]
    OfficeForbidden(OfficeCode),
    /// A training that cannot be asked for.
    #[error("{0}")]
    TrainingInvalid(&'static str),
    /// A model from elsewhere that is not taken over.
    #[error("the model is not taken over: {0}")]
    Import(#[from] risk_model::import::ImportError),
    /// Another service gave nothing.
    #[error("another service did not give what was asked for")]
    Source(#[from] SourceError),
    /// A stored value is not of its shape.
    #[error("a record cannot be read or written: {0}")]
    Unreadable(String),
    /// Work aside broke off.
    #[error("a calculation broke off")]
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
            E::UnknownRisk(code) => return Self::not_found(format!("risk {code}")),
            E::UnknownList(name) => return Self::not_found(format!("list {name}")),
            E::UnknownListVersion(name, version) => {
                return Self::not_found(format!("version {version} of list {name}"));
            }
            E::UnknownReplay(id) => return Self::not_found(format!("replay or search {id}")),
            E::UnknownArtefact(digest) => return Self::not_found(format!("artefact {digest}")),
            E::UnknownRollout(name) => return Self::not_found(format!("rollout {name}")),
            E::RolloutInvalid(faults) => {
                let told = faults.into_iter().map(|fault| ProblemError {
                    pointer: format!("/{}", fault.at.replace(['.', '['], "/").replace(']', "")),
                    code: "rollout-invalid".to_owned(),
                    message: fault.message,
                });
                return Self::unprocessable("rollout-invalid", "The rollout cannot be").with_errors(told);
            }
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
            E::RiskInvalid(faults) => {
                return Self::unprocessable("risk-invalid", "The risk cannot be").with_errors(told(faults));
            }
            E::RiskCodeTaken(_) => Self::conflict("risk-code-taken", "The code is taken"),
            E::RiskClosed(_) => Self::conflict("risk-closed", "The risk is closed"),
            E::RiskInUse { .. } => Self::conflict("risk-in-use", "A filter in force names the risk"),
            E::ListInvalid(faults) => {
                return Self::unprocessable("list-invalid", "The list cannot be").with_errors(told(faults));
            }
            E::ListNameTaken(_) => Self::conflict("list-name-taken", "The name is taken"),
            E::ListForbidden(_) => Self::forbidden("list-forbidden", "The list is in another compartment"),
            E::ListRetired(..) => Self::conflict("list-retired", "The version is retired"),
            E::ListInUse { .. } => Self::conflict("list-in-use", "A filter in force names the list"),
            E::ListNotInForce(_) => Self::conflict("list-not-in-force", "The list is not in force"),
            E::RolloutNameTaken(_) => Self::conflict("rollout-name-taken", "The name is taken"),
            E::RolloutOver(..) => Self::conflict("rollout-over", "The rollout is over"),
            E::OtherDriver(_) => Self::conflict("rollout-driver", "Somebody else drives rollouts"),
            E::Deposed(_) => Self::conflict("rollout-deposed", "Another process has taken over"),
            E::RoutingMoved { .. } => Self::conflict("routing-moved", "The routing has changed meanwhile"),
            E::IntentOvertaken(_) => Self::conflict("intent-overtaken", "A later decision on the rollout was faster"),
            E::NoChampion => Self::conflict("champion-missing", "Nobody decides yet"),
            E::ReplayInvalid(_) => Self::unprocessable("replay-invalid", "The past cannot be searched like this"),
            E::RiskNeeded { .. } => Self::conflict("risk-needed", "The filter must name an open risk"),
            E::ReplayNeeded(_) => Self::conflict("replay-needed", "The version must be replayed first"),
            E::OthersWord { .. } => Self::forbidden("others-word", "The word is somebody else's"),
            E::OfficeForbidden(_) => Self::forbidden("office-forbidden", "The token does not cover this office"),
            E::TrainingInvalid(_) => Self::unprocessable("training-invalid", "The training cannot be run"),
            E::Import(ref refused) => {
                return Self::unprocessable("model-refused", "The model is not taken over")
                    .with_detail(detail)
                    .with_error("", refused.kind(), refused.to_string());
            }
            E::Source(ref source) if source.is_transient() => return Self::overloaded(5),
            E::Store(ref store) if store.is_transient() => return Self::overloaded(1),
            E::Source(_) | E::Store(_) | E::Unreadable(_) | E::Training(_) => return Self::internal(&error),
        };
        problem.with_detail(detail)
    }
}
