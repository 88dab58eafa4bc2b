//! The table of controls.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use customs::{Control, ControlId, DeclarationId, OfficeCode, Subject};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use store::{Sql, StoreError, hot};

use super::{among, hex, json, unreadable};
use crate::domain::{Record, names};

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "controls")]
pub struct Model {
    /// Order of recording.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The control.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// Its office.
    pub office: String,
    /// Its place.
    pub place: String,
    /// Its method.
    pub method: String,
    /// Where it stands.
    pub state: String,
    /// Its declaration.
    pub declaration: Option<Uuid>,
    /// Its container, where that is the subject.
    pub container: Option<String>,
    /// When it was ordered, microseconds.
    pub ordered_at: i64,
    /// Who has it.
    pub officer: Option<String>,
    /// Version of the result that holds; 0 for none.
    pub result_version: i64,
    /// Its stage.
    pub result_stage: Option<String>,
    /// The control, as JSON.
    pub record: String,
    /// What makes a person's order unique.
    pub identity: Option<String>,
    /// The order as it came.
    pub request: Option<String>,
    /// Who ordered it.
    pub ordered_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The control it grew out of.
    pub escalated_from: Option<Uuid>,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The control with where it stands.
    pub fn record(&self) -> Result<Record, StoreError> {
        let control: Control = serde_json::from_str(&self.record).map_err(|error| unreadable("control", error))?;
        let state = names::parse_state(&self.state).ok_or_else(|| unreadable("control state", &self.state))?;
        let version = u32::try_from(self.result_version).map_err(|error| unreadable("result version", error))?;
        let stage = self.result_stage.as_deref().and_then(names::parse_stage);
        let latest = stage.filter(|_| version > 0).map(|stage| (version, stage));
        Ok(Record { control, state, officer: self.officer.clone(), latest })
    }
}

/// A person's order behind a control.
#[derive(Clone, Debug)]
pub struct PersonalOrder {
    /// What makes it unique.
    pub identity: String,
    /// Its content as it came.
    pub request: String,
    /// Who.
    pub ordered_by: String,
    /// Why.
    pub reason: Option<String>,
    /// The control it grew out of.
    pub escalated_from: Option<ControlId>,
}

/// Inserts controls in the order given. A control that stands already stays as it is.
pub async fn insert<'r>(
    tx: &impl ConnectionTrait,
    records: impl IntoIterator<Item = &'r Record>,
    order: Option<&PersonalOrder>,
) -> Result<(), StoreError> {
    insert_each(tx, records.into_iter().map(|record| (record, order))).await
}

/// Inserts controls in the order given, each with the order behind it.
pub async fn insert_each<'r>(
    tx: &impl ConnectionTrait,
    records: impl IntoIterator<Item = (&'r Record, Option<&'r PersonalOrder>)>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = records.into_iter().map(|(record, order)| row(record, order)).collect();
    if !rows.is_empty() {
        tx.execute_raw(hot!(INSERT_CONTROLS).on(tx, [json(&rows)?])).await?;
    }
    Ok(())
}

fn row<'a>(record: &'a Record, order: Option<&'a PersonalOrder>) -> impl serde::Serialize + 'a {
    let control = &record.control;
    let container = match &control.subject {
        Subject::Container(id) => Some(id.as_str()),
        _ => None,
    };
    (
        hex(control.id.0),
        control.office.as_str(),
        control.place.as_str(),
        names::method(control.order.method),
        names::state(record.state),
        control.declaration.map(|id| hex(id.0)),
        container,
        control.ordered_at.as_microsecond(),
        control,
        order.map(|order| order.identity.as_str()),
        order.map(|order| order.request.as_str()),
        order.map(|order| order.ordered_by.as_str()),
        order.and_then(|order| order.reason.as_deref()),
        order.and_then(|order| order.escalated_from).map(|id| hex(id.0)),
        record.latest.map_or(0, |(version, _)| version),
        record.latest.map(|(_, stage)| names::stage(stage)),
    )
}

