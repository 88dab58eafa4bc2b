//! Where relays stand, so that a relay notices a file that was lost or put back from a copy.
//!
//! In memory exact, in the file a little behind, as the relay's own note is: writing it down each time would cost a
//! commit per batch.

use std::collections::HashMap;

use customs::EventId;
use sea_orm::sqlx::{self, Row, SqliteConnection};
use uuid::Uuid;

use super::rows::unreadable;
use super::sql;
use crate::{Held, Place, QueueError};

/// Rows by which a relay may be further than is written down.
const SAVE_ROWS: i64 = 512;

/// The places of all relays.
#[derive(Debug, Default)]
pub struct Places {
    /// The file has kept places from its beginning on, so that a relay without one has published nothing to it.
    complete: bool,
    known: HashMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    place: Place,
    saved: i64,
}

impl Places {
    /// Reads the places of the file. One in memory is not expected to remember, and cannot tell.
    pub async fn load(connection: &mut SqliteConnection, in_memory: bool) -> Result<Self, QueueError> {
        let mark: i64 = sqlx::query(sql::MARK).fetch_one(&mut *connection).await?.try_get(0)?;
        let mut known = HashMap::new();
        for row in sqlx::query(sql::PLACES).fetch_all(connection).await? {
            let (relay, seq, event): (String, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let event = EventId(Uuid::try_parse(&event).map_err(|error| unreadable("place", error))?);
            known.insert(relay, Known { place: Place { seq, event }, saved: seq });
        }
        Ok(Self { complete: mark > 0 && !in_memory, known })
    }

    /// Where a relay stands.
    pub fn held(&self, relay: &str) -> Held {
        match self.known.get(relay) {
            Some(known) => Held::UpTo(known.place),
            None if self.complete => Held::Nothing,
            None => Held::Unknown,
        }
    }

    /// Moves a relay. Returns whether it is time to write that down.
    pub fn stand_at(&mut self, relay: &str, place: Place) -> bool {
        let known = self.known.entry(relay.to_owned()).or_insert(Known { place, saved: 0 });
        known.place = place;
        (place.seq - known.saved).abs() >= SAVE_ROWS
    }

    /// Writes down where relays stand.
    pub async fn save(&mut self, connection: &mut SqliteConnection) -> Result<(), QueueError> {
        for (relay, known) in &mut self.known {
            if known.saved != known.place.seq {
                let query = sqlx::query(sql::MOVE_PLACE).bind(relay.as_str()).bind(known.place.seq);
                query.bind(known.place.event.0.simple().to_string()).execute(&mut *connection).await?;
                known.saved = known.place.seq;
            }
        }
        Ok(())
    }
}
