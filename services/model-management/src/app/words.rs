//! What conditions are typed against when they are written: fields, lists and reference codes.

use declaration_formats::quality::is_country;
use jiff::Timestamp;
use risk_filters::{Catalogue, Checked, CodeKind, Codes, ExpressionError, FilterList, Lists, Vocabulary};
use sea_orm::ConnectionTrait;

use super::App;
use crate::{ManagementError, settings::CodeTables, store::lists};

/// Lists and codes at a moment; fields do not change while a service runs.
#[derive(Debug)]
pub struct Words {
    lists: Lists,
    codes: std::sync::Arc<Codes>,
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
        Ok(Words { lists, codes: std::sync::Arc::clone(&self.codes) })
    }
}

/// The codes that conditions are checked with: countries of ISO 3166-1, and what the settings list.
pub fn codes(tables: &CodeTables) -> Codes {
    let letters = || 'A'..='Z';
    let pairs = letters().flat_map(|one| letters().map(move |two| format!("{one}{two}")));
    Codes::default()
        .with(CodeKind::Country, pairs.filter(|code| is_country(code)))
        .with(CodeKind::Tariff, tables.tariff.iter().cloned())
        .with(CodeKind::Office, tables.offices.iter().cloned())
        .with(CodeKind::Port, tables.ports.iter().cloned())
        .with(CodeKind::Currency, tables.currencies.iter().cloned())
}
