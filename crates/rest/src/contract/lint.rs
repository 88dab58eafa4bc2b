//! What every document must tell, so that a stranger can call the operation and understand its refusals.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use crate::Role;
use crate::problem::MEDIA_TYPE;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// What is missing or wrong, one line each; empty for a good document.
///
/// Operation ids are unique and read `resource_verb`; every operation has a summary, roles that exist, a description
/// on each parameter and response, problems for 401, 403 and some 5xx, no refusal that is not a problem, and an
/// example for each body.
pub fn lint(document: &OpenApi) -> Vec<String> {
    let document = serde_json::to_value(document).expect("API documents are JSON");
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, item) in object(&document["paths"]) {
        if !path.starts_with("/v1/") {
            faults.push(format!("{path}: does not start with /v1/"));
        }
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let name = format!("{} {path}", method.to_uppercase());
            let mut fault = |text: String| faults.push(format!("{name}: {text}"));
            identity(operation, &mut ids, &mut fault);
            security(operation, &mut fault);
            parameters(path, operation, &mut fault);
            responses(&document, operation, &mut fault);
            if let Some(body) = operation.get("requestBody") {
                examples(&document, "the request body", &body["content"], &mut fault);
            }
        }
    }
    references(&document, &document, &mut faults);
    faults
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn has_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn identity(operation: &Value, ids: &mut BTreeSet<String>, fault: &mut impl FnMut(String)) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let parts: Vec<&str> = id.split('_').collect();
    let well_formed = parts.len() >= 2
        && parts.iter().all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
    if !well_formed {
        fault(format!("operation id {id:?} is not resource_verb"));
    }
    if !ids.insert(id.to_owned()) {
        fault(format!("operation id {id:?} is taken"));
    }
    if !has_text(&operation["summary"]) {
        fault("no summary".to_owned());
    }
}

fn security(operation: &Value, fault: &mut impl FnMut(String)) {
    let roles: Vec<&Value> = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|requirement| requirement["bearer"].as_array().into_iter().flatten())
        .collect();
    if roles.is_empty() {
        fault("no roles (security \"bearer\")".to_owned());
    }
    for role in roles {
        if role.as_str().is_none_or(|role| role.parse::<Role>().is_err()) {
            fault(format!("role {role} does not exist"));
        }
    }
}

fn parameters(path: &str, operation: &Value, fault: &mut impl FnMut(String)) {
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    for parameter in parameters {
        if !has_text(&parameter["description"]) {
            fault(format!("parameter {} without description", parameter["name"]));
        }
    }
    let variables = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for variable in variables {
        if !parameters.iter().any(|parameter| parameter["in"] == "path" && parameter["name"] == variable) {
            fault(format!("path variable {variable} is not described"));
        }
    }
}

fn responses(document: &Value, operation: &Value, fault: &mut impl FnMut(String)) {
    let responses = &operation["responses"];
    for status in ["401", "403"] {
        if responses.get(status).is_none() {
            fault(format!("no {status} response"));
        }
    }
    if !object(responses).any(|(status, _)| status.starts_with('2')) {
        fault("no 2xx response".to_owned());
    }
    if !object(responses).any(|(status, _)| status.starts_with('5')) {
        fault("no 5xx response".to_owned());
    }
    for (status, response) in object(responses) {
        if !has_text(&response["description"]) {
            fault(format!("response {status} without description"));
        }
        let refusal = status.starts_with('4') || status.starts_with('5');
        if refusal && response["content"].get(MEDIA_TYPE).is_none() {
            fault(format!("response {status} is not {MEDIA_TYPE}"));
        }
        examples(document, &format!("response {status}"), &response["content"], fault);
    }
}

fn examples(document: &Value, what: &str, content: &Value, fault: &mut impl FnMut(String)) {
    for (media, body) in object(content) {
        let given = ["example", "examples"].iter().any(|key| body.get(key).is_some());
        if !given && !schema_has_example(document, &body["schema"]) {
            fault(format!("{what} ({media}) without example"));
        }
    }
}

fn schema_has_example(document: &Value, schema: &Value) -> bool {
    if schema.get("example").is_some() || schema.get("examples").is_some() {
        return true;
    }
    match schema["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(target) => document.pointer(target).is_some_and(|schema| schema_has_example(document, schema)),
        None => false,
    }
}

/// References that lead nowhere.
fn references(document: &Value, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            if let Some(target) = target
                && document.pointer(target).is_none()
            {
                let fault = format!("reference #{target} leads nowhere");
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
            object.values().for_each(|value| references(document, value, faults));
        }
        Value::Array(values) => values.iter().for_each(|value| references(document, value, faults)),
        _ => {}
    }
}
