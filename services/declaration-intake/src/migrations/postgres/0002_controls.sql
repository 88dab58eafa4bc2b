-- As in ../0002_controls.sql, which says what the tables are for.

ALTER TABLE declaration ADD COLUMN added TEXT COLLATE "C";

ALTER TABLE declaration ADD COLUMN reason TEXT COLLATE "C";
ALTER TABLE channel_feed ADD COLUMN reason TEXT COLLATE "C" NOT NULL DEFAULT 'selection';

CREATE TABLE control (
    id UUID PRIMARY KEY,
    declaration UUID,
    method TEXT COLLATE "C",
    resulted BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX control_open ON control (declaration) WHERE declaration IS NOT NULL AND NOT resulted;

CREATE TABLE fail_safe (
    office TEXT COLLATE "C" PRIMARY KEY,
    channel TEXT COLLATE "C" NOT NULL
);
CREATE TABLE plans (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch BIGINT NOT NULL
);
