//! The statements that run once per batch on `SQLite`, by name; those without a `PostgreSQL` counterpart serve both.
//!
//! A batch travels as one parameter (a JSON array, and for long texts one blob beside it with their places in the array)
//! so that the statement is the same for every batch size, stays prepared, and costs one round trip.

/// Appends to the outbox. `$1`: the messages as JSON texts, one after the other; `$2`: array of their places in
/// it, see [`Texts`](crate::Texts); `$3`: when they were recorded.
pub const APPEND_OUTBOX: &str = "INSERT INTO outbox (recorded_at_ms, envelope) \
     SELECT $3, CAST(substr($1, (value >> 28) + 1, value & 268435455) AS TEXT) FROM json_each($2)";

/// Reads on after `$1`, at most `$2` rows, in order.
pub const READ_OUTBOX: &str = "SELECT seq, envelope FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2";

/// The last place.
pub const LAST_OUTBOX: &str = "SELECT max(seq) FROM outbox";

/// How far relay `$1` has published.
pub const READ_RELAY: &str = "SELECT published FROM relay_position WHERE relay = $1";

/// Moves relay `$1` to `$2`; never back.
pub const MOVE_RELAY: &str = "INSERT INTO relay_position (relay, published) VALUES ($1, $2) \
     ON CONFLICT (relay) DO UPDATE SET published = max(published, excluded.published)";

/// Forgets published rows recorded before `$1` (Unix milliseconds), of the oldest `$2`.
pub const PURGE_OUTBOX: &str = "DELETE FROM outbox WHERE seq IN (SELECT seq FROM (SELECT seq, recorded_at_ms FROM outbox \
     WHERE seq <= (SELECT min(published) FROM relay_position) ORDER BY seq LIMIT $2) AS oldest WHERE recorded_at_ms < $1)";

/// The events of the inbox of subscriber `$1` that lie about the runs `$2`: array of `[first, last]`, hex.
pub const NEAR_INBOX: &str = "SELECT i.events FROM json_each($2) j CROSS JOIN inbox i ON i.subscriber = $1 \
     AND i.last >= unhex(j.value ->> 0) AND i.first <= unhex(j.value ->> 1)";

/// Admits runs of events to the inbox of subscriber `$1` under mark `$3`; `$2`: array of `[first, last, start, length]`, the
/// latter two in the events `$4` (bytes, from 0).
pub const ADMIT_INBOX: &str = "INSERT INTO inbox (subscriber, first, last, mark, events) \
     SELECT $1, unhex(value ->> 0), unhex(value ->> 1), $3, substr($4, (value ->> 2) + 1, value ->> 3) FROM json_each($2)";

/// Forgets rows whose mark lies before `$1`, at most `$2`.
pub const PURGE_INBOX: &str = "DELETE FROM inbox WHERE (subscriber, last) IN (SELECT subscriber, last FROM inbox \
     WHERE mark < $1 LIMIT $2)";
