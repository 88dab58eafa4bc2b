-- As in ../cases.sql, which says what the tables are for.

CREATE TABLE found_case (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    item BIGINT NOT NULL,
    declaration UUID NOT NULL,
    known_at BIGINT NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    way BIGINT,
    profile TEXT COMPRESSION lz4,
    declared_value DOUBLE PRECISION,
    findings TEXT COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (control, version, item)
);
CREATE INDEX found_case_known ON found_case (known_at);
