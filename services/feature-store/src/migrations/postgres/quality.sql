-- As in ../quality.sql, which says what the tables are for.

CREATE TABLE quality_part (
    part BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX quality_part_at ON quality_part (kind, at);

CREATE TABLE quality_usual (
    period BIGINT PRIMARY KEY,
    body BYTEA NOT NULL
);
