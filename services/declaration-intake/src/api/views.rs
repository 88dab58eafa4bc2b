//! What the routes answer.

use std::collections::BTreeSet;

use customs::{Channel, DeclarationId, Method, Note, OfficeCode, Timestamp};
use rest::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Acceptance, Outcome};
use crate::domain::lodgement::Lodgement;
use crate::domain::telling::{Order, Reason};
use crate::error::IntakeError;
use crate::store::entity::{channel_feed, declaration};
use crate::store::{channel, reason, time};

/// What became of something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReceiptStatus {
    /// Stored now.
    Accepted,
    /// Stored before, with the same content.
    Known,
    /// Not stored.
    Refused,
}

impl From<&Outcome> for ReceiptStatus {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Stored => Self::Accepted,
            Outcome::Known => Self::Known,
            Outcome::Different(_) | Outcome::Erased => Self::Refused,
        }
    }
}

/// The answer to a declaration or an amendment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptView {
    /// The declaration.
    pub id: DeclarationId,
    /// Accepted or known.
    pub status: ReceiptStatus,
    /// The version that was sent.
    pub version: u32,
    /// BLAKE3 of its canonical content, hexadecimal.
    pub digest: String,
    /// What is wrong with it.
    pub notes: Vec<Note>,
}

impl ReceiptView {
    pub(crate) fn new(acceptance: &Acceptance, lodgement: Lodgement) -> Self {
        Self {
            id: acceptance.id,
            status: ReceiptStatus::from(&acceptance.outcome),
            version: acceptance.version,
            digest: lodgement.digest,
            notes: acceptance.notes.clone().unwrap_or(lodgement.notes),
        }
    }
}

/// The answer to one line of a bulk request.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkReceiptView {
    /// Number of the line, from 1.
    pub line: u64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// The declaration; none when refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<DeclarationId>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// BLAKE3 of its canonical content, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl BulkReceiptView {
    pub(crate) fn refused(line: u64, problem: Problem) -> Self {
        Self {
            line,
            status: ReceiptStatus::Refused,
            id: None,
            version: None,
            digest: None,
            notes: Vec::new(),
            problem: Some(problem),
        }
    }

    pub(crate) fn new(line: u64, acceptance: &Acceptance, lodgement: Lodgement) -> Self {
        if let Some(problem) = acceptance.conflict(&lodgement.digest) {
            return Self::refused(line, problem);
        }
        Self {
            line,
            status: ReceiptStatus::from(&acceptance.outcome),
            id: Some(acceptance.id),
            version: Some(acceptance.version),
            digest: Some(lodgement.digest),
            notes: acceptance.notes.clone().unwrap_or(lodgement.notes),
            problem: None,
        }
    }
}

/// The answer to one line of movements.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MovementReceiptView {
    /// Number of the line, from 1.
    pub line: u64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// How many declarations it moved.
    pub declarations: u64,
    /// Of a release: how controls are ordered that have no result yet. It is recorded all the same.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub open_controls: BTreeSet<Method>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Where a declaration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeclarationState {
    /// In force.
    Lodged,
    /// The goods may leave.
    Released,
    /// Withdrawn.
    Cancelled,
}

/// A declaration as its customs system sees it: the channel and the orders, never the reasons.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationView {
    /// The declaration.
    pub id: DeclarationId,
    /// Who lodged it.
    pub declarant: String,
    /// The declarant's reference.
    pub reference: String,
    /// The version in force.
    pub version: u32,
    /// The office.
    pub office: OfficeCode,
    /// Where it stands.
    pub state: DeclarationState,
    /// When the version in force was accepted.
    pub accepted_at: Timestamp,
    /// The channel that was told; none while undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The version it was told for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_version: Option<u32>,
    /// Controls that were ordered with it.
    pub orders: Vec<Order>,
    /// The moment as of which it was decided: that of acceptance, where the declaration was lodged within a day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Whether it is the fail-safe, because no decision came in time.
    pub fail_safe: bool,
    /// Why the channel is what was told; none while undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How controls are ordered that have no result yet. Aforo holds no goods: whoever releases them sees this.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub open_controls: BTreeSet<Method>,
    /// When the goods arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Timestamp>,
    /// When the goods were presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presented_at: Option<Timestamp>,
    /// When the goods were released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
}

impl DeclarationView {
    /// The view of a row with the methods of its open controls.
    pub(crate) fn new(model: declaration::Model, open_controls: BTreeSet<Method>) -> Result<Self, IntakeError> {
        Ok(Self {
            id: DeclarationId(model.id),
            declarant: model.declarant,
            reference: model.reference,
            version: model.version,
            office: OfficeCode(model.office),
            state: match model.state.as_str() {
                "released" => DeclarationState::Released,
                "cancelled" => DeclarationState::Cancelled,
                _ => DeclarationState::Lodged,
            },
            accepted_at: time(model.accepted_at)?,
            channel: model.channel.as_deref().map(channel).transpose()?,
            channel_version: model.channel_version,
            orders: orders(model.orders.as_deref().unwrap_or("[]"))?,
            decided_at: model.decided_at.map(time).transpose()?,
            fail_safe: model.fail_safe,
            reason: model.reason.as_deref().map(reason).transpose()?,
            open_controls,
            arrived_at: model.arrived_at.map(time).transpose()?,
            presented_at: model.presented_at.map(time).transpose()?,
            released_at: model.released_at.map(time).transpose()?,
            cancelled_at: model.cancelled_at.map(time).transpose()?,
        })
    }
}

/// One entry of the feed: a channel that was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelEntryView {
    /// Its place in the feed.
    pub cursor: i64,
    /// The declaration.
    pub declaration: DeclarationId,
    /// Who lodged it.
    pub declarant: String,
    /// The declarant's reference.
    pub reference: String,
    /// The version that was decided.
    pub version: u32,
    /// The office.
    pub office: OfficeCode,
    /// The channel.
    pub channel: Channel,
    /// Controls ordered with it.
    pub orders: Vec<Order>,
    /// The moment as of which it was decided: that of acceptance, where the declaration was lodged within a day of it.
    pub decided_at: Timestamp,
    /// Whether it is the fail-safe, because no decision came in time.
    pub fail_safe: bool,
    /// Why: selected so, no decision in time, or a control beside the selection's.
    pub reason: Reason,
}

impl TryFrom<channel_feed::Model> for ChannelEntryView {
    type Error = IntakeError;

    fn try_from(model: channel_feed::Model) -> Result<Self, IntakeError> {
        Ok(Self {
            cursor: model.cursor,
            declaration: DeclarationId(model.declaration),
            declarant: model.declarant,
            reference: model.reference,
            version: model.version,
            office: OfficeCode(model.office),
            channel: channel(&model.channel)?,
            orders: orders(&model.orders)?,
            decided_at: time(model.decided_at)?,
            fail_safe: model.fail_safe,
            reason: reason(&model.reason)?,
        })
    }
}

/// A part of the feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelPageView {
    /// The entries, in the order of the feed.
    pub items: Vec<ChannelEntryView>,
    /// Ask after this next time, also when nothing came.
    pub next: i64,
}

fn orders(text: &str) -> Result<Vec<Order>, IntakeError> {
    serde_json::from_str(text).map_err(|error| IntakeError::Unreadable(format!("orders: {error}")))
}
