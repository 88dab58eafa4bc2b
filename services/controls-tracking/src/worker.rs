//! Listening: selections and cancellations, in the order of the stream.

use async_trait::async_trait;
use queue::{Delivery, Handler, HandlerError};

use crate::app::App;

/// The effect of the stream's messages.
pub struct Messages(pub App);

#[async_trait]
impl Handler for Messages {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        Ok(self.0.apply_messages(batch).await?)
    }
}
