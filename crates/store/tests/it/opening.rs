//! Opening, closing and sharing a database file.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use store::{Database, Settings, StoreError};
use testkit::database::MessagingTables;

async fn pragma(db: &impl ConnectionTrait, name: &str) -> String {
    let statement =
        Statement::from_string(DbBackend::Sqlite, format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
    let row = db.query_one_raw(statement).await.expect("pragmas are read").expect("the pragma has a value");
    row.try_get_by_index(0).expect("a text")
}

#[tokio::test]
async fn committed_means_on_the_disk() {
    let db = testkit::database_in::<MessagingTables>(testkit::Home::of_files()).await;
    assert_eq!(pragma(db.writer(), "journal_mode").await, "wal");
    assert_eq!(pragma(db.writer(), "synchronous").await, "2");
    assert_eq!(pragma(db.writer(), "foreign_keys").await, "1");
    assert_eq!(pragma(db.reader(), "query_only").await, "1");
}

#[tokio::test]
async fn readers_cannot_write() {
    let db = testkit::database_in::<MessagingTables>(testkit::Home::of_files()).await;
    let refused = db.reader().execute_unprepared("DELETE FROM inbox").await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn reading_goes_on_while_a_transaction_is_open() {
    let db = testkit::database_in::<MessagingTables>(testkit::Home::of_files()).await;
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared("INSERT INTO relay_position VALUES ('one', 1)").await.unwrap();
    assert!(store::outbox::unpublished(db.reader(), "one", 1).await.unwrap().is_empty());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn closed_database_keeps_what_was_committed() {
    let db = testkit::database_in::<MessagingTables>(testkit::Home::of_files()).await;
    let settings = db.settings();
    store::outbox::published(db.writer(), "one", 41).await.unwrap();
    db.close().await.unwrap();
    let again = Database::open(&settings).await.unwrap();
    again.migrate::<MessagingTables>().await.unwrap();
    let statement = Statement::from_string(DbBackend::Sqlite, "SELECT published FROM relay_position");
    let place: i64 = again.reader().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(place, 41);
}

#[tokio::test]
async fn unknown_urls_are_refused_and_named() {
    for url in ["mysql://localhost/aforo", "file.db", "sqlite:/proc/nowhere/x.db"] {
        let error = Database::open(&Settings::new(url)).await.unwrap_err();
        assert!(matches!(&error, StoreError::Url { url: named, .. } if named == url), "{error}");
    }
}
