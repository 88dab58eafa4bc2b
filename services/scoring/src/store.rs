//! The tables of this service.

mod hot_sqlite;
pub mod offices;
pub mod selections;
pub mod tables;

use sea_orm::{DbBackend, Statement, Value};

fn statement<const N: usize>(sql: &'static str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

fn hex(id: uuid::Uuid) -> String {
    id.simple().to_string()
}
