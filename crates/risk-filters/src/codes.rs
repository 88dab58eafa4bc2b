//! Reference codes: which tariff codes, countries, offices and so on exist, for those who write filters.
//!
//! The tables belong to the administration and are passed in; a kind without a table is not checked. They guard the
//! writing only: a filter in force keeps its meaning when a table changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// Whether reference tables of such codes exist anywhere; nobody lists all parties.
    fn is_tabled(self) -> bool {
        matches!(self, Self::Tariff | Self::Country | Self::Office | Self::Port | Self::Currency)
    }

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

/// A code that the reference table of its kind does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnknownCode {
    /// What is wrong, in words.
    pub message: String,
    /// What may have been meant, as a literal.
    pub suggestion: Option<String>,
}

/// What people write for a country that has another code.
const COUNTRIES: [(&str, &str); 6] =
    [("UK", "GB"), ("EL", "GR"), ("USA", "US"), ("CHN", "CN"), ("PER", "PE"), ("KOR", "KR")];

/// The codes that exist. A copy shares the tables.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    tables: BTreeMap<CodeKind, Arc<BTreeSet<String>>>,
}

impl Codes {
    /// With the codes of `kind`. Tariff codes may be national ones or subheadings: a code behind a known one is known.
    pub fn with<C: Into<String>>(mut self, kind: CodeKind, codes: impl IntoIterator<Item = C>) -> Self {
        let table = self.tables.entry(kind).or_default();
        Arc::make_mut(table).extend(codes.into_iter().map(Into::into));
        self
    }

    /// Whether codes of this kind cannot be checked, for want of a table; nobody has a table of parties.
    pub fn lack(&self, kind: CodeKind) -> bool {
        kind.is_tabled() && self.tables.get(&kind).is_none_or(|table| table.is_empty())
    }

    /// Whether `code` is one of `kind`: an office in a scope, an entry of a list. Of the tariff the first digits will do.
    pub fn check(&self, kind: CodeKind, code: &str) -> Result<(), UnknownCode> {
        let refused = self.refuses(kind, "", code, kind == CodeKind::Tariff);
        refused.map_or(Ok(()), |(message, suggestion)| Err(UnknownCode { message, suggestion }))
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
        let table = self.tables.get(&kind).filter(|table| !table.is_empty())?.as_ref();
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
        let near = || {
            let starts =
                table.iter().map(|code| if kind == CodeKind::Tariff || partly { start_of(code, wanted) } else { code });
            starts
                .min_by_key(|code| edit_distance(code, literal))
                .filter(|code| edit_distance(code, literal) <= 1 + literal.len() / 3)
        };
        // Any pair of letters is near to dozens of countries: of these, only what is written otherwise was meant.
        let nearest = if matches!(kind, CodeKind::Country | CodeKind::Currency) { None } else { near() };
        let nearest = same(kind, table, literal).or(nearest).map(|code| format!("'{code}'"));
        let message = match digits {
            Some(digits) if literal.len() != digits => format!("{field} has {digits} digits, '{literal}' does not"),
            _ => format!("'{literal}' is not among the known {}", kind.in_words()),
        };
        Some((message, nearest))
    }
}

/// The code that is written otherwise: small letters, spaces, or what people call a country.
fn same<'t>(kind: CodeKind, table: &'t BTreeSet<String>, literal: &str) -> Option<&'t str> {
    let written = literal.trim().to_uppercase();
    let called = COUNTRIES.iter().find(|(called, _)| kind == CodeKind::Country && *called == written);
    table.get(called.map_or(written.as_str(), |(_, code)| code)).map(String::as_str)
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
        assert!(!codes().lack(CodeKind::Tariff) && codes().lack(CodeKind::Office) && !codes().lack(CodeKind::Party));
        assert_eq!(codes().check(CodeKind::Office, "999"), Ok(()));
        assert!(codes().check(CodeKind::Tariff, "8703").is_ok() && codes().check(CodeKind::Tariff, "9999").is_err());
    }

    #[test]
    fn of_countries_only_what_was_written_otherwise_is_suggested() {
        let suggested = |literal| {
            let (message, nearest) = codes().refuses(CodeKind::Country, "item.origin", literal, false).unwrap();
            assert!(message.contains("countries"), "{message}");
            nearest
        };
        for (literal, meant) in [("cn", Some("'CN'")), (" PE", Some("'PE'")), ("USA", Some("'US'")), ("CM", None)] {
            assert_eq!(suggested(literal).as_deref(), meant, "{literal}");
        }
    }
}
