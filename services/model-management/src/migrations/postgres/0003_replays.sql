-- As in ../0003_replays.sql, which says what the tables are for.

CREATE TABLE replay (
    id UUID PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    filter_id UUID,
    version BIGINT,
    digest TEXT COLLATE "C" NOT NULL,
    request TEXT COMPRESSION lz4 NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    requested_at BIGINT NOT NULL,
    as_of BIGINT NOT NULL,
    up_to BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    done BIGINT NOT NULL,
    tally TEXT COMPRESSION lz4,
    result TEXT COMPRESSION lz4,
    error TEXT COLLATE "C",
    finished_at BIGINT
);
CREATE INDEX replay_state ON replay (state, requested_at);
CREATE INDEX replay_filter ON replay (filter_id, requested_at);
