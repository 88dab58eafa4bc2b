-- As in ../monitoring.sql, which says what the tables are for.

CREATE TABLE declaration (
    id UUID PRIMARY KEY,
    selection UUID,
    version BIGINT NOT NULL DEFAULT 0,
    office TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    regime TEXT COLLATE "C",
    modality TEXT COLLATE "C",
    form TEXT COLLATE "C",
    lodged_at BIGINT,
    decided_at BIGINT,
    local_day INTEGER,
    channel TEXT COLLATE "C",
    channel_without_draw TEXT COLLATE "C",
    probability DOUBLE PRECISION,
    random_probability DOUBLE PRECISION,
    physical_trigger TEXT COLLATE "C",
    physical_full BOOLEAN,
    degraded BOOLEAN,
    latency_ms BIGINT,
    arrived_at BIGINT,
    presented_at BIGINT,
    released_at BIGINT,
    cancelled_at BIGINT
);
CREATE INDEX declaration_lodged ON declaration (lodged_at);

CREATE TABLE filter_match (
    selection UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    mandatory BOOLEAN NOT NULL,
    acted BOOLEAN NOT NULL,
    PRIMARY KEY (selection, code)
);

CREATE TABLE control (
    id UUID PRIMARY KEY,
    declaration UUID,
    selection UUID,
    office TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    "trigger" TEXT COLLATE "C" NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    extent_full BOOLEAN NOT NULL,
    over_plan BOOLEAN NOT NULL,
    ordered_at BIGINT NOT NULL,
    local_day INTEGER NOT NULL,
    history BOOLEAN NOT NULL DEFAULT FALSE,
    result_version BIGINT NOT NULL DEFAULT 0,
    stage TEXT COLLATE "C",
    known_at BIGINT,
    examined_at BIGINT,
    outcome TEXT COLLATE "C"
);
CREATE INDEX control_ordered ON control (ordered_at);
CREATE INDEX control_declaration ON control (declaration);

CREATE TABLE finding (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    nature TEXT COLLATE "C" NOT NULL,
    in_traders_favour BOOLEAN NOT NULL,
    PRIMARY KEY (control, version, ordinal)
);
CREATE TABLE duty (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    amount TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (control, version, ordinal)
);
CREATE TABLE seizure (
    control UUID NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    quantity TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    amount TEXT COLLATE "C",
    currency TEXT COLLATE "C",
    PRIMARY KEY (control, version, ordinal)
);

CREATE TABLE capacity_plan (
    office TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    since BIGINT NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    physical_per_day DOUBLE PRECISION NOT NULL,
    documentary_per_day DOUBLE PRECISION NOT NULL,
    opening_carry DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (office, epoch)
);

CREATE TABLE filter (
    code TEXT COLLATE "C" PRIMARY KEY,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    area TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL
);
CREATE TABLE route (
    direction TEXT COLLATE "C" PRIMARY KEY,
    champion UUID NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL
);
CREATE TABLE epoch (
    name TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);
