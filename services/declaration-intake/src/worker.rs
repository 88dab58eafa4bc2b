//! The background work, in the order in which a step runs it.

use std::sync::Arc;

use events::Service;
use lifecycle::Worker;
use queue::{Consumer, ConsumerSettings, Queue, Relay, Stream};

use crate::app::{Deliverer, Eraser, Intake, Projection, Sweeper};

/// Publishing, projecting, and then the fail-safe: what can still be decided is decided first. Last, who is told by webhook, and who
/// is to be taken out.
pub(crate) fn workers(intake: &Arc<Intake>, relay: Arc<Relay>, queue: Arc<dyn Queue>) -> Vec<Arc<dyn Worker>> {
    let stream = Stream::of(Service::DeclarationIntake);
    let projection = Consumer::new(queue, stream, Projection(Arc::clone(intake)), ConsumerSettings::default());
    let deliverer = Deliverer::new(Arc::clone(intake));
    let eraser = Eraser(Arc::clone(intake));
    vec![relay, Arc::new(projection), Arc::new(Sweeper(Arc::clone(intake))), Arc::new(deliverer), Arc::new(eraser)]
}
