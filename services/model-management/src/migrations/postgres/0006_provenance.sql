-- As in ../0006_provenance.sql, which says why.
ALTER TABLE filter_version ADD COLUMN provenance TEXT COLLATE "C" NOT NULL DEFAULT 'written';
UPDATE filter_version SET provenance = 'mined'
WHERE version = 1 AND filter_id IN (SELECT id FROM filter WHERE code LIKE 'MINED-%');
