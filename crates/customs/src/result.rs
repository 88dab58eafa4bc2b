//! Results: what a control established, per item and in versions. A revision replaces, it never adds.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ControlId, Money, ResultId};

/// The common taxonomy of findings; national codes map to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FindingKind {
    /// Value declared too low (or too high).
    Undervaluation,
    /// Wrong tariff code.
    Misclassification,
    /// Wrong origin.
    Origin,
    /// Wrong quantity or mass.
    Quantity,
    /// Goods that were not declared.
    Undeclared,
    /// Goods that may not move.
    Prohibited,
    /// Goods that need a permit they do not have.
    Restricted,
    /// Counterfeit or pirated goods.
    IntellectualProperty,
    /// Documents missing, false or contradictory.
    Documents,
    /// Narcotics and precursors.
    Drugs,
    /// Smuggled goods.
    Contraband,
    /// A danger to people.
    Security,
    /// Anything else.
    Other,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Undervaluation,
        Self::Misclassification,
        Self::Origin,
        Self::Quantity,
        Self::Undeclared,
        Self::Prohibited,
        Self::Restricted,
        Self::IntellectualProperty,
        Self::Documents,
        Self::Drugs,
        Self::Contraband,
        Self::Security,
        Self::Other,
    ];

    /// A finding that weighs beyond its duty: it harms people or the law as such.
    pub fn is_critical(self) -> bool {
        matches!(self, Self::Prohibited | Self::Drugs | Self::Contraband | Self::Security)
    }
}

/// Error or suspected fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Nature {
    /// An error.
    Error,
    /// Suspected fraud.
    SuspectedFraud,
}

/// What customs did about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "type", try_from = "MeasureMembers")]
pub enum Measure {
    /// Duty assessed beyond what was declared, per tax; negative when in the trader's favour.
    #[serde(rename_all = "camelCase")]
    AdditionalDuty {
        /// National code of the tax.
        tax: String,
        /// Assessed − declared.
        amount: Money,
    },
    /// A fine.
    #[serde(rename_all = "camelCase")]
    Fine {
        /// The fine.
        amount: Money,
    },
    /// The goods may not move for now.
    Immobilisation,
    /// The goods were seized.
    #[serde(rename_all = "camelCase")]
    Seizure {
        /// How much.
        quantity: Decimal,
        /// Of what unit, UNECE Recommendation 20.
        unit: String,
        /// What it is worth.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Money>,
    },
    /// Handed to another authority.
    #[serde(rename_all = "camelCase")]
    Referral {
        /// To whom.
        to: String,
    },
}

/// What a measure may hold on the wire. Read as one object, so that a reader can tell the place of what is wrong in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeasureMembers {
    #[serde(rename = "type")]
    kind: MeasureKind,
    #[serde(default)]
    tax: Option<String>,
    #[serde(default)]
    amount: Option<Money>,
    #[serde(default)]
    quantity: Option<Decimal>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    value: Option<Money>,
    #[serde(default)]
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum MeasureKind {
    AdditionalDuty,
    Fine,
    Immobilisation,
    Seizure,
    Referral,
}

impl TryFrom<MeasureMembers> for Measure {
    type Error = String;

    fn try_from(members: MeasureMembers) -> Result<Self, String> {
        let needs = |name: &str| format!("this measure needs {name:?}");
        let MeasureMembers { kind, tax, amount, quantity, unit, value, to } = members;
        Ok(match kind {
            MeasureKind::AdditionalDuty => Self::AdditionalDuty {
                tax: tax.ok_or_else(|| needs("tax"))?,
                amount: amount.ok_or_else(|| needs("amount"))?,
            },
            MeasureKind::Fine => Self::Fine { amount: amount.ok_or_else(|| needs("amount"))? },
            MeasureKind::Immobilisation => Self::Immobilisation,
            MeasureKind::Seizure => Self::Seizure {
                quantity: quantity.ok_or_else(|| needs("quantity"))?,
                unit: unit.ok_or_else(|| needs("unit"))?,
                value,
            },
            MeasureKind::Referral => Self::Referral { to: to.ok_or_else(|| needs("to"))? },
        })
    }
}

/// A discrepancy that a control established.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// In the common taxonomy.
    pub kind: FindingKind,
    /// The national code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_code: Option<String>,
    /// The declared field it contradicts, by its JSON name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Error or suspected fraud.
    pub nature: Nature,
    /// To the trader's disadvantage unless this says so.
    #[serde(default)]
    pub in_traders_favour: bool,
    /// What was done about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
}

/// What was established about one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ItemOutcome {
    /// Examined, as declared.
    Conform,
    /// Examined, with at least one finding.
    Finding,
    /// Not examined: never a label.
    NotExamined,
}

/// The result for one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemResult {
    /// The goods item's sequence; 0 for what belongs to no declared item.
    pub sequence: u32,
    /// Conform, finding or not examined.
    pub outcome: ItemOutcome,
    /// The findings; not empty exactly when the outcome is `finding`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Where a version of a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResultStage {
    /// May still change.
    Preliminary,
    /// The officer's last word.
    Final,
    /// The trader appealed.
    Appealed,
    /// Upheld on appeal.
    Confirmed,
    /// Struck down on appeal: its findings no longer stand.
    Annulled,
}

/// What the officer who examined thinks of the targeting: whether there was reason to look where the order said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum TargetingVerdict {
    /// There was.
    Justified,
    /// It cannot be said.
    Unclear,
    /// There was not.
    Unjustified,
}

/// What an officer reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewResult {
    /// Version of the result, from 1; a higher version replaces the lower ones.
    pub version: u32,
    /// Where this version stands.
    pub stage: ResultStage,
    /// When the examination took place; RFC 3339 with offset.
    #[serde(deserialize_with = "crate::rfc3339::deserialize")]
    pub examined_at: Timestamp,
    /// When this was established; RFC 3339 with offset.
    #[serde(deserialize_with = "crate::rfc3339::deserialize")]
    pub established_at: Timestamp,
    /// Per item.
    pub items: Vec<ItemResult>,
    /// The examiner's remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// Whether there was reason to look where the order said, whatever was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting: Option<TargetingVerdict>,
}

/// One version of a result in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultVersion {
    /// Shared by all versions.
    pub id: ResultId,
    /// The control it belongs to.
    pub control: ControlId,
    /// When the record learned of it (domain time): labels are *as known at*.
    pub known_at: Timestamp,
    /// What was reported.
    #[serde(flatten)]
    pub result: NewResult,
}

impl NewResult {
    /// Whether any standing finding is against the trader. A struck-down result has none.
    pub fn has_finding(&self) -> bool {
        self.stage != ResultStage::Annulled && self.items.iter().any(|item| item.outcome == ItemOutcome::Finding)
    }

    /// The standing findings with the item they belong to.
    pub fn findings(&self) -> impl Iterator<Item = (u32, &Finding)> {
        self.items
            .iter()
            .filter(|_| self.stage != ResultStage::Annulled)
            .flat_map(|item| item.findings.iter().map(move |finding| (item.sequence, finding)))
    }
}

/// What a scanner image showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScanVerdict {
    /// As declared.
    Conforming,
    /// Something does not fit.
    Suspicious,
    /// The image does not tell.
    NotConclusive,
}
