//! The statements that run once per batch, by name. A batch travels as one JSON array, its long texts as one blob beside
//! it with their places in the array (bytes from 1).

/// Stores decisions. `$1`: `[id, declaration, version, decision point, consignment, office, decided, channel, record,
/// vectors, declared, basis]`, the last four as start and length in `$2`, the texts. Vectors and declared of length 0 are
/// none.
pub(super) const INSERT_SELECTIONS: &str = "INSERT INTO selection \
     (id, declaration, version, decision_point, consignment, office, decided_at, channel, record, vectors, declared, basis) \
     SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, CAST(substr($2, value ->> '$[8][0]', value ->> '$[8][1]') AS TEXT), \
     CASE WHEN value ->> '$[9][1]' > 0 THEN CAST(substr($2, value ->> '$[9][0]', value ->> '$[9][1]') AS TEXT) END, \
     CASE WHEN value ->> '$[10][1]' > 0 THEN CAST(substr($2, value ->> '$[10][0]', value ->> '$[10][1]') AS TEXT) END, \
     CAST(substr($2, value ->> '$[11][0]', value ->> '$[11][1]') AS TEXT) \
     FROM json_each($1) ORDER BY key";

/// Decisions about the declarations `$1` (ids), and about cancelled declarations of the consignments `$2`.
pub(super) const FIND_EARLIER: &str = "SELECT s.seq, s.consignment, s.cancelled, s.record \
     FROM json_each($1) j CROSS JOIN selection s ON s.declaration = unhex(j.value) \
     UNION SELECT s.seq, s.consignment, s.cancelled, s.record \
     FROM json_each($2) j CROSS JOIN selection s ON s.consignment = j.value AND s.cancelled = 1 ORDER BY 1";

/// Marks the decisions about `$1` (declaration ids) as those of cancelled declarations.
pub(super) const CANCEL: &str = "UPDATE selection SET cancelled = 1 WHERE declaration IN \
     (SELECT unhex(value) FROM json_each($1))";

/// Stores what offices remember. `$1`: `[office, start, length]`; `$2`: the texts.
pub(super) const STORE_OFFICES: &str = "INSERT INTO office_state (office, state) \
     SELECT value ->> 0, CAST(substr($2, value ->> 1, value ->> 2) AS TEXT) FROM json_each($1) WHERE true \
     ON CONFLICT (office) DO UPDATE SET state = excluded.state";

/// The feed: decisions after `$1`, at most `$2`, with vectors where `$3`.
pub(super) const READ_FEED: &str = "SELECT seq, record, CASE WHEN $3 THEN vectors END FROM selection \
     WHERE seq > $1 ORDER BY seq LIMIT $2";

/// One decision.
pub(super) const READ_ONE: &str = "SELECT seq, record, vectors FROM selection WHERE id = $1";

/// One decision with what was declared of the items that drove it.
pub(super) const READ_EXPLAINED: &str = "SELECT seq, record, vectors, declared FROM selection WHERE id = $1";

/// The last decision about a declaration, likewise.
pub(super) const READ_EXPLAINED_OF_DECLARATION: &str =
    "SELECT seq, record, vectors, declared FROM selection WHERE declaration = $1 ORDER BY seq DESC LIMIT 1";

/// The decisions about a declaration.
pub(super) const READ_OF_DECLARATION: &str =
    "SELECT seq, record, NULL FROM selection WHERE declaration = $1 ORDER BY seq";

/// The office that took a decision.
pub(super) const READ_OFFICE: &str = "SELECT office FROM selection WHERE id = $1";

/// The office that took the last decision about a declaration.
pub(super) const READ_OFFICE_OF_DECLARATION: &str =
    "SELECT office FROM selection WHERE declaration = $1 ORDER BY seq DESC LIMIT 1";

/// Forgets the artefacts that `$1` (array of digests) does not name.
pub(super) const FORGET_ARTEFACTS: &str = "DELETE FROM artefact WHERE digest NOT IN (SELECT value FROM json_each($1))";
