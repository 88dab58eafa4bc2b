//! `PostgreSQL`: a schema of its own per service, connections that write in turns, others that only read.
//!
//! Everything a connection needs is said when it is made, so that it costs no statement later. Poolers that share one
//! connection between transactions are not supported: prepared statements and these settings belong to a connection.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use sea_orm::{ConnectOptions, DatabaseConnection};

use super::STATEMENTS;
use crate::{Settings, StoreError};

/// How long a caller waits for a connection before it is told that the database is busy. While a server is away, the pool
/// asks for it again after pauses that grow to a fifth of this: who waits long learns late that it is back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often the first connection is asked for, each time for as long as above: a program may start before its server.
const FIRST_ASKED: usize = 10;
/// A connection that was idle so long is asked whether it still lives before it is used.
const PING_AFTER: Duration = Duration::from_secs(5);
/// The longest name that the server keeps whole.
const LONGEST_NAME: usize = 63;

/// What every connection is told. A process that hangs or vanishes within its turn holds up the others for a minute and
/// no longer; statements are small, so compiling them to machine code never pays.
const ALWAYS: [(&str, &str); 6] = [
    ("jit", "off"),
    ("lock_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];
/// What those that write are told. Their statements find few rows by key. The plan for that is a nested loop over an
/// index, and without statistics, as in tables that have just begun to grow, the server would rather read all.
const WRITING: [(&str, &str); 3] = [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off")];
/// What those that only read are told.
const READING: [(&str, &str); 1] = [("default_transaction_read_only", "on")];

/// The writing and the reading connections.
pub(super) async fn open(
    settings: &Settings,
    refuse: impl Fn(String) -> StoreError,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let options = options(settings).map_err(refuse)?;
    let reader = connect(options.clone().options(READING), settings.readers).await?;
    Ok((connect(options.options(WRITING), settings.writers).await?, reader))
}

/// Who connects to what, how it is protected, and what every connection is told; or what is wrong with the settings.
fn options(settings: &Settings) -> Result<PgConnectOptions, String> {
    let schema = settings.schema.as_deref().unwrap_or_default();
    if !is_name(schema) {
        return Err(format!(
            "the schema must be named with small letters, digits and underlines, 63 at most: {schema:?} is not"
        ));
    }
    let given = PgConnectOptions::from_str(&settings.url).map_err(|error| error.to_string())?;
    let mut options = given.application_name(schema).statement_cache_capacity(STATEMENTS).options(ALWAYS);
    options = options.options([("search_path", schema)]);
    let unreadable =
        |what: &str, file: &Path, error| format!("the {what} in {} cannot be read: {error}", file.display());
    if let Some(file) = &settings.password_file {
        let password = std::fs::read_to_string(file).map_err(|error| unreadable("password", file, error))?;
        options = options.password(password.trim_matches(['\r', '\n']));
    }
    if let Some(file) = &settings.ca_file {
        let pem = std::fs::read(file).map_err(|error| unreadable("certificates", file, error))?;
        options = options.ssl_root_cert_from_pem(pem).ssl_mode(PgSslMode::VerifyFull);
    } else if !settings.url.contains("sslmode=") && !is_this_machine(&options) {
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    Ok(options)
}

async fn connect(given: PgConnectOptions, connections: u32) -> Result<DatabaseConnection, StoreError> {
    // The options that were made here replace those that would be read from a URL.
    let mut options = ConnectOptions::new("postgres://");
    options
        .max_connections(connections.max(1))
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(PING_AFTER)
        .record_stmt_in_spans(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |_| sea_orm::sqlx::ConnectOptions::disable_statement_logging(given.clone()));
    let mut connected = sea_orm::Database::connect(options.clone()).await;
    for _ in 1..FIRST_ASKED {
        match connected.map_err(StoreError::from) {
            Err(error) if error.is_transient() => connected = sea_orm::Database::connect(options.clone()).await,
            other => return other,
        }
    }
    Ok(connected?)
}

fn is_name(schema: &str) -> bool {
    schema.len() <= LONGEST_NAME
        && schema.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_this_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_need_no_quotes() {
        for good in ["scoring", "declaration_intake", "_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Scoring", "a-b", "2", "a b", "a;b", &"a".repeat(64)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn certificates_are_checked_unless_the_url_says_otherwise() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "s3cret \n").unwrap();
        let given = |url: &str, files: bool| {
            let file = files.then(|| file.path().to_owned());
            let schema = Some("scoring".to_owned());
            let settings = Settings { schema, ca_file: file.clone(), password_file: file, ..Settings::new(url) };
            options(&settings).unwrap()
        };
        let mode = |url: &str| given(url, false).get_ssl_mode();
        assert!(matches!(mode("postgres://a@db.example/b"), PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://a@db.example/b?sslmode=require"), PgSslMode::Require));
        assert!(matches!(mode("postgres://a@localhost/b"), PgSslMode::Prefer));
        let protected = given("postgres://a@localhost/b", true);
        assert!(matches!(protected.get_ssl_mode(), PgSslMode::VerifyFull), "who names authorities wants them asked");
        assert!(format!("{protected:?}").contains("\"s3cret \""), "line ends alone do not count");
        assert!(protected.get_options().unwrap_or_default().contains("search_path=scoring"));
    }

    #[test]
    fn only_this_machine_is_trusted_without_tls() {
        let is_here = |url: &str| is_this_machine(&PgConnectOptions::from_str(url).unwrap());
        for here in [
            "postgres://a@localhost/b",
            "postgres://a@127.0.0.1:5/b",
            "postgres://a@[::1]/b",
            "postgres:///b?host=/run",
        ] {
            assert!(is_here(here), "{here}");
        }
        for away in ["postgres://a@db.example/b", "postgres://a@10.0.0.1/b", "postgres://a@localhost.example/b"] {
            assert!(!is_here(away), "{away}");
        }
    }
}
