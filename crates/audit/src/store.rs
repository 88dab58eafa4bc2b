//! The tables, and reading and writing them.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub(crate) mod entry {
    use sea_orm::entity::prelude::*;

    /// One record, as it is chained.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) batch: i64,
        pub(crate) at_ms: i64,
        pub(crate) stage: String,
        pub(crate) operation: String,
        pub(crate) begun: Option<i64>,
        pub(crate) status: Option<i64>,
        pub(crate) commitment: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(belongs_to = "super::person::Entity", from = "Column::Number", to = "super::person::Column::Number")]
        Person,
    }

    impl Related<super::person::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Person.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod person {
    use sea_orm::entity::prelude::*;

    /// Who did it and on what, as long as it is not erased.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_person")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) salt: String,
        pub(crate) subject: String,
        pub(crate) object: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod batch {
    use sea_orm::entity::prelude::*;

    /// A link of the chain.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_batch")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) batch: i64,
        pub(crate) first: i64,
        pub(crate) last: i64,
        pub(crate) digest: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A record with who and on what, where that is not erased.
pub(crate) type Record = (entry::Model, Option<person::Model>);

/// The last link; none in an empty trail.
pub(crate) async fn head(db: &impl ConnectionTrait) -> Result<Option<batch::Model>, DbErr> {
    batch::Entity::find().order_by_desc(batch::Column::Batch).one(db).await
}

/// Writes a link with its records.
pub(crate) async fn append(
    tx: &impl ConnectionTrait,
    link: batch::Model,
    entries: Vec<entry::Model>,
    persons: Vec<person::Model>,
) -> Result<(), DbErr> {
    let entries = entries.into_iter().map(entry::ActiveModel::from);
    entry::Entity::insert_many(entries).exec_without_returning(tx).await?;
    if !persons.is_empty() {
        let persons = persons.into_iter().map(person::ActiveModel::from);
        person::Entity::insert_many(persons).exec_without_returning(tx).await?;
    }
    batch::Entity::insert(batch::ActiveModel::from(link)).exec_without_returning(tx).await?;
    Ok(())
}

/// The next links after `batch`, in order.
pub(crate) async fn links(db: &impl ConnectionTrait, batch: i64, limit: u64) -> Result<Vec<batch::Model>, DbErr> {
    let after = batch::Entity::find().filter(batch::Column::Batch.gt(batch));
    after.order_by_asc(batch::Column::Batch).limit(limit).all(db).await
}

/// The records of these links, in order.
pub(crate) async fn records(db: &impl ConnectionTrait, first: i64, last: i64) -> Result<Vec<Record>, DbErr> {
    let within =
        entry::Entity::find().find_also_related(person::Entity).filter(entry::Column::Batch.between(first, last));
    within.order_by_asc(entry::Column::Number).all(db).await
}

/// How many records there are.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<(u64, u64), DbErr> {
    use sea_orm::PaginatorTrait as _;
    Ok((entry::Entity::find().count(db).await?, person::Entity::find().count(db).await?))
}

/// The records after `number`, of one subject or operation where one is named.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    number: i64,
    subject: Option<&str>,
    operation: Option<&str>,
    limit: u64,
) -> Result<Vec<Record>, DbErr> {
    let mut query = entry::Entity::find().find_also_related(person::Entity).filter(entry::Column::Number.gt(number));
    if let Some(subject) = subject {
        query = query.filter(person::Column::Subject.eq(subject));
    }
    if let Some(operation) = operation {
        query = query.filter(entry::Column::Operation.eq(operation));
    }
    query.order_by_asc(entry::Column::Number).limit(limit).all(db).await
}

/// Takes away who and on what of every record of `subject`; returns how many.
pub(crate) async fn erase(tx: &impl ConnectionTrait, subject: &str) -> Result<u64, DbErr> {
    let gone = person::Entity::delete_many().filter(person::Column::Subject.eq(subject)).exec(tx).await?;
    Ok(gone.rows_affected)
}
