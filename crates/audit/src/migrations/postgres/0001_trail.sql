-- As in ../0001_trail.sql, which says what the tables are for.

CREATE TABLE audit_entry (
    number BIGINT PRIMARY KEY,
    batch BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    begun BIGINT,
    status BIGINT,
    commitment TEXT COLLATE "C"
);
CREATE INDEX audit_entry_batch ON audit_entry (batch);

CREATE TABLE audit_person (
    number BIGINT PRIMARY KEY,
    salt TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_person_subject ON audit_person (subject, number);

CREATE TABLE audit_batch (
    batch BIGINT PRIMARY KEY,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL
);
