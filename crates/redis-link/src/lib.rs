//! Connections to Redis and Valkey, for whoever keeps something there: the queue and the online store.
//!
//! Owns how an address, a password and certificates become a connection, and how a broken one is made again. Knows
//! nothing of what is stored.

pub mod link;

use std::path::{Path, PathBuf};
use std::sync::Once;

use lifecycle::Secret;
use redis::{
    Client, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisError, ScriptInvocation, TlsCertificates,
};

pub use link::{Connection, Link};

/// Where a Redis is, and by what it knows us.
#[derive(Clone, Debug, Default)]
pub struct Address<'a> {
    /// `redis://host:6379/0`, or `rediss://host:6379/0` with TLS. A user may stand in it, a password may not.
    pub url: &'a str,
    /// The password.
    pub password: &'a str,
    /// A file with the password; wins over `password`.
    pub password_file: Option<&'a Path>,
    /// A file with the certificates (PEM) that sign the server's; without it those of the system count.
    pub ca_file: Option<&'a Path>,
}

impl<'a> Address<'a> {
    /// Whether `url` names a Redis at all.
    pub fn is_redis(url: &str) -> bool {
        url.starts_with("redis:") || url.starts_with("rediss:")
    }

    /// The address that settings spell out.
    pub fn new(
        url: &'a str,
        password: &'a Secret,
        password_file: Option<&'a PathBuf>,
        ca_file: Option<&'a PathBuf>,
    ) -> Self {
        Self {
            url,
            password: password.expose(),
            password_file: password_file.map(PathBuf::as_path),
            ca_file: ca_file.map(PathBuf::as_path),
        }
    }
}

/// Whether `name` can stand in a key as it is: letters, digits, '-', '_' and '.', one at least.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// A Redis that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It refuses, or is out of reach.
    #[error("redis refuses, or is out of reach")]
    Redis(#[from] RedisError),
    /// The address cannot work.
    #[error("{0}")]
    Address(&'static str),
    /// A file that the address names cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The client of an address. Reads the files that it names; connects to nothing yet.
pub async fn client(address: &Address<'_>) -> Result<Client, LinkError> {
    let info = address.url.into_connection_info()?;
    if info.redis_settings().password().is_some() {
        return Err(LinkError::Address("a password belongs in `password` or `password_file`, not in the URL"));
    }
    let password = match address.password_file {
        Some(path) => read(path).await?.trim_end_matches(['\r', '\n']).to_owned(),
        None => address.password.to_owned(),
    };
    let mut redis = info.redis_settings().clone().set_lib_name("aforo", env!("CARGO_PKG_VERSION"));
    if !password.is_empty() {
        redis = redis.set_password(password);
    }
    let secured = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
    let info = info.set_redis_settings(redis);
    if !secured {
        return Ok(Client::open(info)?);
    }
    use_ring();
    let root_cert = match address.ca_file {
        Some(path) => Some(read(path).await?.into_bytes()),
        None => None,
    };
    Ok(Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })?)
}

/// Runs a script over a link. It is sent by its digest; a server that does not know it is given the text once.
pub async fn run<T: FromRedisValue>(link: &Link, call: &ScriptInvocation<'_>) -> Result<T, LinkError> {
    let mut connection = link.connection().await?;
    let result = call.invoke_async(&mut connection.redis).await;
    Ok(link.judged(&connection, result)?)
}

/// TLS takes the provider of the process; where nobody has set one it is ring.
fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Set by another part of the process: theirs stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

async fn read(path: &Path) -> Result<String, LinkError> {
    let read = tokio::fs::read_to_string(path).await;
    read.map_err(|source| LinkError::File { path: path.to_owned(), source })
}
