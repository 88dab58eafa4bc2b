//! Where past cases come from: the feature store hears results, scoring does not.

use async_trait::async_trait;
use clients::{Client, ClientError};
use customs::{ControlId, DeclarationId, FindingKind, Method, Money, ResultStage, Timestamp};
use explanation::{Aspect, Known};
use lifecycle::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// What the past says of an item.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct ItemCases {
    /// The item, by sequence.
    pub item: u32,
    /// What all recorded cases say of goods like these.
    pub known: Known,
    /// The cases most like it.
    pub similar: Vec<PastCase>,
}

/// A past case: an examined item with standing findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastCase {
    /// The declaration.
    pub declaration: DeclarationId,
    /// The goods item; 0 for goods that belonged to none.
    pub item: u32,
    /// When the record learned of it.
    pub known_at: Timestamp,
    /// The control that established it.
    pub control: ControlId,
    /// How it was examined.
    pub method: Method,
    /// Where its result stood then.
    pub stage: ResultStage,
    /// What was found.
    pub kinds: Vec<FindingKind>,
    /// Additional duty of these findings, where it is in one currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_duty: Option<Money>,
    /// How like the item it is, 0 to 1.
    pub similarity: f64,
    /// What the two share.
    pub shared: Vec<Aspect>,
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
