-- What is still to be published, in the order in which it was committed: whole messages, as JSON. AUTOINCREMENT: a
-- sequence is never used twice, so that a relay's position stays true after old rows are forgotten.
CREATE TABLE outbox (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    recorded_at_ms INTEGER NOT NULL,
    envelope       TEXT    NOT NULL
);

-- How far each relay has published.
CREATE TABLE relay_position (
    relay     TEXT    PRIMARY KEY,
    published INTEGER NOT NULL
) WITHOUT ROWID;

-- What already had its effect here, per subscriber. The mark (process time, Unix microseconds, one per batch) tells the
-- batch that admitted a message, and when it may be forgotten.
CREATE TABLE inbox (
    subscriber TEXT    NOT NULL,
    event      BLOB    NOT NULL,
    mark       INTEGER NOT NULL,
    PRIMARY KEY (subscriber, event)
) WITHOUT ROWID;
