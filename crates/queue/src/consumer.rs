//! Taking messages from a stream, handing them to a handler, acknowledging them.
//!
//! A batch that fails is tried again one message at a time, so that the one message that cannot be handled is found,
//! counted against, and in the end given up, while all others have their effect.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lifecycle::{Shutdown, Worker, WorkerError};

use crate::{Delivery, DeliveryId, Handler, Queue, Stream};

/// The first wait after a failure that is not a message's fault; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);

/// How a consumer takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// The most messages in one transaction.
    pub batch: usize,
    /// How long one call waits for messages while the worker runs.
    pub wait: Duration,
    /// How long a worker that runs gathers messages behind the first ones: a transaction of many costs little more than one
    /// of few. For those whom nobody waits for.
    pub gather: Duration,
}

impl ConsumerSettings {
    /// For a service whose effects nobody waits for: it gathers for a seventh of a second, and takes more at once.
    pub fn gathering() -> Self {
        Self { batch: 512, gather: Duration::from_millis(150), ..Self::default() }
    }
}

impl Default for ConsumerSettings {
    fn default() -> Self {
        Self { batch: 256, wait: Duration::from_secs(1), gather: Duration::ZERO }
    }
}

/// A worker over one stream.
pub struct Consumer<H> {
    queue: Arc<dyn Queue>,
    stream: Stream,
    handler: H,
    settings: ConsumerSettings,
}

impl<H: Handler> Consumer<H> {
    /// Hands the messages of `stream` to `handler`.
    pub fn new(queue: Arc<dyn Queue>, stream: Stream, handler: H, settings: ConsumerSettings) -> Self {
        Self { queue, stream, handler, settings }
    }

    /// The handler.
    pub fn handler(&self) -> &H {
        &self.handler
    }

    /// Handles a leased batch and ends its leases. Returns how many messages are done or given up on for now.
    async fn work(&self, batch: &[Delivery]) -> Result<usize, WorkerError> {
        match self.handler.handle(batch).await {
            Ok(()) => self.queue.acknowledge(&self.stream, &ids(batch)).await?,
            Err(error) if error.is_transient() => {
                self.queue.release(&self.stream, &ids(batch)).await?;
                return Err(error.into_worker_error());
            }
            Err(error) if batch.len() == 1 => self.fail(&batch[0], &error.to_string()).await?,
            Err(error) => {
                tracing::warn!(stream = %self.stream, messages = batch.len(), %error, "batch failed, one at a time");
                self.work_singly(batch).await?;
            }
        }
        Ok(batch.len())
    }

    async fn work_singly(&self, batch: &[Delivery]) -> Result<(), WorkerError> {
        for (place, delivery) in batch.iter().enumerate() {
            if let Err(error) = self.work_alone(delivery).await {
                // Nobody here works on the rest any more.
                if let Err(error) = self.queue.release(&self.stream, &ids(&batch[place..])).await {
                    tracing::warn!(stream = %self.stream, %error, "leases could not be given back");
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn work_alone(&self, delivery: &Delivery) -> Result<(), WorkerError> {
        match self.handler.handle(std::slice::from_ref(delivery)).await {
            Ok(()) => Ok(self.queue.acknowledge(&self.stream, &[delivery.id]).await?),
            Err(error) if error.is_transient() => Err(error.into_worker_error()),
            Err(error) => self.fail(delivery, &error.to_string()).await,
        }
    }

    async fn fail(&self, delivery: &Delivery, error: &str) -> Result<(), WorkerError> {
        let envelope = &delivery.envelope;
        tracing::warn!(stream = %self.stream, message = %envelope.name, id = %envelope.id, error, "message failed");
        Ok(self.queue.fail(&self.stream, delivery.id, error).await?)
    }

    async fn receive_and_work(&self, wait: Duration, shutdown: &Shutdown) -> Result<usize, WorkerError> {
        let batch = tokio::select! {
            batch = self.queue.receive(&self.stream, self.settings.batch, wait) => batch?,
            () = shutdown.triggered() => return Ok(0),
        };
        if batch.is_empty() {
            return Ok(0);
        }
        self.work(&self.gather(batch, shutdown).await).await
    }

    /// The messages of `batch` with those that come behind them soon.
    async fn gather(&self, mut batch: Vec<Delivery>, shutdown: &Shutdown) -> Vec<Delivery> {
        let lacking = self.settings.batch.saturating_sub(batch.len());
        if self.settings.gather.is_zero() || lacking == 0 {
            return batch;
        }
        tokio::select! {
            () = tokio::time::sleep(self.settings.gather) => {}
            () = shutdown.triggered() => return batch,
        }
        match self.queue.receive(&self.stream, lacking, Duration::ZERO).await {
            Ok(more) => batch.extend(more),
            // Who is given what came then is told with the next call; what is here is worked on.
            Err(error) => tracing::warn!(stream = %self.stream, %error, "no more could be gathered"),
        }
        batch
    }
}

#[async_trait]
impl<H: Handler> Worker for Consumer<H> {
    fn name(&self) -> &'static str {
        self.stream.subscriber.as_str()
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let mut done = 0;
        loop {
            let batch = self.queue.receive(&self.stream, self.settings.batch, Duration::ZERO).await?;
            if batch.is_empty() {
                return Ok(done);
            }
            let was_all = batch.len() < self.settings.batch;
            done += self.work(&batch).await?;
            if was_all {
                return Ok(done);
            }
        }
    }

    async fn run(&self, shutdown: Shutdown) -> Result<(), WorkerError> {
        let mut back_off = FIRST_BACK_OFF;
        while !shutdown.is_triggered() {
            match self.receive_and_work(self.settings.wait, &shutdown).await {
                Ok(_) => back_off = FIRST_BACK_OFF,
                Err(error) => {
                    tracing::error!(stream = %self.stream, %error, "consuming failed, trying again");
                    tokio::select! {
                        () = tokio::time::sleep(back_off) => {}
                        () = shutdown.triggered() => {}
                    }
                    back_off = (back_off * 2).min(LONGEST_BACK_OFF);
                }
            }
        }
        Ok(())
    }
}

fn ids(batch: &[Delivery]) -> Vec<DeliveryId> {
    batch.iter().map(|delivery| delivery.id).collect()
}
