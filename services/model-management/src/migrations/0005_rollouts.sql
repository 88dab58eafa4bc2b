-- Rollouts that this service drives itself. `status` is the sum of the changes; `version` rises with every write, so that
-- of two drivers one is refused.
CREATE TABLE rollout (
    name          TEXT    PRIMARY KEY NOT NULL,
    spec          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    phase         TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    gates         TEXT    NOT NULL,
    waiting       TEXT    NOT NULL,
    message       TEXT    NOT NULL,
    superseded_by TEXT,
    created_at    INTEGER NOT NULL
) WITHOUT ROWID;

-- What was decided, in order: only ever appended to.
CREATE TABLE rollout_change (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout TEXT    NOT NULL,
    change  TEXT    NOT NULL
);
CREATE INDEX rollout_change_rollout ON rollout_change (rollout, seq);

-- What people said, in order: only ever appended to.
CREATE TABLE rollout_approval (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout  TEXT    NOT NULL,
    approval TEXT    NOT NULL
);
CREATE INDEX rollout_approval_rollout ON rollout_approval (rollout, seq);

-- Candidates in the routing, with the champion that each is compared with and gives way to.
CREATE TABLE trial (
    rollout    TEXT PRIMARY KEY NOT NULL,
    direction  TEXT NOT NULL,
    candidate  BLOB NOT NULL REFERENCES model_version (id),
    champion   BLOB NOT NULL REFERENCES model_version (id),
    target     TEXT NOT NULL,
    scope      TEXT NOT NULL,
    assignment TEXT NOT NULL
) WITHOUT ROWID;

-- The highest intent that was written for each rollout, whether its candidate is in the routing or not: an earlier one that
-- comes late is refused.
CREATE TABLE rollout_intent (
    rollout TEXT    PRIMARY KEY NOT NULL,
    number  INTEGER NOT NULL
) WITHOUT ROWID;

-- The highest fencing token that each kind of driver has shown.
CREATE TABLE rollout_driver (
    driver TEXT    PRIMARY KEY NOT NULL,
    token  INTEGER NOT NULL
) WITHOUT ROWID;
