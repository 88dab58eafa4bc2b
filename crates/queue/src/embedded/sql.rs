//! The statements of the embedded queue. Those that run per batch take the batch as one parameter, so that they stay
//! prepared whatever its size.

/// The tables. AUTOINCREMENT: a place in the log is never used twice.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS log (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    streams         INTEGER NOT NULL,
    published_at_ms INTEGER NOT NULL,
    envelope        TEXT    NOT NULL
);
CREATE TABLE IF NOT EXISTS stream (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    finished INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS attempt (
    stream   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead (
    stream     INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    envelope   TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    error      TEXT    NOT NULL,
    died_at_ms INTEGER NOT NULL,
    PRIMARY KEY (stream, seq)
);
CREATE TABLE IF NOT EXISTS place (
    relay TEXT    PRIMARY KEY,
    seq   INTEGER NOT NULL,
    event TEXT    NOT NULL
) WITHOUT ROWID;";

/// Whether the file is new.
pub const IS_NEW: &str = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'log')";

/// Marks a file that has kept the places of relays from its beginning on.
pub const MARK_PLACES: &str = "PRAGMA user_version = 1";

/// The mark of the file.
pub const MARK: &str = "PRAGMA user_version";

/// The places of relays: `(relay, seq, event)`.
pub const PLACES: &str = "SELECT relay, seq, event FROM place";

/// Moves relay `?1` to `?2`, where the message `?3` stands.
pub const MOVE_PLACE: &str = "INSERT INTO place (relay, seq, event) VALUES (?1, ?2, ?3) \
    ON CONFLICT DO UPDATE SET seq = excluded.seq, event = excluded.event";

/// Appends. `?1`: the messages as JSON texts, one after the other; `?2`: array of `[place in ?1, streams]`, see
/// `store::Texts`; `?3`: now; `?4`: the first place in the log.
pub const APPEND: &str = "INSERT INTO log (seq, streams, published_at_ms, envelope) \
    SELECT ?4 + key, value ->> 1, ?3, CAST(substr(?1, ((value ->> 0) >> 28) + 1, (value ->> 0) & 268435455) AS TEXT) \
    FROM json_each(?2)";

/// Reads on after `?1` for the stream with bit `?2`, at most `?3`.
pub const READ: &str =
    "SELECT seq, envelope, published_at_ms FROM log WHERE seq > ?1 AND streams & ?2 ORDER BY seq LIMIT ?3";

/// Reads the places `?1` (array) again.
pub const READ_AGAIN: &str =
    "SELECT seq, envelope, published_at_ms FROM log WHERE seq IN (SELECT value FROM json_each(?1)) ORDER BY seq";

/// Moves the stream `?1` to `?2`.
pub const FINISH: &str = "UPDATE stream SET finished = ?2 WHERE id = ?1";

/// Forgets what every stream has finished, up to `?1`.
pub const PURGE_LOG: &str = "DELETE FROM log WHERE seq <= ?1";

/// Forgets the attempts at what every stream has finished, up to `?1`.
pub const PURGE_ATTEMPTS: &str = "DELETE FROM attempt WHERE seq <= ?1";

/// The last place ever used.
pub const LAST: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'log'), 0)";

/// The streams.
pub const STREAMS: &str = "SELECT id, name, finished FROM stream ORDER BY id";

/// Adds the stream with id `?1`, name `?2`, that has finished everything up to `?3`. A row that is there already was left
/// by a call that was cut off before any message used it.
pub const ADD_STREAM: &str = "INSERT OR REPLACE INTO stream (id, name, finished) VALUES (?1, ?2, ?3)";

/// Failures and dead letters that are not behind their stream's finished place: `(stream, seq, attempts, dead)`.
pub const UNFINISHED_FAILURES: &str = "SELECT stream, seq, attempts, 0 FROM attempt \
    UNION ALL SELECT stream, seq, 0, 1 FROM dead";

/// The newest `?1` messages' identities and streams, newest first.
pub const RECENT: &str = "SELECT envelope ->> 'id', streams FROM log ORDER BY seq DESC LIMIT ?1";

/// Counts a failure: stream `?1`, place `?2`, attempts `?3`.
pub const COUNT_ATTEMPT: &str = "INSERT INTO attempt (stream, seq, attempts) VALUES (?1, ?2, ?3) \
    ON CONFLICT DO UPDATE SET attempts = excluded.attempts";

/// Copies place `?2` to the dead letters of stream `?1`: attempts `?3`, error `?4`, now `?5`.
pub const BURY: &str = "INSERT OR REPLACE INTO dead (stream, seq, envelope, attempts, error, died_at_ms) \
    SELECT ?1, seq, envelope, ?3, ?4, ?5 FROM log WHERE seq = ?2";

/// Messages after `?1` for the stream with bit `?2`: how many, and when the oldest was published.
pub const COUNT: &str = "SELECT count(*), min(published_at_ms) FROM log WHERE seq > ?1 AND streams & ?2";

/// Dead letters of stream `?1`.
pub const COUNT_DEAD: &str = "SELECT count(*) FROM dead WHERE stream = ?1";

/// Dead letters of stream `?1`, oldest first, at most `?2`.
pub const DEAD: &str =
    "SELECT seq, envelope, attempts, error, died_at_ms FROM dead WHERE stream = ?1 ORDER BY seq LIMIT ?2";

/// Appends the dead letters `?2` (array of places) of stream `?1` (bit `?3`) after place `?4`, now `?5`.
pub const REDRIVE: &str = "INSERT INTO log (seq, streams, published_at_ms, envelope) \
    SELECT ?4 + row_number() OVER (ORDER BY seq), ?3, ?5, envelope \
    FROM dead WHERE stream = ?1 AND seq IN (SELECT value FROM json_each(?2)) ORDER BY seq";

/// Removes the dead letters `?2` (array of places) of stream `?1`.
pub const EXHUME: &str = "DELETE FROM dead WHERE stream = ?1 AND seq IN (SELECT value FROM json_each(?2))";
