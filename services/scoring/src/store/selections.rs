//! Storing decisions, finding what they replace, and reading them back.

use std::sync::Arc;

use customs::{DeclarationId, ItemVector, OfficeCode, PackedVectors, Selection, SelectionId};
use events::{Mask, PersonErased};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::value::RawValue;
use store::erasure::{Erases, Key, Named, Rows};
use store::hot;

use super::hex;
use crate::domain::basis::Basis;
use crate::domain::declared::DeclaredItem;
use crate::domain::record::{point_name, shown_vectors};
use crate::error::ServiceError;

/// A decision that a later one may have to respect.
#[derive(Clone, Debug)]
pub struct Known {
    /// The decision, without its vectors.
    pub selection: Arc<Selection>,
    /// What its draws hashed.
    pub consignment: String,
    /// Whether its declaration was withdrawn.
    pub cancelled: bool,
}

/// A stored decision with what it takes to take it again.
#[derive(Clone, Debug)]
pub struct Based {
    /// Its place in the feed.
    pub seq: i64,
    /// The decision, with its vectors where they can be read.
    pub selection: Selection,
    /// Whether they can.
    pub is_readable: bool,
    /// What its draws hashed.
    pub consignment: String,
    /// What it was taken on; none of one that is older than that is kept.
    pub basis: Option<Basis>,
}

/// A decision to store.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The decision, without its vectors.
    pub selection: Arc<Selection>,
    /// The same as text.
    pub record: Box<RawValue>,
    /// The vectors it was taken with.
    pub vectors: Option<PackedVectors>,
    /// What its draws hashed.
    pub consignment: String,
    /// What was declared of the items that drove it; empty for one without controls.
    pub declared: Vec<DeclaredItem>,
    /// What it was taken on.
    pub basis: Basis,
}

/// A stored decision as text.
pub struct Stored {
    /// Its place in the feed.
    pub seq: i64,
    /// The record without vectors.
    pub record: Box<RawValue>,
    /// The vectors, if they were asked for and kept.
    pub vectors: Option<Box<RawValue>>,
    /// What was declared of the items that drove it, where that was asked for and kept.
    pub declared: Option<String>,
}

impl Stored {
    /// The record with its vectors.
    pub fn into_selection(self) -> Result<Selection, ServiceError> {
        self.whole().map(|(selection, _)| selection)
    }

    /// The record with its vectors, and what was declared of the items that drove it.
    pub fn whole(self) -> Result<(Selection, Vec<DeclaredItem>), ServiceError> {
        let mut selection: Selection =
            serde_json::from_str(self.record.get()).map_err(|error| ServiceError::Json("a stored decision", error))?;
        if let Some(vectors) = self.vectors {
            selection.vectors =
                read_vectors(vectors.get()).map_err(|error| ServiceError::Json("a stored vector", error))?;
        }
        let declared = self.declared.as_deref().map(serde_json::from_str).transpose();
        Ok((selection, declared.map_err(|error| ServiceError::Json("a declared item", error))?.unwrap_or_default()))
    }
}

/// Stored vectors: packed, or one by one as the version before kept them.
fn read_vectors(text: &str) -> Result<Vec<ItemVector>, serde_json::Error> {
    if text.starts_with('[') {
        return serde_json::from_str(text);
    }
    let packed: PackedVectors = serde_json::from_str(text)?;
    shown_vectors(&packed).ok_or_else(|| serde::de::Error::custom("the block holds no vectors of its items"))
}

