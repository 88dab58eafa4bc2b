-- As in ../0001_management.sql, which says what the tables are for.

CREATE TABLE epoch (
    subject TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE filter (
    id UUID PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE filter_version (
    filter_id UUID NOT NULL REFERENCES filter (id),
    version INTEGER NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    content TEXT COMPRESSION lz4 NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (filter_id, version)
);
CREATE INDEX filter_version_state ON filter_version (state);

CREATE TABLE filter_approval (
    filter_id UUID NOT NULL,
    version INTEGER NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    approver BOOLEAN NOT NULL,
    approved_at BIGINT NOT NULL,
    PRIMARY KEY (filter_id, version, target, subject),
    FOREIGN KEY (filter_id, version) REFERENCES filter_version (filter_id, version)
);

CREATE TABLE emergency_order (
    filter_id UUID NOT NULL,
    version INTEGER NOT NULL,
    ordered_by TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    ordered_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT COLLATE "C",
    PRIMARY KEY (filter_id, version),
    FOREIGN KEY (filter_id, version) REFERENCES filter_version (filter_id, version)
);

CREATE TABLE filter_change (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    filter_id UUID NOT NULL REFERENCES filter (id),
    version INTEGER NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL,
    epoch BIGINT
);
CREATE INDEX filter_change_filter ON filter_change (filter_id, seq);

CREATE TABLE capacity_plan (
    office TEXT COLLATE "C" PRIMARY KEY,
    plan TEXT COMPRESSION lz4 NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE training_schedule (
    direction TEXT COLLATE "C" PRIMARY KEY,
    next_at BIGINT NOT NULL
);

CREATE TABLE training_run (
    id UUID PRIMARY KEY,
    direction TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    requested_by TEXT COLLATE "C",
    outcome TEXT COLLATE "C" NOT NULL,
    record TEXT COMPRESSION lz4 NOT NULL,
    UNIQUE (direction, due_at)
);

CREATE TABLE model_version (
    id UUID PRIMARY KEY,
    direction TEXT COLLATE "C" NOT NULL,
    algorithm TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    contract_hash TEXT COLLATE "C" NOT NULL,
    run_id UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    metrics TEXT COMPRESSION lz4 NOT NULL,
    created_at BIGINT NOT NULL,
    twin_until BIGINT NOT NULL,
    artefact BYTEA NOT NULL,
    twin BYTEA NOT NULL
);
CREATE INDEX model_version_digest ON model_version (digest);
CREATE INDEX model_version_direction ON model_version (direction, created_at);

CREATE TABLE route (
    direction TEXT COLLATE "C" PRIMARY KEY,
    version_id UUID NOT NULL REFERENCES model_version (id),
    digest TEXT COLLATE "C" NOT NULL
);
