//! What this process holds of a stream.

use std::collections::HashMap;

use crate::DeliveryId;

/// Messages leased by this process, with how often each has failed. What Redis says is leased to this process and stands
/// in neither list was delivered to a call that went away.
#[derive(Debug, Default)]
pub struct Leases {
    held: HashMap<DeliveryId, u32>,
    /// Finished, and Redis has not confirmed it yet.
    finished: HashMap<DeliveryId, u32>,
}

impl Leases {
    /// Holds a message.
    pub fn hold(&mut self, id: DeliveryId, attempts: u32) {
        self.held.insert(id, attempts);
    }

    /// Whether a message is held.
    pub fn holds(&self, id: DeliveryId) -> bool {
        self.held.contains_key(&id)
    }

    /// Lets go of messages: whoever asks for them next may have them.
    pub fn let_go(&mut self, ids: &[DeliveryId]) {
        for id in ids {
            self.held.remove(id);
        }
    }

    /// Notes that messages are finished. Returns all that Redis has to be told about.
    pub fn finish(&mut self, ids: &[DeliveryId]) -> Finished {
        for id in ids {
            let attempts = self.held.remove(id).unwrap_or_default();
            self.finished.insert(*id, attempts);
        }
        let mut ids: Vec<_> = self.finished.keys().copied().collect();
        ids.sort_unstable();
        let failed = ids.iter().copied().filter(|id| self.finished.get(id).is_some_and(|attempts| *attempts > 0));
        Finished { failed: failed.collect(), ids }
    }

    /// Redis knows.
    pub fn confirm(&mut self, finished: &Finished) {
        for id in &finished.ids {
            self.finished.remove(id);
        }
    }

    /// Whether Redis has still to be told of finished messages.
    pub fn is_behind(&self) -> bool {
        !self.finished.is_empty()
    }

    /// Which of the messages that Redis says are leased to this process are not.
    pub fn strays(&self, leased: Vec<DeliveryId>) -> Vec<DeliveryId> {
        let known = |id: &DeliveryId| self.held.contains_key(id) || self.finished.contains_key(id);
        leased.into_iter().filter(|id| !known(id)).collect()
    }
}

/// Messages that are finished.
#[derive(Debug)]
pub struct Finished {
    /// All of them, in order.
    pub ids: Vec<DeliveryId>,
    /// Those among them that had failed before.
    pub failed: Vec<DeliveryId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_knows_of_is_a_stray() {
        let ids = [1, 2, 3, 4].map(DeliveryId);
        let mut leases = Leases::default();
        for id in &ids[..3] {
            leases.hold(*id, id.0 as u32 - 1);
        }
        let finished = leases.finish(&ids[1..2]);
        leases.let_go(&ids[2..3]);
        assert_eq!((finished.ids.as_slice(), finished.failed.as_slice()), (&ids[1..2], &ids[1..2]));
        assert!(leases.is_behind() && leases.holds(ids[0]) && !leases.holds(ids[1]));
        assert_eq!(leases.strays(ids.to_vec()), &ids[2..]);
        leases.confirm(&finished);
        assert!(!leases.is_behind());
        assert_eq!(leases.strays(ids.to_vec()), &ids[1..]);
    }
}
