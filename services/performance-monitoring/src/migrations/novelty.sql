-- What nobody knew about a declaration when it was decided: how little, and why, with spaces between. Null where it was
-- not flagged, and for what was decided before this was kept.
ALTER TABLE declaration ADD COLUMN novelty REAL;
ALTER TABLE declaration ADD COLUMN novelty_reasons TEXT;
