//! Reference codes: which tariff codes, countries, offices and so on exist, for those who write filters.
//!
//! The tables belong to the administration and are passed in; a kind without a table is not checked. They guard the
//! writing only: a filter in force keeps its meaning when a table changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::edit_distance;

/// What the codes of a field, or the entries of a list, stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum CodeKind {
    /// Codes of the tariff, or the first digits of them.
    Tariff,
    /// Countries, ISO 3166-1 alpha-2.
    Country,
    /// Customs offices.
    Office,
    /// Ports and airports, UN/LOCODE.
    Port,
    /// Currencies, ISO 4217.
    Currency,
    /// Numbers of persons and companies.
    Party,
    /// Containers.
    Container,
    /// Transport documents.
    Document,
    /// Any text.
    Text,
}

impl CodeKind {
    /// In words, for messages.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Tariff => "tariff codes",
            Self::Country => "countries",
            Self::Office => "offices",
            Self::Port => "ports",
            Self::Currency => "currencies",
            Self::Party => "parties",
            Self::Container => "containers",
            Self::Document => "transport documents",
            Self::Text => "text",
        }
    }

    /// What the values of a field of the built-in catalogue are.
    pub(crate) fn of_field(name: &str) -> Option<Self> {
        Some(match name {
            "item.commodityCode" | "item.hs2" | "item.hs4" | "item.hs6" => Self::Tariff,
            "item.origin"
            | "item.purchaseCountry"
            | "declaration.routeCountry"
            | "declaration.trader.country"
            | "declaration.counterparty.country" => Self::Country,
            "declaration.office" | "declaration.entryExitOffice" => Self::Office,
            "declaration.port" | "item.loadingPort" => Self::Port,
            "declaration.invoiceCurrency" | "item.currency" => Self::Currency,
            "declaration.declarant.id" | "declaration.trader.id" | "declaration.counterparty.id" | "importer.id" => {
                Self::Party
            }
            "cargo.containers" | "item.containers" => Self::Container,
            "cargo.documents" | "cargo.masterDocuments" => Self::Document,
            _ => return None,
        })
    }
}

/// Digits of the tariff that a field of the built-in catalogue has.
pub(crate) fn digits_of(field: &str) -> Option<usize> {
    match field {
        "item.hs2" => Some(2),
        "item.hs4" => Some(4),
        "item.hs6" => Some(6),
        _ => None,
    }
}

/// The codes that exist.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    tables: BTreeMap<CodeKind, BTreeSet<String>>,
}

impl Codes {
    /// With the codes of `kind`. Tariff codes may be national ones or subheadings: a code behind a known one is known.
    pub fn with<C: Into<String>>(mut self, kind: CodeKind, codes: impl IntoIterator<Item = C>) -> Self {
        self.tables.entry(kind).or_default().extend(codes.into_iter().map(Into::into));
        self
    }

    /// Whether `literal` can be a value of `field`, whose values are of `kind`; with what may have been meant.
    /// `partly`: it only has to be the beginning of one.
    pub(crate) fn refuses(
        &self,
        kind: CodeKind,
        field: &str,
        literal: &str,
        partly: bool,
    ) -> Option<(String, Option<String>)> {
        let table = self.tables.get(&kind).filter(|table| !table.is_empty())?;
        let digits = digits_of(field).filter(|_| !partly);
        let begins = || {
            let next = table.range::<str, _>((std::ops::Bound::Included(literal), std::ops::Bound::Unbounded)).next();
            next.is_some_and(|code| code.starts_with(literal))
        };
        let known = match (kind, digits) {
            (CodeKind::Tariff, Some(digits)) => literal.len() == digits && begins(),
            (CodeKind::Tariff, None) => begins() || is_behind(table, literal),
            _ if partly => begins(),
            _ => table.contains(literal),
        };
        if known {
            return None;
        }
        let wanted = digits.unwrap_or(literal.len());
        let nearest = table
            .iter()
            .map(|code| if kind == CodeKind::Tariff || partly { start_of(code, wanted) } else { code })
            .min_by_key(|code| edit_distance(code, literal))
            .filter(|code| edit_distance(code, literal) <= 1 + literal.len() / 3)
            .map(|code| format!("'{code}'"));
        let message = match digits {
            Some(digits) if literal.len() != digits => format!("{field} has {digits} digits, '{literal}' does not"),
            _ => format!("'{literal}' is not among the known {}", kind.in_words()),
        };
        Some((message, nearest))
    }
}

/// Whether a listed subheading begins the code.
fn is_behind(table: &BTreeSet<String>, code: &str) -> bool {
    (6..=code.len()).filter_map(|end| code.get(..end)).any(|start| table.contains(start))
}

fn start_of(code: &str, length: usize) -> &str {
    code.get(..length).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Codes {
        Codes::default()
            .with(CodeKind::Tariff, ["870323", "870899", "610910"])
            .with(CodeKind::Country, ["CN", "PE", "US"])
    }

    #[test]
    fn tariff_codes_are_known_by_their_beginning_and_behind_a_subheading() {
        let refuses = |field, literal, partly| codes().refuses(CodeKind::Tariff, field, literal, partly);
        for (field, literal, partly) in [
            ("item.hs2", "87", false),
            ("item.hs4", "8703", false),
            ("item.hs6", "610910", false),
            ("item.commodityCode", "8703231000", false),
            ("item.commodityCode", "8703", true),
            ("item.commodityCode", "87032310", true),
        ] {
            assert_eq!(refuses(field, literal, partly), None, "{field} {literal}");
        }
        assert_eq!(refuses("item.hs4", "8704", false).unwrap().1.as_deref(), Some("'8703'"));
        assert!(refuses("item.hs4", "87", false).unwrap().0.contains("4 digits"));
        assert!(refuses("item.commodityCode", "9999", true).is_some());
    }

    #[test]
    fn what_has_no_table_is_not_checked() {
        assert_eq!(codes().refuses(CodeKind::Office, "declaration.office", "999", false), None);
        let (message, nearest) = codes().refuses(CodeKind::Country, "item.origin", "CM", false).unwrap();
        assert!(message.contains("countries") && nearest.as_deref() == Some("'CN'"));
    }
}
