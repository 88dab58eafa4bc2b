-- Times are microseconds since 1970 (domain). Ids are 16 bytes.

-- One row per decision, in the order of deciding. The record is the decision's JSON without its vectors.
CREATE TABLE selection (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    declaration BLOB NOT NULL,
    version INTEGER NOT NULL,
    decision_point TEXT NOT NULL,
    consignment TEXT NOT NULL,
    office TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    -- 1: the declaration was withdrawn; lodged again, its consignment inherits this decision.
    cancelled INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL,
    vectors TEXT
);

CREATE UNIQUE INDEX selection_id ON selection (id);
-- Exactly one effective selection per declaration version and decision point.
CREATE UNIQUE INDEX selection_effective ON selection (declaration, version, decision_point);
CREATE INDEX selection_cancelled ON selection (consignment) WHERE cancelled = 1;

-- What each office remembers between decisions; `=` and its code; the row without a name is the nation's.
CREATE TABLE office_state (
    office TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL
) WITHOUT ROWID;

-- The tables that decide, as they were told: routing, filters, capacity; and a routing whose artefacts are not here yet.
CREATE TABLE decision_table (
    name TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;

-- Model artefacts in use, so that a restart needs nobody.
CREATE TABLE artefact (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);
