//! The messages seen lately, so that publishing one again is noticed without an index on the log.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

/// How many messages are remembered: more than all relays together publish between two notes of their places.
pub const REMEMBERED: usize = 8_192;

/// Identity and streams of the last [`REMEMBERED`] messages.
#[derive(Debug, Default)]
pub struct Recent {
    streams: HashMap<Uuid, u64>,
    order: VecDeque<Uuid>,
}

impl Recent {
    /// The streams (as bits) that the message went to lately.
    pub fn streams(&self, event: Uuid) -> u64 {
        self.streams.get(&event).copied().unwrap_or_default()
    }

    /// Remembers that the message went to `streams`.
    pub fn remember(&mut self, event: Uuid, streams: u64) {
        if let Some(known) = self.streams.get_mut(&event) {
            *known |= streams;
            return;
        }
        self.streams.insert(event, streams);
        self.order.push_back(event);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.streams.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_message_is_forgotten_first() {
        let mut recent = Recent::default();
        for number in 0..=REMEMBERED as u128 {
            recent.remember(Uuid::from_u128(number), 1);
        }
        recent.remember(Uuid::from_u128(1), 2);
        assert_eq!(recent.streams(Uuid::from_u128(0)), 0);
        assert_eq!(recent.streams(Uuid::from_u128(1)), 3);
        assert_eq!(recent.order.len(), REMEMBERED);
    }
}
