//! Tariff editions: which codes exist when.

use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

use crate::HsCode;

/// One edition of the tariff: valid from a date, until the next one.
#[derive(Clone, Debug)]
pub struct TariffEdition {
    /// The administration's name for it (`HS2022`).
    pub name: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Digits of a national code (Peru: 10).
    pub code_length: usize,
    /// Known subheadings, 6 digits. Empty: the edition does not list them and every well-formed code is known.
    pub subheadings: BTreeSet<String>,
}

impl TariffEdition {
    /// Whether the edition knows the code's subheading.
    pub fn knows(&self, code: &HsCode) -> bool {
        self.subheadings.is_empty() || self.subheadings.contains(code.subheading())
    }
}

/// Editions by date.
#[derive(Clone, Debug, Default)]
pub struct Tariff {
    editions: Vec<TariffEdition>,
}

impl Tariff {
    /// A tariff of `editions`, in any order.
    pub fn new(mut editions: Vec<TariffEdition>) -> Self {
        editions.sort_by_key(|edition| edition.valid_from);
        Self { editions }
    }

    /// The edition in force on `day`.
    pub fn at(&self, day: Date) -> Option<&TariffEdition> {
        self.editions.iter().rev().find(|edition| edition.valid_from <= day)
    }
}

/// A code of the tariff with the days on which it may be declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TariffCode {
    /// National code, or a subheading of 6 digits with everything below it.
    pub code: String,
    /// First day; from the beginning when absent.
    pub valid_from: Option<Date>,
    /// Last day; until further notice when absent.
    pub valid_to: Option<Date>,
}

/// The tariff code by code, as administrations publish it.
#[derive(Clone, Debug, Default)]
pub struct TariffCodes {
    days: BTreeMap<String, Vec<(Date, Date)>>,
    length: usize,
}

impl TariffCodes {
    /// A tariff of these codes; a code may stand several times, with other days.
    pub fn new(codes: impl IntoIterator<Item = TariffCode>) -> Self {
        let mut days = BTreeMap::<String, Vec<(Date, Date)>>::new();
        for TariffCode { code, valid_from, valid_to } in codes {
            let span = (valid_from.unwrap_or(Date::MIN), valid_to.unwrap_or(Date::MAX));
            days.entry(code).or_default().push(span);
        }
        let length = days.keys().map(String::len).max().unwrap_or_default();
        Self { days, length }
    }

    /// The codes, in order, whenever they may be declared.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.days.keys().map(String::as_str)
    }

    /// Digits of a national code; none where only subheadings are listed.
    pub fn code_length(&self) -> Option<usize> {
        (self.length > 6).then_some(self.length)
    }

    /// Whether the code may be declared on `day`: it is listed, or what it is below of.
    pub fn knows(&self, code: &HsCode, day: Date) -> bool {
        let text = code.as_str();
        let listed = |prefix: &str| {
            self.days.get(prefix).is_some_and(|spans| spans.iter().any(|(from, to)| *from <= day && day <= *to))
        };
        (6..=text.len()).rev().any(|length| text.get(..length).is_some_and(listed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_known_on_its_days_by_itself_or_by_its_subheading() {
        let code = |code: &str, from: Option<Date>, to: Option<Date>| TariffCode {
            code: code.to_owned(),
            valid_from: from,
            valid_to: to,
        };
        let day = |year| jiff::civil::date(year, 1, 1);
        let tariff = TariffCodes::new([
            code("8703231000", Some(day(2022)), Some(day(2024))),
            code("8703231000", Some(day(2026)), None),
            code("610910", None, None),
        ]);
        assert_eq!(tariff.code_length(), Some(10));
        let knows = |code: &str, year| tariff.knows(&HsCode::from(code), day(year));
        assert!(knows("8703231000", 2023) && knows("8703231000", 2027) && knows("6109100031", 1990));
        assert!(!knows("8703231000", 2021) && !knows("8703231000", 2025) && !knows("8703239000", 2023));
        assert!(!knows("6109", 2023) && !knows("ñ10910", 2023));
        assert_eq!(TariffCodes::new([code("610910", None, None)]).code_length(), None);
    }

    #[test]
    fn the_latest_edition_before_the_day_is_in_force() {
        let edition = |name: &str, year: i16| TariffEdition {
            name: name.to_owned(),
            valid_from: jiff::civil::date(year, 1, 1),
            code_length: 10,
            subheadings: BTreeSet::new(),
        };
        let tariff = Tariff::new(vec![edition("HS2022", 2022), edition("HS2017", 2017)]);
        assert_eq!(tariff.at(jiff::civil::date(2021, 12, 31)).unwrap().name, "HS2017");
        assert_eq!(tariff.at(jiff::civil::date(2022, 1, 1)).unwrap().name, "HS2022");
        assert!(tariff.at(jiff::civil::date(2016, 1, 1)).is_none());
    }
}
