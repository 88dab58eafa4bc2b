//! The background work, in the order in which a step runs it.

use std::sync::Arc;

use events::Service;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Queue, Relay, Stream};

use crate::app::{Intake, Projection, Sweeper};

/// Publishing, projecting, and last the fail-safe: what can still be decided is decided first.
pub(crate) fn workers(intake: &Arc<Intake>, relay: Arc<Relay>, queue: Arc<dyn Queue>) -> Vec<Arc<dyn Worker>> {
    let stream = Stream::of(Service::DeclarationIntake);
    let projection = Consumer::new(queue, stream, Projection(Arc::clone(intake)), ConsumerSettings::default());
    vec![relay, Arc::new(projection), Arc::new(Sweeper(Arc::clone(intake)))]
}
