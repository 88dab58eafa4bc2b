-- As in ../listed.sql.
ALTER TABLE filter_unit ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE;
