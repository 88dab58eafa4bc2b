//! Filters, their versions, who asked for what, emergency orders and the audit trail.

use std::collections::{BTreeMap, BTreeSet};

use customs::FilterId;
use jiff::Timestamp;
use risk_filters::{FilterDefinition, FilterState};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
    sea_query::Expr,
};

use super::{from_name, from_text, time, to_text};
use crate::{
    ManagementError,
    domain::{
        approval::{Target, Voice},
        filter::{NewFilter, Provenance},
        wire_name,
    },
};

/// Filters.
pub mod filter {
    use sea_orm::entity::prelude::*;

    /// A filter, all its versions.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filter")]
    pub struct Model {
        /// Identifier.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Short code.
        pub code: String,
        /// When it was created (domain time, microseconds).
        pub created_at: i64,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Versions of filters.
pub mod version {
    use sea_orm::entity::prelude::*;

    /// A version.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filter_version")]
    pub struct Model {
        /// The filter.
        #[sea_orm(primary_key, auto_increment = false)]
        pub filter_id: Uuid,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// Who wrote it.
        pub author: String,
        /// When (domain time, microseconds).
        pub created_at: i64,
        /// What was written, JSON.
        pub content: String,
        /// Where it stands.
        pub state: String,
        /// Written or mined.
        pub provenance: String,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who asked for what.
pub mod approval {
    use sea_orm::entity::prelude::*;

    /// One person's word for one state of one version.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filter_approval")]
    pub struct Model {
        /// The filter.
        #[sea_orm(primary_key, auto_increment = false)]
        pub filter_id: Uuid,
        /// Its version.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// The state asked for.
        #[sea_orm(primary_key, auto_increment = false)]
        pub target: String,
        /// Who asked.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// Whether they had the role of an approver.
        pub approver: bool,
        /// When (domain time, microseconds).
        pub approved_at: i64,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Emergency orders.
pub mod emergency {
    use sea_orm::entity::prelude::*;

    /// A version in force by one person's order.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "emergency_order")]
    pub struct Model {
        /// The filter.
        #[sea_orm(primary_key, auto_increment = false)]
        pub filter_id: Uuid,
        /// Its version.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// Who ordered.
        pub ordered_by: String,
        /// Why.
        pub reason: String,
        /// When (domain time, microseconds).
        pub ordered_at: i64,
        /// Until when (domain time, microseconds).
        pub until: i64,
        /// When it ended.
        pub ended_at: Option<i64>,
        /// Who ended it; none when its time was over.
        pub ended_by: Option<String>,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The audit trail.
pub mod change {
    use sea_orm::entity::prelude::*;

    /// One change.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filter_change")]
    pub struct Model {
        /// Its place in the trail.
        #[sea_orm(primary_key)]
        pub seq: i64,
        /// The filter.
        pub filter_id: Uuid,
        /// Its version.
        pub version: i32,
        /// What was done.
        pub action: String,
        /// By whom.
        pub subject: String,
        /// In words.
        pub detail: String,
        /// When (domain time, microseconds).
        pub changed_at: i64,
        /// The epoch it led to; none when nothing in force changed.
        pub epoch: Option<i64>,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An emergency order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Who ordered.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub ordered_at: Timestamp,
    /// Until when at the latest.
    pub until: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it; none when its time was over.
    pub ended_by: Option<String>,
}

/// A version with everything that is known about it.
#[derive(Clone, Debug)]
pub struct FilterVersion {
    /// The filter.
    pub id: FilterId,
    /// The version.
    pub version: u32,
    /// Who wrote it; who asked for the search, when that drafted it.
    pub author: String,
    /// How it came about.
    pub provenance: Provenance,
    /// When.
    pub created_at: Timestamp,
    /// What was written.
    pub content: NewFilter,
    /// Where it stands.
    pub state: FilterState,
    /// Who asked for what: state asked for, who, when.
    pub approvals: Vec<(Target, Voice, Timestamp)>,
    /// The emergency order, past or present.
    pub emergency: Option<Emergency>,
}

impl FilterVersion {
    /// The definition as it is distributed.
    pub fn definition(&self) -> FilterDefinition {
        let until = self.open_emergency().map(|emergency| emergency.until);
        self.content.define(self.id, self.version, self.writer(), self.state, until)
    }

