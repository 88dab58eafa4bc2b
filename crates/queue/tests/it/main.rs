//! The embedded queue against the contract of every queue, and what is its own.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lifecycle::ProcessClock;
use queue::{EmbeddedQueue, EmbeddedSettings, Queue};
use testkit::queue_contract::Backend;

struct Embedded;

#[async_trait]
impl Backend for Embedded {
    async fn open(&self, directory: &Path, clock: ProcessClock) -> Arc<dyn Queue> {
        let url = format!("sqlite:{}", directory.join("queue.db").display());
        Arc::new(EmbeddedQueue::open_with(&url, EmbeddedSettings::default(), clock).await.expect("the queue opens"))
    }
}

testkit::queue_contract!(Embedded);

mod bench;
mod embedded;
mod relay;
