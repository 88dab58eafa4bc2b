//! Cases: examined items with standing findings, by hashes of what they are, never by name.

use customs::{ControlId, DeclarationId, Finding, FindingKind, Measure, Method, ResultStage, Timestamp};
use features::{ItemOutline, Outline};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use serde::{Deserialize, Serialize};

/// What an item is like, in the hashes of the feature log. Zero is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Direction: in, out, transit are 0, 1, 2.
    pub way: u8,
    /// HS chapter.
    pub hs2: u64,
    /// HS heading.
    pub hs4: u64,
    /// HS subheading.
    pub hs6: u64,
    /// Origin.
    pub origin: u64,
    /// Country of departure or destination.
    pub route: u64,
    /// Taxes with rates and preferences.
    pub taxes: u64,
    /// Importer or exporter.
    pub trader: u64,
    /// Currency of the value.
    pub currency: u64,
    /// Binary logarithm of the value per kilogram in 1/65,536.
    pub unit_value: Option<i32>,
}

impl Profile {
    /// The profile of an item.
    pub fn of(outline: &Outline, item: &ItemOutline) -> Self {
        Self {
            way: outline.direction,
            hs2: item.hs2.0,
            hs4: item.hs4.0,
            hs6: item.hs6.0,
            origin: item.origin.0,
            route: item.route.0,
            taxes: item.taxes.0,
            trader: outline.trader.0,
            currency: item.currency.0,
            unit_value: item.unit_value,
        }
    }

    /// The profile of goods that belong to no declared item.
    pub fn undeclared(outline: &Outline) -> Self {
        Self { way: outline.direction, trader: outline.trader.0, ..Self::default() }
    }
}

/// A finding against the trader, as far as others can learn from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseFinding {
    /// Its kind.
    pub kind: FindingKind,
    /// The declared field it contradicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Additional duty of all taxes together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<f64>,
    /// Currency of the duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl CaseFinding {
    /// What others can learn from `finding`; nothing from one in the trader's favour. Duty in more than one currency is
    /// left out.
    pub fn of(finding: &Finding) -> Option<Self> {
        if finding.in_traders_favour {
            return None;
        }
        let mut duties = finding.measures.iter().filter_map(|measure| match measure {
            Measure::AdditionalDuty { amount, .. } => Some(amount),
            _ => None,
        });
        let mut duty = duties.next().map(|first| (first.amount.to_f64().unwrap_or(0.0), first.currency.clone()));
        for amount in duties {
            duty = duty
                .filter(|(_, currency)| *currency == amount.currency)
                .map(|(sum, currency)| (sum + amount.amount.to_f64().unwrap_or(0.0), currency));
        }
        let (duty, currency) = duty.map_or((None, None), |(sum, currency)| (Some(sum), Some(currency.0)));
        let (field, declared, found) = (finding.field.clone(), finding.declared.clone(), finding.found.clone());
        Some(Self { kind: finding.kind, field, declared, found, duty, currency })
    }

    /// Binary logarithm of found over declared, where both are amounts above zero.
    pub fn uplift(&self) -> Option<f64> {
        if !matches!(self.kind, FindingKind::Undervaluation | FindingKind::Quantity) {
            return None;
        }
        let amount = |text: &Option<String>| {
            text.as_deref()?.trim().parse::<f64>().ok().filter(|amount| *amount > 0.0 && amount.is_finite())
        };
        Some((amount(&self.found)? / amount(&self.declared)?).log2()).filter(|uplift| uplift.is_finite())
    }

    /// The code it was corrected to, where it corrects a code.
    pub fn corrected_code(&self) -> Option<&str> {
        let corrects = matches!(
            (self.kind, self.field.as_deref()),
            (FindingKind::Misclassification, Some("commodityCode")) | (FindingKind::Origin, Some("originCountry"))
        );
        self.found.as_deref().map(str::trim).filter(|code| corrects && !code.is_empty())
    }
}

/// An examined item with standing findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The control that established it.
    pub control: ControlId,
    /// Goods item; 0 for goods that belong to none.
    pub item: u32,
    /// The declaration.
    pub declaration: DeclarationId,
    /// When the record learned of it.
    pub known_at: Timestamp,
    /// Where its result stands.
    pub stage: ResultStage,
    /// How it was examined.
    pub method: Method,
    /// What the item is like.
    pub profile: Profile,
    /// Declared value, in the declared currency.
    pub declared_value: Option<f64>,
    /// The findings.
    pub findings: Vec<CaseFinding>,
}

impl Case {
    /// Kinds of its findings, each once, in the order of the taxonomy.
    pub fn kinds(&self) -> Vec<FindingKind> {
        let mut kinds: Vec<FindingKind> = self.findings.iter().map(|finding| finding.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Additional duty of its findings with its currency; none when they have none, or in more than one currency.
    pub fn duty(&self) -> Option<(Decimal, String)> {
        let mut duties = self.findings.iter().filter_map(|finding| Some((finding.duty?, finding.currency.as_deref()?)));
        let (first, currency) = duties.next()?;
        let sum = duties.try_fold(first, |sum, (duty, other)| (other == currency).then_some(sum + duty))?;
        Some((Decimal::from_f64(sum)?.round_dp(2), currency.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use customs::{Money, Nature};

    fn finding(kind: FindingKind, declared: &str, found: &str) -> Finding {
        let duty = |tax: &str, cents, currency| Measure::AdditionalDuty {
            tax: tax.to_owned(),
            amount: Money::new(Decimal::new(cents, 2), currency),
        };
        Finding {
            kind,
            national_code: None,
            field: Some("commodityCode".to_owned()),
            declared: Some(declared.to_owned()),
            found: Some(found.to_owned()),
            nature: Nature::Error,
            in_traders_favour: false,
            measures: vec![duty("ADV", 10_050, "USD"), duty("IGV", 950, "USD"), Measure::Immobilisation],
        }
    }

    #[test]
    fn duties_are_added_within_one_currency_only() {
        let mut finding = finding(FindingKind::Misclassification, "1", "2");
        assert_eq!(CaseFinding::of(&finding).unwrap().duty, Some(110.0));
        finding.measures.push(Measure::AdditionalDuty { tax: "ISC".into(), amount: Money::new(Decimal::ONE, "PEN") });
        assert_eq!(CaseFinding::of(&finding).unwrap().duty, None);
        finding.in_traders_favour = true;
        assert_eq!(CaseFinding::of(&finding), None);
    }

    #[test]
    fn codes_are_no_amounts_and_amounts_no_codes() {
        let code = CaseFinding::of(&finding(FindingKind::Misclassification, "8467210000", "8467220000")).unwrap();
        assert_eq!((code.uplift(), code.corrected_code()), (None, Some("8467220000")));
        let value = CaseFinding::of(&finding(FindingKind::Undervaluation, "100.00", "200.00")).unwrap();
        assert_eq!((value.uplift(), value.corrected_code()), (Some(1.0), None));
        let words = CaseFinding::of(&finding(FindingKind::Quantity, "few", "many")).unwrap();
        assert_eq!(words.uplift(), None);
    }
}