    /// The emergency order that holds.
    pub fn open_emergency(&self) -> Option<&Emergency> {
        self.emergency.as_ref().filter(|emergency| emergency.ended_at.is_none())
    }

    /// Who wrote it; none when a search drafted it.
    pub fn writer(&self) -> Option<&str> {
        (self.provenance == Provenance::Written).then_some(self.author.as_str())
    }

    /// Whether matches are recorded.
    pub fn is_in_force(&self) -> bool {
        matches!(self.state, FilterState::Active | FilterState::Shadow)
    }
}

/// The filter with this code.
pub async fn by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<FilterId>, ManagementError> {
    let found = filter::Entity::find().filter(filter::Column::Code.eq(code)).one(db).await?;
    Ok(found.map(|row| FilterId(row.id)))
}

/// Adds a filter without versions.
pub async fn insert(tx: &impl ConnectionTrait, id: FilterId, code: &str, at: Timestamp) -> Result<(), ManagementError> {
    let row = filter::ActiveModel { id: Set(id.0), code: Set(code.to_owned()), created_at: Set(at.as_microsecond()) };
    filter::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds a version, as a draft.
pub async fn insert_version(
    tx: &impl ConnectionTrait,
    id: FilterId,
    version: u32,
    author: &str,
    provenance: Provenance,
    content: &NewFilter,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let row = version::ActiveModel {
        filter_id: Set(id.0),
        version: Set(version as i32),
        author: Set(author.to_owned()),
        created_at: Set(at.as_microsecond()),
        content: Set(to_text(content)?),
        state: Set(wire_name(&FilterState::Draft)),
        provenance: Set(wire_name(&provenance)),
    };
    version::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a version to a state.
pub async fn set_state(
    tx: &impl ConnectionTrait,
    id: FilterId,
    version: u32,
    state: FilterState,
) -> Result<(), ManagementError> {
    version::Entity::update_many()
        .col_expr(version::Column::State, Expr::value(wire_name(&state)))
        .filter(version::Column::FilterId.eq(id.0))
        .filter(version::Column::Version.eq(version as i32))
        .exec(tx)
        .await?;
    Ok(())
}

/// Records one person's word; saying it again changes nothing.
pub async fn record_approval(
    tx: &impl ConnectionTrait,
    id: FilterId,
    version: u32,
    target: Target,
    voice: &Voice,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let row = approval::ActiveModel {
        filter_id: Set(id.0),
        version: Set(version as i32),
        target: Set(wire_name(&target)),
        subject: Set(voice.subject.clone()),
        approver: Set(voice.approver),
        approved_at: Set(at.as_microsecond()),
    };
    approval::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(())
}

/// Records an emergency order.
pub async fn insert_emergency(
    tx: &impl ConnectionTrait,
    id: FilterId,
    version: u32,
    emergency: &Emergency,
) -> Result<(), ManagementError> {
    let row = emergency::ActiveModel {
        filter_id: Set(id.0),
        version: Set(version as i32),
        ordered_by: Set(emergency.ordered_by.clone()),
        reason: Set(emergency.reason.clone()),
        ordered_at: Set(emergency.ordered_at.as_microsecond()),
        until: Set(emergency.until.as_microsecond()),
        ended_at: Set(None),
        ended_by: Set(None),
    };
    emergency::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends an emergency order.
pub async fn end_emergency(
    tx: &impl ConnectionTrait,
    id: FilterId,
    version: u32,
    at: Timestamp,
    by: Option<&str>,
) -> Result<(), ManagementError> {
    emergency::Entity::update_many()
        .col_expr(emergency::Column::EndedAt, Expr::value(at.as_microsecond()))
        .col_expr(emergency::Column::EndedBy, Expr::value(by.map(str::to_owned)))
        .filter(emergency::Column::FilterId.eq(id.0))
        .filter(emergency::Column::Version.eq(version as i32))
        .filter(emergency::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Emergency orders that are open and were to end by `now`, in the order of their ends.
pub async fn emergencies_over(
    db: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<Vec<(FilterId, u32, Timestamp)>, ManagementError> {
    emergency::Entity::find()
        .filter(emergency::Column::EndedAt.is_null())
        .filter(emergency::Column::Until.lte(now.as_microsecond()))
        .order_by_asc(emergency::Column::Until)
        .order_by_asc(emergency::Column::FilterId)
        .all(db)
        .await?
        .into_iter()
        .map(|row| Ok((FilterId(row.filter_id), row.version as u32, time(row.until)?)))
        .collect()
}

/// How many emergency orders are open.
pub async fn open_emergencies(db: &impl ConnectionTrait) -> Result<u64, ManagementError> {
    use sea_orm::PaginatorTrait;
    Ok(emergency::Entity::find().filter(emergency::Column::EndedAt.is_null()).count(db).await?)
}

/// An entry of the audit trail.
#[derive(Clone, Debug)]
pub struct Change {
    /// The filter.
    pub id: FilterId,
    /// Its version.
    pub version: u32,
    /// What was done.
    pub action: &'static str,
    /// By whom.
    pub subject: String,
    /// In words.
    pub detail: String,
}

/// Appends to the audit trail.
pub async fn append_change(
    tx: &impl ConnectionTrait,
    change: Change,
    at: Timestamp,
    epoch: Option<u64>,
) -> Result<(), ManagementError> {
    let row = change::ActiveModel {
        filter_id: Set(change.id.0),
        version: Set(change.version as i32),
        action: Set(change.action.to_owned()),
        subject: Set(change.subject),
        detail: Set(change.detail),
        changed_at: Set(at.as_microsecond()),
        epoch: Set(epoch.map(|epoch| epoch as i64)),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// The audit trail of a filter.
pub async fn changes(db: &impl ConnectionTrait, id: FilterId) -> Result<Vec<change::Model>, ManagementError> {
    let rows = change::Entity::find().filter(change::Column::FilterId.eq(id.0)).order_by_asc(change::Column::Seq);
    Ok(rows.all(db).await?)
}

/// The versions of a filter that people have put in force in the ordinary way, now or once. A word that still waits for
/// another person's puts nothing in force.
pub async fn approved(db: &impl ConnectionTrait, id: FilterId) -> Result<BTreeSet<u32>, ManagementError> {
    let versions: Vec<i32> = change::Entity::find()
        .select_only()
        .column(change::Column::Version)
        .filter(change::Column::FilterId.eq(id.0))
        .filter(change::Column::Action.is_in(["activated", "shadowed"]))
        .into_tuple()
        .all(db)
        .await?;
    Ok(versions.into_iter().map(|version| version as u32).collect())
}

/// All versions of these filters, by filter; versions ascend.
pub async fn versions_of(
    db: &impl ConnectionTrait,
    ids: &[FilterId],
) -> Result<BTreeMap<FilterId, Vec<FilterVersion>>, ManagementError> {
    let wanted = || ids.iter().map(|id| id.0);
    let rows = version::Entity::find()
        .filter(version::Column::FilterId.is_in(wanted()))
        .order_by_asc(version::Column::FilterId)
        .order_by_asc(version::Column::Version)
        .all(db)
        .await?;
    let approvals = approval::Entity::find()
        .filter(approval::Column::FilterId.is_in(wanted()))
        .order_by_asc(approval::Column::ApprovedAt)
        .order_by_asc(approval::Column::Subject)
        .all(db)
        .await?;
    let emergencies = emergency::Entity::find().filter(emergency::Column::FilterId.is_in(wanted())).all(db).await?;

    // By version first: there may be many thousands of both.
    let mut voices = BTreeMap::<(uuid::Uuid, i32), Vec<(Target, Voice, Timestamp)>>::new();
    for approval in approvals {
        let target = from_name(&approval.target)?;
        let voice = Voice { subject: approval.subject, approver: approval.approver };
        let asked = (target, voice, time(approval.approved_at)?);
        voices.entry((approval.filter_id, approval.version)).or_default().push(asked);
    }
    let emergencies: BTreeMap<(uuid::Uuid, i32), emergency::Model> =
        emergencies.into_iter().map(|emergency| ((emergency.filter_id, emergency.version), emergency)).collect();

    let mut found = BTreeMap::<FilterId, Vec<FilterVersion>>::new();
    for row in rows {
        let approvals = voices.remove(&(row.filter_id, row.version)).unwrap_or_default();
        let emergency = emergencies.get(&(row.filter_id, row.version)).map(read_emergency).transpose()?;
        found.entry(FilterId(row.filter_id)).or_default().push(FilterVersion {
            id: FilterId(row.filter_id),
            version: row.version as u32,
            author: row.author.clone(),
            provenance: from_name(&row.provenance)?,
            created_at: time(row.created_at)?,
            content: from_text(&row.content)?,
            state: from_name(&row.state)?,
            approvals,
            emergency,
        });
    }
    Ok(found)
}

fn read_emergency(row: &emergency::Model) -> Result<Emergency, ManagementError> {
    Ok(Emergency {
        ordered_by: row.ordered_by.clone(),
        reason: row.reason.clone(),
        ordered_at: time(row.ordered_at)?,
        until: time(row.until)?,
        ended_at: row.ended_at.map(time).transpose()?,
        ended_by: row.ended_by.clone(),
    })
}

/// All versions of one filter, ascending.
pub async fn versions(db: &impl ConnectionTrait, id: FilterId) -> Result<Vec<FilterVersion>, ManagementError> {
    versions_of(db, &[id]).await?.remove(&id).ok_or(ManagementError::UnknownFilter(id))
}

/// The definitions in force: of each filter the highest version that is active or in the shadow, by code.
pub async fn in_force(db: &impl ConnectionTrait) -> Result<Vec<FilterDefinition>, ManagementError> {
    let ids: Vec<FilterId> = version::Entity::find()
        .select_only()
        .column(version::Column::FilterId)
        .distinct()
        .filter(version::Column::State.is_in(in_force_states()))
        .into_tuple::<uuid::Uuid>()
        .all(db)
        .await?
        .into_iter()
        .map(FilterId)
        .collect();
    let mut definitions: Vec<FilterDefinition> = versions_of(db, &ids)
        .await?
        .into_values()
        .filter_map(|versions| versions.into_iter().rev().find(FilterVersion::is_in_force))
        .map(|version| version.definition())
        .collect();
    definitions.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
    Ok(definitions)
}

fn in_force_states() -> [String; 2] {
    [wire_name(&FilterState::Active), wire_name(&FilterState::Shadow)]
}

/// Which filters to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Those with a version in this state.
    pub state: Option<FilterState>,
    /// Those that had an emergency order.
    pub emergency: bool,
    /// Codes after this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u64,
}

/// Filters by code.
pub async fn list(db: &impl ConnectionTrait, listing: &Listing) -> Result<Vec<filter::Model>, ManagementError> {
    let mut query = filter::Entity::find().order_by_asc(filter::Column::Code).limit(listing.limit);
    if let Some(after) = &listing.after {
        query = query.filter(filter::Column::Code.gt(after));
    }
    if let Some(state) = listing.state {
        let of_state = version::Entity::find()
            .select_only()
            .column(version::Column::FilterId)
            .filter(version::Column::State.eq(wire_name(&state)))
            .into_query();
        query = query.filter(filter::Column::Id.in_subquery(of_state));
    }
    if listing.emergency {
        let ordered = emergency::Entity::find().select_only().column(emergency::Column::FilterId).into_query();
        query = query.filter(filter::Column::Id.in_subquery(ordered));
    }
    Ok(query.all(db).await?)
}
