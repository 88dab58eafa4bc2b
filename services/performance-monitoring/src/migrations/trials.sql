-- Declarations that took part in a rollout: on which side, with which share, what both models made of them. Flags are 0 or
-- 1, so that they can be summed. `cell`: 64 times the champion's bin of probability, plus the candidate's; null where only
-- one scored.
CREATE TABLE trial_exposure (
    rollout               TEXT    NOT NULL,
    declaration           BLOB    NOT NULL,
    selection             BLOB    NOT NULL,
    candidate             INTEGER NOT NULL,
    weight                INTEGER NOT NULL,
    office                TEXT    NOT NULL,
    decided_at            INTEGER NOT NULL,
    latency_ms            INTEGER NOT NULL,
    degraded              INTEGER NOT NULL,
    physical              INTEGER NOT NULL,
    by_model              INTEGER NOT NULL,
    champion_probability  REAL,
    candidate_probability REAL,
    cell                  INTEGER,
    PRIMARY KEY (rollout, declaration)
) WITHOUT ROWID;
CREATE INDEX trial_exposure_decided ON trial_exposure (rollout, decided_at);
