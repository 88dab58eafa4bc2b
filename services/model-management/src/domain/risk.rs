//! The risk register: what may go wrong at the border, how likely and how bad, and who answers for its treatment.

use customs::{Direction, FindingKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Fault;

/// How likely a risk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Likelihood {
    /// Hardly ever.
    Rare,
    /// Now and then.
    Unlikely,
    /// Sometimes.
    Possible,
    /// Often.
    Likely,
    /// Nearly always.
    AlmostCertain,
}

/// How bad it is when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Consequence {
    /// Hardly anybody notices.
    Insignificant,
    /// A little revenue or work.
    Minor,
    /// Noticeable revenue, or a rule that is not kept.
    Moderate,
    /// Much revenue, or harm to a market.
    Major,
    /// Harm to people, or to the state.
    Severe,
}

/// A risk as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "R-017", "title": "Undervalued textiles",
    "description": "Knitwear declared below the price of its cotton, by importers without a history",
    "likelihood": "likely", "consequence": "major", "owner": "textiles desk",
    "treatment": "Filters on unit value; price list of the sector; post-clearance audits of the largest importers",
    "findingKinds": ["undervaluation"], "direction": "in",
    "identifiedAt": "2026-01-01T05:00:00Z", "reviewAt": "2026-07-01T05:00:00Z"
}))]
pub struct NewRisk {
    /// Short code, unique: capitals, digits and hyphens.
    #[schema(example = "R-017")]
    pub code: String,
    /// In a few words.
    pub title: String,
    /// What may happen, how and by whom.
    pub description: String,
    /// How likely it is.
    pub likelihood: Likelihood,
    /// How bad it is.
    pub consequence: Consequence,
    /// Who answers for its treatment.
    pub owner: String,
    /// What is done about it.
    pub treatment: String,
    /// What controls establish when it happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finding_kinds: Vec<FindingKind>,
    /// Which way the goods go; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// When it was identified.
    pub identified_at: Timestamp,
    /// When it is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_at: Option<Timestamp>,
}

impl NewRisk {
    /// Every fault, or that there is none.
    pub fn validate(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if !is_code(&self.code) {
            faults.push(Fault::new("/code", "malformed-code", "a code has 1 to 40 capitals, digits and hyphens"));
        }
        for (pointer, text) in [
            ("/title", &self.title),
            ("/description", &self.description),
            ("/owner", &self.owner),
            ("/treatment", &self.treatment),
        ] {
            if text.trim().is_empty() {
                faults.push(Fault::new(pointer, "empty", "a risk without it cannot be managed"));
            }
        }
        if self.review_at.is_some_and(|review| review <= self.identified_at) {
            faults.push(Fault::new("/reviewAt", "out-of-range", "a risk is looked at again after it was identified"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Likelihood times consequence, 1 to 25.
    pub fn rating(&self) -> u32 {
        (self.likelihood as u32 + 1) * (self.consequence as u32 + 1)
    }
}

/// Whether `code` can be that of a filter or a risk.
pub fn is_code(code: &str) -> bool {
    let well_formed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    !code.is_empty() && code.len() <= 40 && code.bytes().all(well_formed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_risk_is_told_with_its_pointer() {
        let at = Timestamp::from_second(1_767_225_600).unwrap();
        let mut risk = NewRisk {
            code: "R-1".to_owned(),
            title: "Undervalued textiles".to_owned(),
            description: "Knitwear below the price of cotton".to_owned(),
            likelihood: Likelihood::Likely,
            consequence: Consequence::Major,
            owner: "textiles desk".to_owned(),
            treatment: "Filters".to_owned(),
            finding_kinds: vec![FindingKind::Undervaluation],
            direction: None,
            identified_at: at,
            review_at: None,
        };
        assert_eq!((risk.validate(), risk.rating()), (Ok(()), 16));
        risk.code = "coverage".to_owned();
        risk.owner = " ".to_owned();
        risk.review_at = Some(at);
        let pointers: Vec<String> = risk.validate().unwrap_err().into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/code", "/owner", "/reviewAt"]);
    }
}