/// Writes what can change of controls.
pub async fn update<'r>(
    tx: &impl ConnectionTrait,
    records: impl IntoIterator<Item = &'r Record>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = records
        .into_iter()
        .map(|record| {
            (
                hex(record.control.id.0),
                names::state(record.state),
                record.officer.as_deref(),
                record.control.declaration.map(|id| hex(id.0)),
                record.latest.map_or(0, |(version, _)| version),
                record.latest.map(|(_, stage)| names::stage(stage)),
                &record.control,
            )
        })
        .collect();
    if !rows.is_empty() {
        tx.execute_raw(hot!(UPDATE_CONTROLS).on(tx, [json(&rows)?])).await?;
    }
    Ok(())
}

/// The controls among `ids` that exist.
pub async fn read(
    tx: &impl ConnectionTrait,
    ids: &BTreeSet<ControlId>,
) -> Result<HashMap<ControlId, Record>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<String> = ids.iter().map(|id| hex(id.0)).collect();
    let rows = select(tx, hot!(READ_CONTROLS), json(&asked)?).await?;
    rows.iter().map(|row| Ok((ControlId(row.id), row.record()?))).collect()
}

/// The controls of `declarations` that still wait to be done, oldest first.
pub async fn live(
    tx: &impl ConnectionTrait,
    declarations: &BTreeSet<DeclarationId>,
) -> Result<HashMap<DeclarationId, Vec<Record>>, StoreError> {
    let mut live = HashMap::<DeclarationId, Vec<Record>>::new();
    if declarations.is_empty() {
        return Ok(live);
    }
    let asked: Vec<String> = declarations.iter().map(|id| hex(id.0)).collect();
    for row in select(tx, hot!(READ_LIVE_CONTROLS), json(&asked)?).await? {
        if let Some(declaration) = row.declaration {
            live.entry(DeclarationId(declaration)).or_default().push(row.record()?);
        }
    }
    Ok(live)
}

/// The declarations among `ids` that have a physical control, open or done.
pub async fn physical(
    tx: &impl ConnectionTrait,
    ids: &BTreeSet<DeclarationId>,
) -> Result<HashSet<DeclarationId>, StoreError> {
    among(tx, hot!(READ_PHYSICAL), ids).await
}

/// Scans of `containers` that belong to no declaration yet, oldest first.
pub async fn unlinked_scans(
    tx: &impl ConnectionTrait,
    containers: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<Record>>, StoreError> {
    let mut scans = BTreeMap::<String, Vec<Record>>::new();
    if containers.is_empty() {
        return Ok(scans);
    }
    for row in select(tx, hot!(READ_UNLINKED_SCANS), json(containers)?).await? {
        let record = row.record()?;
        if let Some(container) = row.container {
            scans.entry(container).or_default().push(record);
        }
    }
    Ok(scans)
}

async fn select(tx: &impl ConnectionTrait, sql: Sql, batch: sea_orm::Value) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().from_raw_sql(sql.on(tx, [batch])).all(tx).await?)
}

/// One control's row.
pub async fn find(db: &impl ConnectionTrait, id: ControlId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Id.eq(id.0)).one(db).await?)
}

/// The control of a person's order.
pub async fn find_by_identity(db: &impl ConnectionTrait, identity: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Identity.eq(identity)).one(db).await?)
}

/// Controls recorded after `after`, at most `limit`, of these offices (of all when there are none given).
pub async fn feed(
    db: &impl ConnectionTrait,
    offices: Option<&BTreeSet<OfficeCode>>,
    after: i64,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let mut query = Entity::find().filter(Column::Seq.gt(after));
    if let Some(offices) = offices {
        query = query.filter(Column::Office.is_in(offices.iter().map(OfficeCode::as_str)));
    }
    Ok(query.order_by_asc(Column::Seq).limit(limit).all(db).await?)
}

/// What waits at an office, oldest order first.
pub async fn worklist(
    db: &impl ConnectionTrait,
    office: &OfficeCode,
    place: Option<&str>,
    after: Option<(i64, Uuid)>,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let mut query =
        Entity::find().filter(Column::Office.eq(office.as_str())).filter(Column::State.is_in(["open", "assigned"]));
    if let Some(place) = place {
        query = query.filter(Column::Place.eq(place));
    }
    if let Some((ordered_at, id)) = after {
        let later = Column::OrderedAt.gt(ordered_at);
        let same = Condition::all().add(Column::OrderedAt.eq(ordered_at)).add(Column::Id.gt(id));
        query = query.filter(Condition::any().add(later).add(same));
    }
    Ok(query.order_by_asc(Column::OrderedAt).order_by_asc(Column::Id).limit(limit).all(db).await?)
}
