-- Whether the filter looked something up in named lists: whom it matched is then told to nobody here.
ALTER TABLE filter_unit ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;

-- Since when the version of a filter is in force, which may be long after its validity begins.
ALTER TABLE filter ADD COLUMN since INTEGER;
UPDATE filter SET since = valid_from;
