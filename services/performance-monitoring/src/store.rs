//! The tables this service owns: rows and statements that write them, and the questions reports ask them.

mod hot_postgres;
mod hot_sqlite;
pub mod read;
mod report_postgres;
mod report_sqlite;
pub mod rows;
pub mod statistics;
mod statistics_postgres;
mod statistics_sqlite;
pub mod trials;
pub mod write;
