//! What a server shows to prove who it is, and taking a renewed certificate without a restart.
//!
//! Owns reading the certificate chain and its key, and looking at both files again and again: when they changed and fit
//! together they are shown from the next connection on; when they do not, the ones in force stay and a warning tells
//! why. Refuses to start with files that cannot be used.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

/// The files of a server that speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, with those between it and the authority (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
    /// Seconds between two looks at the files; 30 unless told.
    #[serde(default = "reload_seconds")]
    pub reload_seconds: u64,
}

fn reload_seconds() -> u64 {
    30
}

/// Files that cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{} holds no {expected} that can be read (PEM): {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// Why not.
        reason: String,
    },
    /// The key is not the certificate's.
    #[error("{} and {} do not fit together: {reason}", certificate.display(), key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// What is shown now. Cheap to clone; clones show the same.
#[derive(Clone, Debug)]
pub(crate) struct Shown(Arc<State>);

#[derive(Debug)]
struct State {
    files: Tls,
    key: RwLock<Arc<CertifiedKey>>,
}

impl Shown {
    pub(crate) fn open(files: Tls) -> Result<Self, TlsError> {
        let key = RwLock::new(Arc::new(read(&files)?));
        Ok(Self(Arc::new(State { files, key })))
    }

    /// How connections are secured: TLS 1.2 and 1.3, by ring, with what is shown at that moment.
    pub(crate) fn config(&self) -> ServerConfig {
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self.clone()))
    }

    /// Looks at the files for ever.
    pub(crate) async fn follow(&self) {
        let pause = Duration::from_secs(self.0.files.reload_seconds.max(1));
        loop {
            tokio::time::sleep(pause).await;
            self.reload();
        }
    }

    /// Shows what the files hold now, if it can be shown.
    fn reload(&self) {
        match read(&self.0.files) {
            Ok(new) => {
                let mut key = self.0.key.write().unwrap_or_else(PoisonError::into_inner);
                if key.cert != new.cert {
                    tracing::info!(certificate = %self.0.files.certificate.display(), "another certificate is shown");
                    *key = Arc::new(new);
                }
            }
            Err(error) => tracing::warn!(%error, "the certificate in force stays"),
        }
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(files: &Tls) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(&files.certificate)?;
    let refuse = |reason: String| TlsError::File { path: files.key.clone(), expected: "private key", reason };
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| refuse(error.to_string()))?;
    // Also says whether the key is the certificate's.
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| TlsError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        reason: error.to_string(),
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let refuse = |reason: String| TlsError::File { path: path.to_owned(), expected: "certificate", reason };
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refuse(error.to_string()))?;
    if chain.is_empty() { Err(refuse("no certificate in it".to_owned())) } else { Ok(chain) }
}
