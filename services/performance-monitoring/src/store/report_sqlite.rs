//! The questions of the reports. In all: `$1` from, `$2` until before (microseconds), `$3` office or null.

/// Declarations by what they are and became.
pub const DECLARATIONS: &str = "\
SELECT direction, regime, form, channel, count(*), count(cancelled_at), sum(degraded), sum(modality = 'advance'),
    sum(modality = 'advance' AND (arrived_at IS NULL OR decided_at < arrived_at))
FROM declaration WHERE selection IS NOT NULL AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";

/// Latencies with how often each came.
pub const LATENCIES: &str = "\
SELECT latency_ms, count(*) FROM declaration
WHERE selection IS NOT NULL AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1 ORDER BY 1";

/// Examinations with a final result, by month of order, trigger and method. History never counts.
pub const EXAMINED: &str = "\
SELECT strftime('%Y-%m', local_day * 86400, 'unixepoch'), \"trigger\", method, count(*), sum(outcome = 'finding')
FROM control WHERE history = 0 AND result_version > 0 AND stage <> 'preliminary' AND outcome <> 'notExamined'
    AND ordered_at >= $1 AND ordered_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

/// Standing findings by kind.
pub const KINDS: &str = "\
SELECT f.kind, count(*) FROM finding f JOIN control c ON c.id = f.control AND c.result_version = f.version
WHERE c.history = 0 AND c.stage <> 'preliminary' AND c.ordered_at >= $1 AND c.ordered_at < $2
    AND ($3 IS NULL OR c.office = $3)
GROUP BY 1 ORDER BY 1";

/// Additional duties that stand.
pub const DUTIES: &str = "\
SELECT d.amount, d.currency FROM duty d JOIN control c ON c.id = d.control AND c.result_version = d.version
WHERE c.history = 0 AND c.stage <> 'preliminary' AND c.ordered_at >= $1 AND c.ordered_at < $2
    AND ($3 IS NULL OR c.office = $3)";

/// Seizures that stand.
pub const SEIZURES: &str = "\
SELECT s.kind, s.quantity, s.unit, s.amount, s.currency FROM seizure s
JOIN control c ON c.id = s.control AND c.result_version = s.version
WHERE c.history = 0 AND c.stage <> 'preliminary' AND c.ordered_at >= $1 AND c.ordered_at < $2
    AND ($3 IS NULL OR c.office = $3)";

/// Physical examinations with a final result: whether the stratum ordered it, with which probability, what it found.
pub const STRATUM_AND_REST: &str = "\
SELECT c.\"trigger\" = 'random', d.random_probability, c.outcome = 'finding' FROM control c
JOIN declaration d ON d.id = c.declaration
WHERE c.history = 0 AND c.method = 'physical' AND c.result_version > 0 AND c.stage <> 'preliminary'
    AND c.outcome <> 'notExamined' AND c.ordered_at >= $1 AND c.ordered_at < $2 AND ($3 IS NULL OR c.office = $3)
    AND d.selection IS NOT NULL AND d.cancelled_at IS NULL
ORDER BY c.id";

/// Declarations that would have been green and were drawn for full examination, decided in the window, with their
/// result as known at `$4` (null outcome: none yet).
pub const GREEN: &str = "\
SELECT d.office, strftime('%Y-%m', d.local_day * 86400, 'unixepoch'), d.random_probability,
    CASE WHEN c.result_version > 0 AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined' AND c.known_at <= $4
        THEN c.outcome = 'finding' END
FROM declaration d
JOIN control c ON c.declaration = d.id AND c.method = 'physical' AND c.\"trigger\" = 'random' AND c.extent_full = 1
WHERE d.selection IS NOT NULL AND d.channel_without_draw = 'green' AND d.physical_trigger = 'random'
    AND d.cancelled_at IS NULL AND d.decided_at >= $1 AND d.decided_at < $2 AND ($3 IS NULL OR d.office = $3)
ORDER BY d.id, c.id";

/// Declarations decided in the window that were judged, by why they were flagged as novel (null: they were not).
pub const NOVELTY: &str = "\
SELECT novelty_reasons, count(*) FROM declaration
WHERE selection IS NOT NULL AND cancelled_at IS NULL AND degraded = 0 AND decided_at >= $1 AND decided_at < $2
    AND ($3 IS NULL OR office = $3)
