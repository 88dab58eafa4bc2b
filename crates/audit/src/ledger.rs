//! Writing the trail: one task, whole batches, each chained to the one before.
//!
//! What waits to begin is written at once, with whatever else has come; what is only noted waits a moment for company.
//! A batch that cannot be written refuses those who wait, and keeps the notes for the next one. Several processes may
//! write one trail: each batch goes on from what is the last one then.

use std::sync::Arc;
use std::time::Duration;

use lifecycle::{ProcessClock, Shutdown, Tasks, WorkerError};
use rest::Problem;
use rest::audit::{Deed, Later, Trail};
use store::Database;
use tokio::sync::{mpsc, oneshot};

use crate::AuditError;
use crate::chain::{self, GENESIS};
use crate::migrations::Migrator;
use crate::store::{self as tables, batch, entry, person};

/// Records that may wait. Whoever brings more waits, too.
const QUEUE: usize = 4_096;
/// The most records of a batch.
const BATCH: usize = 256;
/// How long notes wait for company.
const LINGER: Duration = Duration::from_millis(50);
/// The pause after a batch that could not be written.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) const BEGUN: &str = "begun";
pub(crate) const ENDED: &str = "ended";
pub(crate) const NOTED: &str = "noted";

enum Message {
    Begin(Deed, oneshot::Sender<Result<i64, AuditError>>),
    End(i64, u16),
    Note(Deed, u16),
    Flush(oneshot::Sender<()>),
}

/// The trail. Cheap to clone; the task that writes ends with the last clone.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) db: Database,
    messages: mpsc::Sender<Message>,
    _tasks: Arc<Tasks>,
}

impl Ledger {
    /// Opens the trail in the database that `settings` name, and makes its tables when they are not there.
    pub async fn open(settings: &store::Settings, clock: ProcessClock) -> Result<Self, AuditError> {
        let db = Database::open(settings).await?;
        db.migrate::<Migrator>().await?;
        let (messages, waiting) = mpsc::channel(QUEUE);
        let tasks = Tasks::new(Shutdown::default());
        let writer = Writer { db: db.clone(), clock };
        tasks.spawn("audit-writer", async move {
            writer.write(waiting).await;
            Ok::<(), WorkerError>(())
        });
        Ok(Self { db, messages, _tasks: Arc::new(tasks) })
    }

    /// Records a deed that is over, and returns when it is on the disk.
    pub async fn record(&self, deed: Deed, status: u16) -> Result<(), AuditError> {
        let number = self.start(deed).await?;
        self.send(Message::End(number, status)).await?;
        self.flush().await
    }

    /// Takes the subject, and on what they acted, out of every record of theirs, and records that this was done. What
    /// they did and when stays, and so does the chain. Returns how many records there were.
    pub async fn erase(&self, subject: &str, by: &str) -> Result<u64, AuditError> {
        let number =
            self.start(Deed { subject: by.into(), operation: "audit_erase".into(), object: String::new() }).await?;
        let tx = self.db.begin().await?;
        let erased = tables::erase(&tx, subject).await?;
        tx.commit().await?;
        self.send(Message::End(number, 200)).await?;
        self.flush().await?;
        Ok(erased)
    }

    /// Returns when everything that was brought before is on the disk.
    pub async fn flush(&self) -> Result<(), AuditError> {
        let (answer, written) = oneshot::channel();
        self.send(Message::Flush(answer)).await?;
        written.await.map_err(|_| AuditError::Stopped)
    }

    async fn start(&self, deed: Deed) -> Result<i64, AuditError> {
        let (answer, written) = oneshot::channel();
        self.send(Message::Begin(deed, answer)).await?;
        written.await.map_err(|_| AuditError::Stopped)?
    }

    async fn send(&self, message: Message) -> Result<(), AuditError> {
        self.messages.send(message).await.map_err(|_| AuditError::Stopped)
    }
}

impl Trail for Ledger {
    fn begin(&self, deed: Deed) -> Later<'_, Result<i64, Problem>> {
        Box::pin(async move { Ok(self.start(deed).await?) })
    }

    fn end(&self, number: i64, status: u16) -> Later<'_, ()> {
        Box::pin(async move {
            if self.send(Message::End(number, status)).await.is_err() {
                tracing::error!(number, status, "the outcome of an act is not on record");
            }
        })
    }

    fn note(&self, deed: Deed, status: u16) -> Later<'_, ()> {
        Box::pin(async move {
            let operation = deed.operation.clone();
            if self.send(Message::Note(deed, status)).await.is_err() {
                tracing::error!(operation, status, "a look is not on record");
            }
        })
    }
}

