-- Whether a person wrote a version or a search drafted it. Codes of mined drafts have told them so far.
ALTER TABLE filter_version ADD COLUMN provenance TEXT NOT NULL DEFAULT 'written';
UPDATE filter_version SET provenance = 'mined'
WHERE version = 1 AND filter_id IN (SELECT id FROM filter WHERE code LIKE 'MINED-%');
