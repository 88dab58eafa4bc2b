//! Examples of bodies, as the documents show them.

use serde_json::{Value, json};

pub(crate) fn declaration() -> Value {
    json!({
        "reference": "2026-000123",
        "declarant": { "role": "declarant", "id": "20123456786", "idType": "RUC" },
        "office": "118",
        "acceptanceDateTime": "2026-03-02T14:05:00Z",
        "direction": "in",
        "regime": "10",
        "modality": "deferred",
        "form": "full",
        "parties": [{ "role": "importer", "id": "20456789012", "idType": "RUC", "name": "Importadora Andina S.A.C." }],
        "transportDocuments": [{ "id": "MAEU604338211" }],
        "meansOfTransport": { "mode": "maritime", "id": "9321483", "voyage": "602S" },
        "invoiceTotal": { "amount": "1250.40", "currency": "USD" },
        "items": [{
            "sequence": 1,
            "commodityCode": "8517130000",
            "description": "Smartphones",
            "originCountry": "CN",
            "netMassKg": "12.5",
            "valuation": { "fob": { "amount": "1250.40", "currency": "USD" }, "method": 1 }
        }]
    })
}

pub(crate) fn receipt() -> Value {
    json!({
        "id": "0195571c-6f60-7c1e-9a43-5b0d6a2f8e11",
        "status": "accepted",
        "version": 1,
        "digest": "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
        "notes": [],
    })
}

pub(crate) fn bulk_receipts() -> Value {
    json!(
        "{\"line\":1,\"status\":\"accepted\",\"id\":\"0195571c-6f60-7c1e-9a43-5b0d6a2f8e11\",\"version\":1,\"digest\":\"b1946ac9…\"}\n{\"line\":2,\"status\":\"refused\",\"problem\":{\"type\":\"/problems/declaration-unreadable\",\"title\":\"The declaration cannot be read\",\"status\":400,\"code\":\"declaration-unreadable\",\"errors\":[{\"pointer\":\"/office\",\"code\":\"missing-field\",\"message\":\"the field is required\"}]}}\n"
    )
}

pub(crate) fn declaration_lines() -> Value {
    Value::String(format!("{}\n", declaration()))
}

pub(crate) fn history_lines() -> Value {
    let line = json!({
        "declaration": declaration(),
        "control": {
            "method": "physical",
            "examinedAt": "2026-03-04T15:00:00Z",
            "result": {
                "version": 1,
                "stage": "final",
                "examinedAt": "2026-03-04T15:00:00Z",
                "establishedAt": "2026-03-04T16:30:00Z",
                "items": [{ "sequence": 1, "outcome": "conform" }]
            }
        }
    });
    Value::String(format!("{line}\n"))
}

pub(crate) fn movement_lines() -> Value {
    json!(
        "{\"declaration\":\"0195571c-6f60-7c1e-9a43-5b0d6a2f8e11\",\"movement\":\"released\",\"at\":\"2026-03-05T09:00:00Z\"}\n{\"meansOfTransport\":\"9321483\",\"voyage\":\"602S\",\"at\":\"2026-03-03T04:10:00Z\"}\n"
    )
}

pub(crate) fn movement_receipts() -> Value {
    json!(
        "{\"line\":1,\"status\":\"accepted\",\"declarations\":1}\n{\"line\":2,\"status\":\"accepted\",\"declarations\":37}\n"
    )
}

pub(crate) fn status() -> Value {
    json!({
        "id": "0195571c-6f60-7c1e-9a43-5b0d6a2f8e11",
        "declarant": "20123456786",
        "reference": "2026-000123",
        "version": 1,
        "office": "118",
        "state": "lodged",
        "acceptedAt": "2026-03-02T14:05:00Z",
        "channel": "orange",
        "channelVersion": 1,
        "orders": [{ "method": "documentary", "extent": { "type": "full" } }],
        "decidedAt": "2026-03-02T14:05:00Z",
        "failSafe": false,
        "reason": "selection",
    })
}

pub(crate) fn channel_page() -> Value {
    json!({
        "items": [{
            "cursor": 18,
            "declaration": "0195571c-6f60-7c1e-9a43-5b0d6a2f8e11",
            "declarant": "20123456786",
            "reference": "2026-000123",
            "version": 1,
            "office": "118",
            "channel": "orange",
            "orders": [{ "method": "documentary", "extent": { "type": "full" } }],
            "decidedAt": "2026-03-02T14:05:00Z",
            "failSafe": false,
            "reason": "selection",
        }],
        "next": 18,
    })
}
