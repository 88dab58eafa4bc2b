//! Declarations: lodging, status, and the feed of channels.

use customs::{Channel, Declaration, DeclarationId, Extent, Method, NewResult, Note, OfficeCode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{Client, ClientError, Problem};

/// What became of a declaration that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReceiptStatus {
    /// Stored now.
    Accepted,
    /// Stored before, with the same content.
    Known,
    /// Not stored.
    Refused,
}

/// The answer to a declaration or an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The declaration.
    pub id: DeclarationId,
    /// Accepted or known.
    pub status: ReceiptStatus,
    /// The version that was sent.
    pub version: u32,
    /// BLAKE3 of its canonical content, hexadecimal.
    pub digest: String,
    /// What is wrong with it.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// The answer to one line of a bulk request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkReceipt {
    /// Number of the line, from 1.
    pub line: u64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// The declaration; none when refused.
    #[serde(default)]
    pub id: Option<DeclarationId>,
    /// Its version.
    #[serde(default)]
    pub version: Option<u32>,
    /// BLAKE3 of its canonical content, hexadecimal.
    #[serde(default)]
    pub digest: Option<String>,
    /// What is wrong with it.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Why it was refused.
    #[serde(default)]
    pub problem: Option<Problem>,
}

/// A control that was ordered: what a customs system must arrange, never why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// How.
    pub method: Method,
    /// How much.
    pub extent: Extent,
}

/// Where a declaration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeclarationState {
    /// In force.
    Lodged,
    /// The goods may leave.
    Released,
    /// Withdrawn.
    Cancelled,
}

/// A declaration as its customs system sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationStatus {
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
    #[serde(default)]
    pub channel: Option<Channel>,
    /// The version it was told for.
    #[serde(default)]
    pub channel_version: Option<u32>,
    /// Controls that were ordered with it.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// The moment as of which it was decided: that of acceptance, where the declaration was lodged within a day of it.
    #[serde(default)]
    pub decided_at: Option<Timestamp>,
    /// Whether it is the fail-safe, because no decision came in time.
    #[serde(default)]
    pub fail_safe: bool,
    /// Why the channel is what was told: `selection`, `failSafe`, `escalation`, `extraordinary`; none while undecided.
    #[serde(default)]
    pub reason: Option<String>,
    /// How controls are ordered that have no result yet.
    #[serde(default)]
    pub open_controls: Vec<Method>,
    /// When the goods arrived.
    #[serde(default)]
    pub arrived_at: Option<Timestamp>,
    /// When the goods were presented.
    #[serde(default)]
    pub presented_at: Option<Timestamp>,
    /// When the goods were released.
    #[serde(default)]
    pub released_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
}

/// One entry of the feed of channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelEntry {
    /// Its place in the feed.
    pub cursor: u64,
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
    #[serde(default)]
    pub orders: Vec<Order>,
    /// The moment as of which it was decided: that of acceptance, where the declaration was lodged within a day of it.
    pub decided_at: Timestamp,
    /// Whether it is the fail-safe.
    #[serde(default)]
    pub fail_safe: bool,
    /// Why: `selection`, `failSafe`, `escalation` or `extraordinary`.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelPage {
    /// The entries, in the order of the feed.
    pub items: Vec<ChannelEntry>,
    /// Ask after this next time, also when nothing came.
    pub next: u64,
}

/// A control of the past with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastControl {
    /// How it was examined.
    pub method: Method,
    /// When.
    pub examined_at: Timestamp,
    /// What was established.
    pub result: NewResult,
}

/// A declaration of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastDeclaration {
    /// What was lodged.
    pub declaration: Declaration,
    /// How it was examined, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<PastControl>,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Identifier.
    pub id: Uuid,
    /// Declarations that the person was taken out of.
    pub erased: u64,
    /// Declarations that have to come to rest first.
    pub under_way: u64,
    /// When nothing was left to do (process time, Unix milliseconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at_ms: Option<i64>,
}

impl Client {
    /// Lodges a declaration; `strict` refuses it with any note.
    pub async fn lodge(&self, declaration: &Declaration, strict: bool) -> Result<Receipt, ClientError> {
        self.post("/v1/declarations", &[("strict", strict.then(|| "true".to_owned()))], declaration).await
    }

    /// Lodges many, one JSON text per line, streamed both ways; answers come in the order of the lines.
    pub async fn lodge_bulk<L: AsRef<[u8]>>(
        &self,
        lines: impl IntoIterator<Item = L, IntoIter: Send + 'static>,
        on_receipt: impl FnMut(BulkReceipt),
    ) -> Result<u64, ClientError> {
        self.exchange("/v1/declarations/bulk", &[], lines, on_receipt).await
    }

    /// Records declarations of the past ([`PastDeclaration`] per line), streamed both ways.
    pub async fn record_history<L: AsRef<[u8]>>(
        &self,
        lines: impl IntoIterator<Item = L, IntoIter: Send + 'static>,
        on_receipt: impl FnMut(BulkReceipt),
    ) -> Result<u64, ClientError> {
        self.exchange("/v1/history", &[], lines, on_receipt).await
    }

    /// Where a declaration stands; waits up to `wait_ms` for its channel.
    pub async fn declaration(&self, id: DeclarationId, wait_ms: Option<u64>) -> Result<DeclarationStatus, ClientError> {
        self.get(&format!("/v1/declarations/{id}"), &[("waitMs", wait_ms.map(|wait| wait.to_string()))]).await
    }

    /// The feed of channels after `after` (0: from the start); waits up to `wait_ms` for the first entry.
    pub async fn channels(
        &self,
        after: u64,
        wait_ms: Option<u64>,
        limit: Option<u32>,
    ) -> Result<ChannelPage, ClientError> {
        let query = [
            ("after", Some(after.to_string())),
            ("waitMs", wait_ms.map(|wait| wait.to_string())),
            ("limit", limit.map(|limit| limit.to_string())),
        ];
        self.get("/v1/channels", &query).await
    }

    /// Replaces a declaration by a new version.
    pub async fn amend(&self, id: DeclarationId, declaration: &Declaration) -> Result<Receipt, ClientError> {
        self.post(&format!("/v1/declarations/{id}/amendments"), &[], declaration).await
    }

    /// Has a person taken out of everything. Asked again before it is done, it is the same erasure.
    pub async fn erase(&self, person: &str) -> Result<Erasure, ClientError> {
        self.post("/v1/erasures", &[], &json!({ "person": person })).await
    }

    /// How far an erasure has come.
    pub async fn erasure(&self, id: Uuid) -> Result<Erasure, ClientError> {
        self.get(&format!("/v1/erasures/{id}"), &[]).await
    }

    /// Withdraws a declaration.
    pub async fn cancel(&self, id: DeclarationId, reason: &str) -> Result<DeclarationStatus, ClientError> {
        self.post(&format!("/v1/declarations/{id}/cancellation"), &[], &json!({ "reason": reason })).await
    }
}
