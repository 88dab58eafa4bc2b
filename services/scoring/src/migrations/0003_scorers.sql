-- The processes that decide, each with the epoch of the routing that it decides by. Times are Unix milliseconds.
CREATE TABLE scorer (
    name    TEXT    NOT NULL PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
) WITHOUT ROWID;
