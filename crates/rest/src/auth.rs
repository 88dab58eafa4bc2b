//! Who calls, and what they may: principals, roles, offices, and the extractor that refuses everyone else.

use std::collections::BTreeSet;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use customs::OfficeCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Access, Problem};

/// What a caller may do. One caller may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A declaration processing, manifest or scanner system.
    CustomsSystem,
    /// Examines, and reports results.
    Officer,
    /// Leads officers.
    Supervisor,
    /// Writes filters.
    Analyst,
    /// Approves what others propose.
    Approver,
    /// Builds training sets and models.
    DataScientist,
    /// Approves, rolls out and rolls back models.
    ModelManager,
    /// Sees everything, changes nothing.
    Auditor,
    /// Takes persons out of what is kept.
    DataProtection,
    /// Another service of this installation.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::CustomsSystem,
        Self::Officer,
        Self::Supervisor,
        Self::Analyst,
        Self::Approver,
        Self::DataScientist,
        Self::ModelManager,
        Self::Auditor,
        Self::DataProtection,
        Self::Service,
    ];

    /// The name in tokens and API documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomsSystem => "customs-system",
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Approver => "approver",
            Self::DataScientist => "data-scientist",
            Self::ModelManager => "model-manager",
            Self::Auditor => "auditor",
            Self::DataProtection => "data-protection",
            Self::Service => "service",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A name that is no role.
#[derive(Debug, thiserror::Error)]
#[error("there is no role {0}")]
pub struct UnknownRole(pub String);

/// The offices a caller may act for. On the wire a list; absent for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<OfficeCode>>", into = "Option<BTreeSet<OfficeCode>>")]
pub enum Offices {
    /// Every office.
    #[default]
    All,
    /// These alone.
    Only(BTreeSet<OfficeCode>),
}

impl Offices {
    /// Whether `office` is among them.
    pub fn contain(&self, office: &OfficeCode) -> bool {
        match self {
            Self::All => true,
            Self::Only(offices) => offices.contains(office),
        }
    }
}

impl From<Option<BTreeSet<OfficeCode>>> for Offices {
    fn from(offices: Option<BTreeSet<OfficeCode>>) -> Self {
        offices.map_or(Self::All, Self::Only)
    }
}

impl From<Offices> for Option<BTreeSet<OfficeCode>> {
    fn from(offices: Offices) -> Self {
        match offices {
            Offices::All => None,
            Offices::Only(offices) => Some(offices),
        }
    }
}

/// A caller whose token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who: a person's or system's identifier.
    pub subject: String,
    /// What they may.
    pub roles: BTreeSet<Role>,
    /// Where.
    pub offices: Offices,
}

impl Principal {
    /// `subject` in `roles` for every office.
    pub fn new(subject: impl Into<String>, roles: impl IntoIterator<Item = Role>) -> Self {
        Self { subject: subject.into(), roles: roles.into_iter().collect(), offices: Offices::All }
    }

    /// The same for these offices alone.
    pub fn only_for(mut self, offices: impl IntoIterator<Item = OfficeCode>) -> Self {
        self.offices = Offices::Only(offices.into_iter().collect());
        self
    }

    /// Whether they have the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Refuses who may not act for `office`.
    pub fn check_office(&self, office: &OfficeCode) -> Result<(), Problem> {
        if self.offices.contain(office) {
            return Ok(());
        }
        Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
            .with_detail(format!("the token does not cover office {office}")))
    }
}

/// A set of roles as a type, made by [`roles!`](crate::roles).
pub trait RoleSet: 'static {
    /// The roles, any of which is enough.
    const ROLES: &'static [Role];
}

/// Declares a marker type for a set of roles: `rest::roles!(pub OfficerOrSupervisor = Officer | Supervisor);`
#[macro_export]
macro_rules! roles {
    ($(#[$meta:meta])* $visibility:vis $name:ident = $($role:ident)|+) => {
        $(#[$meta])*
        #[doc = concat!("Callers with one of:" $(, " ", stringify!($role))+, ".")]
        #[derive(Clone, Copy, Debug)]
        $visibility enum $name {}

        impl $crate::RoleSet for $name {
            const ROLES: &'static [$crate::Role] = &[$($crate::Role::$role),+];
        }
    };
}

/// A caller with one of `R`'s roles. 401 without a valid bearer token, 403 without such a role.
///
/// Take it as the first argument of a handler: arguments are judged in their order.
#[derive(Clone, Debug)]
pub struct Authorized<R>(pub Principal, PhantomData<fn() -> R>);

impl<R> Authorized<R> {
    /// The caller.
    pub fn into_inner(self) -> Principal {
        self.0
    }
}

impl<R> Deref for Authorized<R> {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<R: RoleSet> FromRequest for Authorized<R> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorize(request, R::ROLES).map(|principal| Self(principal, PhantomData)))
    }
}

fn authorize(request: &HttpRequest, roles: &[Role]) -> Result<Principal, Problem> {
    // A server without keys trusts nobody.
    let access = request.app_data::<Access>().ok_or_else(|| invalid("this server has no key to judge tokens with"))?;
    let principal = match identify(access, request.headers()) {
        Ok(principal) => principal,
        Err(refusal) => {
            access.count_stranger(request.peer_addr().map(|peer| peer.ip()))?;
            return Err(refusal);
        }
    };
    access.count(&principal)?;
    if roles.iter().any(|role| principal.has(*role)) {
        return Ok(principal);
    }
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Err(Problem::forbidden("role-missing", "The token lacks the role")
        .with_detail(format!("one of these roles is needed: {}", names.join(", "))))
}

/// The bearer token of a request with these headers.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who sends these headers, by the keys that are known.
pub(crate) fn identify(access: &Access, headers: &HeaderMap) -> Result<Principal, Problem> {
    let token = token(headers)
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "token-missing", "A bearer token is needed"))?;
    access.verify(token).map_err(|error| invalid(&error.to_string()))
}

fn invalid(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "token-invalid", "The bearer token does not hold").with_detail(detail)
}
