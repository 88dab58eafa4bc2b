//! States that the writer knows without asking, since nobody else writes: those that it wrote or asked for last.
//!
//! They hold at one place of the store. Whoever uses them asks where the store stands; where that is another place (it lost
//! something, or was filled by another), they are forgotten.

use features::{ByEntity, EntityKey, EntityState};

use super::Place;

/// States of each of the two halves; the older half is forgotten when the younger one is full.
const HALF: usize = 32_768;

type States = ByEntity<EntityState>;

/// States at a place.
#[derive(Default)]
pub struct Known {
    place: Option<Place>,
    younger: States,
    older: States,
}

impl Known {
    /// Where the states hold; none for whoever does not write.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// The state of `key`.
    pub fn get(&mut self, key: EntityKey) -> Option<EntityState> {
        if let Some(state) = self.younger.get(&key) {
            return Some(*state);
        }
        let state = self.older.remove(&key)?;
        self.put(key, state);
        Some(state)
    }

    /// Knows the state of `key`.
    pub fn put(&mut self, key: EntityKey, state: EntityState) {
        if self.younger.len() >= HALF {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(key, state);
    }

    /// Moves from `before` to `place`, which changed `entries`.
    pub fn lead(&mut self, before: Place, place: Place, entries: &[(EntityKey, EntityState)]) {
        if self.place != Some(before) {
            self.forget();
        }
        for (key, state) in entries {
            self.older.remove(key);
            self.put(*key, *state);
        }
        self.place = Some(place);
    }

    /// Knows nothing any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use features::{Group, History};

    use super::*;

    #[test]
    fn what_was_written_long_ago_is_forgotten_and_what_is_used_is_not() {
        let key = |number: u64| EntityKey::new(Group::Trader, &[number]);
        let state = |day| EntityState::History(History::seen(day));
        let place = |sequence| Place { generation: 1, sequence };
        let mut known = Known::default();
        known.lead(place(0), place(1), &[(key(0), state(1)), (key(1), state(1))]);
        let many: Vec<_> = (2..=HALF as u64).map(|number| (key(number), state(2))).collect();
        known.lead(place(1), place(2), &many);
        assert_eq!(known.get(key(0)), Some(state(1)));
        let more: Vec<_> = (0..HALF as u64).map(|number| (key(number + 100_000), state(3))).collect();
        known.lead(place(2), place(3), &more);
        assert_eq!((known.get(key(0)), known.get(key(1))), (Some(state(1)), None));
        known.lead(place(3), place(4), &[(key(0), state(5))]);
        assert_eq!(known.get(key(0)), Some(state(5)));
        // Another one wrote in between.
        known.lead(place(7), place(8), &[(key(9), state(6))]);
        assert_eq!((known.get(key(0)), known.get(key(9)), known.place()), (None, Some(state(6)), Some(place(8))));
    }
}
