-- One row per subscription: whose it is, and how far it has come. Times are process time, Unix milliseconds.
CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    url TEXT NOT NULL,
    -- A JSON list; every office where it is absent.
    offices TEXT,
    created_at_ms INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    -- Raised when the place is set anew: who delivers meanwhile must not move it.
    revision INTEGER NOT NULL,
    -- Since the last success: how often nobody answered, and how often the next entry was refused.
    failures INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    last_error TEXT,
    next_at_ms INTEGER NOT NULL,
    -- Which process delivers, and until when it may be waited for.
    holder TEXT,
    held_until_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX webhook_owner ON webhook (owner, url);

-- Apart, so that nothing that shows a subscription can show it.
CREATE TABLE webhook_secret (
    webhook BLOB NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL
) WITHOUT ROWID;

-- Entries that the receiver refused too often.
CREATE TABLE webhook_dead_letter (
    webhook BLOB NOT NULL,
    cursor INTEGER NOT NULL,
    error TEXT NOT NULL,
    died_at_ms INTEGER NOT NULL,
    PRIMARY KEY (webhook, cursor)
) WITHOUT ROWID;
