-- As in ../0004_erasures.sql, which says what the table is for.
CREATE TABLE erasure (
    id UUID PRIMARY KEY,
    person TEXT COLLATE "C",
    requested_at_ms BIGINT NOT NULL,
    erased BIGINT NOT NULL,
    under_way BIGINT NOT NULL,
    told BOOLEAN NOT NULL,
    looked_at_ms BIGINT,
    done_at_ms BIGINT
);
CREATE UNIQUE INDEX erasure_open ON erasure (person) WHERE person IS NOT NULL;
