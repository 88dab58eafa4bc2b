//! Tokens of an identity provider (OpenID Connect): its keys fetched and kept, its tokens judged, its claims read.
//!
//! Owns the provider's key set: fetched when a token names a key that is not known (at most once in a while, whatever
//! callers send), renewed when it is old, and no longer trusted when the provider was not reached for too long. Takes
//! only the algorithms that the settings name, never a shared secret, and only keys made for signing.

mod claims;
mod keys;
mod settings;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lifecycle::ProcessClock;
use serde_json::{Map, Value};

pub use settings::Settings;

use crate::Principal;

/// The longest wait for the provider.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of what the provider answers.
const MOST_BYTES: usize = 1 << 20;

/// A token of the provider that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// Its key is not the provider's, or the provider could not be asked.
    #[error("the token's key is not known to the identity provider")]
    UnknownKey,
    /// Its algorithm is not one of the settings, or not its key's.
    #[error("the token is signed with an algorithm that is not taken here")]
    Algorithm,
    /// Malformed, or signed by another key.
    #[error("the token is malformed or was not signed by the identity provider")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// It was issued by or for somebody else, or at another time.
    #[error("the token does not hold: {0}")]
    Claims(&'static str),
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OidcSettingsError {
    /// No client can be made.
    #[error("the identity provider cannot be called")]
    Client(#[from] clients::http::HttpError),
    /// A setting makes no sense.
    #[error("server.oidc.{setting}: {reason}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Debug)]
struct Key {
    key: DecodingKey,
    /// The one algorithm it is for; none where the provider names none.
    algorithm: Option<Algorithm>,
}

#[derive(Debug, Default)]
struct Known {
    keys: HashMap<String, Key>,
    /// When they were fetched (process clock, Unix milliseconds); none before the first time.
    fetched_at: Option<i64>,
}

/// The provider. Cheap to clone; clones share the keys.
#[derive(Clone, Debug)]
pub(crate) struct Oidc(Arc<Provider>);

#[derive(Debug)]
struct Provider {
    settings: Settings,
    algorithms: Vec<Algorithm>,
    http: reqwest::Client,
    clock: ProcessClock,
    known: RwLock<Arc<Known>>,
    /// When the provider was last asked.
    asked_at: AtomicI64,
    asking: tokio::sync::Mutex<()>,
}

impl Oidc {
    pub(crate) fn new(settings: Settings, clock: ProcessClock) -> Result<Self, OidcSettingsError> {
        let algorithms = settings.check()?;
        let secure = settings.issuer.starts_with("https://");
        let http = if secure || settings.authorities.is_some() {
            clients::http::https(settings.authorities.as_deref())?
        } else {
            clients::http::http()?
        };
        Ok(Self(Arc::new(Provider {
            settings,
            algorithms,
            http,
            clock,
            known: RwLock::default(),
            asked_at: AtomicI64::new(i64::MIN),
            asking: tokio::sync::Mutex::new(()),
        })))
    }

    /// The key that a token of the provider names; none for a token that is not the provider's: without a key's name,
    /// or signed with a shared secret.
    #[allow(clippy::unused_self, reason = "asked of a provider: without one no token is a provider's")]
    pub(crate) fn key_of(&self, token: &str) -> Option<String> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
            return None;
        }
        header.kid
    }

    /// Fetches the keys when `key` is not among them, or they are old.
    pub(crate) async fn prepare(&self, key: &str) {
        if !self.due(key) {
            return;
        }
        let _one_at_a_time = self.0.asking.lock().await;
        // Somebody else may have asked meanwhile.
        if !self.due(key) {
            return;
        }
        self.0.asked_at.store(self.0.clock.unix_ms(), Ordering::Relaxed);
        match self.fetch().await {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "the identity provider's keys were fetched");
                let known = Known { keys, fetched_at: Some(self.0.clock.unix_ms()) };
                *self.0.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
            }
            Err(reason) => tracing::warn!(reason, "the identity provider's keys cannot be fetched"),
        }
    }

    /// Whether to ask the provider now: there is a reason, and it was not asked just before.
    fn due(&self, key: &str) -> bool {
        let (known, now) = (self.known(), self.0.clock.unix_ms());
        let old = known.fetched_at.is_none_or(|at| now.saturating_sub(at) > self.0.settings.refresh_seconds * 1_000);
        let pause = self.0.settings.retry_seconds * 1_000;
        let rested = now.saturating_sub(self.0.asked_at.load(Ordering::Relaxed)) >= pause;
        rested && (old || !known.keys.contains_key(key))
    }

    /// Who the token speaks for, by the keys that are known.
    pub(crate) fn verify(&self, token: &str) -> Result<Principal, OidcError> {
        let header = jsonwebtoken::decode_header(token).map_err(OidcError::Invalid)?;
        if !self.0.algorithms.contains(&header.alg) {
            return Err(OidcError::Algorithm);
        }
        let known = self.known();
        let now = self.0.clock.unix_ms();
        if known.fetched_at.is_none_or(|at| now.saturating_sub(at) > self.0.settings.keep_seconds * 1_000) {
            return Err(OidcError::UnknownKey);
        }
        let key = header.kid.and_then(|kid| known.keys.get(&kid)).ok_or(OidcError::UnknownKey)?;
        if key.key.family() != header.alg.family() || key.algorithm.is_some_and(|only| only != header.alg) {
            return Err(OidcError::Algorithm);
        }
        let mut validation = Validation::new(header.alg);
        // Judged below: times by the process clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &validation)
            .map_err(OidcError::Invalid)?
            .claims;
        claims::principal(&claims, &self.0.settings, now / 1_000).map_err(OidcError::Claims)
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> Result<HashMap<String, Key>, String> {
        let settings = &self.0.settings;
        let url = if let Some(url) = &settings.jwks_url {
            url.clone()
        } else {
            let issuer = settings.issuer.trim_end_matches('/');
            let document = self.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
            if document["issuer"].as_str() != Some(&settings.issuer) {
                return Err(format!("its document names the issuer {}", document["issuer"]));
            }
            document["jwks_uri"].as_str().ok_or("its document names no jwks_uri")?.to_owned()
        };
        if settings.issuer.starts_with("https://") && !url.starts_with("https://") {
            return Err(format!("its keys are at {url}, without TLS"));
        }
        let keys = keys::read(&self.get(&url).await?);
        if keys.is_empty() { Err(format!("no key at {url} can be used")) } else { Ok(keys) }
    }

    async fn get(&self, url: &str) -> Result<Value, String> {
        let told = |error: &dyn std::fmt::Display| format!("{url}: {error}");
        let request = self.0.http.get(url).timeout(PATIENCE);
        let mut response =
            request.send().await.and_then(reqwest::Response::error_for_status).map_err(|error| told(&error))?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| told(&error))? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(told(&"the answer is too long"));
            }
            body.extend_from_slice(&part);
        }
        serde_json::from_slice(&body).map_err(|error| told(&error))
    }
}
