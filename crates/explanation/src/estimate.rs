//! Per kind of finding: how probably, what would be right, and what it would bring.

use customs::{FindingKind, Money};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::backoff::{self, STRENGTH, Sum};
use crate::duty::of_value;
use crate::known::{Known, LevelGroup};
use crate::value::{Likely, Typical, Uplift, likely};

/// Kinds below this share of the findings are not told.
const LEAST_SHARE: f64 = 0.005;
/// Codes that are told.
const CODES: usize = 3;
/// Levels from which corrected commodity codes are learned: those of the goods, general ones first.
const COMMODITY_LEVELS: [LevelGroup; 6] = [
    LevelGroup::Chapter,
    LevelGroup::Heading,
    LevelGroup::Subheading,
    LevelGroup::SubheadingOrigin,
    LevelGroup::Tuple,
    LevelGroup::TraderHeading,
];

/// What was declared of an item, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// Commodity code.
    pub commodity_code: String,
    /// Origin.
    pub origin: String,
    /// Value free on board.
    pub value: f64,
    /// Its currency.
    pub currency: String,
    /// Net mass in kilograms, gross where net is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mass_kg: Option<f64>,
    /// Duties and taxes over value, a share.
    pub rate: f64,
    /// Unit values that others declared of such goods, as known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical: Option<Typical>,
}

impl Declared {
    /// Binary logarithm of the value per kilogram.
    pub fn unit_value(&self) -> Option<f64> {
        Some((self.value / self.mass_kg?).log2()).filter(|log| log.is_finite())
    }
}

/// Where an estimate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// Unit values that others declared.
    TypicalValue,
    /// Corrections and duties of recorded findings.
    RecordedFindings,
    /// Both.
    TypicalValueAndRecordedFindings,
}

/// What would be right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikelyValue {
    /// The declared field it concerns.
    pub field: String,
    /// What was declared.
    pub declared: String,
    /// What would be right.
    pub value: String,
    /// Of an amount: one in ten is below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<String>,
    /// Of an amount: one in ten is above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<String>,
    /// Of a code: its share of the corrections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Declared values or recorded corrections it rests on.
    pub support: u32,
    /// Where it comes from.
    pub source: Source,
}

/// What a finding of one kind would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindEstimate {
    /// The kind.
    pub kind: FindingKind,
    /// Its share, given that something is found; absent while no finding is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Probability that examining the item finds it: probability of a finding × share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Recorded findings of this kind at the narrowest level that has any.
    pub findings: u32,
    /// That level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<LevelGroup>,
    /// What would be right, most probable first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likely: Vec<LikelyValue>,
    /// Additional duty if it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_if_found: Option<Money>,
    /// Where that comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_source: Option<Source>,
    /// Expected additional duty: probability × additional duty if it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_duty: Option<Money>,
}

/// Every kind of finding that is worth telling of an item, most probable first. `probability` is that of any finding.
pub fn estimate(item: &Declared, probability: Option<f64>, known: &Known) -> Vec<KindEstimate> {
    let first = [1.0 / FindingKind::ALL.len() as f64; FindingKind::ALL.len()];
    let recorded = known.cases > 0;
    let shares = backoff::shares(first, LevelGroup::ALL.map(|group| known.counts(group)));
    let mut kinds: Vec<KindEstimate> = FindingKind::ALL
        .into_iter()
        .zip(shares)
        .filter(|(kind, share)| {
            let seen = known.levels.iter().any(|level| level.kinds.iter().any(|known| known.kind == *kind));
            if recorded { *share >= LEAST_SHARE && seen } else { *kind == FindingKind::Undervaluation }
        })
        .map(|(kind, share)| of_kind(item, kind, recorded.then_some(share), probability, known))
        .collect();
    kinds.sort_by(|a, b| b.share.unwrap_or(0.0).total_cmp(&a.share.unwrap_or(0.0)).then(a.kind.cmp(&b.kind)));
    // While nothing is recorded, only a value that stands out says anything.
    kinds.retain(|kind| recorded || !kind.likely.is_empty());
    kinds
}

