//! Trainings that were run, and when the next are due.

use customs::Direction;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{from_name, from_text, time, to_text};
use crate::{
    ManagementError,
    domain::{
        training::{Outcome, TrainingRecord},
        wire_name,
    },
};

/// Runs.
pub mod run {
    use sea_orm::entity::prelude::*;

    /// A training.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "training_run")]
    pub struct Model {
        /// Identifier.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The direction.
        pub direction: String,
        /// When it was due (domain time, microseconds).
        pub due_at: i64,
        /// Who asked; none for the schedule.
        pub requested_by: Option<String>,
        /// What it came to.
        pub outcome: String,
        /// Everything it was decided by, JSON.
        pub record: String,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The schedule.
pub mod schedule {
    use sea_orm::entity::prelude::*;

    /// When a direction is trained next.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "training_schedule")]
    pub struct Model {
        /// The direction.
        #[sea_orm(primary_key, auto_increment = false)]
        pub direction: String,
        /// When (domain time, microseconds).
        pub next_at: i64,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A training in the record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019b0000-0000-7000-8000-000000000002", "direction": "in", "dueAt": "2026-03-01T05:00:00Z",
    "record": {
        "outcome": "promoted", "reasons": ["better than the champion: log loss 0.2100 against 0.2200, …"],
        "fetched": {"rows": 5000, "positives": 420}, "matured": {"rows": 4200, "positives": 390},
        "learned": {"rows": 3000, "positives": 280}, "heldOut": {"rows": 1200, "positives": 110},
        "candidates": [], "best": "boosted", "capacityShare": 0.05, "seed": 7
    }
}))]
pub struct TrainingRun {
    /// Identifier.
    pub id: Uuid,
    /// The direction.
    pub direction: Direction,
    /// The moment whose knowledge was learned from (domain time).
    pub due_at: Timestamp,
    /// Who asked; absent for the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Everything it was decided by.
    pub record: TrainingRecord,
}

impl TryFrom<run::Model> for TrainingRun {
    type Error = ManagementError;

    fn try_from(row: run::Model) -> Result<Self, ManagementError> {
        Ok(Self {
            id: row.id,
            direction: from_name(&row.direction)?,
            due_at: time(row.due_at)?,
            requested_by: row.requested_by,
            record: from_text(&row.record)?,
        })
    }
}

/// The identity of a training.
pub fn run_id(direction: Direction, due_at: Timestamp) -> Uuid {
    let due = due_at.as_microsecond().to_le_bytes();
    customs::ids::derive_v7(due_at, "training-run", &[wire_name(&direction).as_bytes(), &due])
}

/// The training of a direction that was due then.
pub async fn find(
    db: &impl ConnectionTrait,
    direction: Direction,
    due_at: Timestamp,
) -> Result<Option<TrainingRun>, ManagementError> {
    let row = run::Entity::find_by_id(run_id(direction, due_at)).one(db).await?;
    row.map(TrainingRun::try_from).transpose()
}

/// Adds a training.
pub async fn insert(tx: &impl ConnectionTrait, run: &TrainingRun) -> Result<(), ManagementError> {
    let row = run::ActiveModel {
        id: Set(run.id),
        direction: Set(wire_name(&run.direction)),
        due_at: Set(run.due_at.as_microsecond()),
        requested_by: Set(run.requested_by.clone()),
        outcome: Set(wire_name(&run.record.outcome)),
        record: Set(to_text(&run.record)?),
    };
    run::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Trainings, latest first.
pub async fn list(
    db: &impl ConnectionTrait,
    direction: Option<Direction>,
    after: Option<(i64, Uuid)>,
    limit: u64,
) -> Result<Vec<TrainingRun>, ManagementError> {
    let mut query = run::Entity::find().order_by_desc(run::Column::DueAt).order_by_desc(run::Column::Id).limit(limit);
    if let Some(direction) = direction {
        query = query.filter(run::Column::Direction.eq(wire_name(&direction)));
    }
    if let Some((due_at, id)) = after {
        let earlier = run::Column::DueAt.lt(due_at);
        query = query.filter(earlier.or(run::Column::DueAt.eq(due_at).and(run::Column::Id.lt(id))));
    }
    query.all(db).await?.into_iter().map(TrainingRun::try_from).collect()
}

/// Plans the first training of a direction, unless one is planned.
pub async fn plan_first(tx: &impl ConnectionTrait, direction: Direction, at: Timestamp) -> Result<(), ManagementError> {
    let row = schedule::ActiveModel { direction: Set(wire_name(&direction)), next_at: Set(at.as_microsecond()) };
    schedule::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(())
}

/// When a direction is trained next.
pub async fn next_at(db: &impl ConnectionTrait, direction: Direction) -> Result<Option<Timestamp>, ManagementError> {
    let row = schedule::Entity::find_by_id(wire_name(&direction)).one(db).await?;
    row.map(|row| time(row.next_at)).transpose()
}

/// When the online model of a direction learns on.
pub async fn next_lesson(
    db: &impl ConnectionTrait,
    direction: Direction,
) -> Result<Option<Timestamp>, ManagementError> {
    let row = schedule::Entity::find_by_id(lessons(direction)).one(db).await?;
    row.map(|row| time(row.next_at)).transpose()
}

/// Plans when the online model of a direction learns on.
pub async fn plan_lesson(
    tx: &impl ConnectionTrait,
    direction: Direction,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let row = schedule::ActiveModel { direction: Set(lessons(direction)), next_at: Set(at.as_microsecond()) };
    let replace = OnConflict::column(schedule::Column::Direction).update_column(schedule::Column::NextAt).to_owned();
    schedule::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Beside the trainings of a direction, which are planned under its name.
fn lessons(direction: Direction) -> String {
    format!("online/{}", wire_name(&direction))
}

/// The latest training of a direction, until a moment, that trained something.
pub async fn latest_trained(
    db: &impl ConnectionTrait,
    direction: Direction,
    until: Timestamp,
) -> Result<Option<TrainingRun>, ManagementError> {
    let row = run::Entity::find()
        .filter(run::Column::Direction.eq(wire_name(&direction)))
        .filter(run::Column::DueAt.lte(until.as_microsecond()))
        .filter(run::Column::Outcome.is_in([Outcome::Kept, Outcome::Promoted].map(|outcome| wire_name(&outcome))))
        .order_by_desc(run::Column::DueAt)
        .order_by_desc(run::Column::Id)
        .one(db)
        .await?;
    row.map(TrainingRun::try_from).transpose()
}

/// Moves the schedule of a direction on.
pub async fn plan_next(tx: &impl ConnectionTrait, direction: Direction, at: Timestamp) -> Result<(), ManagementError> {
    schedule::Entity::update_many()
        .col_expr(schedule::Column::NextAt, Expr::value(at.as_microsecond()))
        .filter(schedule::Column::Direction.eq(wire_name(&direction)))
        .exec(tx)
        .await?;
    Ok(())
}
