//! The questions of [`report_sqlite`](super::report_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(crate) use super::report_sqlite::{LAST_DAY, LATENCIES, PLANS};

pub(crate) const DECLARATIONS: &str = "SELECT direction, regime, form, channel, count(*), count(cancelled_at), \
     count(*) FILTER (WHERE degraded), count(*) FILTER (WHERE modality = 'advance'), count(*) FILTER (WHERE modality \
     = 'advance' AND (arrived_at IS NULL OR decided_at < arrived_at)) FROM declaration WHERE selection IS NOT NULL \
     AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";

pub(crate) const EXAMINED: &str = "SELECT to_char((date '1970-01-01' + control.local_day)::timestamp, 'YYYY-MM'), \
     trigger, method, count(*), count(*) FILTER (WHERE outcome = 'finding') FROM control WHERE NOT history AND \
     result_version > 0 AND stage <> 'preliminary' AND outcome <> 'notExamined' AND ordered_at >= $1 AND ordered_at < \
     $2 AND ($3 IS NULL OR office = $3) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

pub(crate) const KINDS: &str = "SELECT f.kind, count(*) FROM finding f JOIN control c ON c.id = f.control AND \
     c.result_version = f.version WHERE NOT c.history AND c.stage <> 'preliminary' AND c.ordered_at >= $1 AND \
     c.ordered_at < $2 AND ($3 IS NULL OR c.office = $3) GROUP BY 1 ORDER BY 1";

pub(crate) const DUTIES: &str = "SELECT d.amount, d.currency FROM duty d JOIN control c ON c.id = d.control AND \
     c.result_version = d.version WHERE NOT c.history AND c.stage <> 'preliminary' AND c.ordered_at >= $1 AND \
     c.ordered_at < $2 AND ($3 IS NULL OR c.office = $3)";

pub(crate) const SEIZURES: &str = "SELECT s.kind, s.quantity, s.unit, s.amount, s.currency FROM seizure s JOIN \
     control c ON c.id = s.control AND c.result_version = s.version WHERE NOT c.history AND c.stage <> 'preliminary' \
     AND c.ordered_at >= $1 AND c.ordered_at < $2 AND ($3 IS NULL OR c.office = $3)";

pub(crate) const STRATUM_AND_REST: &str = "SELECT c.trigger = 'random', d.random_probability, c.outcome = 'finding' \
     FROM control c JOIN declaration d ON d.id = c.declaration WHERE NOT c.history AND c.method = 'physical' AND \
     c.result_version > 0 AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined' AND c.ordered_at >= $1 AND \
     c.ordered_at < $2 AND ($3 IS NULL OR c.office = $3) AND d.selection IS NOT NULL AND d.cancelled_at IS NULL ORDER \
     BY c.id";

pub(crate) const GREEN: &str = "SELECT d.office, to_char((date '1970-01-01' + d.local_day)::timestamp, 'YYYY-MM'), \
     d.random_probability, CASE WHEN c.result_version > 0 AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined' \
     AND c.known_at <= $4 THEN c.outcome = 'finding' END FROM declaration d JOIN control c ON c.declaration = d.id \
     AND c.method = 'physical' AND c.trigger = 'random' AND c.extent_full WHERE d.selection IS NOT NULL AND \
     d.channel_without_draw = 'green' AND d.physical_trigger = 'random' AND d.cancelled_at IS NULL AND d.decided_at \
     >= $1 AND d.decided_at < $2 AND ($3 IS NULL OR d.office = $3) ORDER BY d.id, c.id";

pub(crate) const NOVELTY: &str = "SELECT novelty_reasons, count(*) FROM declaration WHERE selection IS NOT NULL AND \
     cancelled_at IS NULL AND NOT degraded AND decided_at >= $1 AND decided_at < $2 AND ($3 IS NULL OR office = $3) \
     GROUP BY 1 ORDER BY 1 NULLS FIRST";

pub(crate) const NOVELTY_EXAMINED: &str = "SELECT d.novelty_reasons, d.probability, bool_or(CASE WHEN \
     c.result_version > 0 AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined' AND c.known_at <= $4 THEN \
     c.outcome = 'finding' END) FROM declaration d JOIN control c ON c.declaration = d.id AND c.method = 'physical' \
     AND c.extent_full AND NOT c.history AND c.selection IS NOT NULL WHERE d.selection IS NOT NULL AND d.cancelled_at \
     IS NULL AND NOT d.degraded AND d.decided_at >= $1 AND d.decided_at < $2 AND ($3 IS NULL OR d.office = $3) GROUP \
     BY d.id ORDER BY d.id";

pub(crate) const RELEASES: &str = "SELECT channel, regime, greatest((released_at - lodged_at) / 60000000, 0), \
     count(*), sum(released_at - lodged_at)::bigint FROM declaration WHERE selection IS NOT NULL AND released_at IS \
     NOT NULL AND cancelled_at IS NULL AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3) GROUP \
     BY 1, 2, 3 ORDER BY 1, 2, 3";

pub(crate) const CHANNELS: &str = "SELECT office, to_char((date '1970-01-01' + declaration.local_day)::timestamp, \
     'YYYY-MM'), channel, count(*) FROM declaration WHERE selection IS NOT NULL AND lodged_at >= $1 AND lodged_at < \
     $2 AND ($3 IS NULL OR office = $3) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

pub(crate) const ESCALATED: &str = "SELECT office, to_char((date '1970-01-01' + control.local_day)::timestamp, \
     'YYYY-MM'), count(DISTINCT declaration) FROM control WHERE NOT history AND method = 'physical' AND basis = \
     'ordinary' AND selection IS NULL AND declaration IS NOT NULL AND ordered_at >= $1 AND ordered_at < $2 AND ($3 IS \
     NULL OR office = $3) GROUP BY 1, 2 ORDER BY 1, 2";

pub(crate) const ORDERED: &str = "SELECT office, local_day, method, trigger, over_plan, count(*) FROM control WHERE \
     NOT history AND ordered_at < $2 AND $1 <= $2 AND ($3 IS NULL OR office = $3) AND method IN ('physical', \
     'documentary') GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5";

pub(crate) const FILTERS: &str = "WITH matched AS (SELECT m.code, d.id, m.acted FROM declaration d JOIN filter_unit m \
     ON m.declaration = d.id WHERE d.lodged_at >= $1 AND d.lodged_at < $2 AND ($3 IS NULL OR d.office = $3)), judged \
     AS (SELECT declaration, bool_or(outcome = 'finding') AS found FROM control WHERE NOT history AND method = \
     'physical' AND result_version > 0 AND stage <> 'preliminary' AND outcome <> 'notExamined' AND declaration IN \
     (SELECT id FROM matched) GROUP BY declaration) SELECT code.code, filter.state, filter.area, count(matched.id), \
     count(*) FILTER (WHERE matched.acted), count(*) FILTER (WHERE matched.acted AND judged.declaration IS NOT NULL), \
     count(*) FILTER (WHERE matched.acted AND judged.found) FROM (SELECT code FROM filter UNION SELECT code FROM \
     matched) AS code LEFT JOIN filter ON filter.code = code.code LEFT JOIN matched ON matched.code = code.code LEFT \
     JOIN judged ON judged.declaration = matched.id GROUP BY code.code, filter.state, filter.area ORDER BY code.code";
