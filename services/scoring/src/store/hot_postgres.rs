//! The statements of [`hot_sqlite`](super::hot_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(super) use super::hot_sqlite::{
    READ_EXPLAINED, READ_EXPLAINED_OF_DECLARATION, READ_FEED, READ_OF_DECLARATION, READ_OFFICE,
    READ_OFFICE_OF_DECLARATION, READ_ONE,
};

pub(super) const INSERT_SELECTIONS: &str = "INSERT INTO selection (id, declaration, version, decision_point, \
     consignment, office, decided_at, channel, record, vectors, declared, basis) SELECT (v ->> 0)::uuid, (v ->> 1)::uuid, \
     (v ->> 2)::int, v ->> 3, v ->> 4, v ->> 5, (v ->> 6)::bigint, v ->> 7, convert_from(substr($2, \
     (v -> 8 ->> 0)::int, (v -> 8 ->> 1)::int), 'UTF8'), CASE WHEN (v -> 9 ->> 1)::int > 0 THEN \
     convert_from(substr($2, (v -> 9 ->> 0)::int, (v -> 9 ->> 1)::int), 'UTF8') END, CASE WHEN (v -> 10 ->> 1)::int > \
     0 THEN convert_from(substr($2, (v -> 10 ->> 0)::int, (v -> 10 ->> 1)::int), 'UTF8') END, \
     convert_from(substr($2, (v -> 11 ->> 0)::int, (v -> 11 ->> 1)::int), 'UTF8') FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ORDER BY n";

pub(super) const FIND_EARLIER: &str = "WITH found AS (SELECT s.seq FROM jsonb_array_elements_text($1::jsonb) j CROSS \
     JOIN LATERAL (SELECT seq FROM selection WHERE declaration = j::uuid OFFSET 0) s UNION SELECT s.seq FROM \
     jsonb_array_elements_text($2::jsonb) j CROSS JOIN LATERAL (SELECT seq FROM selection WHERE consignment = j AND \
     cancelled OFFSET 0) s) SELECT s.seq, s.consignment, s.cancelled, s.record FROM found JOIN selection s ON s.seq = \
     found.seq ORDER BY s.seq";

pub(super) const CANCEL: &str = "UPDATE selection SET cancelled = TRUE WHERE declaration IN (SELECT j::uuid FROM \
     jsonb_array_elements_text($1::jsonb) j)";

pub(super) const STORE_OFFICES: &str = "INSERT INTO office_state (office, state) SELECT v ->> 0, \
     convert_from(substr($2, (v ->> 1)::int, (v ->> 2)::int), 'UTF8') FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ON CONFLICT (office) DO UPDATE SET state = excluded.state";

pub(super) const FORGET_ARTEFACTS: &str = "DELETE FROM artefact WHERE digest NOT IN (SELECT value FROM \
     jsonb_array_elements_text($1::jsonb) value)";