/// Stores decisions. One statement.
pub async fn insert(tx: &impl ConnectionTrait, decided: &[Decided]) -> Result<(), ServiceError> {
    if decided.is_empty() {
        return Ok(());
    }
    let json = |error| ServiceError::Json("a decision", error);
    let mut texts = Vec::with_capacity(decided.len() * 3_000);
    let mut rows = Vec::with_capacity(decided.len());
    for Decided { selection, record, vectors, consignment, declared, basis } in decided {
        let start = texts.len() + 1;
        texts.extend_from_slice(record.get().as_bytes());
        let vectors_start = texts.len() + 1;
        if let Some(vectors) = vectors {
            serde_json::to_writer(&mut texts, vectors).map_err(json)?;
        }
        let declared_start = texts.len() + 1;
        if !declared.is_empty() {
            serde_json::to_writer(&mut texts, &declared).map_err(json)?;
        }
        let basis_start = texts.len() + 1;
        serde_json::to_writer(&mut texts, basis).map_err(json)?;
        rows.push((
            hex(selection.id.0),
            hex(selection.declaration.0),
            selection.declaration_version,
            point_name(selection.decision_point),
            consignment,
            &selection.office,
            selection.decided_at.as_microsecond(),
            selection.channel.as_str(),
            [start, vectors_start - start],
            [vectors_start, declared_start - vectors_start],
            [declared_start, basis_start - declared_start],
            [basis_start, texts.len() + 1 - basis_start],
        ));
    }
    let rows = serde_json::to_string(&rows).map_err(json)?;
    tx.execute_raw(hot!(INSERT_SELECTIONS).on(tx, [rows.into(), texts.into()])).await?;
    Ok(())
}

/// Decisions about these declarations, and about cancelled declarations of these consignments, in the order of deciding.
pub async fn find_earlier(
    tx: &impl ConnectionTrait,
    declarations: &[DeclarationId],
    consignments: &[&str],
) -> Result<Vec<Known>, ServiceError> {
    if declarations.is_empty() && consignments.is_empty() {
        return Ok(Vec::new());
    }
    let json = |error| ServiceError::Json("a batch", error);
    let ids: Vec<String> = declarations.iter().map(|id| hex(id.0)).collect();
    let ids = serde_json::to_string(&ids).map_err(json)?;
    let consignments = serde_json::to_string(consignments).map_err(json)?;
    let rows = tx.query_all_raw(hot!(FIND_EARLIER).on(tx, [ids.into(), consignments.into()])).await?;
    rows.iter()
        .map(|row| {
            let record: String = row.try_get_by_index(3)?;
            Ok(Known {
                selection: serde_json::from_str(&record)
                    .map(Arc::new)
                    .map_err(|error| ServiceError::Json("a stored decision", error))?,
                consignment: row.try_get_by_index(1)?,
                cancelled: row.try_get_by_index(2)?,
            })
        })
        .collect()
}

/// Marks the decisions about these declarations as those of cancelled ones.
pub async fn cancel(tx: &impl ConnectionTrait, declarations: &[DeclarationId]) -> Result<(), ServiceError> {
    if declarations.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = declarations.iter().map(|id| hex(id.0)).collect();
    let ids = serde_json::to_string(&ids).map_err(|error| ServiceError::Json("a batch", error))?;
    tx.execute_raw(hot!(CANCEL).on(tx, [ids.into()])).await?;
    Ok(())
}

/// What of a decision may name a person. Its vectors are numbers.
const ERASES: Erases = Erases {
    table: "selection",
    keys: &[Key::Number("seq")],
    named: &[Named::Text("consignment"), Named::Json("record"), Named::Json("declared"), Named::Json("basis")],
};

/// Takes a person out of the decisions about their declarations. Returns how many named them.
pub async fn erase(tx: &impl ConnectionTrait, erased: &PersonErased) -> Result<u64, ServiceError> {
    let ids: Vec<_> = erased.declarations.iter().map(|id| id.0).collect();
    Ok(store::erase(tx, &ERASES, Rows::Of("declaration", &ids), &Mask::of(erased)).await?)
}

/// Decisions after the place `after` in the feed.
pub async fn feed(
    db: &impl ConnectionTrait,
    after: i64,
    rows: u64,
    vectors: bool,
) -> Result<Vec<Stored>, ServiceError> {
    let values = [after.into(), (rows as i64).into(), vectors.into()];
    let rows = db.query_all_raw(hot!(READ_FEED).on(db, values)).await?;
    rows.iter().map(read).collect()
}

/// Which decision.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// This one.
    Selection(SelectionId),
    /// The last one about the declaration.
    Declaration(DeclarationId),
}

/// One decision.
pub async fn find(db: &impl ConnectionTrait, id: SelectionId) -> Result<Option<Stored>, ServiceError> {
    let row = db.query_one_raw(hot!(READ_ONE).on(db, [id.0.into()])).await?;
    row.as_ref().map(read).transpose()
}

