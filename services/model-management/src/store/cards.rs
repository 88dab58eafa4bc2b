//! The cards of model versions.

use customs::ModelVersionId;
use risk_model::card::Card;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use crate::ManagementError;

mod card {
    use sea_orm::entity::prelude::*;

    /// A card.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "model_card")]
    pub struct Model {
        /// The version it is of.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version_id: Uuid,
        /// Its text.
        pub markdown: String,
        /// Its calibration plot, SVG.
        pub plot: String,
    }

    /// None are followed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps the card of a version.
pub async fn insert(tx: &impl ConnectionTrait, version: ModelVersionId, card: Card) -> Result<(), ManagementError> {
    let row = card::ActiveModel { version_id: Set(version.0), markdown: Set(card.markdown), plot: Set(card.svg) };
    card::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The card of a version; none for one that was made before cards were kept.
pub async fn find(db: &impl ConnectionTrait, version: ModelVersionId) -> Result<Option<Card>, ManagementError> {
    let row = card::Entity::find_by_id(version.0).one(db).await?;
    Ok(row.map(|row| Card { markdown: row.markdown, svg: row.plot }))
}
