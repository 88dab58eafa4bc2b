//! Model versions with their artefacts, and which of them decide.

use customs::{Direction, ModelVersionId};
use events::{Route, Trial};
use jiff::Timestamp;
use risk_model::card::Card;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{cards, from_name, from_text, time, to_text, trials};
use crate::{Candidate, ManagementError, domain::wire_name};

/// Where a model version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ModelState {
    /// Trained and not better than the champion of its time.
    Candidate,
    /// Decides.
    Champion,
    /// Decided once.
    Retired,
}

/// Versions.
pub mod version {
    use sea_orm::entity::prelude::*;

    /// A version with its bytes.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "model_version")]
    pub struct Model {
        /// Identifier.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The direction it scores.
        pub direction: String,
        /// What was trained, or the format it was brought in.
        pub algorithm: String,
        /// BLAKE3 of the artefact, hex.
        pub digest: String,
        /// Hash of the feature contract.
        pub contract_hash: String,
        /// The training it came from.
        pub run_id: Uuid,
        /// Where it stands.
        pub state: String,
        /// What the artefact says of its training, JSON.
        pub metrics: String,
        /// When (domain time, microseconds).
        pub created_at: i64,
        /// The twin has learned from nothing younger (microseconds).
        pub twin_until: i64,
        /// What scores.
        pub artefact: Vec<u8>,
        /// What it was judged as.
        pub twin: Vec<u8>,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Routes.
pub mod route {
    use sea_orm::entity::prelude::*;

    /// The version that decides for a direction.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "route")]
    pub struct Model {
        /// The direction.
        #[sea_orm(primary_key, auto_increment = false)]
        pub direction: String,
        /// The version.
        pub version_id: Uuid,
        /// Its digest.
        pub digest: String,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version without its bytes.
#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    direction: String,
    algorithm: String,
    digest: String,
    contract_hash: String,
    run_id: Uuid,
    state: String,
    metrics: String,
    created_at: i64,
}

/// An immutable version of a model, without its bytes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019b0000-0000-7000-8000-000000000001", "direction": "in", "algorithm": "boosted",
    "digest": "5f1c…", "contractHash": "a90e…", "run": "019b0000-0000-7000-8000-000000000002",
    "state": "champion", "createdAt": "2026-03-01T05:00:00Z", "metrics": {"rows": 4200, "positives": 390}
}))]
pub struct ModelVersion {
    /// Identifier.
    pub id: ModelVersionId,
    /// The direction it scores.
    pub direction: Direction,
    /// What was trained (`boosted`, `logistic`), or the format it was brought in (`lightgbm`).
    pub algorithm: String,
    /// BLAKE3 of the artefact, hex.
    pub digest: String,
    /// Hash of the feature contract it was trained for.
    pub contract_hash: String,
    /// The training it came from; of a model that was brought, what its name is known by.
    pub run: Uuid,
    /// Where it stands.
    pub state: ModelState,
    /// When it was made (domain time).
    pub created_at: Timestamp,
    /// Rows, findings, and how well it did out of fold.
    pub metrics: Value,
}

impl TryFrom<Row> for ModelVersion {
    type Error = ManagementError;

    fn try_from(row: Row) -> Result<Self, ManagementError> {
        Ok(Self {
            id: ModelVersionId(row.id),
            direction: from_name(&row.direction)?,
            algorithm: row.algorithm,
            digest: row.digest,
            contract_hash: row.contract_hash,
            run: row.run_id,
            state: from_name(&row.state)?,
            created_at: time(row.created_at)?,
            metrics: from_text(&row.metrics)?,
        })
    }
}

/// A version to be kept.
pub struct NewVersion<'a> {
    /// What the record says.
    pub version: &'a ModelVersion,
    /// What scores.
    pub artefact: Vec<u8>,
    /// What it was judged as.
    pub twin: Vec<u8>,
    /// The twin has learned from nothing younger (microseconds).
    pub twin_until: i64,
    /// Its card.
    pub card: Card,
}

