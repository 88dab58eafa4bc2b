//! Where a database is, and how many connections it gets.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The URL alone chooses the backend.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:/path/to/file.db`, created when absent; `sqlite::memory:`, which forgets everything when closed; or
    /// `postgres://user@host:5432/database`, where the database exists. TLS is on and the server's certificate is
    /// checked, unless the server is this machine or the URL says otherwise (`?sslmode=`).
    pub url: String,
    /// `PostgreSQL` alone: the schema that holds the tables, made when absent. None: named after the service.
    pub schema: Option<String>,
    /// `PostgreSQL` alone: the most connections that write. They take turns; a second one is ready when the first ends.
    pub writers: u32,
    /// `PostgreSQL` alone: the most connections that read.
    pub readers: u32,
    /// `PostgreSQL` alone: a file with the certificates (PEM) that the server's must stem from, instead of those that
    /// the system trusts.
    pub ca_file: Option<PathBuf>,
    /// `PostgreSQL` alone: a file with the password, read when connecting. Line ends around it do not count.
    pub password_file: Option<PathBuf>,
    /// How many whole months back the rows of a table are kept, by table; of a table that is not named, all.
    pub keep_months: BTreeMap<String, u32>,
}

impl Settings {
    /// The database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            schema: None,
            writers: 2,
            readers: 4,
            ca_file: None,
            password_file: None,
            keep_months: BTreeMap::new(),
        }
    }

    /// The `SQLite` file at `path`.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::new(format!("sqlite:{}", path.as_ref().display()))
    }

    /// The same in a schema named after `service` (`declaration-intake`: `declaration_intake`), unless one is set.
    pub fn owned_by(&self, service: events::Service) -> Self {
        let schema = self.schema.clone().unwrap_or_else(|| service.as_str().replace('-', "_"));
        Self { schema: Some(schema), ..self.clone() }
    }

    /// The URL without the password that may stand in it.
    pub(crate) fn shown_url(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        // A password may hold slashes and question marks that should have been escaped: better too much than too little.
        let Some((access, place)) = rest.rsplit_once('@') else { return self.url.clone() };
        match access.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:…@{place}"),
            None => self.url.clone(),
        }
    }
}

/// In memory: what nobody gave a place is not kept.
impl Default for Settings {
    fn default() -> Self {
        Self::new("sqlite::memory:")
    }
}

/// Without the password that may stand in the URL.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.shown_url())
            .field("schema", &self.schema)
            .field("writers", &self.writers)
            .field("readers", &self.readers)
            .field("ca_file", &self.ca_file)
            .field("password_file", &self.password_file)
            .field("keep_months", &self.keep_months)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        let settings = Settings::new("postgres://aforo:se/c@ret@db.example:5432/aforo?sslmode=require");
        assert_eq!(settings.shown_url(), "postgres://aforo:…@db.example:5432/aforo?sslmode=require");
        assert!(!format!("{settings:?}").contains("ret"), "{settings:?}");
        assert_eq!(Settings::new("postgres://aforo@db/aforo").shown_url(), "postgres://aforo@db/aforo");
        assert_eq!(Settings::default().shown_url(), "sqlite::memory:");
    }

    #[test]
    fn schema_is_named_after_the_service_unless_it_is_set() {
        let settings = Settings::new("postgres://db/aforo");
        let intake = settings.owned_by(events::Service::DeclarationIntake);
        assert_eq!(intake.schema.as_deref(), Some("declaration_intake"));
        let named = Settings { schema: Some("north".to_owned()), ..settings };
        assert_eq!(named.owned_by(events::Service::Scoring).schema.as_deref(), Some("north"));
    }
}
