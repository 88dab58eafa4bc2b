//! What an author writes, and what a filter may be.

use std::collections::BTreeSet;

use customs::{FilterId, OfficeCode};
use jiff::Timestamp;
use risk_filters::{
    CodeKind, Codes, ExpressionError, FilterAction, FilterDefinition, FilterScope, FilterState, Vocabulary,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fault, risk::is_code};

/// How a version came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Provenance {
    /// A person wrote it.
    Written,
    /// A search of the past drafted it. Whoever asked for the search has not written it.
    Mined,
}

/// Who answers for what nobody wrote and nobody was named for.
pub const UNASSIGNED: &str = "unassigned";

/// The longest an emergency order may hold, in hours.
pub const EMERGENCY_HOURS: u32 = 48;

/// A filter as its author writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "UV-TEXTILES",
    "expression": "item.hs4 in ['6109', '6203'] && item.unitValuePerKg < 4.0",
    "area": "value",
    "verify": "Invoice, price list and fabric",
    "owner": "textiles desk",
    "risk": "R-017",
    "action": {"method": "physical", "mandatory": false, "weight": 0.3},
    "samplingShare": 1.0,
    "validFrom": "2026-01-01T05:00:00Z",
    "scope": {"type": "national"}
}))]
pub struct NewFilter {
    /// Short code, unique among filters: capitals, digits and hyphens.
    #[schema(example = "UV-TEXTILES")]
    pub code: String,
    /// The condition, in CEL over the field catalogue.
    pub expression: String,
    /// The area of risk, told to the officer.
    pub area: String,
    /// What the officer is told to verify.
    pub verify: String,
    /// Who answers for it; the author when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What a match orders.
    pub action: FilterAction,
    /// Share of matches it acts on, 0 to 1.
    #[serde(default = "whole")]
    pub sampling_share: f64,
    /// First moment of validity.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Where it holds; everywhere when absent.
    #[serde(default = "everywhere")]
    pub scope: FilterScope,
    /// The entry of the risk register that it covers, by its code. A draft may have none; what leaves its draft names an
    /// open risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-017")]
    pub risk: Option<String>,
}

fn whole() -> f64 {
    1.0
}

fn everywhere() -> FilterScope {
    FilterScope::National
}

/// What is wrong with a new filter: faults of its fields, and mistakes of its expression with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterFaults {
    /// Faults of fields, the expression's among them.
    pub faults: Vec<Fault>,
    /// Mistakes of the expression.
    pub expression: Vec<ExpressionError>,
}

/// Whether `owner` names somebody, if it is given.
pub fn names_owner(owner: Option<&str>) -> bool {
    owner.is_none_or(|owner| !owner.trim().is_empty() && owner.len() <= 200)
}