/// Adds a version with its card.
pub async fn insert(tx: &impl ConnectionTrait, new: NewVersion<'_>) -> Result<(), ManagementError> {
    let row = version::ActiveModel {
        id: Set(new.version.id.0),
        direction: Set(wire_name(&new.version.direction)),
        algorithm: Set(new.version.algorithm.clone()),
        digest: Set(new.version.digest.clone()),
        contract_hash: Set(new.version.contract_hash.clone()),
        run_id: Set(new.version.run),
        state: Set(wire_name(&new.version.state)),
        metrics: Set(to_text(&new.version.metrics)?),
        created_at: Set(new.version.created_at.as_microsecond()),
        twin_until: Set(new.twin_until),
        artefact: Set(new.artefact),
        twin: Set(new.twin),
    };
    version::Entity::insert(row).exec_without_returning(tx).await?;
    cards::insert(tx, new.version.id, new.card).await
}

fn plain() -> sea_orm::Select<version::Entity> {
    use version::Column;
    version::Entity::find().select_only().columns([
        Column::Id,
        Column::Direction,
        Column::Algorithm,
        Column::Digest,
        Column::ContractHash,
        Column::RunId,
        Column::State,
        Column::Metrics,
        Column::CreatedAt,
    ])
}

/// One version.
pub async fn version(db: &impl ConnectionTrait, id: ModelVersionId) -> Result<ModelVersion, ManagementError> {
    find(db, id).await?.ok_or(ManagementError::UnknownModelVersion(id))
}

/// The version with this id, where there is one.
pub async fn find(db: &impl ConnectionTrait, id: ModelVersionId) -> Result<Option<ModelVersion>, ManagementError> {
    let row = plain().filter(version::Column::Id.eq(id.0)).into_model::<Row>().one(db).await?;
    row.map(ModelVersion::try_from).transpose()
}

/// Candidates of `direction` that were trained elsewhere, oldest first, with the moment up to which they have learned.
pub async fn brought(
    db: &impl ConnectionTrait,
    direction: Direction,
) -> Result<Vec<(ModelVersion, Vec<u8>, i64)>, ManagementError> {
    let rows = version::Entity::find()
        .filter(version::Column::Direction.eq(wire_name(&direction)))
        .filter(version::Column::State.eq(wire_name(&ModelState::Candidate)))
        .filter(version::Column::Algorithm.is_not_in(Candidate::ALL.map(Candidate::as_str)))
        .order_by_asc(version::Column::CreatedAt)
        .order_by_asc(version::Column::Id)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let plain = Row {
                id: row.id,
                direction: row.direction,
                algorithm: row.algorithm,
                digest: row.digest,
                contract_hash: row.contract_hash,
                run_id: row.run_id,
                state: row.state,
                metrics: row.metrics,
                created_at: row.created_at,
            };
            Ok((plain.try_into()?, row.artefact, row.twin_until))
        })
        .collect()
}

/// The latest online version of a training, with its bytes.
pub async fn latest_online(
    db: &impl ConnectionTrait,
    direction: Direction,
    run: Uuid,
) -> Result<Option<Vec<u8>>, ManagementError> {
    Ok(version::Entity::find()
        .select_only()
        .column(version::Column::Artefact)
        .filter(version::Column::Direction.eq(wire_name(&direction)))
        .filter(version::Column::RunId.eq(run))
        .filter(version::Column::Algorithm.eq(Candidate::Online.as_str()))
        .order_by_desc(version::Column::CreatedAt)
        .order_by_desc(version::Column::Id)
        .into_tuple::<Vec<u8>>()
        .one(db)
        .await?)
}

/// All versions, latest first.
pub async fn versions(db: &impl ConnectionTrait) -> Result<Vec<ModelVersion>, ManagementError> {
    let rows = plain()
        .order_by_desc(version::Column::CreatedAt)
        .order_by_desc(version::Column::Id)
        .into_model::<Row>()
        .all(db)
        .await?;
    rows.into_iter().map(ModelVersion::try_from).collect()
}

