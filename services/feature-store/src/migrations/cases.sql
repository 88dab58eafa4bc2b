-- Examined items with standing findings, as each version of a result says: what past cases like an item are looked up
-- in. Profile (hashes of the feature log, JSON) and direction are of the declaration version that was known when the
-- result came; null when it came before its declaration. Item -1 stands for a later version as a whole, so that what
-- it no longer says is over.
CREATE TABLE found_case (
    control BLOB NOT NULL,
    version INTEGER NOT NULL,
    item INTEGER NOT NULL,
    declaration BLOB NOT NULL,
    known_at INTEGER NOT NULL,
    stage TEXT NOT NULL,
    method TEXT NOT NULL,
    way INTEGER,
    profile TEXT,
    declared_value REAL,
    findings TEXT NOT NULL,
    PRIMARY KEY (control, version, item)
) WITHOUT ROWID;
CREATE INDEX found_case_known ON found_case (known_at);
