//! Currencies of ISO 4217, with the days from and until which the ones that changed lately were in use.

use jiff::civil::{Date, date};

/// Codes in use throughout, in order.
static CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND",
    "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CLF", "CLP", "CNY", "COP",
    "COU", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP",
    "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR",
    "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR",
    "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR",
    "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR",
    "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SOS", "SRD", "SSP", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "USN", "UYI", "UYU",
    "UYW", "UZS", "VND", "VUV", "WST", "XAF", "XAG", "XAU", "XCD", "XDR", "XOF", "XPD", "XPF", "XPT", "XSU", "XUA",
    "YER", "ZAR", "ZMW",
];

const START: Date = Date::MIN;
const END: Date = Date::MAX;

/// Codes with the first and the last day of use, where that lies in the years declarations are kept for.
static CHANGED: &[(&str, Date, Date)] = &[
    ("ANG", START, date(2025, 6, 30)),
    ("BGN", START, date(2026, 1, 31)),
    ("BYN", date(2016, 7, 1), END),
    ("BYR", START, date(2016, 12, 31)),
    ("CUC", START, date(2021, 6, 30)),
    ("HRK", START, date(2023, 1, 14)),
    ("LTL", START, date(2015, 1, 15)),
    ("LVL", START, date(2014, 1, 15)),
    ("MRO", START, date(2018, 12, 31)),
    ("MRU", date(2018, 1, 1), END),
    ("SLE", date(2022, 4, 1), END),
    ("SLL", START, date(2024, 3, 31)),
    ("STD", START, date(2018, 6, 30)),
    ("STN", date(2018, 1, 1), END),
    ("VED", date(2021, 10, 1), END),
    ("VEF", START, date(2018, 8, 20)),
    ("VES", date(2018, 8, 20), END),
    ("XCG", date(2025, 3, 31), END),
    ("ZWG", date(2024, 4, 5), END),
    ("ZWL", START, date(2024, 9, 1)),
];

/// Whether `code` is a currency of ISO 4217 on `day`.
pub fn is_currency(code: &str, day: Date) -> bool {
    CURRENCIES.binary_search(&code).is_ok()
        || CHANGED.iter().any(|(changed, from, until)| *changed == code && *from <= day && day <= *until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(CURRENCIES.is_sorted_by(|a, b| a < b));
        assert!(CHANGED.iter().all(|(code, ..)| !CURRENCIES.contains(code)));
    }

    #[test]
    fn a_currency_is_known_on_the_days_it_was_in_use() {
        assert!(is_currency("PEN", date(2026, 3, 2)) && is_currency("HRK", date(2022, 12, 31)));
        assert!(!is_currency("HRK", date(2024, 1, 1)) && !is_currency("XCG", date(2020, 1, 1)));
        assert!(!is_currency("usd", date(2026, 3, 2)) && !is_currency("", date(2026, 3, 2)));
    }
}