fn of_kind(
    item: &Declared,
    kind: FindingKind,
    share: Option<f64>,
    probability: Option<f64>,
    known: &Known,
) -> KindEstimate {
    let narrowest =
        LevelGroup::ALL.into_iter().rev().find_map(|group| Some((group, known.kind(group, kind)?.findings)));
    let levels = || LevelGroup::ALL.into_iter().filter_map(|group| known.kind(group, kind));
    let uplifts: Vec<Uplift> = levels().map(|level| level.uplift).collect();
    let corrected = Uplift::over(&uplifts);
    let corrections = uplifts.iter().map(|uplift| uplift.count).sum();

    let mut right = Vec::new();
    let mut by_value = None;
    match kind {
        FindingKind::Undervaluation => {
            let typical = item.typical.filter(|typical| typical.count > 0);
            let above = typical.zip(item.unit_value()).map(|(typical, own)| (typical.mean - own, typical.deviation));
            // Nothing is likely of goods that are dear already, unless findings corrected such goods.
            let tells = corrected.is_some() || above.is_some_and(|(above, _)| above > 0.0);
            if let Some(likely) = likely(above, corrected).filter(|_| tells && item.value > 0.0) {
                let source = source(above.is_some(), corrected.is_some());
                let support = typical.map_or(0, |typical| typical.count) + corrections;
                right.push(amount("valuation", item.value, 2, likely, support, source));
                by_value = Some((of_value(item.value, item.rate, likely), source));
            }
        }
        FindingKind::Quantity => {
            if let (Some(likely), Some(mass)) = (likely(None, corrected), item.mass_kg) {
                right.push(amount("netMassKg", mass, 3, likely, corrections, Source::RecordedFindings));
            }
        }
        FindingKind::Misclassification => {
            right = codes("commodityCode", &item.commodity_code, kind, &COMMODITY_LEVELS, known);
        }
        FindingKind::Origin => right = codes("originCountry", &item.origin, kind, &LevelGroup::ALL, known),
        _ => {}
    }
    let ratio = backoff::mean(None, levels().map(|level| Sum { count: level.dutied, sum: level.duty_ratios }));
    let recorded = ratio.map(|ratio| (item.value * ratio, Source::RecordedFindings));
    let duty = by_value.filter(|(duty, _)| *duty > 0.0).or(recorded);
    let probability = probability.zip(share).map(|(probability, share)| probability * share);
    let money = |amount: f64| Decimal::from_f64(amount).map(|amount| Money::new(amount.round_dp(2), &item.currency));
    KindEstimate {
        kind,
        share,
        probability,
        findings: narrowest.map_or(0, |(_, findings)| findings),
        level: narrowest.map(|(group, _)| group),
        likely: right,
        duty_if_found: duty.and_then(|(duty, _)| money(duty)),
        duty_source: duty.map(|(_, source)| source),
        expected_duty: duty.zip(probability).and_then(|((duty, _), probability)| money(duty * probability)),
    }
}

fn source(typical: bool, corrected: bool) -> Source {
    match (typical, corrected) {
        (true, true) => Source::TypicalValueAndRecordedFindings,
        (true, false) => Source::TypicalValue,
        (false, _) => Source::RecordedFindings,
    }
}

fn amount(field: &str, declared: f64, digits: usize, likely: Likely, support: u32, source: Source) -> LikelyValue {
    let told = |ratio: f64| format!("{:.digits$}", declared * ratio);
    LikelyValue {
        field: field.to_owned(),
        declared: told(1.0),
        value: told(likely.ratio),
        lower: Some(told(likely.lower)),
        upper: Some(told(likely.upper)),
        share: None,
        support,
        source,
    }
}

/// The codes that findings corrected goods like these to. The declared code itself is no correction.
fn codes(field: &str, declared: &str, kind: FindingKind, levels: &[LevelGroup], known: &Known) -> Vec<LikelyValue> {
    let mut shares: Vec<(String, f64, u32)> = Vec::new();
    for counts in levels.iter().filter_map(|group| Some(&known.kind(*group, kind)?.codes)) {
        let counts: Vec<&(String, u32)> = counts.iter().filter(|(code, _)| code != declared).collect();
        let total: f64 = counts.iter().map(|(_, count)| f64::from(*count)).sum();
        if total <= 0.0 {
            continue;
        }
        let weight = if shares.is_empty() { 0.0 } else { STRENGTH };
        for (_, share, _) in &mut shares {
            *share *= weight / (total + weight);
        }
        for (code, count) in counts {
            let own = f64::from(*count) / (total + weight);
            match shares.iter_mut().find(|(other, _, _)| other == code) {
                Some((_, share, support)) => {
                    *share += own;
                    *support += *count;
                }
                None => shares.push((code.clone(), own, *count)),
            }
        }
    }
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    shares.truncate(CODES);
    let told = |(code, share, support): (String, f64, u32)| LikelyValue {
        field: field.to_owned(),
        declared: declared.to_owned(),
        value: code,
        lower: None,
        upper: None,
        share: Some(share),
        support,
        source: Source::RecordedFindings,
    };
    shares.into_iter().map(told).collect()
}
