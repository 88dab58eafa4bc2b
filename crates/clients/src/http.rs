//! The connection pool below a client: no proxy, no delay for small requests, TLS by rustls with ring.
//!
//! Certificates are checked against the roots of the system, and those of a file where an administration has its own
//! authority. A system without any roots is no error until `https` is called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// The trust that was asked for cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The file of authorities cannot be read, or holds none.
    #[error("{} holds no certificate authority that can be read (PEM): {reason}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The pool cannot be made.
    #[error("no HTTP client can be made: {0}")]
    Pool(#[from] reqwest::Error),
}

/// A pool for addresses without TLS: it trusts nobody, and reads no certificate.
pub fn http() -> Result<reqwest::Client, HttpError> {
    Ok(pool(RootCertStore::empty()).build()?)
}

/// A pool that trusts the system's authorities, and those of the PEM file `authorities`.
pub fn https(authorities: Option<&Path>) -> Result<reqwest::Client, HttpError> {
    Ok(pool(trusted(authorities)?).build()?)
}

/// The same for addresses that others chose: redirects are not followed, so that nobody is led to where the address
/// would have been refused.
pub fn outward(authorities: Option<&Path>) -> Result<reqwest::Client, HttpError> {
    Ok(pool(trusted(authorities)?).redirect(reqwest::redirect::Policy::none()).build()?)
}

fn trusted(authorities: Option<&Path>) -> Result<RootCertStore, HttpError> {
    let mut roots = RootCertStore::empty();
    // What the system holds and cannot be read is as good as absent: the call that needs it is refused.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authorities {
        add(&mut roots, path)?;
    }
    Ok(roots)
}

fn pool(roots: RootCertStore) -> reqwest::ClientBuilder {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder().no_proxy().tcp_nodelay(true).tls_backend_preconfigured(tls)
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), HttpError> {
    let refuse = |reason: String| HttpError::Authorities { path: path.to_owned(), reason };
    let mut found = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| refuse(error.to_string()))? {
        roots
            .add(certificate.map_err(|error| refuse(error.to_string()))?)
            .map_err(|error| refuse(error.to_string()))?;
        found += 1;
    }
    if found == 0 { Err(refuse("no certificate in it".to_owned())) } else { Ok(()) }
}
