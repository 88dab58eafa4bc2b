-- As in ../trials.sql, which says what the table is for.
CREATE TABLE trial_exposure (
    rollout               TEXT COLLATE "C" NOT NULL,
    declaration           UUID NOT NULL,
    selection             UUID NOT NULL,
    candidate             BIGINT NOT NULL,
    weight                BIGINT NOT NULL,
    office                TEXT COLLATE "C" NOT NULL,
    decided_at            BIGINT NOT NULL,
    latency_ms            BIGINT NOT NULL,
    degraded              BIGINT NOT NULL,
    physical              BIGINT NOT NULL,
    by_model              BIGINT NOT NULL,
    champion_probability  DOUBLE PRECISION,
    candidate_probability DOUBLE PRECISION,
    cell                  BIGINT,
    PRIMARY KEY (rollout, declaration)
);
CREATE INDEX trial_exposure_decided ON trial_exposure (rollout, decided_at);
