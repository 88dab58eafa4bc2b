//! What people say to a rollout. Who they are is vouched for by whoever took the approval: the API server, or the token.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{spec::Spec, status::Status};

/// What an approval is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// To leave a step that asks for approval, or whose gates are inconclusive.
    #[default]
    Step,
    /// To let the share rise again after it was throttled.
    Resume,
    /// To promote without waiting for evidence; takes two people.
    Emergency,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Go on.
    #[default]
    Approve,
    /// Go back.
    Deny,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Who.
    pub approver: String,
    /// Yes or no.
    #[serde(default)]
    pub decision: Decision,
    /// What for.
    #[serde(default)]
    pub purpose: Purpose,
    /// The step that it is for.
    pub step: u32,
    /// The attempt that it is for: one from before a retry counts no more.
    #[serde(default)]
    pub run: u32,
    /// When it was given.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub at: Timestamp,
    /// Until when it counts.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub expires_at: Timestamp,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Distinct people other than the requester whose word for `purpose` counts now and was given since the step was
/// entered; a later word of one replaces an earlier.
pub fn voices<'a>(
    spec: &Spec,
    status: &Status,
    approvals: &'a [Approval],
    purpose: Purpose,
    now: Timestamp,
) -> Vec<&'a Approval> {
    let mut counted: Vec<&Approval> = Vec::new();
    let valid = approvals.iter().filter(|approval| {
        approval.purpose == purpose
            && approval.run == status.run
            && (approval.step == status.step || purpose == Purpose::Emergency)
            && approval.approver != spec.requested_by
            && !approval.approver.is_empty()
            && approval.at <= now
            && now < approval.expires_at
    });
    for approval in valid {
        match counted.iter_mut().find(|held| held.approver == approval.approver) {
            Some(held) if held.at <= approval.at => *held = approval,
            Some(_) => {}
            None => counted.push(approval),
        }
    }
    counted
}
