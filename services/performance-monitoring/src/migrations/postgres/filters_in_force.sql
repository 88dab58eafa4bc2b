-- As in ../filters_in_force.sql.
ALTER TABLE filter_unit ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE filter ADD COLUMN since BIGINT;
UPDATE filter SET since = valid_from;