struct Writer {
    db: Database,
    clock: ProcessClock,
}

impl Writer {
    async fn write(&self, mut waiting: mpsc::Receiver<Message>) {
        let mut group = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut group, BATCH).await > 0 {
            self.gather(&mut waiting, &mut group).await;
            while let Err(error) = self.commit(&mut group).await {
                tracing::error!(cause = &error as &dyn std::error::Error, "the audit trail cannot be written");
                refuse(&mut group, error);
                if group.is_empty() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
                // Those who come meanwhile wait no longer than those before them.
                while group.len() < BATCH
                    && let Ok(message) = waiting.try_recv()
                {
                    group.push(message);
                }
            }
        }
    }

    /// Waits for company while nobody waits for the batch.
    async fn gather(&self, waiting: &mut mpsc::Receiver<Message>, group: &mut Vec<Message>) {
        let linger = tokio::time::sleep(LINGER);
        tokio::pin!(linger);
        while group.len() < BATCH && !group.iter().any(Message::is_awaited) {
            tokio::select! {
                came = waiting.recv() => match came {
                    Some(message) => group.push(message),
                    None => return,
                },
                () = &mut linger => return,
            }
        }
    }

    async fn commit(&self, group: &mut Vec<Message>) -> Result<(), AuditError> {
        let (now, mut entries, mut persons) = (self.clock.unix_ms(), Vec::new(), Vec::new());
        let recorded = group.iter().filter(|message| !matches!(message, Message::Flush(_))).count();
        let mut first = 0;
        if recorded > 0 {
            let tx = self.db.begin().await?;
            let head = tables::head(&tx).await?;
            let (previous, link, last) = match &head {
                Some(head) => (head.digest.as_str(), head.batch + 1, head.last),
                None => (GENESIS, 1, 0),
            };
            first = last + 1;
            for message in group.iter() {
                let number = first + entries.len() as i64;
                if let Some((entry, person)) = message.entry(number, link, now)? {
                    entries.push(entry);
                    persons.extend(person);
                }
            }
            let digest = chain::digest(previous, link, &entries);
            let link = batch::Model { batch: link, first, last: last + entries.len() as i64, digest };
            tables::append(&tx, link, entries, persons).await?;
            tx.commit().await?;
        }
        let mut number = first;
        for message in group.drain(..) {
            match message {
                // Whoever no longer waits does not begin.
                Message::Begin(_, answer) => {
                    let _ = answer.send(Ok(number));
                }
                Message::Flush(answer) => {
                    let _ = answer.send(());
                    continue;
                }
                Message::End(..) | Message::Note(..) => {}
            }
            number += 1;
        }
        Ok(())
    }
}

/// Tells those who wait to begin that they may not; the rest stays.
fn refuse(group: &mut Vec<Message>, error: AuditError) {
    let mut error = Some(error);
    let messages = std::mem::take(group);
    for message in messages {
        match message {
            Message::Begin(_, answer) => {
                let _ = answer.send(Err(error.take().unwrap_or(AuditError::Stopped)));
            }
            other => group.push(other),
        }
    }
}

impl Message {
    fn is_awaited(&self) -> bool {
        matches!(self, Self::Begin(..) | Self::Flush(_))
    }

    /// The record with this number in this batch; none for what leaves none.
    fn entry(
        &self,
        number: i64,
        batch: i64,
        at_ms: i64,
    ) -> Result<Option<(entry::Model, Option<person::Model>)>, AuditError> {
        let (stage, deed, begun, status) = match self {
            Self::Begin(deed, _) => (BEGUN, Some(deed), None, None),
            Self::Note(deed, status) => (NOTED, Some(deed), None, Some(*status)),
            Self::End(begun, status) => (ENDED, None, Some(*begun), Some(*status)),
            Self::Flush(_) => return Ok(None),
        };
        let person = match deed {
            Some(Deed { subject, object, .. }) => {
                let (subject, object) = (subject.clone(), object.clone());
                Some(person::Model { number, salt: chain::salt()?, subject, object })
            }
            None => None,
        };
        let entry = entry::Model {
            number,
            batch,
            at_ms,
            stage: stage.to_owned(),
            operation: deed.map(|deed| deed.operation.clone()).unwrap_or_default(),
            begun,
            status: status.map(i64::from),
            commitment: person.as_ref().map(chain::commitment),
        };
        Ok(Some((entry, person)))
    }
}
