//! Entities, for reading one row and for changes of one declaration.

pub(crate) mod declaration {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "declaration")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) declarant: String,
        pub(crate) reference: String,
        pub(crate) consignment_key: String,
        pub(crate) version: u32,
        pub(crate) office: String,
        pub(crate) state: String,
        pub(crate) history: bool,
        pub(crate) first_accepted_at: i64,
        pub(crate) accepted_at: i64,
        pub(crate) known_at: i64,
        pub(crate) received_at_ms: i64,
        pub(crate) means: Option<String>,
        pub(crate) voyage: Option<String>,
        pub(crate) arrived_at: Option<i64>,
        pub(crate) presented_at: Option<i64>,
        pub(crate) released_at: Option<i64>,
        pub(crate) cancelled_at: Option<i64>,
        pub(crate) cancel_reason: Option<String>,
        pub(crate) awaiting: bool,
        pub(crate) channel: Option<String>,
        pub(crate) channel_version: Option<u32>,
        pub(crate) orders: Option<String>,
        pub(crate) decided_at: Option<i64>,
        pub(crate) fail_safe: bool,
        pub(crate) added: Option<String>,
        pub(crate) reason: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod declaration_key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "declaration_key")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) declarant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) reference: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: u32,
        pub(crate) declaration: Uuid,
        pub(crate) digest: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod channel_feed {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channel_feed")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) cursor: i64,
        pub(crate) declaration: Uuid,
        pub(crate) declarant: String,
        pub(crate) reference: String,
        pub(crate) version: u32,
        pub(crate) office: String,
        pub(crate) channel: String,
        pub(crate) orders: String,
        pub(crate) decided_at: i64,
        pub(crate) fail_safe: bool,
        pub(crate) reason: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
