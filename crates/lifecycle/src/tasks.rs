//! Supervised tasks: a task that fails or panics is seen, stops the process and is named by [`Tasks::join`].

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::{Shutdown, Worker, WorkerError};

/// The tasks of one process.
#[derive(Debug)]
pub struct Tasks {
    shutdown: Shutdown,
    set: Mutex<JoinSet<()>>,
    failure: Arc<Mutex<Option<TaskError>>>,
}

/// The first task that did not end well.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// It returned an error.
    #[error("task {task} failed: {error}")]
    Failed {
        /// Its name.
        task: &'static str,
        /// The error with its chain.
        error: WorkerError,
    },
    /// It panicked: a defect of the program.
    #[error("task {task} panicked: {message}")]
    Panicked {
        /// Its name.
        task: &'static str,
        /// What the panic said.
        message: String,
    },
    /// It did not stop in time and was cut off.
    #[error("{count} tasks did not stop within {grace:?}")]
    Stuck {
        /// How many.
        count: usize,
        /// How long they had.
        grace: Duration,
    },
}

impl Tasks {
    /// No tasks yet. They are asked to stop by `shutdown`, and trigger it when they fail.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { shutdown, set: Mutex::default(), failure: Arc::default() }
    }

    /// The signal that stops the tasks.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Starts a task.
    pub fn spawn<F, E>(&self, name: &'static str, future: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<WorkerError>,
    {
        let (shutdown, failure) = (self.shutdown.clone(), Arc::clone(&self.failure));
        let supervised = async move {
            let error = match AssertUnwindSafe(future).catch_unwind().await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => TaskError::Failed { task: name, error: error.into() },
                Err(panic) => TaskError::Panicked { task: name, message: message_of(&*panic) },
            };
            tracing::error!(task = name, error = %error, "task ended, stopping the process");
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            shutdown.trigger();
        };
        self.set.lock().unwrap_or_else(PoisonError::into_inner).spawn(supervised);
    }

    /// Starts a worker.
    pub fn spawn_worker(&self, worker: Arc<dyn Worker>) {
        let shutdown = self.shutdown.clone();
        self.spawn(worker.name(), async move { worker.run(shutdown).await });
    }

    /// Waits until every task has ended. Once shutdown is triggered they have `grace` to do so, then they are cut off.
    /// Returns the first failure.
    pub async fn join(self, grace: Duration) -> Result<(), TaskError> {
        let mut set = self.set.into_inner().unwrap_or_else(PoisonError::into_inner);
        tokio::select! {
            () = ended(&mut set) => {}
            () = self.shutdown.triggered() => {}
        }
        let stuck = tokio::time::timeout(grace, ended(&mut set)).await.is_err();
        let count = set.len();
        set.shutdown().await;
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        match failure {
            Some(failure) => Err(failure),
            None if stuck => Err(TaskError::Stuck { count, grace }),
            None => Ok(()),
        }
    }
}

async fn ended(set: &mut JoinSet<()>) {
    while set.join_next().await.is_some() {}
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn panic_stops_the_other_tasks_and_is_named() {
        let tasks = Tasks::new(Shutdown::new());
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("waiting", async move {
            shutdown.triggered().await;
            Ok::<_, WorkerError>(())
        });
        tasks.spawn("broken", async {
            tokio::task::yield_now().await;
            assert_eq!(1, 2, "one is not two");
            Ok::<_, WorkerError>(())
        });
        let error = tasks.join(GRACE).await.unwrap_err().to_string();
        assert!(error.starts_with("task broken panicked") && error.contains("one is not two"), "{error}");
    }

    #[tokio::test]
    async fn error_stops_the_process_before_anyone_joins() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("failing", async { Err(std::io::Error::other("no disk")) });
        tasks.shutdown().triggered().await;
        assert_eq!(tasks.join(GRACE).await.unwrap_err().to_string(), "task failing failed: no disk");
    }

    #[tokio::test]
    async fn task_that_ignores_shutdown_is_cut_off() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("deaf", std::future::pending::<Result<(), WorkerError>>());
        tasks.shutdown().trigger();
        assert!(matches!(tasks.join(GRACE).await, Err(TaskError::Stuck { count: 1, .. })));
    }

    #[tokio::test]
    async fn tasks_that_end_well_end_the_join() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("short", async { Ok::<_, WorkerError>(()) });
        tasks.join(GRACE).await.unwrap();
    }
}
