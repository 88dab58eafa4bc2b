-- As in ../0001_selections.sql, which says what the tables are for.

CREATE TABLE selection (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL,
    declaration UUID NOT NULL,
    version INTEGER NOT NULL,
    decision_point TEXT COLLATE "C" NOT NULL,
    consignment TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    cancelled BOOLEAN NOT NULL DEFAULT FALSE,
    record TEXT COMPRESSION lz4 NOT NULL,
    vectors TEXT COMPRESSION lz4
);

CREATE UNIQUE INDEX selection_id ON selection (id);

CREATE UNIQUE INDEX selection_effective ON selection (declaration, version, decision_point);
CREATE INDEX selection_cancelled ON selection (consignment) WHERE cancelled;

CREATE TABLE office_state (
    office TEXT COLLATE "C" PRIMARY KEY,
    state TEXT COMPRESSION lz4 NOT NULL
);

CREATE TABLE decision_table (
    name TEXT COLLATE "C" PRIMARY KEY,
    epoch BIGINT NOT NULL,
    body TEXT COMPRESSION lz4 NOT NULL
);

CREATE TABLE artefact (
    digest TEXT COLLATE "C" PRIMARY KEY,
    bytes BYTEA NOT NULL
);
