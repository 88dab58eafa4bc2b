-- As in ../0003_webhooks.sql, which says what the tables are for.

CREATE TABLE webhook (
    id UUID PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    offices TEXT COLLATE "C",
    created_at_ms BIGINT NOT NULL,
    cursor BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    last_error TEXT COLLATE "C",
    next_at_ms BIGINT NOT NULL,
    holder TEXT COLLATE "C",
    held_until_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_owner ON webhook (owner, url);

CREATE TABLE webhook_secret (
    webhook UUID PRIMARY KEY,
    secret TEXT COLLATE "C" NOT NULL
);

CREATE TABLE webhook_dead_letter (
    webhook UUID NOT NULL,
    cursor BIGINT NOT NULL,
    error TEXT COLLATE "C" NOT NULL,
    died_at_ms BIGINT NOT NULL,
    PRIMARY KEY (webhook, cursor)
);
