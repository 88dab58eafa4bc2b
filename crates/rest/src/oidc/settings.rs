//! Which identity provider is trusted, and what its claims mean here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use customs::OfficeCode;
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

use super::OidcSettingsError;
use crate::Role;

/// An identity provider (`OpenID` Connect).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Its name, as its tokens say it (`iss`); an address with https.
    pub issuer: String,
    /// Who its tokens must be for (`aud`).
    pub audience: String,
    /// Where its keys are; none asks `{issuer}/.well-known/openid-configuration`.
    pub jwks_url: Option<String>,
    /// Authorities to trust beside the machine's own when it is called (PEM).
    pub authorities: Option<PathBuf>,
    /// The algorithms that are taken, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and `EdDSA`.
    pub algorithms: BTreeSet<String>,
    /// Seconds that its clock may be ahead or behind.
    pub skew_seconds: i64,
    /// Seconds after which its keys are fetched again.
    pub refresh_seconds: i64,
    /// Fewest seconds between two fetches, whatever keys callers name.
    pub retry_seconds: i64,
    /// Seconds after which keys that could not be fetched again are no longer trusted.
    pub keep_seconds: i64,
    /// The claim that names the bearer.
    pub subject_claim: String,
    /// The claim that says what they may, a text (with spaces between several) or a list; dots lead into objects
    /// (`realm_access.roles`).
    pub roles_claim: String,
    /// The roles behind each value of that claim. A value that is not here means nothing.
    pub roles: BTreeMap<String, BTreeSet<Role>>,
    /// The claim that says for which offices; none takes every bearer for all offices. Absent from a token: no office.
    pub offices_claim: Option<String>,
    /// The value of that claim that means every office.
    pub all_offices: String,
    /// The offices behind each value of that claim. Without any, the values are the offices' codes.
    pub offices: BTreeMap<String, BTreeSet<OfficeCode>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            jwks_url: None,
            authorities: None,
            algorithms: ["RS256", "ES256"].map(str::to_owned).into(),
            skew_seconds: 60,
            refresh_seconds: 3_600,
            retry_seconds: 30,
            keep_seconds: 24 * 3_600,
            subject_claim: "sub".to_owned(),
            roles_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            offices_claim: Some("offices".to_owned()),
            all_offices: "*".to_owned(),
            offices: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The algorithms; what makes no sense is refused.
    pub(crate) fn check(&self) -> Result<Vec<Algorithm>, OidcSettingsError> {
        let refuse = |setting, reason: &str| OidcSettingsError::Setting { setting, reason: reason.to_owned() };
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if !self.issuer.starts_with("https://") && !local.iter().any(|prefix| self.issuer.starts_with(prefix)) {
            return Err(refuse(
                "issuer",
                "an address with https:// is needed; without TLS anybody could be the issuer",
            ));
        }
        if self.audience.is_empty() {
            return Err(refuse("audience", "name the audience that tokens for this system have"));
        }
        if self.roles.is_empty() {
            return Err(refuse(
                "roles",
                "say which roles the values of the claim mean; without any nobody may anything",
            ));
        }
        if [self.skew_seconds, self.refresh_seconds, self.retry_seconds, self.keep_seconds].iter().any(|it| *it < 0) {
            return Err(refuse("*_seconds", "times are not negative"));
        }
        self.algorithms.iter().map(|name| algorithm(name)).collect()
    }
}

fn algorithm(name: &str) -> Result<Algorithm, OidcSettingsError> {
    Ok(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => {
            let reason = format!("{name} is not an algorithm with a public key that is known here");
            return Err(OidcSettingsError::Setting { setting: "algorithms", reason });
        }
    })
}
