//! Callers who wait for the channel of one declaration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use customs::DeclarationId;
use tokio::sync::Notify;

type Bells = Arc<Mutex<HashMap<DeclarationId, Arc<Notify>>>>;

/// One bell per declaration that somebody waits for.
#[derive(Clone, Default)]
pub(super) struct Waiting(Bells);

impl Waiting {
    /// A bell that rings when the declaration is told about.
    pub(super) fn bell(&self, id: DeclarationId) -> Bell {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notify = Arc::clone(bells.entry(id).or_default());
        Bell { id, notify, bells: Arc::clone(&self.0) }
    }

    /// Rings for these declarations.
    pub(super) fn ring(&self, ids: &[DeclarationId]) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bells.is_empty() {
            return;
        }
        for id in ids {
            if let Some(bell) = bells.get(id) {
                bell.notify_waiters();
            }
        }
    }
}

/// A bell; given up when dropped.
pub(super) struct Bell {
    id: DeclarationId,
    pub(super) notify: Arc<Notify>,
    bells: Bells,
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one: nobody else waits.
        if Arc::strong_count(&self.notify) == 2 {
            bells.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use customs::Timestamp;

    use super::*;

    #[tokio::test]
    async fn bell_rings_for_its_declaration_and_leaves_nothing_behind() {
        let waiting = Waiting::default();
        let id = DeclarationId::derive(Timestamp::UNIX_EPOCH, &[b"a"]);
        let (first, second) = (waiting.bell(id), waiting.bell(id));
        let notified = first.notify.notified();
        waiting.ring(&[id]);
        notified.await;
        drop(first);
        assert_eq!(waiting.0.lock().unwrap().len(), 1);
        drop(second);
        assert!(waiting.0.lock().unwrap().is_empty());
    }
}
