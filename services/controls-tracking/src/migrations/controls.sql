-- Controls, in the order in which they were recorded. `record` is the control as other services know it.
CREATE TABLE controls (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE,
    office         TEXT    NOT NULL,
    place          TEXT    NOT NULL,
    method         TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    declaration    BLOB,
    container      TEXT,
    ordered_at     INTEGER NOT NULL,
    officer        TEXT,
    result_version INTEGER NOT NULL DEFAULT 0,
    result_stage   TEXT,
    record         TEXT    NOT NULL,
    -- Of controls that a person ordered: what makes the order unique, its content as it came, by whom, why, and the
    -- control it grew out of.
    identity       TEXT    UNIQUE,
    request        TEXT,
    ordered_by     TEXT,
    reason         TEXT,
    escalated_from BLOB
);
CREATE INDEX controls_worklist ON controls (office, ordered_at, id) WHERE state IN ('open', 'assigned');
CREATE INDEX controls_by_declaration ON controls (declaration) WHERE declaration IS NOT NULL;
CREATE INDEX controls_without_declaration ON controls (container) WHERE declaration IS NULL AND container IS NOT NULL;

-- Results, every version as it was reported. Never updated.
CREATE TABLE results (
    control     BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    known_at    INTEGER NOT NULL,
    reported_by TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    PRIMARY KEY (control, version)
) WITHOUT ROWID;

-- Who was given a control, when, by whom and why; the highest number holds.
CREATE TABLE assignments (
    control     BLOB    NOT NULL,
    number      INTEGER NOT NULL,
    officer     TEXT    NOT NULL,
    assigned_by TEXT    NOT NULL,
    reason      TEXT,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (control, number)
) WITHOUT ROWID;

-- Offices, every version; the highest number holds.
CREATE TABLE office_versions (
    code       TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (code, number)
) WITHOUT ROWID;

-- Images. `request` is the report as it came.
CREATE TABLE scans (
    id       BLOB    PRIMARY KEY NOT NULL,
    control  BLOB    NOT NULL,
    taken_at INTEGER NOT NULL,
    request  TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX scans_by_control ON scans (control);

-- What is needed of declarations: which items a result may name, whom an officer may be in conflict with.
CREATE TABLE declarations (
    id          BLOB    PRIMARY KEY NOT NULL,
    version     INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    declarant   TEXT    NOT NULL,
    trader      TEXT,
    items       TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE declaration_containers (
    container   TEXT    NOT NULL,
    declaration BLOB    NOT NULL,
    PRIMARY KEY (container, declaration)
) WITHOUT ROWID;
-- A cancellation may come before the selection of what it cancels.
CREATE TABLE cancellations (
    declaration  BLOB    PRIMARY KEY NOT NULL,
    cancelled_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The key of the assignment lottery, made once, where the settings give none.
CREATE TABLE lottery (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key TEXT NOT NULL
);
INSERT INTO lottery (one, key) VALUES (1, hex(randomblob(32)));
