//! What is `PostgreSQL`'s alone. These tests do nothing where the environment names none.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use store::{Database, Settings, StoreError, outbox};
use testkit::Home;
use testkit::database::{MessagingTables, TestDatabase, database_in};

testkit::store_contract!(Home::of_postgres().map(|home| (home.store(), home)));

async fn database() -> Option<TestDatabase> {
    match Home::of_postgres() {
        Some(home) => Some(database_in::<MessagingTables>(home).await),
        None => None,
    }
}

async fn text(db: &DatabaseConnection, sql: &str) -> String {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    db.query_one_raw(statement).await.expect("an answer").expect("a row").try_get_by_index(0).expect("a text")
}

#[tokio::test]
async fn committed_means_on_the_disk_and_readers_cannot_write() {
    let Some(db) = database().await else { return };
    assert_ne!(text(db.writer(), "SHOW synchronous_commit").await, "off");
    let refused = db.reader().execute_unprepared("DELETE FROM inbox").await;
    assert!(refused.is_err());
    let ends = text(db.writer(), "SHOW idle_in_transaction_session_timeout").await;
    assert_eq!(ends, "1min", "who hangs within a turn does not hold up the others for ever");
}

#[tokio::test]
async fn every_service_has_a_schema_of_its_own() {
    let (Some(one), Some(other)) = (database().await, database().await) else { return };
    outbox::published(one.writer(), "relay", 41).await.unwrap();
    assert_eq!(outbox::position(other.reader(), "relay").await.unwrap(), 0);
    let schema = one.settings().schema.expect("a schema");
    assert_eq!(text(one.reader(), "SELECT current_schema()::text").await, schema);
}

#[tokio::test]
async fn programs_that_migrate_at_once_do_not_meet() {
    let Some(home) = Home::of_postgres() else { return };
    let open = || async {
        let db = Database::open(&home.store()).await.unwrap();
        db.migrate::<MessagingTables>().await
    };
    let (one, two, three) = tokio::join!(open(), open(), open());
    assert!(one.is_ok() && two.is_ok() && three.is_ok(), "{one:?} {two:?} {three:?}");
}

#[tokio::test]
async fn turns_hold_across_processes() {
    let Some(db) = database().await else { return };
    let other = Database::open(&db.settings()).await.unwrap();
    let tx = db.begin().await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(100), other.begin()).await;
    assert!(waiting.is_err(), "two transactions write at once");
    tx.commit().await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), other.begin()).await.expect("its turn comes").unwrap();
}

#[tokio::test]
async fn messages_appended_outside_a_turn_wait_for_it() {
    let Some(db) = database().await else { return };
    let envelope = testkit::envelope("declaration.moved", 1, 0);
    let tx = db.begin().await.unwrap();
    let message = [envelope];
    let appended = tokio::time::timeout(Duration::from_millis(100), outbox::append(db.writer(), &message)).await;
    assert!(appended.is_err(), "a place was taken while a lower one may still come");
    drop(tx);
    outbox::append(db.writer(), &message).await.unwrap();
}

#[tokio::test]
async fn broken_connections_are_transient_and_replaced() {
    let Some(db) = database().await else { return };
    let pid = "SELECT pg_backend_pid()::text";
    let tx = db.begin().await.unwrap();
    let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, pid)).await.unwrap().unwrap();
    let pid: String = row.try_get_by_index(0).unwrap();
    text(db.reader(), &format!("SELECT pg_terminate_backend({pid})::text")).await;
    let error = StoreError::from(tx.execute_unprepared("SELECT 1").await.expect_err("the connection is gone"));
    assert!(error.is_transient(), "{error:?}");
    drop(tx);
    db.begin().await.expect("another connection takes its place");
}

#[tokio::test]
async fn waiting_too_long_for_a_lock_is_transient() {
    let Some(db) = database().await else { return };
    let turn = db.begin().await.unwrap();
    let tx = db.writer().begin().await.unwrap();
    tx.execute_unprepared("SET LOCAL lock_timeout = '50ms'").await.unwrap();
    let error = outbox::append(&tx, &[testkit::envelope("declaration.moved", 1, 0)]).await.expect_err("no turn");
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    drop(turn);
}

#[tokio::test]
async fn schemas_passwords_and_certificates_that_are_not_there_are_told() {
    let missing = Some("/proc/nowhere".into());
    let base = Settings { schema: Some("test".to_owned()), ..Settings::new("postgres://a:secret@127.0.0.1:1/b") };
    for (settings, what) in [
        (Settings { schema: None, ..base.clone() }, "schema"),
        (Settings { schema: Some("Bad name".to_owned()), ..base.clone() }, "Bad name"),
        (Settings { password_file: missing.clone(), ..base.clone() }, "/proc/nowhere"),
        (Settings { ca_file: missing, ..base.clone() }, "/proc/nowhere"),
    ] {
        let error = Database::open(&settings).await.expect_err("it cannot be opened");
        let told = error.to_string();
        assert!(matches!(error, StoreError::Url { .. }), "{told}");
        assert!(told.contains(what) && !told.contains("secret"), "{told}");
    }
}

/// `AFORO_TEST_POSTGRES_TLS_URL` names a user who needs a password (`AFORO_TEST_POSTGRES_PASSWORD`) and TLS, whose authority is
/// in `AFORO_TEST_POSTGRES_CA_FILE`.
#[tokio::test]
async fn connection_is_secured_by_a_checked_certificate_and_a_password_from_a_file() {
    let named = |name| std::env::var_os(name)?.into_string().ok().filter(|text| !text.is_empty());
    let (Some(url), Some(password), Some(ca_file)) = (
        named("AFORO_TEST_POSTGRES_TLS_URL"),
        named("AFORO_TEST_POSTGRES_PASSWORD"),
        named("AFORO_TEST_POSTGRES_CA_FILE"),
    ) else {
        return eprintln!("skipped: AFORO_TEST_POSTGRES_TLS_URL names no PostgreSQL");
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{text}\n")).unwrap();
        Some(path)
    };
    let secured = Settings {
        schema: Some(format!("secured_{}", std::process::id())),
        ca_file: Some(ca_file.into()),
        password_file: file("password", &password),
        ..Settings::new(url)
    };
    let db = Database::open(&secured).await.unwrap();
    let over_tls = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(text(db.writer(), over_tls).await, "true");
    assert_eq!(text(db.writer(), "SELECT current_user::text").await, "secured");
    let schema = secured.schema.clone().expect("a schema");
    db.writer().execute_unprepared(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await.unwrap();
    db.close().await.unwrap();

    let wrong_password = Settings { password_file: file("wrong", "another-password"), ..secured.clone() };
    // Whose certificate no authority signs that is trusted here.
    let unknown_signer =
        Settings { ca_file: None, url: format!("{}?sslmode=verify-full", secured.url), ..secured.clone() };
    for refused in [wrong_password, unknown_signer] {
        let error = Database::open(&refused).await.expect_err("refused");
        let told = format!("{error} {error:?}");
        assert!(!told.contains(&password) && !told.contains("another-password"), "a password is told: {told}");
    }
}
