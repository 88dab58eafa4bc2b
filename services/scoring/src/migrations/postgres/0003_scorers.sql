-- As in ../0003_scorers.sql, which says what the table is for.
CREATE TABLE scorer (
    name    TEXT COLLATE "C" PRIMARY KEY,
    epoch   BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL
);
