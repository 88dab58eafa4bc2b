//! Which requests leave a record, and the seam to whoever keeps the records.
//!
//! An *act* changes what is in force: it is on record before it is carried out, and its outcome after. A *look* reads
//! what not everybody may see: it is on record once, soon after. What an operation is follows from its document: a
//! writing operation that more than customs systems and officers may call is an act (those report the trade's own
//! records, which keep who and when themselves); `x-audit` at an operation says otherwise.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::{Problem, Role};

/// How much of a record a request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Before and after.
    Act,
    /// Once.
    Look,
}

/// Who did what on which object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The bearer of the token.
    pub subject: String,
    /// The operation, as the documents name it (`filterapprovals_create`).
    pub operation: String,
    /// The path that was asked for, without its query.
    pub object: String,
}

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps the records.
pub trait Trail: Send + Sync {
    /// Records that `deed` begins, and returns its number when that is on the disk. A problem: it must not begin.
    fn begin(&self, deed: Deed) -> Later<'_, Result<i64, Problem>>;

    /// Records, soon, how the deed with this number ended: the HTTP status.
    fn end(&self, number: i64, status: u16) -> Later<'_, ()>;

    /// Records, soon, a deed that is over.
    fn note(&self, deed: Deed, status: u16) -> Later<'_, ()>;
}

/// The operations of a document that leave records: name and weight by method and path.
pub fn audited(document: &OpenApi) -> Vec<(String, String, String, Weight)> {
    let document = serde_json::to_value(document).expect("API documents are JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let (Some(name), Some(weight)) = (operation["operationId"].as_str(), weight(method, operation)) {
                operations.push((method.to_uppercase(), path.clone(), name.to_owned(), weight));
            }
        }
    }
    operations
}

fn weight(method: &str, operation: &Value) -> Option<Weight> {
    match operation["x-audit"].as_str() {
        Some("act") => return Some(Weight::Act),
        Some("look") => return Some(Weight::Look),
        Some("none") => return None,
        _ => {}
    }
    let requirements = operation["security"].as_array().into_iter().flatten();
    let mut roles = requirements.flat_map(|it| it["bearer"].as_array().into_iter().flatten()).filter_map(Value::as_str);
    let of_the_trade = [Role::CustomsSystem.as_str(), Role::Officer.as_str()];
    (method != "get" && roles.any(|role| !of_the_trade.contains(&role))).then_some(Weight::Act)
}

/// The records of one server.
#[derive(Clone)]
pub(crate) struct Records {
    trail: Arc<dyn Trail>,
    operations: Arc<HashMap<(String, String), (String, Weight)>>,
}

impl Records {
    pub(crate) fn new(trail: Arc<dyn Trail>, document: &OpenApi) -> Self {
        let operations =
            audited(document).into_iter().map(|(method, path, name, weight)| ((method, path), (name, weight)));
        Self { trail, operations: Arc::new(operations.collect()) }
    }

    pub(crate) fn trail(&self) -> &dyn Trail {
        &*self.trail
    }

    /// What `request` would be: its operation and weight; none when it leaves no record.
    pub(crate) fn operation(&self, request: &ServiceRequest) -> Option<(String, Weight)> {
        let path = request.match_pattern()?;
        self.operations.get(&(request.method().to_string(), path)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writing_what_not_only_the_trade_writes_is_an_act_unless_the_operation_says_otherwise() {
        let by = |roles: &[&str]| json!({"security": [{"bearer": roles}]});
        assert_eq!(weight("post", &by(&["analyst"])), Some(Weight::Act));
        assert_eq!(weight("post", &by(&["officer", "supervisor"])), Some(Weight::Act));
        assert_eq!(weight("post", &by(&["customs-system", "officer"])), None);
        assert_eq!(weight("get", &by(&["analyst"])), None);
        let mut look = by(&["analyst"]);
        look["x-audit"] = json!("look");
        assert_eq!((weight("get", &look), weight("post", &look)), (Some(Weight::Look), Some(Weight::Look)));
        look["x-audit"] = json!("none");
        assert_eq!(weight("post", &look), None);
    }
}