impl NewFilter {
    /// Every fault; or the kinds of codes that were not checked, because the vocabulary has no table of them.
    pub fn validate(&self, vocabulary: &Vocabulary<'_>) -> Result<BTreeSet<CodeKind>, FilterFaults> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, pointer: &str, code, message: &str| {
            if wrong {
                faults.push(Fault::new(pointer, code, message));
            }
        };
        refuse(!is_code(&self.code), "/code", "malformed-code", "a code has 1 to 40 capitals, digits and hyphens");
        refuse(self.area.trim().is_empty(), "/area", "empty", "officers need to know the area of risk");
        refuse(self.verify.trim().is_empty(), "/verify", "empty", "officers need to know what to verify");
        refuse(
            !names_owner(self.owner.as_deref()),
            "/owner",
            "malformed-owner",
            "an owner has 1 to 200 characters; without one, the author answers for it",
        );
        refuse(
            !(0.0..=1.0).contains(&self.sampling_share),
            "/samplingShare",
            "out-of-range",
            "a share lies between 0 and 1",
        );
        refuse(
            !(0.0..=1_000.0).contains(&self.action.weight),
            "/action/weight",
            "out-of-range",
            "a weight lies between 0 and 1,000",
        );
        refuse(
            self.valid_to.is_some_and(|end| end <= self.valid_from),
            "/validTo",
            "out-of-range",
            "validity ends after it begins",
        );
        refuse(
            matches!(&self.scope, FilterScope::Offices(offices) if offices.is_empty()),
            "/scope/of",
            "empty",
            "name at least one office, or make it national",
        );
        let no_codes = Codes::default();
        let codes = vocabulary.codes.unwrap_or(&no_codes);
        for (place, office) in self.offices().unwrap_or_default().iter().enumerate() {
            if let Err(unknown) = codes.check(CodeKind::Office, office.as_str()) {
                faults.push(Fault::unknown_code(format!("/scope/of/{place}"), &unknown));
            }
        }
        let (checked, expression) = match vocabulary.check(&self.expression) {
            Ok(checked) => (Some(checked), Vec::new()),
            Err(errors) => (None, errors),
        };
        faults.extend(expression.iter().map(|error| {
            let message = match &error.suggestion {
                Some(suggestion) => format!("{error}; did you mean {suggestion}?"),
                None => error.to_string(),
            };
            Fault::new("/expression", "expression", message)
        }));
        match checked {
            Some(checked) if faults.is_empty() => {
                let scoped = self.offices().is_some() && codes.lack(CodeKind::Office);
                Ok(checked.unchecked.into_iter().chain(scoped.then_some(CodeKind::Office)).collect())
            }
            _ => Err(FilterFaults { faults, expression }),
        }
    }

    /// The offices it concerns; none for all.
    pub fn offices(&self) -> Option<&[OfficeCode]> {
        match &self.scope {
            FilterScope::National => None,
            FilterScope::Offices(offices) => Some(offices),
        }
    }

    /// The definition as it is distributed. `author`: who wrote it; none when a search drafted it. An emergency order in
    /// force ends the validity at `emergency_until`.
    pub fn define(
        &self,
        id: FilterId,
        version: u32,
        author: Option<&str>,
        state: FilterState,
        emergency_until: Option<Timestamp>,
    ) -> FilterDefinition {
        FilterDefinition {
            id,
            version,
            code: self.code.clone(),
            expression: self.expression.clone(),
            area: self.area.clone(),
            verify: self.verify.clone(),
            owner: self.owner.clone().unwrap_or_else(|| author.unwrap_or(UNASSIGNED).to_owned()),
            action: self.action,
            sampling_share: self.sampling_share,
            valid_from: self.valid_from,
            valid_to: match (self.valid_to, emergency_until) {
                (Some(end), Some(until)) => Some(end.min(until)),
                (end, until) => end.or(until),
            },
            scope: self.scope.clone(),
            state,
            emergency: emergency_until.is_some(),
            risk: self.risk.clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use customs::Method;
    use risk_filters::Catalogue;

    use super::*;

    pub(crate) fn new_filter(code: &str, expression: &str) -> NewFilter {
        NewFilter {
            code: code.to_owned(),
            expression: expression.to_owned(),
            area: "value".to_owned(),
            verify: "Invoice".to_owned(),
            owner: None,
            action: FilterAction { method: Method::Physical, mandatory: false, weight: 0.2 },
            sampling_share: 1.0,
            valid_from: Timestamp::from_second(1_767_225_600).unwrap(),
            valid_to: None,
            scope: FilterScope::National,
            risk: None,
        }
    }

    #[test]
    fn every_fault_of_a_filter_is_told_with_its_pointer() {
        let mut filter = new_filter("lower case", "item.orijin == 'CN'");
        filter.sampling_share = f64::NAN;
        filter.valid_to = Some(filter.valid_from);
        filter.scope = FilterScope::Offices(Vec::new());
        let found = filter.validate(&Vocabulary::from(&Catalogue::standard())).unwrap_err();
        let pointers: Vec<&str> = found.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/code", "/samplingShare", "/validTo", "/scope/of", "/expression"]);
        assert_eq!(found.expression[0].suggestion.as_deref(), Some("item.origin"));
        assert_eq!(
            new_filter("UV-1", "item.origin == 'CN'").validate(&Vocabulary::from(&Catalogue::standard())),
            Ok(BTreeSet::new())
        );
    }

    #[test]
    fn offices_of_a_scope_are_known_and_an_owner_has_a_name() {
        let catalogue = Catalogue::standard();
        let fields = Vocabulary::from(&catalogue);
        let offices = Codes::default().with(CodeKind::Office, ["118", "235"]);
        let mut filter = new_filter("L-1", "item.hs4 == '8703'");
        filter.scope = FilterScope::Offices(vec!["118".into(), "999".into()]);
        filter.owner = Some(" ".to_owned());
        let told = |codes| filter.validate(&Vocabulary { codes: Some(codes), ..fields });
        let faults = told(&offices).unwrap_err().faults;
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((pointers, faults[1].code), (vec!["/owner", "/scope/of/1"], "unknown-code"));

        filter.owner = None;
        let told = |codes| filter.validate(&Vocabulary { codes: Some(codes), ..fields });
        assert_eq!(told(&Codes::default()).unwrap(), [CodeKind::Tariff, CodeKind::Office].into());
    }

    #[test]
    fn an_emergency_order_ends_validity_but_never_extends_it() {
        let mut filter = new_filter("E", "true");
        let until = Timestamp::from_second(1_767_300_000).unwrap();
        let id = FilterId::derive(until, &[b"E"]);
        let defined = filter.define(id, 1, Some("ana"), FilterState::Active, Some(until));
        assert_eq!((defined.valid_to, defined.emergency), (Some(until), true));
        filter.valid_to = Some(Timestamp::from_second(1_767_250_000).unwrap());
        assert_eq!(filter.define(id, 1, Some("ana"), FilterState::Active, Some(until)).valid_to, filter.valid_to);
        assert!(!filter.define(id, 1, None, FilterState::Active, None).emergency);
    }
}
