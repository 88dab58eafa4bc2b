-- What is chained, numbered from 1 without gaps. Times are process time, Unix milliseconds.
CREATE TABLE audit_entry (
    number INTEGER NOT NULL PRIMARY KEY,
    batch INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    -- begun, ended, noted
    stage TEXT NOT NULL,
    operation TEXT NOT NULL,
    begun INTEGER,
    status INTEGER,
    commitment TEXT
);
CREATE INDEX audit_entry_batch ON audit_entry (batch);

-- Who and on what, apart: what is erased of a person.
CREATE TABLE audit_person (
    number INTEGER NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL,
    subject TEXT NOT NULL,
    object TEXT NOT NULL
);
CREATE INDEX audit_person_subject ON audit_person (subject, number);

-- The chain.
CREATE TABLE audit_batch (
    batch INTEGER NOT NULL PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    digest TEXT NOT NULL
);
