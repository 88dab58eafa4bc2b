//! HTTP conventions shared by every service: problems, bodies, pages, request ids, tokens and roles, server assembly.
//!
//! Refusals are RFC 9457 problems, always: no handler, extractor or router default answers in another shape. Handlers
//! take [`Authorized`] as their *first* argument, so that nothing is read from a caller who may not call. Routes carry
//! their full path (`/v1/declarations`), because all services of one machine share one router.

pub mod access;
pub mod audit;
pub mod auth;
pub mod body;
pub mod contract;
mod default;
mod middleware;
pub mod ndjson;
pub mod oidc;
pub mod page;
pub mod params;
pub mod problem;
pub mod rate;
pub mod responses;
pub mod server;
pub mod tls;
pub mod token;

pub use access::Access;
pub use auth::{Authorized, Offices, Principal, Role, RoleSet};
pub use body::{Body, Limits, RawBody};
pub use page::Page;
pub use params::{PathParams, QueryParams};
pub use problem::{Problem, ProblemDocument, ProblemError};
pub use responses::{ReadProblems, WriteProblems};
pub use server::{BoundServer, Server, ServerError, Settings, render_metrics};
pub use tls::{Tls, TlsError};
pub use token::{KeyError, KeySet};
pub use utoipa_actix_web::service_config::ServiceConfig;
