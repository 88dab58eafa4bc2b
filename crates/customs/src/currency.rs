//! Dated exchange rates into the national and the statistical currency.

use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use crate::{Currency, Money};

/// Units of the target currency per unit of `currency`, from `valid_from` until the next rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRate {
    /// What is converted.
    pub currency: Currency,
    /// First day of validity.
    pub valid_from: Date,
    /// Units of the target per unit.
    pub rate: Decimal,
}

/// Rates into one target currency, by currency and date.
#[derive(Clone, Debug)]
pub struct CurrencyTable {
    target: Currency,
    rates: BTreeMap<Currency, BTreeMap<Date, Decimal>>,
}

impl CurrencyTable {
    /// A table into `target`.
    pub fn new(target: Currency, rates: impl IntoIterator<Item = ExchangeRate>) -> Self {
        let mut table = BTreeMap::<Currency, BTreeMap<Date, Decimal>>::new();
        for rate in rates {
            table.entry(rate.currency).or_default().insert(rate.valid_from, rate.rate);
        }
        Self { target, rates: table }
    }

    /// The currency that amounts are converted into.
    pub fn target(&self) -> &Currency {
        &self.target
    }

    /// Units of the target per unit of `currency` on `day`; none when no rate is known then.
    pub fn rate(&self, currency: &Currency, day: Date) -> Option<Decimal> {
        if *currency == self.target {
            return Some(Decimal::ONE);
        }
        self.rates.get(currency)?.range(..=day).next_back().map(|(_, rate)| *rate)
    }

    /// `money` in the target currency at the rate of `day`; none when no rate is known then, or on overflow.
    pub fn convert(&self, money: &Money, day: Date) -> Option<Decimal> {
        money.amount.checked_mul(self.rate(&money.currency, day)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_rate_of_the_day_counts() {
        let rate = |day, rate| ExchangeRate { currency: Currency::from("EUR"), valid_from: day, rate };
        let table = CurrencyTable::new(
            Currency::from("USD"),
            [rate(date(2026, 1, 1), Decimal::new(110, 2)), rate(date(2026, 2, 1), Decimal::new(120, 2))],
        );
        let money = Money::new(Decimal::from(100), "EUR");
        assert_eq!(table.convert(&money, date(2026, 1, 31)), Some(Decimal::from(110)));
        assert_eq!(table.convert(&money, date(2026, 2, 1)), Some(Decimal::from(120)));
        assert_eq!(table.convert(&money, date(2025, 12, 31)), None);
        assert_eq!(table.convert(&Money::new(Decimal::from(1), "XXX"), date(2026, 2, 1)), None);
    }
}
