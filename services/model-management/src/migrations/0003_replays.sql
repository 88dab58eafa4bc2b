-- Filters tried over the past, and searches of the past for filters. `state` of the work is kept at every page, so that
-- it goes on where it stopped.
CREATE TABLE replay (
    id           BLOB    PRIMARY KEY NOT NULL,
    kind         TEXT    NOT NULL,
    filter_id    BLOB,
    version      INTEGER,
    digest       TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    as_of        INTEGER NOT NULL,
    up_to        INTEGER NOT NULL,
    expected     INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    done         INTEGER NOT NULL,
    tally        TEXT,
    result       TEXT,
    error        TEXT,
    finished_at  INTEGER
) WITHOUT ROWID;
CREATE INDEX replay_state ON replay (state, requested_at);
CREATE INDEX replay_filter ON replay (filter_id, requested_at);
