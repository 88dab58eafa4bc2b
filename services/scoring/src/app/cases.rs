//! Where past cases come from: the feature store hears results, scoring does not.

use async_trait::async_trait;
use clients::{Client, ClientError};
use customs::{DeclarationId, Timestamp};
use explanation::ItemCases;
use lifecycle::Secret;

/// Cases that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The feature store does not answer, or refuses.
    #[error("the feature store does not tell past cases")]
    Client(#[from] ClientError),
    /// It answers something else.
    #[error("the feature store tells past cases in another shape")]
    Shape(#[from] serde_json::Error),
}

/// What is asked of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseQuestion {
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub version: u32,
    /// Goods items, by sequence.
    pub items: Vec<u32>,
    /// Known before this moment.
    pub before: Timestamp,
    /// Similar cases per item.
    pub most: u32,
}

/// Tells what the past says of items.
#[async_trait]
pub trait CaseSource: Send + Sync {
    /// What was known of goods like these before a moment.
    async fn similar(&self, question: &CaseQuestion) -> Result<Vec<ItemCases>, CaseError>;
}

/// Asks the feature store over HTTP.
#[derive(Debug)]
pub struct HttpCaseSource {
    client: Client,
}

impl HttpCaseSource {
    /// Asks the feature store at `url` with `token`.
    pub fn new(url: &str, token: &Secret) -> Result<Self, CaseError> {
        Ok(Self { client: Client::new(url, token.expose())? })
    }
}

#[async_trait]
impl CaseSource for HttpCaseSource {
    async fn similar(&self, question: &CaseQuestion) -> Result<Vec<ItemCases>, CaseError> {
        let CaseQuestion { declaration, version, items, before, most } = question;
        let mut answer = self.client.similar_cases((*declaration, *version), items, *before, *most).await?;
        Ok(serde_json::from_value(answer["items"].take())?)
    }
}
