-- The log of facts. Append-only; a correction is another fact.
CREATE TABLE fact (
    sequence INTEGER PRIMARY KEY,
    declaration BLOB NOT NULL,
    happened_at INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX fact_declaration ON fact (declaration);

-- The vectors a declaration version was decided with, items and values in the same order. The first decision stands.
CREATE TABLE served (
    declaration BLOB NOT NULL,
    version INTEGER NOT NULL,
    selection BLOB,
    direction TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    probability REAL,
    contract TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    history INTEGER NOT NULL,
    items TEXT NOT NULL,
    vectors BLOB NOT NULL,
    PRIMARY KEY (declaration, version)
);
CREATE INDEX served_time ON served (direction, decided_at);

-- What result versions say about items. All versions stay: a label is as known at a time. Of first versions that find
-- nothing and prove little, a sample is kept.
CREATE TABLE label (
    control BLOB NOT NULL,
    version INTEGER NOT NULL,
    item INTEGER NOT NULL,
    declaration BLOB NOT NULL,
    stage TEXT NOT NULL,
    found INTEGER NOT NULL,
    -- Share of the offences that the control would show; 1 is an examination of the goods.
    power REAL NOT NULL,
    kinds TEXT NOT NULL,
    duty_cents INTEGER NOT NULL,
    method TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    history INTEGER NOT NULL,
    PRIMARY KEY (control, version, item)
) WITHOUT ROWID;
CREATE INDEX label_declaration ON label (declaration, known_at);
