-- As in ../facts.sql, which says what the tables are for.

CREATE TABLE fact (
    sequence BIGINT PRIMARY KEY,
    declaration UUID NOT NULL,
    happened_at BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX fact_declaration ON fact (declaration);

CREATE TABLE served (
    declaration UUID NOT NULL,
    version BIGINT NOT NULL,
    selection UUID,
    direction TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    probability DOUBLE PRECISION,
    contract TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    history BOOLEAN NOT NULL,
    items TEXT COLLATE "C" NOT NULL,
    vectors BYTEA NOT NULL,
    PRIMARY KEY (declaration, version)
);
CREATE INDEX served_time ON served (direction, decided_at);

CREATE TABLE label (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    item BIGINT NOT NULL,
    declaration UUID NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    found BOOLEAN NOT NULL,
    power REAL NOT NULL,
    kinds TEXT COLLATE "C" NOT NULL,
    duty_cents BIGINT NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    "trigger" TEXT COLLATE "C" NOT NULL,
    known_at BIGINT NOT NULL,
    history BOOLEAN NOT NULL,
    PRIMARY KEY (control, version, item)
);
CREATE INDEX label_declaration ON label (declaration, known_at);
