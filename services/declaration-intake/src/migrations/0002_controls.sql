-- Orders of people and of rules beside the selection's, as JSON: whatever is selected later, they stand.
ALTER TABLE declaration ADD COLUMN added TEXT;
-- Why the channel was told: selection, failSafe, escalation, extraordinary.
ALTER TABLE declaration ADD COLUMN reason TEXT;
ALTER TABLE channel_feed ADD COLUMN reason TEXT NOT NULL DEFAULT 'selection';
UPDATE channel_feed SET reason = 'failSafe' WHERE fail_safe = 1;
UPDATE declaration SET reason = CASE fail_safe WHEN 1 THEN 'failSafe' ELSE 'selection' END WHERE channel IS NOT NULL;

-- Controls of declarations, with whether they have a result. A result may be heard of before its control.
CREATE TABLE control (
    id BLOB NOT NULL PRIMARY KEY,
    declaration BLOB,
    method TEXT,
    resulted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX control_open ON control (declaration) WHERE declaration IS NOT NULL AND resulted = 0;

-- The fail-safe channel of every office that has a capacity plan, and the epoch of the plans.
CREATE TABLE fail_safe (
    office TEXT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE plans (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL
);
