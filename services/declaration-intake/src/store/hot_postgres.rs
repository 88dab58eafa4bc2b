//! The statements of [`hot_sqlite`](super::hot_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(super) use super::hot_sqlite::{DELETE_FAIL_SAFES, FIND_FAIL_SAFES, FIND_NOTES, RAISE_EPOCH};

pub(super) const FIND_KEYS: &str = "SELECT n - 1, k.declaration, k.digest FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) CROSS JOIN LATERAL (SELECT declaration, digest FROM \
     declaration_key WHERE declarant = (v ->> 0) AND reference = (v ->> 1) AND version = 1 OFFSET 0) k";

// Looks into every month: not for each batch.
pub(super) const FIND_FIRST_NOTES: &str = "SELECT o.declaration, o.notes FROM jsonb_array_elements_text($1::jsonb) j \
     JOIN declaration_version o ON o.declaration = j::uuid AND o.version = 1";

macro_rules! own_rows {
    ($from:literal) => {
        concat!(
            "own AS MATERIALIZED (SELECT (v ->> 0)::uuid AS id, v ->> 1 AS declarant, v ->> 2 AS reference, \
             v ->> 3 AS office, v ->> 4 AS consignment_key, (v ->> 5)::boolean AS history, (v ->> 6)::bigint AS \
             accepted_at, (v ->> 7)::bigint AS received_at_ms, v ->> 8 AS means, v ->> 9 AS voyage, \
             (v ->> 10)::bigint AS arrived_at, v ->> 11 AS digest, v ->> 12 AS notes, (v ->> 13)::int AS start, \
             (v ->> 14)::int AS length, (v ->> 15)::bigint AS known_at FROM ",
            $from,
            "jsonb_array_elements($1::jsonb) v)"
        )
    };
}

macro_rules! insert_declared {
    () => {
        "declared AS (INSERT INTO declaration (id, declarant, reference, office, consignment_key, history, \
         first_accepted_at, accepted_at, received_at_ms, means, voyage, arrived_at, known_at, version, state, awaiting) \
         SELECT id, declarant, reference, office, consignment_key, history, accepted_at, accepted_at, received_at_ms, \
         means, voyage, arrived_at, known_at, 1, 'lodged', NOT history FROM own)"
    };
}

macro_rules! insert_keyed {
    () => {
        "keyed AS (INSERT INTO declaration_key (declarant, reference, version, declaration, digest) SELECT declarant, \
         reference, $3, id, digest FROM own)"
    };
}

macro_rules! insert_versions {
    () => {
        "INSERT INTO declaration_version (declaration, version, accepted_at, received_at_ms, digest, notes, body) \
         SELECT id, $3, accepted_at, received_at_ms, digest, notes, convert_from(substr($2, start, length), 'UTF8') \
         FROM own"
    };
}

pub(super) const INSERT_LODGED: &str =
    concat!("WITH ", own_rows!(""), ", ", insert_declared!(), ", ", insert_keyed!(), " ", insert_versions!());

pub(super) const INSERT_VERSION: &str = concat!("WITH ", own_rows!(""), ", ", insert_keyed!(), " ", insert_versions!());

// INSERT_LODGED and the outbox (`$4`, `$5`, `$6`) in one, a transaction of its own. The turn comes first: rows are made of it.
pub(super) const LODGE: &str = concat!(
    store::with_turn!(),
    ", ",
    own_rows!("turn CROSS JOIN "),
    ", ",
    insert_declared!(),
    ", ",
    insert_keyed!(),
    ", versions AS (",
    insert_versions!(),
    "), announced AS (",
    store::append_outbox!("$4", "$5", "$6"),
    " RETURNING seq) SELECT min(seq), max(seq) FROM announced"
);

pub(super) const FIND_ARRIVALS: &str = "SELECT n - 1, max(a.arrived_at) FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) CROSS JOIN LATERAL (SELECT arrived_at FROM means_arrival WHERE means = (v ->> 0) AND \
     voyage = (v ->> 1) AND arrived_at <= (v ->> 2)::bigint OFFSET 0) a GROUP BY n";

pub(super) const FIND_STANDINGS: &str = "SELECT d.id, d.declarant, d.reference, d.version, d.office, d.state, \
     d.channel, d.channel_version, d.awaiting, d.orders, d.added FROM jsonb_array_elements_text($1::jsonb) j JOIN \
     declaration d ON d.id = j::uuid";

