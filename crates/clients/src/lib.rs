//! Typed clients of our own interfaces, over HTTP.
//!
//! One [`Client`] speaks to one base URL with one token; its methods are grouped by service, one file each. Requests
//! and responses are small structs of their own: a client depends on the contract and on no service. A refusal comes
//! back as [`ClientError::Refused`] with the problem that the service sent.

pub mod client;
pub mod controls;
pub mod error;
pub mod features;
pub mod filters;
pub mod history;
pub mod http;
pub mod intake;
pub mod models;
pub mod movements;
mod ndjson;
pub mod operations;
pub mod reports;
pub mod rollouts;
pub mod scoring;

pub use client::Client;
pub use error::{ClientError, Problem, ProblemError};
pub use history::{HistoryExtent, HistoryFeatures, HistoryItem, HistoryLine, HistoryQuery};
pub use intake::{
    BulkReceipt, ChannelEntry, ChannelPage, DeclarationState, DeclarationStatus, Erasure, Order, PastControl,
    PastDeclaration, Receipt, ReceiptStatus,
};
pub use movements::{MovementLine, MovementReceipt};
pub use operations::{Shard, StreamDepth};
