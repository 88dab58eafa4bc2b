-- As in ../controls.sql, which says what the tables are for.

CREATE TABLE controls (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    office TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    declaration UUID,
    container TEXT COLLATE "C",
    ordered_at BIGINT NOT NULL,
    officer TEXT COLLATE "C",
    result_version BIGINT NOT NULL DEFAULT 0,
    result_stage TEXT COLLATE "C",
    record TEXT COMPRESSION lz4 NOT NULL,
    identity TEXT COLLATE "C" UNIQUE,
    request TEXT COMPRESSION lz4,
    ordered_by TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    escalated_from UUID
);
CREATE INDEX controls_worklist ON controls (office, ordered_at, id) WHERE state IN ('open', 'assigned');
CREATE INDEX controls_by_declaration ON controls (declaration) WHERE declaration IS NOT NULL;
CREATE INDEX controls_without_declaration ON controls (container) WHERE declaration IS NULL AND container IS NOT NULL;

CREATE TABLE results (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    reported_by TEXT COLLATE "C" NOT NULL,
    content TEXT COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (control, version)
);

CREATE TABLE assignments (
    control UUID NOT NULL,
    number BIGINT NOT NULL,
    officer TEXT COLLATE "C" NOT NULL,
    assigned_by TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (control, number)
);

CREATE TABLE office_versions (
    code TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    content TEXT COMPRESSION lz4 NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (code, number)
);

CREATE TABLE scans (
    id UUID PRIMARY KEY,
    control UUID NOT NULL,
    taken_at BIGINT NOT NULL,
    request TEXT COMPRESSION lz4 NOT NULL
);
CREATE INDEX scans_by_control ON scans (control);

CREATE TABLE declarations (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    declarant TEXT COLLATE "C" NOT NULL,
    trader TEXT COLLATE "C",
    items TEXT COLLATE "C" NOT NULL
);
CREATE TABLE declaration_containers (
    container TEXT COLLATE "C" NOT NULL,
    declaration UUID NOT NULL,
    PRIMARY KEY (container, declaration)
);

CREATE TABLE cancellations (
    declaration UUID PRIMARY KEY,
    cancelled_at BIGINT NOT NULL
);

CREATE TABLE lottery (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key TEXT COLLATE "C" NOT NULL
);
INSERT INTO lottery (one, key) VALUES (1, replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
