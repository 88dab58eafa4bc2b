//! Taking a person out of controls, results, assignments, images and what is remembered of declarations.
//!
//! Whatever is about the person's declarations, and whatever else names them, such as a control of the person alone. Who
//! examined or ordered stays: that is part of the record.

use events::{Mask, PersonErased};
use sea_orm::ConnectionTrait;
use store::StoreError;
use store::erasure::{Erases, Key, Named, Rows};
use uuid::Uuid;

/// The rows of a declaration's controls.
const OF_CONTROL: &str = "control IN (SELECT id FROM controls WHERE declaration IN (IDS))";

const RESULTS: Erases = Erases {
    table: "results",
    keys: &[Key::Id("control"), Key::Number("version")],
    named: &[Named::Json("content")],
};
const ASSIGNMENTS: Erases = Erases {
    table: "assignments",
    keys: &[Key::Id("control"), Key::Number("number")],
    named: &[Named::Text("reason")],
};
const SCANS: Erases = Erases { table: "scans", keys: &[Key::Id("id")], named: &[Named::Json("request")] };
const CONTROLS: Erases = Erases {
    table: "controls",
    keys: &[Key::Number("seq")],
    named: &[
        Named::Json("record"),
        Named::Text("place"),
        Named::Text("identity"),
        Named::Json("request"),
        Named::Text("reason"),
    ],
};
const DECLARATIONS: Erases = Erases {
    table: "declarations",
    keys: &[Key::Id("id")],
    named: &[Named::Text("declarant"), Named::Text("trader")],
};

/// Takes a person out of everything. Returns how many rows named them.
pub async fn erase(tx: &impl ConnectionTrait, erased: &PersonErased) -> Result<u64, StoreError> {
    let mask = Mask::of(erased);
    let declarations: Vec<Uuid> = erased.declarations.iter().map(|id| id.0).collect();
    let theirs = [
        (RESULTS, Rows::Through(OF_CONTROL, &declarations)),
        (ASSIGNMENTS, Rows::Through(OF_CONTROL, &declarations)),
        (SCANS, Rows::Through(OF_CONTROL, &declarations)),
        (CONTROLS, Rows::Of("declaration", &declarations)),
        (DECLARATIONS, Rows::Of("id", &declarations)),
    ];
    let mut rows = 0;
    for (table, own) in &theirs {
        rows += store::erase(tx, table, *own, &mask).await?;
        rows += store::erase(tx, table, Rows::Naming(&erased.person), &mask).await?;
    }
    Ok(rows)
}
