//! What this process holds of a stream.

use std::collections::{BTreeMap, HashMap};

use crate::DeliveryId;

/// Messages leased by this process, with how often each has failed. What Redis says is leased to this process and stands
/// in neither list was delivered to a call that went away.
#[derive(Debug, Default)]
pub struct Leases {
    held: HashMap<DeliveryId, Lease>,
    /// Finished, and Redis has not confirmed it yet.
    finished: HashMap<DeliveryId, Lease>,
}

/// What has to be known of a message when it is finished.
#[derive(Clone, Debug)]
pub struct Lease {
    /// How often it has failed.
    pub attempts: u32,
    /// Whose it is.
    pub office: Whose,
}

/// Whose message it is, where offices share the stream.
#[derive(Clone, Debug)]
pub enum Whose {
    /// It was not leased here.
    Unknown,
    /// No office's, or of a stream that is nobody's to share.
    Nobody,
    /// An office's.
    Office(String),
}

impl Whose {
    /// As the script that finishes messages knows it.
    fn name(&self) -> String {
        match self {
            Self::Unknown => UNKNOWN.to_owned(),
            Self::Nobody => String::new(),
            Self::Office(office) => format!("{OFFICE}{office}"),
        }
    }
}

/// Marks messages that are finished here without being leased here: their office is not known.
const UNKNOWN: &str = "?";
/// Stands before the code of an office.
const OFFICE: char = 'o';

impl Leases {
    /// Holds a message.
    pub fn hold(&mut self, id: DeliveryId, lease: Lease) {
        self.held.insert(id, lease);
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
            let lease = self.held.remove(id).unwrap_or(Lease { attempts: 0, office: Whose::Unknown });
            self.finished.insert(*id, lease);
        }
        let mut ids: Vec<_> = self.finished.keys().copied().collect();
        ids.sort_unstable();
        let mut offices: BTreeMap<String, Vec<DeliveryId>> = BTreeMap::new();
        let mut failed = Vec::new();
        for (id, lease) in ids.iter().filter_map(|id| Some((*id, self.finished.get(id)?))) {
            if lease.attempts > 0 {
                failed.push(id);
            }
            offices.entry(lease.office.name()).or_default().push(id);
        }
        Finished { ids, failed, offices }
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
    /// All of them by whose they are: nothing, `?`, or `o` and the office.
    pub offices: BTreeMap<String, Vec<DeliveryId>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_knows_of_is_a_stray() {
        let ids = [1, 2, 3, 4].map(DeliveryId);
        let mut leases = Leases::default();
        for id in &ids[..3] {
            let office = if id.0 == 2 { Whose::Office("118".to_owned()) } else { Whose::Nobody };
            leases.hold(*id, Lease { attempts: id.0 as u32 - 1, office });
        }
        let finished = leases.finish(&ids[1..2]);
        assert_eq!(finished.offices, BTreeMap::from([("o118".to_owned(), vec![ids[1]])]));
        leases.let_go(&ids[2..3]);
        assert_eq!((finished.ids.as_slice(), finished.failed.as_slice()), (&ids[1..2], &ids[1..2]));
        assert!(leases.is_behind() && leases.holds(ids[0]) && !leases.holds(ids[1]));
        assert_eq!(leases.strays(ids.to_vec()), &ids[2..]);
        leases.confirm(&finished);
        assert!(!leases.is_behind());
        assert_eq!(leases.strays(ids.to_vec()), &ids[1..]);
    }
}
