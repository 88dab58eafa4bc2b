//! Storing what a service owns: one database per service, opened, migrated, and written in whole transactions.
//!
//! Owns the tables that make messaging safe: the outbox (what is still to be published), the inbox (what already had
//! its effect) and the relay's position. Services bring their own tables and entities. Raw SQL that runs per batch
//! stands in [`hot_sqlite`] and `hot_postgres` alone; everything else goes through sea-orm.

pub mod database;
pub mod dialect;
pub mod erasure;
pub mod error;
pub(crate) mod hot_postgres;
pub mod hot_sqlite;
pub mod inbox;
pub mod migration;
pub mod outbox;
pub mod page;
pub mod places;
pub mod retention;
pub mod rounds;
pub mod settings;

pub use database::Database;
pub use dialect::Sql;
pub use erasure::{Erases, erase};
pub use error::StoreError;
pub use migration::{SqlMigration, migrations};
pub use page::{Cursor, CursorError, Limit, Page};
pub use places::Texts;
pub use retention::{Forgets, Retention};
pub use rounds::rounds;
pub use settings::Settings;
