//! The store of one process.

use std::sync::Arc;

use async_trait::async_trait;
use online_store::{EmbeddedOnlineStore, OnlineStore};
use testkit::online_contract::Backend;

struct Embedded;

#[async_trait]
impl Backend for Embedded {
    async fn open(&self, _: &str) -> Arc<dyn OnlineStore> {
        Arc::new(EmbeddedOnlineStore::new())
    }

    async fn lose_everything(&self, _: &str) -> bool {
        // It is lost with its process, and only so.
        false
    }
}

testkit::online_contract!(Embedded);
