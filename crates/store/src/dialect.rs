//! Statements that say the same to `SQLite` and to `PostgreSQL`.
//!
//! Services do not ask which database they run on: the connection tells, when a statement is made for it. Where one text
//! serves both (parameters as `$1`), it is written once.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// A statement in the words of each database. Parameters have the same meaning, order and types in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql {
    /// As `SQLite` understands it.
    pub sqlite: &'static str,
    /// As `PostgreSQL` understands it.
    pub postgres: &'static str,
}

impl Sql {
    /// One text that both understand.
    pub const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// The text for `backend`.
    pub fn text(self, backend: DbBackend) -> &'static str {
        if backend == DbBackend::Postgres { self.postgres } else { self.sqlite }
    }

    /// The statement for the database behind `db`, with its parameters. `PostgreSQL` keeps no U+0000 in a text: there it is
    /// replaced by U+FFFD.
    pub fn on(self, db: &impl ConnectionTrait, values: impl IntoIterator<Item = Value>) -> Statement {
        let backend = db.get_database_backend();
        let text = self.text(backend);
        if backend != DbBackend::Postgres {
            return Statement::from_sql_and_values(backend, text, values);
        }
        let values = values.into_iter().enumerate().map(|(place, value)| match value {
            Value::String(Some(given)) => Value::String(Some(storable(given, text, place + 1))),
            value => value,
        });
        Statement::from_sql_and_values(backend, text, values)
    }
}

/// The text of parameter `place` of `sql` without U+0000: as such, and escaped where the statement reads it as JSON.
fn storable(given: String, sql: &str, place: usize) -> String {
    let given = if given.contains('\0') { given.replace('\0', "\u{fffd}") } else { given };
    if !given.contains("\\u0000") || !sql.contains(&format!("${place}::jsonb")) {
        return given;
    }
    let (mut storable, mut rest) = (String::with_capacity(given.len()), given.as_str());
    // A backslash escapes what follows it, another backslash too.
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        let length = if escape.starts_with("\\u0000") { 6 } else { escape.chars().take(2).map(char::len_utf8).sum() };
        storable.push_str(before);
        storable.push_str(if length == 6 { "\\ufffd" } else { &escape[..length] });
        rest = &escape[length..];
    }
    storable.push_str(rest);
    storable
}

/// The hot statement of this name: `hot!(INSERT_FEED)` is `INSERT_FEED` of the modules `store::hot_sqlite` and
/// `store::hot_postgres` of the calling crate, one file per database.
#[macro_export]
#[expect(clippy::crate_in_macro_def, reason = "the statements are the calling crate's")]
macro_rules! hot {
    ($name:ident) => {
        $crate::Sql { sqlite: crate::store::hot_sqlite::$name, postgres: crate::store::hot_postgres::$name }
    };
}

/// The text of a migration in both: `sql_files!("migrations", "plans.sql")` is `migrations/plans.sql` for `SQLite` and
/// `migrations/postgres/plans.sql` for `PostgreSQL`, beside the calling file.
#[macro_export]
macro_rules! sql_files {
    ($folder:literal, $name:literal) => {
        $crate::Sql {
            sqlite: include_str!(concat!($folder, "/", $name)),
            postgres: include_str!(concat!($folder, "/postgres/", $name)),
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_replaced_where_the_database_keeps_none() {
        let sql = "INSERT INTO a SELECT v FROM jsonb_array_elements($1::jsonb) v WHERE $2 > ''";
        let json = |given: &str| storable(given.to_owned(), sql, 1);
        assert_eq!(
            json(r#"["a\u0000b","\\u0000","\\\u0000","\n\u00001"]"#),
            r#"["a\ufffdb","\\u0000","\\\ufffd","\n\ufffd1"]"#
        );
        assert_eq!(storable(r"\u0000".to_owned(), sql, 2), r"\u0000", "a text that is no JSON stays");
        assert_eq!(storable("a\0".to_owned(), sql, 2), "a\u{fffd}");
    }

    #[test]
    fn each_database_gets_its_own_words() {
        let sql = Sql { sqlite: "one", postgres: "other" };
        assert_eq!((sql.text(DbBackend::Sqlite), sql.text(DbBackend::Postgres)), ("one", "other"));
        assert_eq!(Sql::both("same"), Sql { sqlite: "same", postgres: "same" });
    }
}
