//! What notes compare with: tariff editions, offices, regimes, and the calendar of the administration.

use std::collections::{BTreeMap, BTreeSet};

use customs::tariff::Tariff;
use customs::{Currency, CurrencyTable, Decimal, Direction, HsCode, OfficeCode, TariffCodes, TariffEdition, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Reference data. Made once and shared; countries and currencies are built in.
#[derive(Clone, Debug)]
pub struct ReferenceData {
    tariff: Tariff,
    codes: Option<TariffCodes>,
    rates: Option<CurrencyTable>,
    offices: BTreeSet<OfficeCode>,
    regimes: BTreeMap<String, Direction>,
    time_zone: TimeZone,
}

impl ReferenceData {
    /// The regimes of Peru; no tariff edition (every well-formed code of a chapter that the Harmonized System has is
    /// known), no list of offices (every office is known), and days of UTC.
    pub fn standard() -> Self {
        let regimes = [
            ("10", Direction::In),      // import for consumption
            ("20", Direction::In),      // temporary admission for re-export
            ("21", Direction::In),      // temporary admission for processing
            ("40", Direction::Out),     // definitive export
            ("70", Direction::In),      // customs deposit
            ("80", Direction::Transit), // transit
        ];
        Self {
            tariff: Tariff::default(),
            codes: None,
            rates: None,
            offices: BTreeSet::new(),
            regimes: regimes.into_iter().map(|(code, direction)| (code.to_owned(), direction)).collect(),
            time_zone: TimeZone::UTC,
        }
    }

    /// The same with these tariff editions.
    #[must_use]
    pub fn with_tariff(mut self, editions: Vec<TariffEdition>) -> Self {
        self.tariff = Tariff::new(editions);
        self
    }

    /// The same with the tariff code by code; what it does not list on the day gets a note.
    #[must_use]
    pub fn with_codes(mut self, codes: TariffCodes) -> Self {
        self.codes = Some(codes);
        self
    }

    /// The same with published exchange rates; a currency without one on the day gets a note.
    #[must_use]
    pub fn with_rates(mut self, rates: CurrencyTable) -> Self {
        self.rates = Some(rates);
        self
    }

    /// The same with these offices; any other office gets a note.
    #[must_use]
    pub fn with_offices(mut self, offices: impl IntoIterator<Item = OfficeCode>) -> Self {
        self.offices = offices.into_iter().collect();
        self
    }

    /// The same with these regimes and the direction each belongs to, in place of Peru's.
    #[must_use]
    pub fn with_regimes(mut self, regimes: impl IntoIterator<Item = (String, Direction)>) -> Self {
        self.regimes = regimes.into_iter().collect();
        self
    }

    /// The same with the calendar days of an IANA time zone; an unknown one counts as UTC.
    #[must_use]
    pub fn with_time_zone(mut self, name: &str) -> Self {
        self.time_zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
        self
    }

    pub(super) fn local_day(&self, at: Timestamp) -> Date {
        self.time_zone.to_datetime(at).date()
    }

    pub(super) fn edition(&self, day: Date) -> Option<&TariffEdition> {
        self.tariff.at(day)
    }

    /// Digits of a national code on `day`, where that is known.
    pub(super) fn code_length(&self, day: Date) -> Option<usize> {
        match &self.codes {
            Some(codes) => codes.code_length(),
            None => self.edition(day).map(|edition| edition.code_length),
        }
    }

    /// Whether the tariff lists the code on `day`; none without a list of codes.
    pub(super) fn lists(&self, code: &HsCode, day: Date) -> Option<bool> {
        self.codes.as_ref().map(|codes| codes.knows(code, day))
    }

    /// The published rate of a currency on `day`.
    pub(super) fn rate(&self, currency: &Currency, day: Date) -> Option<Decimal> {
        self.rates.as_ref()?.rate(currency, day)
    }

    /// Whether amounts in the currency can be converted on `day`; true where no rates are published.
    pub(super) fn has_rate(&self, currency: &Currency, day: Date) -> bool {
        self.rates.as_ref().is_none_or(|rates| rates.rate(currency, day).is_some())
    }

    pub(super) fn knows_office(&self, code: &OfficeCode) -> bool {
        self.offices.is_empty() || self.offices.contains(code)
    }

    /// The direction a regime belongs to, when it is listed.
    pub(super) fn direction_of(&self, regime: &str) -> Option<Direction> {
        self.regimes.get(regime).copied()
    }
}

impl Default for ReferenceData {
    fn default() -> Self {
        Self::standard()
    }
}
