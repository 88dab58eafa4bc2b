//! What the past says of an item, as services tell each other and their readers.

use customs::{ControlId, Currency, DeclarationId, FindingKind, Method, Money, ResultStage, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::known::Known;
use crate::similarity::{Aspect, SimilarCase};

/// What the past says of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemCases {
    /// The item, by sequence.
    pub item: u32,
    /// What the recorded cases say, each at the narrowest level at which it is like the item.
    pub known: Known,
    /// The cases most like it, most similar first.
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
    /// How like the item it is, 0 to 1: chapter 0.10, heading 0.15, subheading 0.15, origin 0.15, route 0.05, taxes
    /// 0.10, trader 0.15, and 0.15 for the same unit value, halved for every octave between them.
    pub similarity: f64,
    /// What the two share.
    pub shared: Vec<Aspect>,
}

impl From<SimilarCase<'_>> for PastCase {
    fn from(similar: SimilarCase<'_>) -> Self {
        let SimilarCase { case, similarity, shared } = similar;
        let additional_duty = case.duty().map(|(amount, currency)| Money { amount, currency: Currency(currency) });
        Self {
            declaration: case.declaration,
            item: case.item,
            known_at: case.known_at,
            control: case.control,
            method: case.method,
            stage: case.stage,
            kinds: case.kinds(),
            additional_duty,
            similarity,
            shared,
        }
    }
}
