-- What a decision was taken on beside its record, JSON: with both it can be taken again. Null for what was decided before.
ALTER TABLE selection ADD COLUMN basis TEXT;

-- The capacity plans of every epoch that decided here, as they were told.
CREATE TABLE past_plans (
    epoch INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
INSERT INTO past_plans (epoch, body) SELECT epoch, body FROM decision_table WHERE name = 'capacity';
