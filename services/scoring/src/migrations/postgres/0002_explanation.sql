-- As in ../0002_explanation.sql, which says what the tables are for.

ALTER TABLE selection ADD COLUMN declared TEXT COMPRESSION lz4;

CREATE TABLE model_artefact (
    model UUID PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL
);
