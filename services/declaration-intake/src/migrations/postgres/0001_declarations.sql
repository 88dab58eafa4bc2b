-- As in ../0001_declarations.sql, which says what the tables are for.

CREATE TABLE declaration (
    id UUID PRIMARY KEY,
    declarant TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    consignment_key TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    history BOOLEAN NOT NULL,
    first_accepted_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    means TEXT COLLATE "C",
    voyage TEXT COLLATE "C",
    arrived_at BIGINT,
    presented_at BIGINT,
    released_at BIGINT,
    cancelled_at BIGINT,
    cancel_reason TEXT COLLATE "C",
    awaiting BOOLEAN NOT NULL,
    channel TEXT COLLATE "C",
    channel_version INTEGER,
    orders TEXT COLLATE "C",
    decided_at BIGINT,
    fail_safe BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX declaration_awaiting ON declaration (received_at_ms) WHERE awaiting;
CREATE INDEX declaration_under_way ON declaration (means, voyage) WHERE means IS NOT NULL AND arrived_at IS NULL;

-- By far the biggest: cut into months. declaration_key makes sure that a version is there once.
CREATE TABLE declaration_version (
    declaration UUID NOT NULL,
    version INTEGER NOT NULL,
    accepted_at BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    notes TEXT COMPRESSION lz4,
    body TEXT COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (declaration, version, received_at_ms)
) PARTITION BY RANGE (received_at_ms);
CREATE TABLE declaration_version_rest PARTITION OF declaration_version DEFAULT;
CREATE TABLE declaration_key (
    declarant TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    declaration UUID NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (declarant, reference, version)
);

CREATE TABLE channel_feed (
    cursor BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    declaration UUID NOT NULL,
    declarant TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    orders TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    fail_safe BOOLEAN NOT NULL
);

CREATE TABLE superseded_selection (
    selection UUID PRIMARY KEY,
    declaration UUID NOT NULL,
    version INTEGER NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    told_channel TEXT COLLATE "C",
    decided_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);

CREATE TABLE means_arrival (
    means TEXT COLLATE "C" NOT NULL,
    voyage TEXT COLLATE "C" NOT NULL,
    arrived_at BIGINT NOT NULL,
    PRIMARY KEY (means, voyage, arrived_at)
);
