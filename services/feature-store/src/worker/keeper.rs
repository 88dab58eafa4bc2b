//! Looks after the online store while no message comes: one that lost what it held is filled again at once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Worker, WorkerError};

use super::Recorder;
use crate::ServiceError;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// The one who looks.
pub struct Keeper(pub Arc<Recorder>);

#[async_trait]
impl Worker for Keeper {
    fn name(&self) -> &'static str {
        "feature-store-online"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        Ok(usize::from(self.0.look_after().await?))
    }

    async fn idle(&self) {
        tokio::time::sleep(EVERY).await;
    }
}

impl Recorder {
    /// Brings the online store to the end of the log where it is not there. Returns whether it was not.
    pub async fn look_after(&self) -> Result<bool, ServiceError> {
        let mut slot = self.standing.lock().await;
        let expected = self.stand(&mut slot).await?.sequence;
        let stands = self.online.read(&[]).await.map_err(ServiceError::from);
        let error = match stands {
            Ok(snapshot) if snapshot.sequence == expected => return Ok(false),
            Ok(snapshot) => online_store::OnlineStoreError::Elsewhere { expected, applied: snapshot.sequence }.into(),
            Err(error) if error.wants_filling() => error,
            Err(error) => {
                self.fall_behind();
                return Err(error);
            }
        };
        tracing::warn!(%error, "the online store is filled again");
        *slot = None;
        self.stand(&mut slot).await?;
        Ok(true)
    }
}
