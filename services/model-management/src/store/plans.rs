//! Capacity plans, one per office.

use customs::OfficeCode;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, QuerySelect, Set, sea_query::OnConflict};
use selection::CapacityPlan;

use super::{from_text, to_text};
use crate::ManagementError;

/// Plans.
pub mod plan {
    use sea_orm::entity::prelude::*;

    /// The plan of an office.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "capacity_plan")]
    pub struct Model {
        /// The office.
        #[sea_orm(primary_key, auto_increment = false)]
        pub office: String,
        /// The plan, JSON.
        pub plan: String,
        /// Who set it.
        pub changed_by: String,
        /// When (domain time, microseconds).
        pub changed_at: i64,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Every plan, by office.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<CapacityPlan>, ManagementError> {
    let rows = plan::Entity::find().order_by_asc(plan::Column::Office).all(db).await?;
    rows.iter().map(|row| from_text(&row.plan)).collect()
}

/// The offices that have a plan, in order.
pub async fn offices(db: &impl ConnectionTrait) -> Result<Vec<String>, ManagementError> {
    let query = plan::Entity::find().select_only().column(plan::Column::Office).order_by_asc(plan::Column::Office);
    Ok(query.into_tuple().all(db).await?)
}

/// The plan of an office.
pub async fn of(db: &impl ConnectionTrait, office: &OfficeCode) -> Result<Option<CapacityPlan>, ManagementError> {
    let row = plan::Entity::find_by_id(office.0.clone()).one(db).await?;
    row.map(|row| from_text(&row.plan)).transpose()
}

/// Sets plans.
pub async fn put(
    tx: &impl ConnectionTrait,
    plans: &[CapacityPlan],
    by: &str,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let rows = plans
        .iter()
        .map(|plan| {
            Ok(plan::ActiveModel {
                office: Set(plan.office.0.clone()),
                plan: Set(to_text(plan)?),
                changed_by: Set(by.to_owned()),
                changed_at: Set(at.as_microsecond()),
            })
        })
        .collect::<Result<Vec<_>, ManagementError>>()?;
    let replace = OnConflict::column(plan::Column::Office)
        .update_columns([plan::Column::Plan, plan::Column::ChangedBy, plan::Column::ChangedAt])
        .to_owned();
    plan::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}
