//! The tables this service owns: rows and statements that write them, and the questions reports ask them.

pub mod hot_sqlite;
pub mod read;
pub mod report_sqlite;
pub mod rows;
pub mod statistics;
pub mod statistics_sqlite;
pub mod write;
