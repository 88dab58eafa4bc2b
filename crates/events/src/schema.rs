//! JSON Schemas of the payloads, for `openapi/events/`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::PartialSchema;

use crate::{
    CapacityChanged, ControlOrdered, ControlResulted, DeclarationAccepted, DeclarationCancelled, DeclarationMoved,
    DeclarationSelected, FiltersChanged, Payload, PersonErased, RoutingChanged, VectorsServed,
};

/// The schema of every message by file stem (`declaration.accepted.v1`).
pub fn schemas() -> BTreeMap<String, Value> {
    [
        schema::<DeclarationAccepted>(),
        schema::<DeclarationCancelled>(),
        schema::<DeclarationMoved>(),
        schema::<DeclarationSelected>(),
        schema::<VectorsServed>(),
        schema::<ControlOrdered>(),
        schema::<ControlResulted>(),
        schema::<RoutingChanged>(),
        schema::<FiltersChanged>(),
        schema::<CapacityChanged>(),
        schema::<PersonErased>(),
    ]
    .into()
}

fn schema<E: Payload>() -> (String, Value) {
    let mut named = Vec::new();
    E::schemas(&mut named);
    let definitions: BTreeMap<String, Value> = named
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).expect("schemas are JSON")))
        .collect();
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("{} version {}", E::NAME, E::VERSION),
        "$defs": definitions,
    });
    let body = serde_json::to_value(<E as PartialSchema>::schema()).expect("schemas are JSON");
    if let (Value::Object(root), Value::Object(body)) = (&mut root, body) {
        root.extend(body);
    }
    point_to_defs(&mut root);
    (format!("{}.v{}", E::NAME, E::VERSION), root)
}

/// `utoipa` points into an `OpenAPI` document; a schema of its own keeps its definitions beside it.
fn point_to_defs(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref") {
                *target = target.replace("#/components/schemas/", "#/$defs/");
            }
            object.values_mut().for_each(point_to_defs);
        }
        Value::Array(values) => values.iter_mut().for_each(point_to_defs),
        _ => {}
    }
}
