//! What all recorded cases say about goods like these: sums by level of generality, small enough to travel.
//!
//! Every case counts once, at the narrowest level at which it is like the item: levels that held the same cases again
//! and again would make few of them seem many.

use std::collections::BTreeMap;

use customs::FindingKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::backoff::Sum;
use crate::case::{Case, Profile};
use crate::duty::MOST_RATIO;
use crate::value::Uplift;

/// Corrected codes told of a level.
const CODES: usize = 20;

/// What a case must share with the item to count at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LevelGroup {
    /// The direction.
    Everything,
    /// The country of departure or destination.
    Route,
    /// The origin.
    Origin,
    /// The HS chapter.
    Chapter,
    /// The HS heading.
    Heading,
    /// The HS subheading.
    Subheading,
    /// Subheading and origin.
    SubheadingOrigin,
    /// Subheading, route, origin and taxes.
    Tuple,
    /// The trader.
    Trader,
    /// Trader and heading.
    TraderHeading,
}

impl LevelGroup {
    /// Every level, general ones first.
    pub const ALL: [Self; 10] = [
        Self::Everything,
        Self::Route,
        Self::Origin,
        Self::Chapter,
        Self::Heading,
        Self::Subheading,
        Self::SubheadingOrigin,
        Self::Tuple,
        Self::Trader,
        Self::TraderHeading,
    ];

    /// Whether `case` counts here for `item`. What is absent is like nothing.
    pub fn holds(self, item: &Profile, case: &Profile) -> bool {
        let same = |of: fn(&Profile) -> u64| of(item) != 0 && of(item) == of(case);
        item.way == case.way
            && match self {
                Self::Everything => true,
                Self::Route => same(|it| it.route),
                Self::Origin => same(|it| it.origin),
                Self::Chapter => same(|it| it.hs2),
                Self::Heading => same(|it| it.hs4),
                Self::Subheading => same(|it| it.hs6),
                Self::SubheadingOrigin => same(|it| it.hs6) && same(|it| it.origin),
                Self::Tuple => {
                    same(|it| it.hs6) && same(|it| it.origin) && item.route == case.route && item.taxes == case.taxes
                }
                Self::Trader => same(|it| it.trader),
                Self::TraderHeading => same(|it| it.trader) && same(|it| it.hs4),
            }
    }
}

/// What was recorded before a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Cases looked at.
    pub cases: u32,
    /// Levels with any case, general ones first.
    pub levels: Vec<Level>,
}

/// What was recorded of goods that share this with the item, and nothing narrower.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    /// What they share.
    pub group: LevelGroup,
    /// How many cases.
    pub cases: u32,
    /// By kind of finding.
    pub kinds: Vec<KnownKind>,
}

/// What was recorded of one kind of finding at a level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownKind {
    /// The kind.
    pub kind: FindingKind,
    /// Findings of it.
    pub findings: u32,
    /// Cases whose additional duty can be held against a declared value in the same currency.
    pub dutied: u32,
    /// Sum of their duty over value.
    pub duty_ratios: f64,
    /// Corrections of amounts.
    pub uplift: Uplift,
    /// Codes it was corrected to with how often, most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, u32)>,
}

impl Known {
    /// Counts `cases` for an item like `item`.
    pub fn gather<'a>(item: &Profile, cases: impl IntoIterator<Item = &'a Case>) -> Self {
        let mut levels: Vec<(u32, BTreeMap<FindingKind, Tally>)> = vec![Default::default(); LevelGroup::ALL.len()];
        let mut all = 0;
        for case in cases {
            all += 1;
            let narrowest = LevelGroup::ALL.iter().rposition(|group| group.holds(item, &case.profile));
            if let Some((count, kinds)) = narrowest.and_then(|at| levels.get_mut(at)) {
                *count += 1;
                for finding in &case.findings {
                    kinds.entry(finding.kind).or_default().add(case, finding);
                }
            }
        }
        let levels = LevelGroup::ALL.into_iter().zip(levels).filter(|(_, (count, _))| *count > 0);
        let levels = levels.map(|(group, (cases, kinds))| Level {
            group,
            cases,
            kinds: kinds.into_iter().map(|(kind, tally)| tally.told(kind)).collect(),
        });
        Self { cases: all, levels: levels.collect() }
    }

    /// What is known of `kind` at a level.
    pub fn kind(&self, group: LevelGroup, kind: FindingKind) -> Option<&KnownKind> {
        self.level(group)?.kinds.iter().find(|known| known.kind == kind)
    }

    /// A level, if it has any case.
    pub fn level(&self, group: LevelGroup) -> Option<&Level> {
        self.levels.iter().find(|level| level.group == group)
    }

    /// Findings by kind at a level, in the order of the taxonomy.
    pub fn counts(&self, group: LevelGroup) -> [u32; FindingKind::ALL.len()] {
        FindingKind::ALL.map(|kind| self.kind(group, kind).map_or(0, |known| known.findings))
    }
}

#[derive(Clone, Debug, Default)]
struct Tally {
    findings: u32,
    ratios: Sum,
    uplift: Uplift,
    codes: BTreeMap<String, u32>,
}

impl Tally {
    fn add(&mut self, case: &Case, finding: &crate::CaseFinding) {
        self.findings += 1;
        let currency = finding.currency.as_deref().map_or(0, |currency| features::Token::of(currency).0);
        if let (Some(duty), Some(value)) = (finding.duty, case.declared_value)
            && value > 0.0
            && currency == case.profile.currency
        {
            self.ratios.add((duty / value).clamp(0.0, MOST_RATIO));
        }
        if let Some(uplift) = finding.uplift() {
            self.uplift.add(uplift);
        }
        if let Some(code) = finding.corrected_code() {
            *self.codes.entry(code.to_owned()).or_default() += 1;
        }
    }

    fn told(self, kind: FindingKind) -> KnownKind {
        let mut codes: Vec<(String, u32)> = self.codes.into_iter().collect();
        codes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        codes.truncate(CODES);
        KnownKind {
            kind,
            findings: self.findings,
            dutied: self.ratios.count,
            duty_ratios: self.ratios.sum,
            uplift: self.uplift,
            codes,
        }
    }
}