pub(super) const FIND_OVERDUE: &str = "SELECT d.id, d.declarant, d.reference, d.version, d.office, d.state, \
     d.channel, d.channel_version, d.awaiting, d.orders, d.added FROM declaration d WHERE d.awaiting AND \
     d.received_at_ms <= $1 AND d.known_at <= $2 ORDER BY d.known_at, d.id LIMIT $3";

pub(super) const UPDATE_TOLD: &str = "UPDATE declaration SET channel = v ->> 2, channel_version = (v ->> 1)::int, \
     orders = v ->> 3, decided_at = (v ->> 4)::bigint, fail_safe = (v ->> 5)::boolean, awaiting = (v ->> 6)::boolean, \
     reason = v ->> 7 FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) WHERE declaration.id = \
     (v ->> 0)::uuid";

pub(super) const UPDATE_DECIDED: &str = "UPDATE declaration SET awaiting = FALSE, channel_version = CASE WHEN \
     channel_version < (v ->> 1)::int THEN (v ->> 1)::int ELSE channel_version END FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) WHERE declaration.id = (v ->> 0)::uuid AND \
     declaration.version = (v ->> 1)::int";

pub(super) const INSERT_FEED: &str = "INSERT INTO channel_feed (declaration, declarant, reference, version, office, \
     channel, orders, decided_at, fail_safe, reason) SELECT (v ->> 0)::uuid, v ->> 1, v ->> 2, (v ->> 3)::int, \
     v ->> 4, v ->> 5, v ->> 6, (v ->> 7)::bigint, (v ->> 8)::boolean, v ->> 9 FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ORDER BY n";

pub(super) const UPDATE_ADDED: &str = "UPDATE declaration SET added = v ->> 1 FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) WHERE declaration.id = (v ->> 0)::uuid";

pub(super) const UPSERT_CONTROLS: &str = "INSERT INTO control (id, declaration, method) SELECT DISTINCT ON (1) \
     (v ->> 0)::uuid, (v ->> 1)::uuid, v ->> 2 FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ORDER BY \
     1, n DESC ON CONFLICT (id) DO UPDATE SET declaration = excluded.declaration, method = excluded.method";

pub(super) const UPSERT_RESULTED: &str = "INSERT INTO control (id, resulted) SELECT DISTINCT j::uuid, TRUE FROM \
     jsonb_array_elements_text($1::jsonb) j ON CONFLICT (id) DO UPDATE SET resulted = TRUE";

pub(super) const FIND_OPEN: &str = "SELECT c.declaration, c.method FROM jsonb_array_elements_text($1::jsonb) \
     WITH ORDINALITY j(v, n) CROSS JOIN LATERAL (SELECT id, declaration, method FROM control WHERE declaration = \
     v::uuid AND NOT resulted OFFSET 0) c ORDER BY n, c.method, c.id";

pub(super) const INSERT_FAIL_SAFES: &str = "INSERT INTO fail_safe (office, channel) SELECT v ->> 0, v ->> 1 FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(super) const INSERT_SUPERSEDED: &str = "INSERT INTO superseded_selection (selection, declaration, version, \
     channel, told_channel, decided_at, reason) SELECT (v ->> 0)::uuid, (v ->> 1)::uuid, (v ->> 2)::int, v ->> 3, \
     v ->> 4, (v ->> 5)::bigint, v ->> 6 FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO \
     NOTHING";

pub(super) const FIND_GOODS: &str = "SELECT d.id, d.office, d.state, d.arrived_at, d.presented_at, d.released_at FROM \
     jsonb_array_elements_text($1::jsonb) j JOIN declaration d ON d.id = j::uuid";

pub(super) const FIND_UNDER_WAY: &str = "SELECT n - 1, d.id, d.office, d.state, d.arrived_at, d.presented_at, \
     d.released_at FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) CROSS JOIN LATERAL (SELECT * FROM \
     declaration WHERE means = (v ->> 0) AND voyage = (v ->> 1) AND arrived_at IS NULL AND means IS NOT NULL AND \
     state <> 'cancelled' OFFSET 0) d ORDER BY n, d.id";

pub(super) const INSERT_ARRIVALS: &str = "INSERT INTO means_arrival (means, voyage, arrived_at) SELECT v ->> 0, \
     v ->> 1, (v ->> 2)::bigint FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(super) const UPDATE_GOODS: &str = "UPDATE declaration SET arrived_at = (v ->> 1)::bigint, presented_at = \
     (v ->> 2)::bigint, released_at = (v ->> 3)::bigint, state = v ->> 4 FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) WHERE declaration.id = (v ->> 0)::uuid";