GROUP BY 1 ORDER BY 1";

/// Of these, those whose goods a selection had examined in full: with which probability, and what that established as
/// known at `$4` (null: nothing yet).
pub const NOVELTY_EXAMINED: &str = "\
SELECT d.novelty_reasons, d.probability,
    max(CASE WHEN c.result_version > 0 AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined' AND c.known_at <= $4
        THEN c.outcome = 'finding' END)
FROM declaration d
JOIN control c ON c.declaration = d.id AND c.method = 'physical' AND c.extent_full = 1 AND c.history = 0
    AND c.selection IS NOT NULL
WHERE d.selection IS NOT NULL AND d.cancelled_at IS NULL AND d.degraded = 0 AND d.decided_at >= $1 AND d.decided_at < $2
    AND ($3 IS NULL OR d.office = $3)
GROUP BY d.id ORDER BY d.id";

/// Whole minutes from lodgement to release, with how often each came and their sum in microseconds.
pub const RELEASES: &str = "\
SELECT channel, regime, max((released_at - lodged_at) / 60000000, 0), count(*), sum(released_at - lodged_at)
FROM declaration WHERE selection IS NOT NULL AND released_at IS NOT NULL AND cancelled_at IS NULL
    AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

/// Declarations by office, local month and channel.
pub const CHANNELS: &str = "\
SELECT office, strftime('%Y-%m', local_day * 86400, 'unixepoch'), channel, count(*)
FROM declaration WHERE selection IS NOT NULL AND lodged_at >= $1 AND lodged_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

/// Physical controls of declarations that another control's result asked for, by office and local month: no selection
/// ordered them, and they are in the ordinary course.
pub const ESCALATED: &str = "\
SELECT office, strftime('%Y-%m', local_day * 86400, 'unixepoch'), count(DISTINCT declaration)
FROM control WHERE history = 0 AND method = 'physical' AND basis = 'ordinary' AND selection IS NULL
    AND declaration IS NOT NULL AND ordered_at >= $1 AND ordered_at < $2 AND ($3 IS NULL OR office = $3)
GROUP BY 1, 2 ORDER BY 1, 2";

/// Controls ordered by office, local day, method, trigger and whether over plan. From the beginning: what was carried
/// into a period depends on all before it.
pub const ORDERED: &str = "\
SELECT office, local_day, method, \"trigger\", over_plan, count(*)
FROM control WHERE history = 0 AND ordered_at < $2 AND $1 <= $2 AND ($3 IS NULL OR office = $3)
    AND method IN ('physical', 'documentary')
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5";

/// The last local day on which anything was decided.
pub const LAST_DAY: &str = "SELECT max(local_day) FROM declaration WHERE selection IS NOT NULL";

/// Every plan, in order.
pub const PLANS: &str = "\
SELECT office, since, time_zone, physical_per_day, documentary_per_day, opening_carry FROM capacity_plan
ORDER BY office, epoch";

/// Filters with their matches and what examining their matches found.
pub const FILTERS: &str = "\
WITH matched AS (
    SELECT m.code, d.id, m.acted FROM declaration d JOIN filter_unit m ON m.declaration = d.id
    WHERE d.lodged_at >= $1 AND d.lodged_at < $2 AND ($3 IS NULL OR d.office = $3)
), judged AS (
    SELECT declaration, max(outcome = 'finding') AS found FROM control
    WHERE history = 0 AND method = 'physical' AND result_version > 0 AND stage <> 'preliminary'
        AND outcome <> 'notExamined' AND declaration IN (SELECT id FROM matched)
    GROUP BY declaration
)
SELECT code.code, filter.state, filter.area, count(matched.id), coalesce(sum(matched.acted), 0),
    coalesce(sum(matched.acted AND judged.declaration IS NOT NULL), 0),
    coalesce(sum(matched.acted AND judged.found), 0)
FROM (SELECT code FROM filter UNION SELECT code FROM matched) AS code
LEFT JOIN filter ON filter.code = code.code
LEFT JOIN matched ON matched.code = code.code
LEFT JOIN judged ON judged.declaration = matched.id
GROUP BY code.code ORDER BY code.code";
