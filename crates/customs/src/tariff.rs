//! Tariff editions: which codes exist when.

use jiff::civil::Date;
use std::collections::BTreeSet;

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

#[cfg(test)]
mod tests {
    use super::*;

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
