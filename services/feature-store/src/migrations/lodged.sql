-- What was lodged, as it came, in blocks of neighbours of the log: what a filter is replayed over.
CREATE TABLE lodged (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    declarations INTEGER NOT NULL,
    text BLOB NOT NULL
);
