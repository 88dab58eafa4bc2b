-- As in ../novelty.sql, which says what the columns are for.
ALTER TABLE declaration ADD COLUMN novelty DOUBLE PRECISION;
ALTER TABLE declaration ADD COLUMN novelty_reasons TEXT COLLATE "C";
