//! The statements of [`hot_sqlite`](super::hot_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(crate) use super::hot_sqlite::READ_DECLARATION_OF_CONTAINER;

pub(crate) const INSERT_CONTROLS: &str = "INSERT INTO controls (id, office, place, method, state, declaration, \
     container, ordered_at, record, identity, request, ordered_by, reason, escalated_from, result_version, \
     result_stage) SELECT (v ->> 0)::uuid, v ->> 1, v ->> 2, v ->> 3, v ->> 4, (v ->> 5)::uuid, v ->> 6, \
     (v ->> 7)::bigint, (v -> 8)::text, v ->> 9, v ->> 10, v ->> 11, v ->> 12, (v ->> 13)::uuid, (v ->> 14)::bigint, \
     v ->> 15 FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ORDER BY n ON CONFLICT (id) DO NOTHING";

pub(crate) const UPDATE_CONTROLS: &str = "UPDATE controls SET state = v ->> 1, officer = v ->> 2, declaration = \
     (v ->> 3)::uuid, result_version = (v ->> 4)::bigint, result_stage = v ->> 5, record = (v -> 6)::text FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) WHERE controls.id = (v ->> 0)::uuid";

pub(crate) const READ_CONTROLS: &str = "SELECT controls.* FROM jsonb_array_elements_text($1::jsonb) asked JOIN \
     controls ON controls.id = asked::uuid";

pub(crate) const READ_LIVE_CONTROLS: &str = "SELECT c.* FROM jsonb_array_elements_text($1::jsonb) asked CROSS JOIN \
     LATERAL (SELECT * FROM controls WHERE declaration = asked::uuid AND state IN ('open', 'assigned') OFFSET 0) c \
     ORDER BY c.seq";

pub(crate) const READ_PHYSICAL: &str = "SELECT DISTINCT c.declaration FROM jsonb_array_elements_text($1::jsonb) asked \
     CROSS JOIN LATERAL (SELECT declaration FROM controls WHERE declaration = asked::uuid AND method = 'physical' AND \
     state <> 'withdrawn' OFFSET 0) c";

pub(crate) const READ_UNLINKED_SCANS: &str = "SELECT c.* FROM jsonb_array_elements_text($1::jsonb) asked CROSS JOIN \
     LATERAL (SELECT * FROM controls WHERE container = asked AND declaration IS NULL AND method = 'scan' OFFSET 0) c \
     ORDER BY c.seq";

pub(crate) const INSERT_RESULTS: &str = "INSERT INTO results (control, version, known_at, reported_by, content) \
     SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, (v ->> 2)::bigint, v ->> 3, (v -> 4)::text FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n)";

pub(crate) const READ_RESULTS: &str = "SELECT results.* FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) \
     JOIN results ON results.control = (v ->> 0)::uuid AND results.version = (v ->> 1)::bigint";

pub(crate) const UPSERT_DECLARATIONS: &str = "INSERT INTO declarations (id, version, accepted_at, declarant, trader, \
     items) SELECT (v ->> 0)::uuid, (v ->> 1)::bigint, (v ->> 2)::bigint, v ->> 3, v ->> 4, (v -> 5)::text FROM \
     jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT (id) DO UPDATE SET accepted_at = CASE WHEN \
     excluded.version >= declarations.version THEN excluded.accepted_at ELSE declarations.accepted_at END, declarant \
     = CASE WHEN excluded.version >= declarations.version THEN excluded.declarant ELSE declarations.declarant END, \
     trader = CASE WHEN excluded.version >= declarations.version THEN excluded.trader ELSE declarations.trader END, \
     items = (SELECT jsonb_agg(item ORDER BY item)::text FROM (SELECT jsonb_array_elements(declarations.items::jsonb) \
     AS item UNION SELECT jsonb_array_elements(excluded.items::jsonb)) AS items), version = \
     greatest(excluded.version, declarations.version)";

pub(crate) const INSERT_CONTAINERS: &str = "INSERT INTO declaration_containers (container, declaration) SELECT \
     v ->> 0, (v ->> 1)::uuid FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO NOTHING";

pub(crate) const INSERT_CANCELLATIONS: &str = "INSERT INTO cancellations (declaration, cancelled_at) SELECT \
     (v ->> 0)::uuid, (v ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY j(v, n) ON CONFLICT DO \
     NOTHING";

pub(crate) const READ_CANCELLED: &str = "SELECT cancellations.declaration FROM jsonb_array_elements_text($1::jsonb) \
     asked JOIN cancellations ON cancellations.declaration = asked::uuid";

pub(crate) const READ_DECLARATIONS: &str = "SELECT declarations.* FROM jsonb_array_elements_text($1::jsonb) asked \
     JOIN declarations ON declarations.id = asked::uuid";
