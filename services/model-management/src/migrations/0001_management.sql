-- How often the filters, plans and routes in force have changed.
CREATE TABLE epoch (
    subject TEXT    PRIMARY KEY,
    value   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE filter (
    id         BLOB    PRIMARY KEY NOT NULL,
    code       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What an author wrote is never changed; where the version stands is.
CREATE TABLE filter_version (
    filter_id  BLOB    NOT NULL REFERENCES filter (id),
    version    INTEGER NOT NULL,
    author     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    PRIMARY KEY (filter_id, version)
) WITHOUT ROWID;
CREATE INDEX filter_version_state ON filter_version (state);

-- Who asked for which state of which version.
CREATE TABLE filter_approval (
    filter_id   BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    target      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    approver    INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,
    PRIMARY KEY (filter_id, version, target, subject),
    FOREIGN KEY (filter_id, version) REFERENCES filter_version (filter_id, version)
) WITHOUT ROWID;

-- A filter in force by one person's order.
CREATE TABLE emergency_order (
    filter_id  BLOB    NOT NULL,
    version    INTEGER NOT NULL,
    ordered_by TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    ordered_at INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    ended_at   INTEGER,
    ended_by   TEXT,
    PRIMARY KEY (filter_id, version),
    FOREIGN KEY (filter_id, version) REFERENCES filter_version (filter_id, version)
) WITHOUT ROWID;

-- The audit trail: only ever appended to.
CREATE TABLE filter_change (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    filter_id  BLOB    NOT NULL REFERENCES filter (id),
    version    INTEGER NOT NULL,
    action     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    epoch      INTEGER
);
CREATE INDEX filter_change_filter ON filter_change (filter_id, seq);

CREATE TABLE capacity_plan (
    office     TEXT    PRIMARY KEY,
    plan       TEXT    NOT NULL,
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE training_schedule (
    direction TEXT    PRIMARY KEY,
    next_at   INTEGER NOT NULL
) WITHOUT ROWID;

-- A training, once per direction and due time.
CREATE TABLE training_run (
    id           BLOB    PRIMARY KEY NOT NULL,
    direction    TEXT    NOT NULL,
    due_at       INTEGER NOT NULL,
    requested_by TEXT,
    outcome      TEXT    NOT NULL,
    record       TEXT    NOT NULL,
    UNIQUE (direction, due_at)
);

-- A model that was brought has no training here: its `run_id` is derived from its name.
-- `twin` is the same training without the weeks it was judged on: what later candidates are compared with fairly.
CREATE TABLE model_version (
    id            BLOB    PRIMARY KEY NOT NULL,
    direction     TEXT    NOT NULL,
    algorithm     TEXT    NOT NULL,
    digest        TEXT    NOT NULL,
    contract_hash TEXT    NOT NULL,
    run_id        BLOB    NOT NULL,
    state         TEXT    NOT NULL,
    metrics       TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    twin_until    INTEGER NOT NULL,
    artefact      BLOB    NOT NULL,
    twin          BLOB    NOT NULL
);
CREATE INDEX model_version_digest ON model_version (digest);
CREATE INDEX model_version_direction ON model_version (direction, created_at);

CREATE TABLE route (
    direction  TEXT PRIMARY KEY,
    version_id BLOB NOT NULL REFERENCES model_version (id),
    digest     TEXT NOT NULL
) WITHOUT ROWID;
