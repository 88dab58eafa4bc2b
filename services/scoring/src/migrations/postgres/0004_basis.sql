-- As in ../0004_basis.sql, which says what the tables are for.

ALTER TABLE selection ADD COLUMN basis TEXT;

CREATE TABLE past_plans (
    epoch BIGINT PRIMARY KEY,
    body TEXT COMPRESSION lz4 NOT NULL
);
INSERT INTO past_plans (epoch, body) SELECT epoch, body FROM decision_table WHERE name = 'capacity';
