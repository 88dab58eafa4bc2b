//! Group commit: requests that come while a transaction is being committed share the next one.
//!
//! No timer: a lone request is committed at once. The queue in front is bounded; beyond it requests are refused with
//! 503 and not kept waiting.

use std::sync::Arc;

use lifecycle::{Shutdown, Tasks, WorkerError};
use rest::Problem;
use tokio::sync::{mpsc, oneshot};

use super::{Acceptance, Intake};
use crate::domain::lodgement::Lodgement;
use crate::error::IntakeError;

struct Submission {
    lodgement: Lodgement,
    answer: oneshot::Sender<Result<(Lodgement, Acceptance), IntakeError>>,
}

/// Takes single declarations and commits them in groups. The task ends when this is dropped.
pub(crate) struct Committer {
    submissions: mpsc::Sender<Submission>,
    _tasks: Tasks,
}

impl Committer {
    /// Starts the one task that commits.
    pub(crate) fn start(intake: Arc<Intake>) -> Self {
        let (submissions, waiting) = mpsc::channel(intake.settings.queue_length.max(1));
        let tasks = Tasks::new(Shutdown::default());
        tasks.spawn("intake-committer", async move {
            commit_all(&intake, waiting).await;
            Ok::<(), WorkerError>(())
        });
        Self { submissions, _tasks: tasks }
    }

    /// Whether it takes declarations.
    pub(crate) fn is_alive(&self) -> bool {
        !self.submissions.is_closed()
    }

    /// Accepts one declaration together with what else is waiting. Gives the declaration back with the answer.
    pub(crate) async fn accept(&self, lodgement: Lodgement) -> Result<(Lodgement, Acceptance), Problem> {
        let (answer, answered) = oneshot::channel();
        self.submissions.try_send(Submission { lodgement, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Problem::overloaded(1),
            mpsc::error::TrySendError::Closed(_) => IntakeError::Stopped.into(),
        })?;
        let accepted = answered.await.map_err(|_| Problem::from(IntakeError::Stopped))?;
        Ok(accepted?)
    }
}

async fn commit_all(intake: &Intake, mut waiting: mpsc::Receiver<Submission>) {
    let most = intake.settings.batch_size();
    let mut group = Vec::with_capacity(most);
    while waiting.recv_many(&mut group, most).await > 0 {
        let lodgements: Vec<&Lodgement> = group.iter().map(|submission| &submission.lodgement).collect();
        let accepted = intake.accept(&lodgements).await;
        match accepted {
            Ok(acceptances) => {
                for (submission, acceptance) in group.drain(..).zip(acceptances) {
                    // Whoever no longer waits finds the declaration when asking again.
                    let _ = submission.answer.send(Ok((submission.lodgement, acceptance)));
                }
            }
            Err(error) => {
                for submission in group.drain(..) {
                    let _ = submission.answer.send(Err(error.clone()));
                }
            }
        }
    }
}
