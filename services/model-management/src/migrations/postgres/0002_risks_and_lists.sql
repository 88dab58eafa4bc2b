-- As in ../0002_risks_and_lists.sql, which says what the tables are for.

CREATE TABLE risk (
    code TEXT COLLATE "C" PRIMARY KEY,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT COLLATE "C"
);

CREATE TABLE risk_version (
    code TEXT COLLATE "C" NOT NULL REFERENCES risk (code),
    version BIGINT NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    content TEXT COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (code, version)
);

CREATE TABLE list (
    name TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    compartment TEXT COLLATE "C" NOT NULL,
    readers TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE list_version (
    name TEXT COLLATE "C" NOT NULL REFERENCES list (name),
    version BIGINT NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    entries TEXT COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE INDEX list_version_state ON list_version (state);

CREATE TABLE list_approval (
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    approver BOOLEAN NOT NULL,
    approved_at BIGINT NOT NULL,
    PRIMARY KEY (name, version, target, subject),
    FOREIGN KEY (name, version) REFERENCES list_version (name, version)
);

CREATE TABLE list_event (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL REFERENCES list (name),
    version BIGINT,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    happened_at BIGINT NOT NULL,
    epoch BIGINT
);
CREATE INDEX list_event_name ON list_event (name, seq);
