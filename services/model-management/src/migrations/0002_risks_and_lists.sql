-- The risk register. Codes are given once; what is written about a risk is versioned.
CREATE TABLE risk (
    code       TEXT    PRIMARY KEY,
    created_at INTEGER NOT NULL,
    closed_at  INTEGER,
    closed_by  TEXT
) WITHOUT ROWID;

CREATE TABLE risk_version (
    code       TEXT    NOT NULL REFERENCES risk (code),
    version    INTEGER NOT NULL,
    author     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    PRIMARY KEY (code, version)
) WITHOUT ROWID;

-- Lists that filters name. Readers are those who may see entries.
CREATE TABLE list (
    name        TEXT    PRIMARY KEY,
    kind        TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    compartment TEXT    NOT NULL,
    readers     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE list_version (
    name       TEXT    NOT NULL REFERENCES list (name),
    version    INTEGER NOT NULL,
    author     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER,
    state      TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    entries    TEXT    NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE INDEX list_version_state ON list_version (state);

CREATE TABLE list_approval (
    name        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    target      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    approver    INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,
    PRIMARY KEY (name, version, target, subject),
    FOREIGN KEY (name, version) REFERENCES list_version (name, version)
) WITHOUT ROWID;

-- The audit trail of a list: what was done to it and every look at it, the refused ones too. Only ever appended to.
CREATE TABLE list_event (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL REFERENCES list (name),
    version     INTEGER,
    action      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    reason      TEXT,
    happened_at INTEGER NOT NULL,
    epoch       INTEGER
);
CREATE INDEX list_event_name ON list_event (name, seq);
