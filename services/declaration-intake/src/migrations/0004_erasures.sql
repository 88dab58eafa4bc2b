-- Persons who are to be taken out of everything. Times are process time, Unix milliseconds.
CREATE TABLE erasure (
    id BLOB NOT NULL PRIMARY KEY,
    -- The identifier; null when nothing is left to do, so that nothing tells whom it was about.
    person TEXT,
    requested_at_ms INTEGER NOT NULL,
    -- Declarations that the person was taken out of, and those that must come to rest first.
    erased INTEGER NOT NULL,
    under_way INTEGER NOT NULL,
    -- 1: the other services were told at least once.
    told INTEGER NOT NULL,
    -- When declarations were last looked through; null: as soon as possible.
    looked_at_ms INTEGER,
    done_at_ms INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX erasure_open ON erasure (person) WHERE person IS NOT NULL;
