//! Reference codes: which tariff codes, countries, offices and so on exist, for those who write filters.
//!
//! The tables belong to the administration and are passed in; of a kind without a table nothing is checked but the shape
//! of tariff codes, which is the same everywhere. They guard the writing only: a filter in force keeps its meaning when
//! a table changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::edit_distance;

mod shape;

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
        let tariff = kind == CodeKind::Tariff;
        let shape = tariff.then(|| shape::fault(field, literal, partly)).flatten();
        let written = || {
            let bare = shape::bare(literal).filter(|_| tariff)?;
            self.refuses(kind, field, &bare, partly).is_none().then(|| format!("'{bare}'"))
        };
        let Some(table) = self.tables.get(&kind).filter(|table| !table.is_empty()) else {
            let chapter = || tariff.then(|| shape::chapter_fault(literal)).flatten();
            return shape.or_else(chapter).map(|message| (message, written()));
        };
        let begins = || {
            let next = table.range::<str, _>((std::ops::Bound::Included(literal), std::ops::Bound::Unbounded)).next();
            next.is_some_and(|code| code.starts_with(literal))
        };
        let known = match kind {
            CodeKind::Tariff => begins() || is_behind(table, literal),
            _ if partly => begins(),
            _ => table.contains(literal),
        };
        if known && shape.is_none() {
            return None;
        }
        let wanted = digits_of(field).filter(|_| !partly).unwrap_or(literal.len());
        let near = || {
            let starts = table.iter().map(|code| if tariff || partly { start_of(code, wanted) } else { code });
            starts
                .min_by_key(|code| edit_distance(code, literal))
                .filter(|code| edit_distance(code, literal) <= 1 + literal.len() / 3)
        };
        // Any pair of letters is near to dozens of countries: of these, only what is written otherwise was meant.
        let nearest = if matches!(kind, CodeKind::Country | CodeKind::Currency) { None } else { near() };
        let nearest = written().or_else(|| same(kind, table, literal).or(nearest).map(|code| format!("'{code}'")));
        Some((shape.unwrap_or_else(|| format!("'{literal}' is not among the known {}", kind.in_words())), nearest))
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
    fn tariff_codes_have_their_shape_without_a_table_and_with_one() {
        let table = Codes::default().with(CodeKind::Tariff, ["610910", "7701", "3004"]);
        for codes in [Codes::default(), table] {
            let told = |field, literal, partly| codes.refuses(CodeKind::Tariff, field, literal, partly);
            for (field, literal, partly, says, meant) in [
                ("item.hs4", "610910", false, "item.hs4 has 4 digits", None),
                ("item.hs4", "61.09", false, "digits only", Some("'6109'")),
                ("item.hs2", "611", true, "item.hs2 has 2 digits", None),
                ("item.hs6", "61091O", false, "digits only", None),
                ("item.commodityCode", "6109", false, "item.commodityCode.startsWith('6109')", None),
                ("item.commodityCode", "6109100000123", false, "6 to 12 digits", None),
                ("item.commodityCode", "6109100000123", true, "12 digits", None),
                ("item.commodityCode", "6109.10.00.00", false, "digits only", Some("'6109100000'")),
                ("item.commodityCode", "x", true, "digits only", None),
                ("", "61091", true, "2, 4 or 6 to 12 digits", None),
                ("item.hs2", "٦١", false, "digits only", None),
            ] {
                let (message, suggestion) = told(field, literal, partly).unwrap_or_else(|| panic!("{field} {literal}"));
                assert!(message.contains(says), "{field} {literal}: {message}");
                // What a table has besides may be nearer still.
                assert!(meant.is_none() || suggestion.as_deref() == meant, "{field} {literal}: {suggestion:?}");
            }
        }
        for chapter in ["00", "77", "0001", "770110"] {
            let field = ["item.hs2", "item.hs4", "item.hs6"][chapter.len() / 2 - 1];
            let told = Codes::default().refuses(CodeKind::Tariff, field, chapter, false).unwrap().0;
            assert!(told.contains("01 to 97"), "{told}");
        }
        for (field, literal, partly) in [
            ("item.hs2", "01", false),
            ("item.hs2", "97", false),
            ("item.hs2", "99", false),
            ("item.hs2", "7", true),
            ("item.hs4", "981", true),
            ("item.hs6", "847130", false),
            ("item.commodityCode", "847130", false),
            ("item.commodityCode", "847130000012", false),
            ("item.commodityCode", "", true),
            ("", "84", true),
            ("", "8471300000", true),
        ] {
            assert_eq!(Codes::default().refuses(CodeKind::Tariff, field, literal, partly), None, "{field} {literal}");
        }
        // The tariff of the administration has the last word about its chapters.
        let reserved = Codes::default().with(CodeKind::Tariff, ["770110"]);
        assert_eq!(reserved.refuses(CodeKind::Tariff, "item.hs2", "77", false), None);
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