/// The artefact with this digest.
pub async fn artefact(db: &impl ConnectionTrait, digest: &str) -> Result<Vec<u8>, ManagementError> {
    version::Entity::find()
        .select_only()
        .column(version::Column::Artefact)
        .filter(version::Column::Digest.eq(digest))
        .into_tuple::<Vec<u8>>()
        .one(db)
        .await?
        .ok_or_else(|| ManagementError::UnknownArtefact(digest.to_owned()))
}

/// What the version that decides for `direction` was judged as, with the time up to which that had learned.
pub async fn champion_twin(
    db: &impl ConnectionTrait,
    direction: Direction,
) -> Result<Option<(Vec<u8>, i64)>, ManagementError> {
    let Some(route) = route::Entity::find_by_id(wire_name(&direction)).one(db).await? else { return Ok(None) };
    Ok(version::Entity::find()
        .select_only()
        .columns([version::Column::Twin, version::Column::TwinUntil])
        .filter(version::Column::Id.eq(route.version_id))
        .into_tuple()
        .one(db)
        .await?)
}

/// Makes a version the one that decides for its direction; the one before is retired.
pub async fn set_champion(tx: &impl ConnectionTrait, version: &ModelVersion) -> Result<(), ManagementError> {
    let direction = wire_name(&version.direction);
    version::Entity::update_many()
        .col_expr(version::Column::State, Expr::value(wire_name(&ModelState::Champion)))
        .filter(version::Column::Id.eq(version.id.0))
        .exec(tx)
        .await?;
    version::Entity::update_many()
        .col_expr(version::Column::State, Expr::value(wire_name(&ModelState::Retired)))
        .filter(version::Column::Direction.eq(&direction))
        .filter(version::Column::State.eq(wire_name(&ModelState::Champion)))
        .filter(version::Column::Id.ne(version.id.0))
        .exec(tx)
        .await?;
    let row = route::ActiveModel {
        direction: Set(direction),
        version_id: Set(version.id.0),
        digest: Set(version.digest.clone()),
    };
    let replace = OnConflict::column(route::Column::Direction)
        .update_columns([route::Column::VersionId, route::Column::Digest])
        .to_owned();
    route::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// The version of a direction with this digest.
pub async fn by_digest(
    db: &impl ConnectionTrait,
    direction: Direction,
    digest: &str,
) -> Result<Option<ModelVersion>, ManagementError> {
    let found = plain()
        .filter(version::Column::Direction.eq(wire_name(&direction)))
        .filter(version::Column::Digest.eq(digest))
        .order_by_asc(version::Column::CreatedAt)
        .into_model::<Row>()
        .one(db)
        .await?;
    found.map(ModelVersion::try_from).transpose()
}

/// All routes, by direction, with the candidates on trial.
pub async fn routes(db: &impl ConnectionTrait) -> Result<Vec<Route>, ManagementError> {
    let rows = route::Entity::find().order_by_asc(route::Column::Direction).all(db).await?;
    let on_trial = trials::all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Route {
                direction: from_name(&row.direction)?,
                champion: ModelVersionId(row.version_id),
                champion_digest: row.digest,
                challengers: on_trial
                    .iter()
                    .filter(|trial| trial.direction == row.direction && trial.champion.0 != row.version_id)
                    .map(|trial| (trial.champion, trial.champion_digest.clone()))
                    .collect(),
                trials: on_trial
                    .iter()
                    .filter(|trial| trial.direction == row.direction)
                    .map(|trial| Trial {
                        rollout: trial.rollout.clone(),
                        candidate: trial.candidate,
                        candidate_digest: trial.candidate_digest.clone(),
                        target: trial.target.clone(),
                        scope: trial.scope.clone(),
                        assignment: trial.assignment.clone(),
                    })
                    .collect(),
            })
        })
        .collect()
}
