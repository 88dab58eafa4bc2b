//! Holds the document's roles against the code: who is not listed is refused, who is listed is not.

use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, test};
use lifecycle::ProcessClock;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::problem::MEDIA_TYPE;
use crate::{Access, KeySet, Principal, Role, ServiceConfig};

/// Calls every operation of `document` on `routes`, in process: without a token, with a broken one, with an expired one
/// of every role and with one that somebody else signed (401), and with each role alone (403 unless listed). What deviates comes back, one line each.
///
/// The routes need no state: refusals come before any is looked for. For tests.
pub async fn denials(document: &OpenApi, routes: impl FnOnce(&mut ServiceConfig<'_>)) -> Vec<String> {
    let clock = ProcessClock::default();
    let (Ok(keys), Ok(foreign)) = (KeySet::ephemeral(clock.clone()), KeySet::ephemeral(clock.clone())) else {
        return vec!["no key".to_owned()];
    };
    let everything = Principal::new("somebody", Role::ALL);
    let expired = keys.issue(&everything, Duration::from_mins(1));
    clock.skip(Duration::from_hours(1));
    let foreign = foreign.issue(&everything, Duration::from_mins(1));
    let app =
        App::new().app_data(Access::local(keys.clone())).configure(|config| routes(&mut ServiceConfig::new(config)));
    let app = test::init_service(app).await;
    let mut faults = Vec::new();
    let document = serde_json::to_value(document).expect("API documents are JSON");
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Ok(verb) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let listed = listed_roles(operation);
            let mut callers = vec![
                ("no token".to_owned(), None, true),
                ("a broken token".to_owned(), Some("x".to_owned()), true),
                ("an expired token".to_owned(), Some(expired.clone()), true),
                ("a token that somebody else signed".to_owned(), Some(foreign.clone()), true),
            ];
            let unknown = callers.len();
            callers.extend(Role::ALL.into_iter().map(|role| {
                let token = keys.issue(&Principal::new("somebody", [role]), Duration::from_mins(1));
                (format!("role {role}"), Some(token), !listed.contains(&role.as_str()))
            }));
            for (number, (caller, token, refused)) in callers.into_iter().enumerate() {
                let mut request = test::TestRequest::with_uri(&filled(path)).method(verb.clone());
                if let Some(token) = token {
                    request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
                }
                let response = match test::try_call_service(&app, request.to_request()).await {
                    Ok(response) => response.map_into_boxed_body().into_parts().1,
                    Err(error) => error.error_response(),
                };
                let expected = if number < unknown { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                let status = response.status();
                let is_problem = response
                    .headers()
                    .get(header::CONTENT_TYPE)
                    .is_some_and(|value| value.as_bytes() == MEDIA_TYPE.as_bytes());
                let name = format!("{verb} {path} with {caller}");
                if refused && status != expected {
                    faults.push(format!("{name}: {status}, expected {expected}"));
                } else if refused && !is_problem {
                    faults.push(format!("{name}: the refusal is no problem"));
                } else if !refused && matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                    faults.push(format!("{name}: {status}, and the role is listed"));
                }
            }
        }
    }
    faults
}

fn listed_roles(operation: &Value) -> Vec<&str> {
    let requirements = operation["security"].as_array().into_iter().flatten();
    requirements.flat_map(|it| it["bearer"].as_array().into_iter().flatten()).filter_map(Value::as_str).collect()
}

fn filled(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
    parts.join("/")
}
