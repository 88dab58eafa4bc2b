-- Whether the filter looked something up in named lists: whom it matched is then told to nobody here.
ALTER TABLE filter_unit ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;
