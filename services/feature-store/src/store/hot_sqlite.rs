//! Statements that run once per batch or per training set, by name.
//!
//! A batch travels as one JSON array; blobs travel in one parameter beside it, with their places (from 1) in the array.

/// Appends facts. `$1`: array of `[sequence, declaration hex, happened, known, start, length]`; `$2`: the bodies.
pub const APPEND_FACTS: &str = "INSERT INTO fact (sequence, declaration, happened_at, known_at, body) \
     SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, substr($2, value ->> 4, value ->> 5) \
     FROM json_each($1)";

/// Keeps a block of what was lodged: first and last place in the log, earliest and latest acceptance, how many, text.
pub const KEEP_LODGED: &str = "INSERT INTO lodged (first, last, from_at, until_at, declarations, text) \
     VALUES ($1, $2, $3, $4, $5, $6)";

/// Keeps vectors; the first of a declaration version stands. `$1`: array of `[declaration hex, version, selection hex,
/// direction, decided, probability, contract, sequence, history, items, start, length]`; `$2`: the vectors.
pub const KEEP_VECTORS: &str = "INSERT INTO served (declaration, version, selection, direction, decided_at, \
     probability, contract, sequence, history, items, vectors) \
     SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, value ->> 8, value ->> 9, substr($2, value ->> 10, value ->> 11) FROM json_each($1) \
     WHERE true ON CONFLICT DO NOTHING";

/// Keeps labels. `$1`: array of `[control hex, version, item, declaration hex, stage, found, power, kinds, duty,
/// method, trigger, known, history]`.
pub const KEEP_LABELS: &str = "INSERT INTO label (control, version, item, declaration, stage, found, power, kinds, \
     duty_cents, method, \"trigger\", known_at, history) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12 FROM json_each($1) \
     WHERE true ON CONFLICT DO NOTHING";

/// Keeps cases. `$1`: array of `[control hex, version, item, declaration hex, known, stage, method, way, profile,
/// declared value, findings]`.
pub const KEEP_CASES: &str = "INSERT INTO found_case (control, version, item, declaration, known_at, stage, method, way, profile, \
     declared_value, findings) \
     SELECT unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, value ->> 8, value ->> 9, value ->> 10 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

/// Cases of direction `$2` known before `$1` as the version that held then says, the latest `$3`.
pub const KNOWN_CASES: &str = "SELECT c.control, c.item, c.declaration, c.known_at, c.stage, c.method, c.profile, \
     c.declared_value, c.findings FROM found_case c \
     WHERE c.known_at < $1 AND c.item >= 0 AND (c.way IS NULL OR c.way = $2) AND NOT EXISTS \
     (SELECT 1 FROM found_case n WHERE n.control = c.control AND n.version > c.version AND n.known_at < $1) \
     ORDER BY c.known_at DESC, c.control, c.item LIMIT $3";

/// What was served for the declarations in `$1` (array of hex) under contract `$2`; of each the highest version last.
pub const CASE_VALUES: &str = "SELECT declaration, items, vectors FROM served WHERE contract = $2 \
     AND declaration IN (SELECT unhex(value) FROM json_each($1)) ORDER BY declaration, version";

/// Facts of the declarations in `$1` (array of hex), in the order of the log.
pub const FACTS_OF: &str = "SELECT sequence, body FROM fact \
     WHERE declaration IN (SELECT unhex(value) FROM json_each($1)) ORDER BY sequence";

/// Facts after `$1`, at most `$2`, in the order of the log.
pub const FACTS_AFTER: &str = "SELECT sequence, body FROM fact WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// The last sequence of the log.
pub const LAST_SEQUENCE: &str = "SELECT coalesce(max(sequence), 0) FROM fact";

/// What result versions known at `$1` say of items of the declarations in `$2` (array of hex); of each control the
/// highest version comes last.
pub const LABELS_OF: &str = "SELECT control, declaration, version, item, found, power, \"trigger\" = 'random', \
     known_at FROM label WHERE known_at <= $1 AND declaration IN (SELECT unhex(value) FROM json_each($2)) \
     ORDER BY control, version, item";

/// Blocks of what was lodged behind `$1` and up to `$2` that reach into `$3` to before `$4`, at most `$5`.
pub const LODGED: &str = "SELECT text FROM lodged WHERE last > $1 AND first <= $2 AND until_at >= $3 AND from_at < $4 \
     ORDER BY first LIMIT $5";

/// How much was lodged up to `$1` in blocks that reach into `$2` to before `$3`.
pub const LODGED_COUNT: &str = "SELECT CAST(coalesce(sum(declarations), 0) AS BIGINT) FROM lodged \
     WHERE first <= $1 AND until_at >= $2 AND from_at < $3";

/// What was served for the declarations in `$1` (array of hex).
pub const SERVED_OF: &str = "SELECT declaration, version, probability, contract, items, vectors FROM served \
     WHERE declaration IN (SELECT unhex(value) FROM json_each($1))";

/// The vectors of declarations of direction `$1` decided from `$2` and before (moment, declaration) `$3`, `$4` under
/// contract `$6` that any label known at `$5` speaks of: the latest `$7`, latest first; of each declaration the first
/// version.
pub const LABELLED_VECTORS: &str = "SELECT s.declaration, s.decided_at, s.probability, s.items, s.vectors FROM served s \
     WHERE s.direction = $1 AND s.decided_at >= $2 AND s.decided_at <= $3 \
     AND (s.decided_at, s.declaration) < ($3, $4) AND s.contract = $6 \
     AND EXISTS (SELECT 1 FROM label l WHERE l.declaration = s.declaration AND l.known_at <= $5) \
     AND s.version = (SELECT min(o.version) FROM served o WHERE o.declaration = s.declaration) \
     ORDER BY s.decided_at DESC, s.declaration DESC LIMIT $7";

/// What was served for declaration `$1`, the highest version.
pub const SERVED: &str = "SELECT version, decided_at, contract, sequence, history, items, vectors FROM served \
     WHERE declaration = $1 ORDER BY version DESC LIMIT 1";

/// The vectors of the latest declaration of direction `$1` that was decided under contract `$2`.
pub const LATEST: &str = "SELECT decided_at, vectors FROM served WHERE direction = $1 AND contract = $2 \
     ORDER BY decided_at DESC LIMIT 1";
