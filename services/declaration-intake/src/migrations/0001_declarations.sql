-- Times are microseconds since 1970 (domain) unless they end in _ms (process). Ids are 16 bytes.

-- One row per declaration: its identity, the version in force, and what was told about it.
CREATE TABLE declaration (
    id BLOB NOT NULL PRIMARY KEY,
    declarant TEXT NOT NULL,
    reference TEXT NOT NULL,
    consignment_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    office TEXT NOT NULL,
    -- lodged, released, cancelled
    state TEXT NOT NULL,
    -- 1: recorded from the incumbent system's past.
    history INTEGER NOT NULL,
    first_accepted_at INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    -- When the version in force was stored.
    known_at INTEGER NOT NULL,
    received_at_ms INTEGER NOT NULL,
    means TEXT,
    voyage TEXT,
    arrived_at INTEGER,
    presented_at INTEGER,
    released_at INTEGER,
    cancelled_at INTEGER,
    cancel_reason TEXT,
    -- 1: the version in force has no decision yet.
    awaiting INTEGER NOT NULL,
    -- What was told, and for which version it was decided.
    channel TEXT,
    channel_version INTEGER,
    orders TEXT,
    decided_at INTEGER,
    fail_safe INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX declaration_awaiting ON declaration (received_at_ms) WHERE awaiting = 1;
CREATE INDEX declaration_under_way ON declaration (means, voyage) WHERE means IS NOT NULL AND arrived_at IS NULL;

-- What was received, as it was received.
CREATE TABLE declaration_version (
    declaration BLOB NOT NULL,
    version INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    received_at_ms INTEGER NOT NULL,
    digest TEXT NOT NULL,
    notes TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (declaration, version)
);

-- The one narrow table that makes lodging idempotent.
CREATE TABLE declaration_key (
    declarant TEXT NOT NULL,
    reference TEXT NOT NULL,
    version INTEGER NOT NULL,
    declaration BLOB NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (declarant, reference, version)
) WITHOUT ROWID;

-- What was told, in the order in which it was told. Never updated.
CREATE TABLE channel_feed (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    declaration BLOB NOT NULL,
    declarant TEXT NOT NULL,
    reference TEXT NOT NULL,
    version INTEGER NOT NULL,
    office TEXT NOT NULL,
    channel TEXT NOT NULL,
    orders TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    fail_safe INTEGER NOT NULL
);

-- Decisions that came too late, or would have lowered what was told.
CREATE TABLE superseded_selection (
    selection BLOB NOT NULL PRIMARY KEY,
    declaration BLOB NOT NULL,
    version INTEGER NOT NULL,
    channel TEXT NOT NULL,
    told_channel TEXT,
    decided_at INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- Arrivals of means of transport, for declarations that come after their goods.
CREATE TABLE means_arrival (
    means TEXT NOT NULL,
    voyage TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    PRIMARY KEY (means, voyage, arrived_at)
) WITHOUT ROWID;
