//! A document that says exactly what is read and written.
//!
//! What the generator of documents cannot know is put right here, for every service alike: bodies name all the fields
//! that are read (`body::strict` refuses others), what is flattened is one object, and numbers that are counted have the
//! range that is read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The most of a parameter that is read as 32 bits, and as more.
const MOST: (u64, u64) = (u32::MAX as u64, i64::MAX as u64);

/// `document`, exact.
pub(super) fn exact(mut document: Value) -> Value {
    let schemas = document["components"]["schemas"].clone();
    merge(&mut document, &schemas);
    each_operation(&mut document, |operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        let schemas = parameters.into_iter().flatten().filter_map(|parameter| parameter.get_mut("schema"));
        schemas.for_each(bound);
        // No line is a body, too.
        if operation.pointer("/requestBody/content/application~1x-ndjson").is_some() {
            operation["requestBody"]["required"] = Value::Bool(false);
        }
    });
    let mut read = BTreeSet::new();
    let mut bodies = Vec::new();
    each_operation(&mut document, |operation| {
        if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json/schema") {
            close(body, &mut bodies);
        }
    });
    while let Some(name) = bodies.pop() {
        if read.insert(name.clone())
            && let Some(schema) = document["components"]["schemas"].get_mut(&name)
        {
            close(schema, &mut bodies);
        }
    }
    document
}

fn each_operation(document: &mut Value, mut change: impl FnMut(&mut Value)) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        item.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(&mut change);
    }
}

/// Makes one object of objects that are all of one, everywhere in `value`. A list that is read as a set may name an
/// element twice.
fn merge(value: &mut Value, schemas: &Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(|value| merge(value, schemas));
            object.remove("uniqueItems");
            if let Some(merged) = object.get("allOf").and_then(Value::as_array).and_then(|parts| one(parts, schemas)) {
                object.remove("allOf");
                for (name, value) in merged {
                    object.entry(name).or_insert(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| merge(value, schemas)),
        _ => {}
    }
}

/// The object that has the properties of all `parts`; none where one of them is anything but an object.
fn one(parts: &[Value], schemas: &Value) -> Option<Map<String, Value>> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let mut part = match part["$ref"].as_str() {
            Some(name) => schemas[name.rsplit('/').next()?].clone(),
            None => part.clone(),
        };
        merge(&mut part, schemas);
        properties.extend(part.get("properties")?.as_object()?.clone());
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
    }
    let object = json!({"type": "object", "properties": properties, "required": required});
    object.as_object().cloned()
}

/// Says of every object of `schema` that it has no other fields; the schemas that it names go to `named`.
fn close(schema: &mut Value, named: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next()) {
                named.push(name.to_owned());
            }
            // What a schema says by way of example is no schema.
            let parts =
                object.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples" | "default"));
            parts.for_each(|(_, value)| close(value, named));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| close(value, named)),
        _ => {}
    }
}

/// Gives a count in a parameter the range that is read.
fn bound(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let counts = schema.get("minimum").is_some_and(|least| least.as_f64() >= Some(0.0));
    if !counts || schema.contains_key("maximum") {
        return;
    }
    let most = if schema.get("format") == Some(&json!("int32")) { MOST.0 } else { MOST.1 };
    schema.insert("maximum".to_owned(), json!(most));
    schema.insert("format".to_owned(), json!("int64"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flattened_objects_become_one_that_says_whether_it_has_other_fields() {
        let document = json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "v1"},
            "paths": {"/v1/things": {"post": {
                "parameters": [{"name": "limit", "in": "query",
                    "schema": {"type": ["integer", "null"], "format": "int32", "minimum": 0}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"200": {"description": "It.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Seen"}}}}},
            }}},
            "components": {"schemas": {
                "New": {"type": "object", "required": ["part"],
                    "properties": {"part": {"$ref": "#/components/schemas/Part"}}},
                "Part": {"type": "object", "properties": {
                    "names": {"type": "array", "uniqueItems": true, "items": {"type": "string"}}}},
                "Seen": {"allOf": [{"$ref": "#/components/schemas/New"},
                    {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}]},
            }},
        });
        let exact = exact(document);
        let schemas = &exact["components"]["schemas"];
        assert_eq!(schemas["New"]["additionalProperties"], json!(false));
        assert_eq!(schemas["Part"]["additionalProperties"], json!(false));
        assert!(schemas["Part"]["properties"]["names"].get("uniqueItems").is_none());
        assert_eq!(schemas["Seen"]["required"], json!(["part", "id"]));
        assert!(schemas["Seen"].get("additionalProperties").is_none() && schemas["Seen"].get("allOf").is_none());
        let limit = &exact["paths"]["/v1/things"]["post"]["parameters"][0]["schema"];
        assert_eq!((&limit["maximum"], &limit["format"]), (&json!(u32::MAX), &json!("int64")));
    }
}
