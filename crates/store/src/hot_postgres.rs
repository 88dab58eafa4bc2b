//! The statements that run once per batch on `PostgreSQL`. Each does what the one of its name in
//! [`hot_sqlite`](crate::hot_sqlite) does, with the same parameters.
//!
//! A sequence is taken under the lock of the schema, which is held until the commit: who reads behind a sequence never
//! passes over a lower one that is committed later.

/// The schema's writers take turns: waits until no other transaction holds the turn; held until the transaction ends.
pub const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended(current_setting('search_path'), 0))";

/// The same for a transaction that others may have to wait for, as this one for theirs: ten minutes.
pub const TAKE_LONG_TURN: &str = "SELECT set_config('lock_timeout', '10min', true), \
     pg_advisory_xact_lock(hashtextextended(current_setting('search_path'), 0))";

// Takes the turn itself, for transactions that have not.
pub const APPEND_OUTBOX: &str = "INSERT INTO outbox (recorded_at_ms, envelope) \
     SELECT $3, convert_from(substr($1, (place::bigint >> 28)::int + 1, (place::bigint & 268435455)::int), 'UTF8') \
     FROM (SELECT pg_advisory_xact_lock(hashtextextended(current_setting('search_path'), 0))) turn \
     CROSS JOIN jsonb_array_elements_text($2::jsonb) WITH ORDINALITY p(place, n) ORDER BY n";

// The same, and tells the first and the last number.
pub const APPEND_OUTBOX_TELLING: &str = "WITH appended AS (INSERT INTO outbox (recorded_at_ms, envelope) \
     SELECT $3, convert_from(substr($1, (place::bigint >> 28)::int + 1, (place::bigint & 268435455)::int), 'UTF8') \
     FROM (SELECT pg_advisory_xact_lock(hashtextextended(current_setting('search_path'), 0))) turn \
     CROSS JOIN jsonb_array_elements_text($2::jsonb) WITH ORDINALITY p(place, n) ORDER BY n RETURNING seq) \
     SELECT min(seq), max(seq) FROM appended";

pub const MOVE_RELAY: &str = "INSERT INTO relay_position (relay, published) VALUES ($1, $2) \
     ON CONFLICT (relay) DO UPDATE SET published = greatest(relay_position.published, excluded.published)";

pub const NEAR_INBOX: &str = "SELECT i.events FROM jsonb_array_elements($2::jsonb) v CROSS JOIN LATERAL (SELECT events \
     FROM inbox WHERE subscriber = $1 AND last >= (v ->> 0)::uuid AND first <= (v ->> 1)::uuid OFFSET 0) i";

pub const ADMIT_INBOX: &str = "INSERT INTO inbox (subscriber, first, last, mark, events) SELECT $1, (v ->> 0)::uuid, \
     (v ->> 1)::uuid, $3, substr($4, (v ->> 2)::int + 1, (v ->> 3)::int) FROM jsonb_array_elements($2::jsonb) v";
