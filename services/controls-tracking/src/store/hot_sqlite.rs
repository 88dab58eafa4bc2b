//! Statements that run once per batch on `SQLite`, by name. A batch travels as one JSON parameter.

/// Inserts controls. `$1`: array of `[id hex, office, place, method, state, declaration hex, container, ordered_at,
/// record, identity, request, ordered_by, reason, escalated_from hex, result_version, result_stage]`.
pub const INSERT_CONTROLS: &str = "INSERT INTO controls \
     (id, office, place, method, state, declaration, container, ordered_at, record, identity, request, ordered_by, \
     reason, escalated_from, result_version, result_stage) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, unhex(value ->> 5), value ->> 6, \
     value ->> 7, value -> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, unhex(value ->> 13), \
     value ->> 14, value ->> 15 FROM json_each($1) WHERE true ORDER BY key ON CONFLICT (id) DO NOTHING";

/// Updates controls. `$1`: array of `[id hex, state, officer, declaration hex, result_version, result_stage, record]`.
pub const UPDATE_CONTROLS: &str = "UPDATE controls SET state = new.value ->> 1, officer = new.value ->> 2, \
     declaration = unhex(new.value ->> 3), result_version = new.value ->> 4, result_stage = new.value ->> 5, \
     record = new.value -> 6 FROM json_each($1) AS new WHERE controls.id = unhex(new.value ->> 0)";

/// Reads controls. `$1`: array of id hex.
pub const READ_CONTROLS: &str =
    "SELECT controls.* FROM json_each($1) AS asked JOIN controls ON controls.id = unhex(asked.value)";

/// Reads the controls of declarations that still wait to be done, oldest first. `$1`: array of declaration hex.
pub const READ_LIVE_CONTROLS: &str = "SELECT controls.* FROM json_each($1) AS asked \
     JOIN controls ON controls.declaration = unhex(asked.value) \
     WHERE controls.state IN ('open', 'assigned') ORDER BY controls.seq";

/// The declarations that have a physical control, open or done. `$1`: array of declaration hex.
pub const READ_PHYSICAL: &str = "SELECT DISTINCT controls.declaration FROM json_each($1) AS asked \
     JOIN controls ON controls.declaration = unhex(asked.value) \
     WHERE controls.method = 'physical' AND controls.state <> 'withdrawn'";

/// Reads the scans of containers that belong to no declaration yet, oldest first. `$1`: array of containers.
pub const READ_UNLINKED_SCANS: &str = "SELECT controls.* FROM json_each($1) AS asked \
     JOIN controls ON controls.container = asked.value \
     WHERE controls.declaration IS NULL AND controls.method = 'scan' ORDER BY controls.seq";

/// Inserts results. `$1`: array of `[control hex, version, known_at, reported_by, content]`.
pub const INSERT_RESULTS: &str = "INSERT INTO results (control, version, known_at, reported_by, content) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value -> 4 FROM json_each($1)";

/// Reads versions of results. `$1`: array of `[control hex, version]`.
pub const READ_RESULTS: &str = "SELECT results.* FROM json_each($1) AS asked JOIN results \
     ON results.control = unhex(asked.value ->> 0) AND results.version = asked.value ->> 1";

/// Remembers declarations. A lower version never replaces a higher one, and an item of any version may be named by a
/// result. `$1`: array of `[id hex, version, accepted_at, declarant, trader, items]`.
pub const UPSERT_DECLARATIONS: &str = "INSERT INTO declarations (id, version, accepted_at, declarant, trader, items) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value -> 5 FROM json_each($1) \
     WHERE true ORDER BY key ON CONFLICT (id) DO UPDATE SET \
     accepted_at = iif(excluded.version >= version, excluded.accepted_at, accepted_at), \
     declarant = iif(excluded.version >= version, excluded.declarant, declarant), \
     trader = iif(excluded.version >= version, excluded.trader, trader), \
     items = (SELECT json_group_array(value) FROM (SELECT value FROM json_each(declarations.items) \
     UNION SELECT value FROM json_each(excluded.items))), \
     version = max(excluded.version, version)";

/// Remembers containers of declarations. `$1`: array of `[container, declaration hex]`.
pub const INSERT_CONTAINERS: &str = "INSERT INTO declaration_containers (container, declaration) \
     SELECT value ->> 0, unhex(value ->> 1) FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Remembers cancellations. `$1`: array of `[declaration hex, cancelled_at]`.
pub const INSERT_CANCELLATIONS: &str = "INSERT INTO cancellations (declaration, cancelled_at) \
     SELECT unhex(value ->> 0), value ->> 1 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Which declarations are cancelled. `$1`: array of declaration hex.
pub const READ_CANCELLED: &str = "SELECT cancellations.declaration FROM json_each($1) AS asked \
     JOIN cancellations ON cancellations.declaration = unhex(asked.value)";

/// Reads declarations. `$1`: array of id hex.
pub const READ_DECLARATIONS: &str = "SELECT declarations.* FROM json_each($1) AS asked \
     JOIN declarations ON declarations.id = unhex(asked.value)";

/// The latest declaration of container `$1` that was accepted within `$3` microseconds of `$2` and is not cancelled.
pub const READ_DECLARATION_OF_CONTAINER: &str = "SELECT declarations.* FROM declaration_containers AS held \
     JOIN declarations ON declarations.id = held.declaration \
     WHERE held.container = $1 AND abs(declarations.accepted_at - $2) <= $3 \
     AND NOT EXISTS (SELECT 1 FROM cancellations WHERE cancellations.declaration = held.declaration) \
     ORDER BY declarations.accepted_at DESC, declarations.id DESC LIMIT 1";
