//! The statements of [`hot_sqlite`](super::hot_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(crate) use super::hot_sqlite::{
    FACTS_AFTER, KEEP_LODGED, KNOWN_CASES, LABELLED_VECTORS, LAST_SEQUENCE, LATEST, LODGED, LODGED_COUNT, SERVED,
};

pub(crate) const APPEND_FACTS: &str = "INSERT INTO fact (sequence, declaration, happened_at, known_at, body) SELECT \
     (v ->> 0)::bigint, (v ->> 1)::uuid, (v ->> 2)::bigint, (v ->> 3)::bigint, substr($2, (v ->> 4)::int, \
     (v ->> 5)::int) FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n)";

pub(crate) const KEEP_VECTORS: &str = "INSERT INTO served (declaration, version, selection, direction, decided_at, \
     probability, contract, sequence, history, items, vectors) SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, \
     (v ->> 2)::uuid, v ->> 3, (v ->> 4)::bigint, (v ->> 5)::float8, v ->> 6, (v ->> 7)::bigint, (v ->> 8)::boolean, \
     v ->> 9, substr($2, (v ->> 10)::int, (v ->> 11)::int) FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const KEEP_LABELS: &str = "INSERT INTO label (control, version, item, declaration, stage, found, power, \
     kinds, duty_cents, method, trigger, known_at, history) SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, \
     (v ->> 2)::bigint, (v ->> 3)::uuid, v ->> 4, (v ->> 5)::boolean, (v ->> 6)::float8, v ->> 7, (v ->> 8)::bigint, \
     v ->> 9, v ->> 10, (v ->> 11)::bigint, (v ->> 12)::boolean FROM jsonb_array_elements($1::jsonb) \
     WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const KEEP_CASES: &str = "INSERT INTO found_case (control, version, item, declaration, known_at, stage, \
     method, way, profile, declared_value, findings) SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, (v ->> 2)::bigint, \
     (v ->> 3)::uuid, (v ->> 4)::bigint, v ->> 5, v ->> 6, (v ->> 7)::bigint, v ->> 8, (v ->> 9)::float8, v ->> 10 \
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const CASE_VALUES: &str = "SELECT s.declaration, s.items, s.vectors FROM \
     jsonb_array_elements_text($1::jsonb) id CROSS JOIN LATERAL (SELECT * FROM served WHERE declaration = id::uuid \
     AND contract = $2 OFFSET 0) s ORDER BY s.declaration, s.version";

pub(crate) const FACTS_OF: &str = "SELECT sequence, body FROM fact WHERE declaration IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($1::jsonb)) ORDER BY sequence";

pub(crate) const LABELS_OF: &str = "SELECT control, declaration, version, item, found, power, trigger = 'random', \
     known_at FROM label WHERE known_at <= $1 AND declaration IN (SELECT value::uuid FROM \
     jsonb_array_elements_text($2::jsonb)) ORDER BY control, version, item";

pub(crate) const SERVED_OF: &str = "SELECT declaration, version, probability, contract, items, vectors FROM served \
     WHERE declaration IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))";
