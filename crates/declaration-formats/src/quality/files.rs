//! Reference data as files: CSV with a header, one record a line, as administrations publish them.
//!
//! Columns are found by name; others are left alone. What cannot be read is an error with its line: reference data that
//! is half read would note what is right.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use customs::{Currency, CurrencyTable, ExchangeRate, OfficeCode, TariffCode, TariffCodes};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The text is not CSV of this header.
    #[error("not the records that are expected")]
    Csv(#[from] csv::Error),
    /// A value of a record.
    #[error("record {record}: {column} {value:?} {problem}")]
    Value {
        /// Number of the record, from 1.
        record: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file without any record says nothing, and would note everything.
    #[error("it holds no record")]
    Empty,
}

/// A file of reference data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// It cannot be opened.
    #[error("reference data {}", .0.display())]
    Open(PathBuf, #[source] std::io::Error),
    /// It cannot be read.
    #[error("reference data {}", .0.display())]
    Records(PathBuf, #[source] FileError),
}

/// What `parse` makes of the file at `path`; none where there is no such file.
pub fn read<T>(path: &Path, parse: impl FnOnce(File) -> Result<T, FileError>) -> Result<Option<T>, ReferenceError> {
    match File::open(path) {
        Ok(file) => match parse(file) {
            Ok(read) => Ok(Some(read)),
            Err(error) => Err(ReferenceError::Records(path.to_owned(), error)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReferenceError::Open(path.to_owned(), error)),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TariffRecord {
    code: String,
    #[serde(default)]
    valid_from: String,
    #[serde(default)]
    valid_to: String,
}

#[derive(Deserialize)]
struct OfficeRecord {
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RateRecord {
    currency: String,
    into: String,
    valid_from: String,
    rate: String,
}

/// The tariff: columns `code`, `validFrom` and `validTo` (dates, either may be empty), and any others.
pub fn tariff(source: impl Read) -> Result<TariffCodes, FileError> {
    let mut codes = Vec::new();
    for (record, TariffRecord { code, valid_from, valid_to }) in records(source)? {
        if code.len() < 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            let problem = "is not a code of six digits or more".to_owned();
            return Err(FileError::Value { record, column: "code", value: code, problem });
        }
        let valid_from = optional(record, "validFrom", &valid_from)?;
        let valid_to = optional(record, "validTo", &valid_to)?;
        codes.push(TariffCode { code, valid_from, valid_to });
    }
    Ok(TariffCodes::new(codes))
}

/// Offices: column `code`, and any others.
pub fn offices(source: impl Read) -> Result<Vec<OfficeCode>, FileError> {
    let mut offices = Vec::new();
    for (record, OfficeRecord { code }) in records(source)? {
        let office = OfficeCode::from(code);
        if !office.is_well_formed() {
            let problem = "is not the code of an office".to_owned();
            return Err(FileError::Value { record, column: "code", value: office.0, problem });
        }
        offices.push(office);
    }
    Ok(offices)
}

/// Exchange rates: columns `currency`, `into`, `validFrom` and `rate` (units of `into` per unit of `currency`). All are
/// into one currency.
pub fn exchange_rates(source: impl Read) -> Result<CurrencyTable, FileError> {
    let mut rates = Vec::new();
    let mut target: Option<String> = None;
    for (record, RateRecord { currency, into, valid_from, rate }) in records(source)? {
        if *target.get_or_insert_with(|| into.clone()) != into {
            let problem = "is another currency than that of the records before".to_owned();
            return Err(FileError::Value { record, column: "into", value: into, problem });
        }
        let valid_from = value(record, "validFrom", &valid_from)?;
        let rate = value(record, "rate", &rate)?;
        rates.push(ExchangeRate { currency: Currency(currency), valid_from, rate });
    }
    Ok(CurrencyTable::new(Currency(target.unwrap_or_default()), rates))
}

fn records<T: DeserializeOwned>(source: impl Read) -> Result<Vec<(usize, T)>, FileError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(source);
    let records: Vec<T> = reader.deserialize().collect::<Result<_, _>>()?;
    if records.is_empty() { Err(FileError::Empty) } else { Ok((1..).zip(records).collect()) }
}

fn value<T: FromStr<Err: std::fmt::Display>>(record: usize, column: &'static str, text: &str) -> Result<T, FileError> {
    text.parse().map_err(|error: T::Err| FileError::Value {
        record,
        column,
        value: text.to_owned(),
        problem: error.to_string(),
    })
}

fn optional<T: FromStr<Err: std::fmt::Display>>(
    record: usize,
    column: &'static str,
    text: &str,
) -> Result<Option<T>, FileError> {
    if text.is_empty() { Ok(None) } else { value(record, column, text).map(Some) }
}

#[cfg(test)]
mod tests {
    use customs::HsCode;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn tariff_is_read_by_the_names_of_its_columns() {
        let text =
            "description,code,validTo,validFrom\n\"Cars, used\",8703231000,2026-06-30,\nShirts,610910,,2022-01-01\n";
        let tariff = tariff(text.as_bytes()).unwrap();
        let knows = |code: &str, month| tariff.knows(&HsCode::from(code), date(2026, month, 1));
        assert!(knows("8703231000", 6) && !knows("8703231000", 7) && knows("6109100031", 7));
    }

    #[test]
    fn offices_and_rates_are_read() {
        let offices = offices("code,name\n118,Callao\n235,Tacna\n".as_bytes()).unwrap();
        assert_eq!(offices, [OfficeCode::from("118"), OfficeCode::from("235")]);
        let text = "currency,into,validFrom,rate\nUSD,PEN,2026-01-01,3.75\nUSD,PEN,2026-02-01,3.80\n";
        let rates = exchange_rates(text.as_bytes()).unwrap();
        let rate = |day| rates.rate(&Currency::from("USD"), day).map(|rate| rate.to_string());
        assert_eq!(rate(date(2026, 1, 31)).as_deref(), Some("3.75"));
        assert_eq!((rate(date(2026, 2, 1)).as_deref(), rate(date(2025, 1, 1))), (Some("3.80"), None));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_record() {
        for (error, told) in [
            (tariff("code,validFrom\n870323,\n87,\n".as_bytes()).map(|_| ()), "record 2: code \"87\""),
            (tariff("code,validFrom\n870323,soon\n".as_bytes()).map(|_| ()), "record 1: validFrom \"soon\""),
            (tariff("code\n".as_bytes()).map(|_| ()), "it holds no record"),
            (offices("code\n11 8!\n".as_bytes()).map(|_| ()), "record 1: code"),
            (
                exchange_rates("currency,into,validFrom,rate\nUSD,PEN,2026-01-01,x\n".as_bytes()).map(|_| ()),
                "rate \"x\"",
            ),
            (offices("name\nCallao\n".as_bytes()).map(|_| ()), "not the records"),
        ] {
            let error = error.unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
