//! Whose word is taken for who calls: the local key set, and an identity provider beside it.
//!
//! Owns judging a token, and how many requests its bearer may make. A token signed with the local secret is judged by
//! the local keys, every other by the provider's; a server without keys trusts nobody.

use std::net::IpAddr;

use crate::oidc::{Oidc, OidcError};
use crate::rate::{Rates, Settings as RateSettings};
use crate::token::TokenError;
use crate::{KeySet, Principal, Problem, Role};

/// Judges tokens and counts their bearers' requests. Cheap to clone; clones judge and count together.
#[derive(Clone, Debug)]
pub struct Access {
    local: KeySet,
    oidc: Option<Oidc>,
    rates: Rates,
}

impl Access {
    /// By the local keys alone, with the default rates.
    pub fn local(keys: KeySet) -> Self {
        Self::new(keys, None, RateSettings::default())
    }

    /// By the local keys and, for what they did not sign, by `oidc`.
    pub(crate) fn new(local: KeySet, oidc: Option<Oidc>, rates: RateSettings) -> Self {
        let rates = Rates::new(rates, local.clock().clone());
        Self { local, oidc, rates }
    }

    /// Fetches the provider's keys when `token` names one that is not known. Afterwards [`verify`](Self::verify) needs
    /// no network.
    pub async fn prepare(&self, token: &str) {
        if let Some(oidc) = &self.oidc
            && let Some(key) = oidc.key_of(token)
        {
            oidc.prepare(&key).await;
        }
    }

    /// Who the token speaks for, while it holds.
    pub fn verify(&self, token: &str) -> Result<Principal, AccessError> {
        match &self.oidc {
            Some(oidc) if oidc.key_of(token).is_some() => Ok(oidc.verify(token)?),
            _ => Ok(self.local.verify(token)?),
        }
    }

    /// One more request of `principal`; a problem (429) when it made too many.
    pub(crate) fn count(&self, principal: &Principal) -> Result<(), Problem> {
        let system = principal.has(Role::CustomsSystem) || principal.has(Role::Service);
        self.rates.take(&principal.subject, system)
    }

    /// One more request that nobody answers for, from `peer`; a problem (429) when there were too many.
    pub(crate) fn count_stranger(&self, peer: Option<IpAddr>) -> Result<(), Problem> {
        self.rates.take_stranger(peer)
    }
}

/// A token that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// By the local keys.
    #[error(transparent)]
    Local(#[from] TokenError),
    /// By the identity provider's.
    #[error(transparent)]
    Oidc(#[from] OidcError),
}
