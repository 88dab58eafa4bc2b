//! Persons who are to be taken out, which declarations name them, and taking them out of this service's tables.

use std::collections::HashSet;

use customs::DeclarationId;
use events::Mask;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};
use store::erasure::{Erases, Key, Named, Rows};
use store::{Sql, StoreError};

use crate::error::IntakeError;

/// A person who is to be taken out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasure")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// None when nothing is left to do.
    pub(crate) person: Option<String>,
    pub(crate) requested_at_ms: i64,
    pub(crate) erased: i64,
    pub(crate) under_way: i64,
    pub(crate) told: bool,
    pub(crate) looked_at_ms: Option<i64>,
    pub(crate) done_at_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The tables of a declaration, with the column that names it.
const OF_DECLARATION: [(Erases, &str); 4] = [
    (
        Erases {
            table: "declaration",
            keys: &[Key::Id("id")],
            named: &[
                Named::Text("declarant"),
                Named::Text("reference"),
                Named::Text("consignment_key"),
                Named::Text("cancel_reason"),
                Named::Json("orders"),
                Named::Json("added"),
            ],
        },
        "id",
    ),
    (
        Erases {
            table: "declaration_version",
            keys: &[Key::Id("declaration"), Key::Number("version")],
            named: &[Named::Json("notes"), Named::Json("body")],
        },
        "declaration",
    ),
    (
        Erases {
            table: "declaration_key",
            keys: &[Key::Text("declarant"), Key::Text("reference"), Key::Number("version")],
            named: &[Named::Text("declarant"), Named::Text("reference")],
        },
        "declaration",
    ),
    (
        Erases {
            table: "channel_feed",
            keys: &[Key::Number("cursor")],
            named: &[Named::Text("declarant"), Named::Text("reference"), Named::Json("orders")],
        },
        "declaration",
    ),
];

/// The declarations in which `$1` stands anywhere, as text and as JSON has it (`$2`).
const NAMING: Sql = Sql {
    sqlite: "SELECT id FROM declaration WHERE declarant = $1 OR instr(consignment_key, $1) > 0 \
        UNION SELECT declaration FROM declaration_version WHERE instr(body, $2) > 0",
    postgres: "SELECT id FROM declaration WHERE declarant = $1 OR strpos(consignment_key, $1) > 0 \
        UNION SELECT declaration FROM declaration_version WHERE strpos(body, $2) > 0",
};
/// Where the declarations `$1` (ids) stand, and the texts of all their versions.
const STANDING: Sql = Sql {
    sqlite: "SELECT d.id, d.awaiting, d.state, d.received_at_ms, d.declarant, d.consignment_key, \
        EXISTS (SELECT 1 FROM control c WHERE c.declaration = d.id AND c.resulted = 0) AS open \
        FROM json_each($1) j CROSS JOIN declaration d ON d.id = unhex(j.value)",
    postgres: "SELECT d.id, d.awaiting, d.state, d.received_at_ms, d.declarant, d.consignment_key, \
        EXISTS (SELECT 1 FROM control c WHERE c.declaration = d.id AND NOT c.resulted) AS open \
        FROM declaration d WHERE d.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))",
};
const BODIES: Sql = Sql {
    sqlite: "SELECT v.declaration, v.body FROM json_each($1) j \
        CROSS JOIN declaration_version v ON v.declaration = unhex(j.value)",
    postgres: "SELECT declaration, body FROM declaration_version \
        WHERE declaration IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))",
};

/// Where a declaration stands that may name a person.
pub(crate) struct Standing {
    pub(crate) id: DeclarationId,
    /// It waits for a decision, or for the result of a control.
    pub(crate) is_open: bool,
    pub(crate) received_at_ms: i64,
    pub(crate) declarant: String,
    pub(crate) consignment: String,
}

/// The open erasure of `person`; the time at which it was last looked for is forgotten.
pub(crate) async fn find_open(tx: &impl ConnectionTrait, person: &str) -> Result<Option<Model>, StoreError> {
    let Some(model) = Entity::find().filter(Column::Person.eq(person)).one(tx).await? else { return Ok(None) };
    let again = ActiveModel { looked_at_ms: Set(None), ..model.clone().into_active_model() };
    again.update(tx).await?;
    Ok(Some(Model { looked_at_ms: None, ..model }))
}

pub(crate) async fn insert(tx: &impl ConnectionTrait, model: Model) -> Result<(), StoreError> {
    Entity::insert(ActiveModel::from(model)).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// All with something left to do, in the order of their ids.
pub(crate) async fn open(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Person.is_not_null()).order_by_asc(Column::Id).all(db).await?)
}

/// Writes down how far an erasure has come.
pub(crate) async fn put(tx: &impl ConnectionTrait, model: Model) -> Result<(), StoreError> {
    ActiveModel::from(model).reset_all().update(tx).await?;
    Ok(())
}

/// The declarations that may name `person`. Reads the text of every declaration.
pub(crate) async fn naming(db: &impl ConnectionTrait, person: &str) -> Result<Vec<DeclarationId>, IntakeError> {
    let quoted = serde_json::to_string(person)?;
    let rows = db.query_all_raw(NAMING.on(db, [person.into(), quoted.trim_matches('"').into()])).await?;
    rows.iter().map(|row| Ok(DeclarationId(row.try_get_by_index(0)?))).collect()
}

/// Where these declarations stand, with the texts of all their versions.
pub(crate) async fn standings(
    tx: &impl ConnectionTrait,
    ids: &[DeclarationId],
) -> Result<(Vec<Standing>, Vec<(DeclarationId, String)>), IntakeError> {
    let array: Vec<String> = ids.iter().map(|id| super::hex(id.0)).collect();
    let array = serde_json::to_string(&array)?;
    let mut standings = Vec::with_capacity(ids.len());
    for row in tx.query_all_raw(STANDING.on(tx, [array.clone().into()])).await? {
        let (awaiting, state): (bool, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let is_cancelled = state == "cancelled";
        standings.push(Standing {
            id: DeclarationId(row.try_get_by_index(0)?),
            is_open: !is_cancelled && (awaiting || row.try_get_by_index::<bool>(6)?),
            received_at_ms: row.try_get_by_index(3)?,
            declarant: row.try_get_by_index(4)?,
            consignment: row.try_get_by_index(5)?,
        });
    }
    let mut bodies = Vec::with_capacity(ids.len());
    for row in tx.query_all_raw(BODIES.on(tx, [array.into()])).await? {
        bodies.push((DeclarationId(row.try_get_by_index(0)?), row.try_get_by_index(1)?));
    }
    Ok((standings, bodies))
}

/// Takes a person out of everything about these declarations.
pub(crate) async fn erase(tx: &impl ConnectionTrait, ids: &[DeclarationId], mask: &Mask) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    for (table, column) in &OF_DECLARATION {
        store::erase(tx, table, Rows::Of(column, &ids), mask).await?;
    }
    Ok(())
}

/// Which of these are declarations whose declarant was taken out.
pub(crate) async fn erased_among(
    db: &impl ConnectionTrait,
    ids: &[DeclarationId],
) -> Result<HashSet<DeclarationId>, IntakeError> {
    let (standings, _) = standings(db, ids).await?;
    let erased = standings.into_iter().filter(|standing| events::erasure::names_erased(&standing.declarant));
    Ok(erased.map(|standing| standing.id).collect())
}
