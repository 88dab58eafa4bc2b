//! Where model artefacts come from.

use async_trait::async_trait;
use bytes::Bytes;
use clients::{Client, ClientError};
use lifecycle::Secret;

/// An artefact that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Model-management does not answer, or refuses.
    #[error("model-management does not give the artefact")]
    Client(#[from] ClientError),
    /// Nobody has it.
    #[error("nobody has artefact {0}")]
    Unknown(String),
}

/// Gives artefacts by digest.
#[async_trait]
pub trait ArtefactSource: Send + Sync {
    /// The bytes of the artefact with this digest (BLAKE3, hex).
    async fn fetch(&self, digest: &str) -> Result<Bytes, SourceError>;
}

/// Asks model-management over HTTP.
#[derive(Debug)]
pub struct HttpArtefactSource {
    client: Client,
}

impl HttpArtefactSource {
    /// Asks the model-management at `url` with `token`.
    pub fn new(url: &str, token: &Secret) -> Result<Self, SourceError> {
        Ok(Self { client: Client::new(url, token.expose())? })
    }
}

#[async_trait]
impl ArtefactSource for HttpArtefactSource {
    async fn fetch(&self, digest: &str) -> Result<Bytes, SourceError> {
        Ok(self.client.artefact(digest).await?)
    }
}
