//! The synthetic import declarations of the Korea Customs Service (Jeong et al. 2022, arXiv 2208.02484): one goods item
//! per CSV row, with the label of an examination of everything.
//!
//! Rows are read one at a time, in the order of the file. The set has days without hours: the n-th row of a day is
//! accepted n minutes after midnight in Seoul, so that order in time is order in the file.

use std::collections::BTreeMap;
use std::io::Read;
use std::str::FromStr;

use csv::StringRecord;
use customs::{
    CountryCode, Decimal, Declaration, Direction, DutyTax, Form, GoodsItem, HsCode, ItemValuation, MeansOfTransport,
    Modality, Money, OfficeCode, Party, PartyRole, Timestamp, TransportMode,
};
use jiff::civil::Date;
use jiff::{SignedDuration, tz};

/// The columns, by the names that the English files have (a unit in brackets may follow).
const COLUMNS: [&str; 22] = [
    "Declaration ID",
    "Date",
    "Office ID",
    "Process Type",
    "Import Type",
    "Import Use",
    "Payment Type",
    "Mode of Transport",
    "Declarant ID",
    "Importer ID",
    "Seller ID",
    "Courier ID",
    "HS6 Code",
    "Country of Departure",
    "Country of Origin",
    "Tax Rate",
    "Tax Type",
    "Country of Origin Indicator",
    "Net Mass",
    "Item Price",
    "Fraud",
    "Critical Fraud",
];

/// One declaration with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KcsRow {
    /// The declaration; codes without a field of their own are in the extensions.
    pub declaration: Declaration,
    /// Whether the examination found fraud.
    pub fraud: bool,
    /// How grave: 0, 1 or 2.
    pub critical: u8,
    /// The day it was accepted, in Seoul.
    pub date: Date,
}

/// Why a file or a row cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KcsError {
    /// The header lacks columns.
    #[error("line 1: the header lacks {}; expected the columns of the KCS set", .0.join(", "))]
    MissingColumns(Vec<&'static str>),
    /// A value is not what its column holds.
    #[error("line {line}, column {column:?}: expected {expected}, got {got:?}")]
    Value {
        /// Line of the file, from 1.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// What the column holds.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// Not CSV, not UTF-8, or not readable.
    #[error("the file is not readable as comma-separated UTF-8")]
    Csv(#[from] csv::Error),
}

/// Rows of a KCS file.
pub struct Rows<R> {
    records: csv::StringRecordsIntoIter<R>,
    places: [usize; COLUMNS.len()],
    rows_of_day: BTreeMap<Date, i64>,
}

/// The rows of `reader`, whose first line must be the header.
pub fn rows<R: Read>(reader: R) -> Result<Rows<R>, KcsError> {
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
    let names: Vec<String> = csv.headers()?.iter().map(plain).collect();
    let mut places = [0; COLUMNS.len()];
    let mut missing = Vec::new();
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        match names.iter().position(|name| *name == plain(column)) {
            Some(index) => *place = index,
            None => missing.push(column),
        }
    }
    if missing.is_empty() {
        Ok(Rows { records: csv.into_records(), places, rows_of_day: BTreeMap::new() })
    } else {
        Err(KcsError::MissingColumns(missing))
    }
}

/// A column's name without case, byte order mark and unit.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches('\u{feff}');
    name.split('(').next().unwrap_or(name).trim().to_lowercase()
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<KcsRow, KcsError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error.into())),
        };
        Some(self.row(&record))
    }
}

impl<R> Rows<R> {
    fn row(&mut self, record: &StringRecord) -> Result<KcsRow, KcsError> {
        let line = record.position().map_or(0, csv::Position::line);
        let fields = Fields { record, places: &self.places, line };
        let date = fields.parse::<Date>("Date", "a day such as 2020-01-31")?;
        let fraud = fields.one_of("Fraud", &["0", "1"], "0 or 1")? == 1;
        let critical = fields.one_of("Critical Fraud", &["0", "1", "2"], "0, 1 or 2")?;
        let minute = self.rows_of_day.entry(date).or_default();
        let accepted = accepted_at(date, *minute).ok_or_else(|| fields.error("Date", "a day of the calendar"))?;
        let row = KcsRow { declaration: declaration(&fields, accepted)?, fraud, critical, date };
        *minute += 1;
        Ok(row)
    }
}

fn accepted_at(date: Date, row_of_day: i64) -> Option<Timestamp> {
    let midnight = tz::offset(9).to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    // A day has 1,440 minutes; rows beyond share the last.
    midnight.checked_add(SignedDuration::from_mins(row_of_day.min(1_439))).ok()
}

