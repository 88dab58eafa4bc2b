//! What happens to the goods: arrival, presentation, release.

use customs::{DeclarationId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Client, ClientError, DeclarationStatus, Problem, ReceiptStatus};

/// What happened, one line of a bulk request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum MovementLine {
    /// To the goods of one declaration.
    Declaration {
        /// Which.
        declaration: DeclarationId,
        /// `arrived`, `presented` or `released`.
        movement: String,
        /// When (domain time).
        at: Timestamp,
    },
    /// A means of transport arrived, with the goods of all declarations that name it and its voyage.
    MeansOfTransport {
        /// Its identifier.
        means_of_transport: String,
        /// Its voyage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voyage: Option<String>,
        /// When (domain time).
        at: Timestamp,
    },
}

/// The answer to one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MovementReceipt {
    /// Number of the line, from 1.
    pub line: u64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// How many declarations it moved.
    #[serde(default)]
    pub declarations: u64,
    /// Why it was refused.
    #[serde(default)]
    pub problem: Option<Problem>,
}

impl Client {
    /// The goods arrived.
    pub async fn arrive(&self, id: DeclarationId, at: Timestamp) -> Result<DeclarationStatus, ClientError> {
        self.movement(id, "arrival", at).await
    }

    /// The goods were presented for examination.
    pub async fn present(&self, id: DeclarationId, at: Timestamp) -> Result<DeclarationStatus, ClientError> {
        self.movement(id, "presentation", at).await
    }

    /// The goods may leave.
    pub async fn release(&self, id: DeclarationId, at: Timestamp) -> Result<DeclarationStatus, ClientError> {
        self.movement(id, "release", at).await
    }

    async fn movement(&self, id: DeclarationId, what: &str, at: Timestamp) -> Result<DeclarationStatus, ClientError> {
        self.post(&format!("/v1/declarations/{id}/{what}"), &[], &json!({ "at": at })).await
    }

    /// Many movements, one [`MovementLine`] a line, streamed both ways.
    pub async fn move_bulk<L: AsRef<[u8]>>(
        &self,
        lines: impl IntoIterator<Item = L, IntoIter: Send + 'static>,
        on_receipt: impl FnMut(MovementReceipt),
    ) -> Result<u64, ClientError> {
        self.exchange("/v1/movements/bulk", &[], lines, on_receipt).await
    }
}
