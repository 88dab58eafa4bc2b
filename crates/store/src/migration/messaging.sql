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

-- What already had its effect here, per subscriber: a row holds events that were admitted together and happened within
-- an hour of each other, so that a message costs sixteen bytes. Ids begin with the time: few rows lie about one. The mark
-- (process time, Unix microseconds) tells when a row may be forgotten.
CREATE TABLE inbox (
    subscriber TEXT    NOT NULL,
    last       BLOB    NOT NULL,
    first      BLOB    NOT NULL,
    mark       INTEGER NOT NULL,
    events     BLOB    NOT NULL,
    PRIMARY KEY (subscriber, last)
) WITHOUT ROWID;
