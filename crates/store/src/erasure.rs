//! Taking a person out of stored texts: rows are read, masked and written back within the caller's transaction.
//!
//! A service names the columns that may hold a person; what is taken out, and by what it is replaced, is the
//! [`events::Mask`]'s to say. Rows that do not name the person are not written, so that erasing again changes nothing.

use events::Mask;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::StoreError;

/// A column of a primary key.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// An id.
    Id(&'static str),
    /// A whole number.
    Number(&'static str),
    /// A text.
    Text(&'static str),
}

/// A column that may name a person. Null stays null.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// Any text.
    Text(&'static str),
    /// A text that is JSON and stays it.
    Json(&'static str),
}

/// A table with columns that may name a person. Names are the program's own.
#[derive(Clone, Copy, Debug)]
pub struct Erases {
    /// Its name.
    pub table: &'static str,
    /// The columns of its primary key.
    pub keys: &'static [Key],
    /// The columns that may name a person.
    pub named: &'static [Named],
}

/// Which rows are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// Those whose column of this name is one of these ids.
    Of(&'static str, &'a [Uuid]),
    /// Those in which this stands anywhere, found by reading all of them.
    Naming(&'a str),
    /// The same among those for which this holds.
    NamingWhere(&'a str, &'static str),
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Id(name) | Self::Number(name) | Self::Text(name) => name,
        }
    }

    fn read(self, row: &QueryResult, at: usize) -> Result<Value, StoreError> {
        Ok(match self {
            Self::Id(_) => row.try_get_by_index::<Uuid>(at)?.into(),
            Self::Number(_) => row.try_get_by_index::<i64>(at)?.into(),
            Self::Text(_) => row.try_get_by_index::<String>(at)?.into(),
        })
    }
}

impl Named {
    fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Json(name) => name,
        }
    }

    fn without(self, mask: &Mask, text: &str) -> Option<String> {
        match self {
            Self::Text(_) => mask.text(text),
            Self::Json(_) => mask.json(text),
        }
    }
}

/// Takes the person of `mask` out of `rows` of a table. Returns how many rows named them.
pub async fn erase(
    tx: &impl ConnectionTrait,
    Erases { table, keys, named }: &Erases,
    rows: Rows<'_>,
    mask: &Mask,
) -> Result<u64, StoreError> {
    let backend = tx.get_database_backend();
    let mut columns: Vec<String> = keys
        .iter()
        .map(|key| match key {
            Key::Number(name) => format!("CAST({name} AS BIGINT)"),
            other => other.name().to_owned(),
        })
        .collect();
    columns.extend(named.iter().map(|column| column.name().to_owned()));
    let (condition, value) = condition(backend, rows, named)?;
    let Some(value) = value else { return Ok(0) };
    let sql = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
    let found = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, [value])).await?;
    let mut erased = 0;
    for row in &found {
        let (mut sets, mut values) = (Vec::new(), Vec::new());
        for (column, at) in named.iter().zip(keys.len()..) {
            let text: Option<String> = row.try_get_by_index(at)?;
            if let Some(without) = text.as_deref().and_then(|text| column.without(mask, text)) {
                values.push(without.into());
                sets.push(format!("{} = ${}", column.name(), values.len()));
            }
        }
        if sets.is_empty() {
            continue;
        }
        let mut of = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate() {
            values.push(key.read(row, at)?);
            of.push(format!("{} = ${}", key.name(), values.len()));
        }
        let sql = format!("UPDATE {table} SET {} WHERE {}", sets.join(", "), of.join(" AND "));
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        erased += 1;
    }
    Ok(erased)
}

/// The condition on `rows` with its one parameter; none where no row can be meant.
fn condition(backend: DbBackend, rows: Rows<'_>, named: &[Named]) -> Result<(String, Option<Value>), StoreError> {
    let postgres = backend == DbBackend::Postgres;
    Ok(match rows {
        Rows::Of(_, []) => (String::new(), None),
        Rows::Of(column, ids) => (format!("{column} IN ({})", among(postgres)), Some(array(ids)?)),
        Rows::Naming(person) => (naming(postgres, named), Some(person.into())),
        Rows::NamingWhere(person, also) => (format!("({}) AND ({also})", naming(postgres, named)), Some(person.into())),
    })
}

/// The ids of the parameter.
fn among(postgres: bool) -> &'static str {
    if postgres {
        "SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)"
    } else {
        "SELECT unhex(value) FROM json_each($1)"
    }
}

fn array(ids: &[Uuid]) -> Result<Value, StoreError> {
    let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    Ok(serde_json::to_string(&hex).map_err(|error| StoreError::unreadable("ids", error))?.into())
}

fn naming(postgres: bool, named: &[Named]) -> String {
    let within = if postgres { "strpos" } else { "instr" };
    let each: Vec<String> = named.iter().map(|column| format!("{within}({}, $1) > 0", column.name())).collect();
    each.join(" OR ")
}
