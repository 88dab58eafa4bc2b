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

/// The insert of messages into the outbox, for a statement that has the turn as `turn`: texts, places and time as in
/// [`APPEND_OUTBOX`](crate::hot_sqlite::APPEND_OUTBOX), in the parameters that are named.
#[macro_export]
macro_rules! append_outbox {
    ($texts:literal, $places:literal, $recorded_at:literal) => {
        concat!(
            "INSERT INTO outbox (recorded_at_ms, envelope) SELECT ",
            $recorded_at,
            ", convert_from(substr(",
            $texts,
            ", (place::bigint >> 28)::int + 1, (place::bigint & 268435455)::int), 'UTF8') FROM turn CROSS JOIN \
             jsonb_array_elements_text(",
            $places,
            "::jsonb) WITH ORDINALITY p(place, n) ORDER BY n"
        )
    };
}

/// Takes the schema's turn within a statement, for transactions that have not: whatever is numbered is read from it.
#[macro_export]
macro_rules! with_turn {
    () => {
        "WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended(current_setting('search_path'), 0)))"
    };
}

// Takes the turn itself, for transactions that have not.
pub const APPEND_OUTBOX: &str = concat!(with_turn!(), " ", append_outbox!("$1", "$2", "$3"));

// The same, and tells the first and the last number.
pub const APPEND_OUTBOX_TELLING: &str = concat!(
    with_turn!(),
    ", appended AS (",
    append_outbox!("$1", "$2", "$3"),
    " RETURNING seq) SELECT min(seq), max(seq) FROM appended"
);

pub const MOVE_RELAY: &str = "INSERT INTO relay_position (relay, published) VALUES ($1, $2) \
     ON CONFLICT (relay) DO UPDATE SET published = greatest(relay_position.published, excluded.published)";

pub const NEAR_INBOX: &str = "SELECT i.events FROM jsonb_array_elements($2::jsonb) v CROSS JOIN LATERAL (SELECT events \
     FROM inbox WHERE subscriber = $1 AND last >= (v ->> 0)::uuid AND first <= (v ->> 1)::uuid OFFSET 0) i";

pub const ADMIT_INBOX: &str = "INSERT INTO inbox (subscriber, first, last, mark, events) SELECT $1, (v ->> 0)::uuid, \
     (v ->> 1)::uuid, $3, substr($4, (v ->> 2)::int + 1, (v ->> 3)::int) FROM jsonb_array_elements($2::jsonb) v";