/// The office that took a decision.
pub async fn office_of(db: &impl ConnectionTrait, of: Of) -> Result<Option<OfficeCode>, ServiceError> {
    let (sql, id) = match of {
        Of::Selection(id) => (hot!(READ_OFFICE), id.0),
        Of::Declaration(id) => (hot!(READ_OFFICE_OF_DECLARATION), id.0),
    };
    let Some(row) = db.query_one_raw(sql.on(db, [id.into()])).await? else { return Ok(None) };
    Ok(Some(OfficeCode(row.try_get_by_index(0)?)))
}

/// The decision `id`, or the last one about the declaration, with everything that was kept for its explanation.
pub async fn find_explained(db: &impl ConnectionTrait, of: Of) -> Result<Option<Stored>, ServiceError> {
    let (sql, id) = match of {
        Of::Selection(id) => (hot!(READ_EXPLAINED), id.0),
        Of::Declaration(id) => (hot!(READ_EXPLAINED_OF_DECLARATION), id.0),
    };
    let Some(row) = db.query_one_raw(sql.on(db, [id.into()])).await? else { return Ok(None) };
    let declared = row.try_get_by_index(3)?;
    Ok(Some(Stored { declared, ..read(&row)? }))
}

/// The columns of [`Based`].
const BASED: &str = "SELECT seq, record, vectors, consignment, basis FROM selection";

/// One decision with what it was taken on.
pub async fn find_based(db: &impl ConnectionTrait, id: SelectionId) -> Result<Option<Based>, ServiceError> {
    let sql = format!("{BASED} WHERE id = $1");
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [id.0.into()])).await?;
    row.as_ref().map(read_based).transpose()
}

/// Decisions after the place `after`, in the order of deciding, with what they were taken on.
pub async fn based(db: &impl ConnectionTrait, after: i64, rows: u64) -> Result<Vec<Based>, ServiceError> {
    let sql = format!("{BASED} WHERE seq > $1 ORDER BY seq LIMIT $2");
    let values = [after.into(), (rows as i64).into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    rows.iter().map(read_based).collect()
}

fn read_based(row: &QueryResult) -> Result<Based, ServiceError> {
    let basis: Option<String> = row.try_get_by_index(4)?;
    let basis = basis.map(|text| serde_json::from_str(&text)).transpose();
    let mut stored = read(row)?;
    let (seq, vectors) = (stored.seq, stored.vectors.take());
    let mut selection = stored.into_selection()?;
    let vectors = vectors.map(|text| read_vectors(text.get())).transpose();
    let is_readable = vectors.is_ok();
    selection.vectors = vectors.ok().flatten().unwrap_or_default();
    Ok(Based {
        seq,
        selection,
        is_readable,
        consignment: row.try_get_by_index(3)?,
        basis: basis.map_err(|error| ServiceError::Json("the basis of a decision", error))?,
    })
}

/// The decisions about a declaration, in the order of deciding.
pub async fn of_declaration(db: &impl ConnectionTrait, id: DeclarationId) -> Result<Vec<Stored>, ServiceError> {
    let rows = db.query_all_raw(hot!(READ_OF_DECLARATION).on(db, [id.0.into()])).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Stored, ServiceError> {
    let text =
        |text: String| RawValue::from_string(text).map_err(|error| ServiceError::Json("a stored decision", error));
    Ok(Stored {
        seq: row.try_get_by_index(0)?,
        record: text(row.try_get_by_index(1)?)?,
        vectors: row.try_get_by_index::<Option<String>>(2)?.map(text).transpose()?,
        declared: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_read_packed_and_one_by_one_and_refused_where_they_are_none() {
        let values = [[1.5_f32, f32::NAN], [1.5, 2.0]];
        let packed = features::pack_vectors([3, 1].into_iter().zip(values.iter().map(<[f32; 2]>::as_slice)));
        let shown = read_vectors(&serde_json::to_string(&packed).unwrap()).unwrap();
        assert_eq!(shown.iter().map(|vector| vector.item).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(shown[1].values, "AADAPwAAAEA=");
        assert_eq!(read_vectors(&serde_json::to_string(&shown).unwrap()).unwrap(), shown);
        let torn = PackedVectors { items: vec![1, 2, 3], ..packed };
        assert!(
            read_vectors(&serde_json::to_string(&torn).unwrap()).is_err(),
            "four values are not those of three items"
        );
    }
}
