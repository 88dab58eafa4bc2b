-- One row per declaration with its effective selection; movements may come before the selection, which is then absent.
CREATE TABLE declaration (
    id                   BLOB    PRIMARY KEY,
    selection            BLOB,
    version              INTEGER NOT NULL DEFAULT 0,
    office               TEXT,
    direction            TEXT,
    regime               TEXT,
    modality             TEXT,
    form                 TEXT,
    lodged_at            INTEGER,
    decided_at           INTEGER,
    local_day            INTEGER,
    channel              TEXT,
    channel_without_draw TEXT,
    probability          REAL,
    random_probability   REAL,
    physical_trigger     TEXT,
    physical_full        INTEGER,
    degraded             INTEGER,
    latency_ms           INTEGER,
    arrived_at           INTEGER,
    presented_at         INTEGER,
    released_at          INTEGER,
    cancelled_at         INTEGER
) WITHOUT ROWID;
CREATE INDEX declaration_lodged ON declaration (lodged_at);

-- Filters whose condition held, by selection: those of superseded selections stay and are joined by nobody.
CREATE TABLE filter_match (
    selection BLOB    NOT NULL,
    code      TEXT    NOT NULL,
    mandatory INTEGER NOT NULL,
    acted     INTEGER NOT NULL,
    PRIMARY KEY (selection, code)
) WITHOUT ROWID;

-- One row per control, with the version of its result that holds (0: none yet).
CREATE TABLE control (
    id             BLOB    PRIMARY KEY,
    declaration    BLOB,
    selection      BLOB,
    office         TEXT    NOT NULL,
    method         TEXT    NOT NULL,
    "trigger"      TEXT    NOT NULL,
    basis          TEXT    NOT NULL,
    extent_full    INTEGER NOT NULL,
    over_plan      INTEGER NOT NULL,
    ordered_at     INTEGER NOT NULL,
    local_day      INTEGER NOT NULL,
    history        INTEGER NOT NULL DEFAULT 0,
    result_version INTEGER NOT NULL DEFAULT 0,
    stage          TEXT,
    known_at       INTEGER,
    examined_at    INTEGER,
    outcome        TEXT
) WITHOUT ROWID;
CREATE INDEX control_ordered ON control (ordered_at);
CREATE INDEX control_declaration ON control (declaration);

-- What the version that holds found; a revision replaces it.
CREATE TABLE finding (
    control           BLOB    NOT NULL,
    version           INTEGER NOT NULL,
    ordinal           INTEGER NOT NULL,
    kind              TEXT    NOT NULL,
    nature            TEXT    NOT NULL,
    in_traders_favour INTEGER NOT NULL,
    PRIMARY KEY (control, version, ordinal)
) WITHOUT ROWID;
CREATE TABLE duty (
    control  BLOB    NOT NULL,
    version  INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    amount   TEXT    NOT NULL,
    currency TEXT    NOT NULL,
    PRIMARY KEY (control, version, ordinal)
) WITHOUT ROWID;
CREATE TABLE seizure (
    control  BLOB    NOT NULL,
    version  INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    quantity TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    amount   TEXT,
    currency TEXT,
    PRIMARY KEY (control, version, ordinal)
) WITHOUT ROWID;

-- Every change of an office's plan, with the moment from which it holds.
CREATE TABLE capacity_plan (
    office              TEXT    NOT NULL,
    epoch               INTEGER NOT NULL,
    since               INTEGER NOT NULL,
    time_zone           TEXT    NOT NULL,
    physical_per_day    REAL    NOT NULL,
    documentary_per_day REAL    NOT NULL,
    opening_carry       REAL    NOT NULL,
    PRIMARY KEY (office, epoch)
) WITHOUT ROWID;

-- The filters in force and the models that decide, as last announced.
CREATE TABLE filter (
    code    TEXT    PRIMARY KEY,
    id      BLOB    NOT NULL,
    version INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    area    TEXT    NOT NULL,
    owner   TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE route (
    direction TEXT    PRIMARY KEY,
    champion  BLOB    NOT NULL,
    digest    TEXT    NOT NULL,
    since     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE epoch (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
