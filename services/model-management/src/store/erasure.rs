//! Taking a person out of lists and filters that are not in force, of what was tried, and of reasons that were given.
//!
//! What is in force orders controls by the word of two people: it stays until two people change it.

use events::{Mask, PersonErased};
use risk_filters::FilterState;
use sea_orm::ConnectionTrait;
use store::Sql;
use store::erasure::{Erases, Key, Named, Rows};

use super::{from_text, lists, to_text};
use crate::ManagementError;
use crate::domain::list::ListContent;
use crate::domain::wire_name;

/// What no list or filter in force is.
const NOT_IN_FORCE: &str = "state NOT IN ('active', 'shadow')";
const VERSIONS: Erases = Erases {
    table: "filter_version",
    keys: &[Key::Id("filter_id"), Key::Number("version")],
    named: &[Named::Json("content")],
};
/// Words of people, and what was tried.
const WORDS: [Erases; 5] = [
    Erases { table: "filter_change", keys: &[Key::Number("seq")], named: &[Named::Text("detail")] },
    Erases {
        table: "emergency_order",
        keys: &[Key::Id("filter_id"), Key::Number("version")],
        named: &[Named::Text("reason")],
    },
    Erases { table: "list_event", keys: &[Key::Number("seq")], named: &[Named::Text("reason")] },
    Erases {
        table: "risk_version",
        keys: &[Key::Text("code"), Key::Number("version")],
        named: &[Named::Json("content")],
    },
    Erases {
        table: "replay",
        keys: &[Key::Id("id")],
        named: &[Named::Json("request"), Named::Json("tally"), Named::Json("result"), Named::Text("error")],
    },
];
/// The lists of parties with the versions in which `$1` stands.
const LISTS: Sql = Sql {
    sqlite: "SELECT v.name, v.version, v.state FROM list l JOIN list_version v ON v.name = l.name \
        WHERE l.kind = 'party' AND instr(v.entries, $1) > 0 ORDER BY v.name, v.version",
    postgres: "SELECT v.name, v.version, v.state FROM list l JOIN list_version v ON v.name = l.name \
        WHERE l.kind = 'party' AND strpos(v.entries, $1) > 0 ORDER BY v.name, v.version",
};
const REPLACE: Sql = Sql::both("UPDATE list_version SET entries = $1, digest = $2 WHERE name = $3 AND version = $4");

/// Takes a person out. Returns the versions of lists in force that name them.
pub async fn erase(tx: &impl ConnectionTrait, erased: &PersonErased) -> Result<Vec<(String, u32)>, ManagementError> {
    let mask = Mask::of(erased);
    store::erase(tx, &VERSIONS, Rows::NamingWhere(&erased.person, NOT_IN_FORCE), &mask).await?;
    for table in &WORDS {
        store::erase(tx, table, Rows::Naming(&erased.person), &mask).await?;
    }
    let mut in_force = Vec::new();
    for row in tx.query_all_raw(LISTS.on(tx, [erased.person.as_str().into()])).await? {
        let (name, version): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let content = lists::content(tx, &name, version as u32).await?;
        if !content.entries.contains(&erased.person) {
            continue;
        }
        if row.try_get_by_index::<String>(2)? == wire_name(&FilterState::Active) {
            in_force.push((name, version as u32));
            continue;
        }
        let text = to_text(&content.entries)?;
        let entries = from_text(mask.json(&text).as_deref().unwrap_or(&text))?;
        let content = ListContent { entries, ..content };
        let values = [to_text(&content.entries)?.into(), content.digest().into(), name.into(), version.into()];
        tx.execute_raw(REPLACE.on(tx, values)).await?;
    }
    Ok(in_force)
}
