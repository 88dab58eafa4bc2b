-- What was declared of the items that drove a selection with controls, JSON: an explanation needs it, and nobody asks
-- the declaration again. Null for a selection without controls.
ALTER TABLE selection ADD COLUMN declared TEXT;

-- Which artefact a model version is, for decisions that are explained after it was replaced.
CREATE TABLE model_artefact (
    model BLOB NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL
) WITHOUT ROWID;
