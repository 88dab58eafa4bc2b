//! Taking a person out of controls, results, assignments, images and what is remembered of declarations.
//!
//! Whatever is about the person's declarations, and the controls of the person alone. Who examined or ordered stays: that
//! is part of the record.

use customs::Subject;
use events::{Mask, PersonErased};
use sea_orm::ConnectionTrait;
use store::erasure::{Erases, Key, Named, Rows};
use store::{Sql, StoreError};
use uuid::Uuid;

use super::json;

/// The controls of declarations `$1` (array of id hex), and those whose subject is one of `$2`, `$3`.
const THEIRS: Sql = Sql {
    sqlite: "SELECT id FROM controls WHERE declaration IN (SELECT unhex(value) FROM json_each($1)) \
        UNION SELECT id FROM controls WHERE declaration IS NULL AND (instr(record, $2) > 0 OR instr(record, $3) > 0)",
    postgres: "SELECT id FROM controls WHERE declaration IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)) \
        UNION SELECT id FROM controls WHERE declaration IS NULL AND record::jsonb -> 'subject' IN ($2::jsonb, $3::jsonb)",
};

const RESULTS: Erases =
    Erases { table: "results", keys: &[Key::Id("control"), Key::Number("version")], named: &[Named::Json("content")] };
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
const DECLARATIONS: Erases =
    Erases { table: "declarations", keys: &[Key::Id("id")], named: &[Named::Text("declarant"), Named::Text("trader")] };

/// Takes a person out of everything. Returns how many rows named them.
pub async fn erase(tx: &impl ConnectionTrait, erased: &PersonErased) -> Result<u64, StoreError> {
    let mask = Mask::of(erased);
    let declarations: Vec<Uuid> = erased.declarations.iter().map(|id| id.0).collect();
    let controls = theirs(tx, erased, &declarations).await?;
    let mut rows = store::erase(tx, &DECLARATIONS, Rows::Of("id", &declarations), &mask).await?;
    // Of those whose texts intake has forgotten nobody told.
    rows += store::erase(tx, &DECLARATIONS, Rows::Naming(&erased.person), &mask).await?;
    for (table, column) in [(CONTROLS, "id"), (RESULTS, "control"), (ASSIGNMENTS, "control"), (SCANS, "control")] {
        rows += store::erase(tx, &table, Rows::Of(column, &controls), &mask).await?;
    }
    Ok(rows)
}

/// The controls of the person's declarations, and of the person.
async fn theirs(
    tx: &impl ConnectionTrait,
    erased: &PersonErased,
    declarations: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<String> = declarations.iter().map(|id| super::hex(*id)).collect();
    let subject = |subject: Subject| -> Result<sea_orm::Value, StoreError> {
        let text = serde_json::to_string(&subject).map_err(|error| super::unreadable("subject", error))?;
        Ok(text.into())
    };
    let (person, company) = (Subject::Person(erased.person.clone()), Subject::Company(erased.person.clone()));
    let values = [json(&ids)?, subject(person)?, subject(company)?];
    let rows = tx.query_all_raw(THEIRS.on(tx, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