fn declaration(fields: &Fields<'_>, accepted: Timestamp) -> Result<Declaration, KcsError> {
    let parties =
        [("Importer ID", PartyRole::Importer), ("Seller ID", PartyRole::Seller), ("Courier ID", PartyRole::Carrier)];
    let kept = [
        ("Process Type", "processType"),
        ("Import Type", "importType"),
        ("Import Use", "importUse"),
        ("Payment Type", "paymentType"),
        ("Mode of Transport", "transportMode"),
    ];
    Ok(Declaration {
        reference: fields.filled("Declaration ID", "an identifier")?,
        declarant: Party::new(PartyRole::Declarant, fields.filled("Declarant ID", "an identifier")?),
        office: OfficeCode(fields.filled("Office ID", "an office code")?),
        acceptance_date_time: accepted,
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Deferred,
        form: Form::Full,
        express_category: None,
        entry_exit_office: None,
        port: None,
        warehouse: None,
        goods_location: None,
        route_country: fields.optional("Country of Departure").map(CountryCode::from),
        parties: parties
            .into_iter()
            .filter_map(|(column, role)| fields.optional(column).map(|id| Party::new(role, id)))
            .collect(),
        transport_documents: Vec::new(),
        containers: Vec::new(),
        means_of_transport: transport_mode(fields.text("Mode of Transport")).map(|mode| MeansOfTransport {
            mode,
            id: String::new(),
            voyage: None,
            expected_arrival: None,
        }),
        invoice_total: None,
        exchange_rate: None,
        packages: None,
        items: vec![item(fields)?],
        extensions: extensions(fields, &kept),
    })
}

fn item(fields: &Fields<'_>) -> Result<GoodsItem, KcsError> {
    let price = fields.decimal("Item Price")?;
    let code = HsCode(fields.filled("HS6 Code", "six digits")?);
    if !code.is_well_formed() {
        return Err(fields.error("HS6 Code", "six digits"));
    }
    Ok(GoodsItem {
        sequence: 1,
        commodity_code: code,
        tariff_edition: None,
        description: String::new(),
        origin_country: CountryCode(fields.filled("Country of Origin", "a country of two letters")?),
        purchase_country: None,
        loading_port: None,
        procedure: None,
        gross_mass_kg: None,
        net_mass_kg: Some(fields.decimal("Net Mass")?),
        statistical_quantity: None,
        statistical_unit: None,
        valuation: ItemValuation::fob(price, "KRW"),
        duty_taxes: vec![DutyTax {
            kind: fields.filled("Tax Type", "a code")?,
            base: Some(Money::new(price, "KRW")),
            rate: fields.decimal("Tax Rate")?,
            declared: None,
            assessed: None,
            guaranteed: None,
            collected: None,
            preference: None,
        }],
        containers: Vec::new(),
        extensions: extensions(fields, &[("Country of Origin Indicator", "originIndicator")]),
    })
}

fn extensions(fields: &Fields<'_>, kept: &[(&'static str, &str)]) -> BTreeMap<String, String> {
    kept.iter().filter_map(|(column, name)| Some(((*name).to_owned(), fields.optional(column)?.to_owned()))).collect()
}

/// The first digit follows UNECE Recommendation 19; what it does not name (multimodal, other) stays a code.
fn transport_mode(code: &str) -> Option<TransportMode> {
    match code.as_bytes().first()? {
        b'1' => Some(TransportMode::Maritime),
        b'2' => Some(TransportMode::Rail),
        b'3' => Some(TransportMode::Road),
        b'4' => Some(TransportMode::Air),
        b'5' => Some(TransportMode::Mail),
        b'7' => Some(TransportMode::FixedInstallation),
        b'8' => Some(TransportMode::InlandWaterway),
        _ => None,
    }
}

/// A record by column names.
struct Fields<'r> {
    record: &'r StringRecord,
    places: &'r [usize; COLUMNS.len()],
    line: u64,
}

impl<'r> Fields<'r> {
    fn text(&self, column: &str) -> &'r str {
        let place = COLUMNS.iter().position(|name| *name == column).map_or(usize::MAX, |index| self.places[index]);
        self.record.get(place).unwrap_or("")
    }

    fn optional(&self, column: &str) -> Option<&'r str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn error(&self, column: &'static str, expected: &'static str) -> KcsError {
        KcsError::Value { line: self.line, column, expected, got: self.text(column).to_owned() }
    }

    fn filled(&self, column: &'static str, expected: &'static str) -> Result<String, KcsError> {
        self.optional(column).map(str::to_owned).ok_or_else(|| self.error(column, expected))
    }

    fn parse<T: FromStr>(&self, column: &'static str, expected: &'static str) -> Result<T, KcsError> {
        self.text(column).parse().map_err(|_| self.error(column, expected))
    }

    fn decimal(&self, column: &'static str) -> Result<Decimal, KcsError> {
        let text = self.text(column);
        Decimal::from_str(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| self.error(column, "a number such as 108.0"))
    }

    fn one_of(&self, column: &'static str, allowed: &[&str], expected: &'static str) -> Result<u8, KcsError> {
        let place = allowed.iter().position(|value| *value == self.text(column));
        place.and_then(|place| u8::try_from(place).ok()).ok_or_else(|| self.error(column, expected))
    }
}

#[cfg(test)]
mod tests;
