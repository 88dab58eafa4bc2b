//! What conditions are typed against when they are written: fields, lists and reference codes.

use declaration_formats::quality::files::{self, ReferenceError};
use declaration_formats::quality::{is_country, is_currency};
use jiff::{Timestamp, tz::TimeZone};
use risk_filters::{Catalogue, Checked, CodeKind, Codes, ExpressionError, FilterList, Lists, Vocabulary};
use sea_orm::ConnectionTrait;

use super::App;
use crate::{
    ManagementError,
    settings::FilterSettings,
    store::{lists, plans},
};

/// Lists and codes at a moment; fields do not change while a service runs.
#[derive(Debug)]
pub struct Words {
    lists: Lists,
    codes: Codes,
}

impl Words {
    /// The vocabulary over `catalogue`.
    pub fn vocabulary<'a>(&'a self, catalogue: &'a Catalogue) -> Vocabulary<'a> {
        Vocabulary { catalogue, lists: &self.lists, codes: Some(&self.codes) }
    }

    /// The lists that an expression names, whatever codes it compares with; what does not type any more names none.
    pub fn lists_of(&self, catalogue: &Catalogue, expression: &str) -> Vec<String> {
        Vocabulary { codes: None, ..self.vocabulary(catalogue) }.lists_of(expression)
    }

    /// The codes that exist.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Types an expression: what it uses, or every mistake.
    pub fn check(&self, catalogue: &Catalogue, expression: &str) -> Result<Checked, Vec<ExpressionError>> {
        self.vocabulary(catalogue).check(expression)
    }
}

impl App {
    /// What conditions may name now. Lists that are still drafts count: a filter can be written along with its list.
    pub async fn words(&self, db: &impl ConnectionTrait) -> Result<Words, ManagementError> {
        // Typing needs names and kinds: what is on a list stays where it is.
        let named = lists::names(db, false).await?.into_iter().map(|(name, kind)| FilterList {
            name,
            version: 1,
            kind,
            valid_from: Timestamp::MIN,
            valid_to: None,
            entries: vec!["-".to_owned()],
        });
        let lists = Lists::new(named).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
        let planned = plans::offices(db).await?;
        Ok(Words { lists, codes: Codes::clone(&self.codes).with(CodeKind::Office, planned) })
    }
}

/// The codes that exist at `at`: countries of ISO 3166-1, currencies of ISO 4217, what is in the folder of reference
/// data, and what the settings list. Offices that have a plan are added when they are asked for.
pub fn codes(settings: &FilterSettings, at: Timestamp) -> Result<Codes, ReferenceError> {
    let letters = || 'A'..='Z';
    let pairs = || letters().flat_map(move |one| letters().map(move |two| format!("{one}{two}")));
    let triples = pairs().flat_map(|pair| letters().map(move |three| format!("{pair}{three}")));
    let day = at.to_zoned(TimeZone::UTC).date();
    let tables = &settings.codes;
    let mut codes = Codes::default()
        .with(CodeKind::Country, pairs().filter(|code| is_country(code)))
        .with(CodeKind::Currency, triples.filter(|code| is_currency(code, day)))
        .with(CodeKind::Tariff, tables.tariff.iter().cloned())
        .with(CodeKind::Office, tables.offices.iter().cloned())
        .with(CodeKind::Port, tables.ports.iter().cloned())
        .with(CodeKind::Currency, tables.currencies.iter().cloned());
    let Some(folder) = &settings.reference else { return Ok(codes) };
    if let Some(tariff) = files::read(&folder.join("tariff.csv"), files::tariff)? {
        codes = codes.with(CodeKind::Tariff, tariff.codes());
    }
    if let Some(offices) = files::read(&folder.join("offices.csv"), files::offices)? {
        codes = codes.with(CodeKind::Office, offices.into_iter().map(|office| office.0));
    }
    Ok(codes)
}
