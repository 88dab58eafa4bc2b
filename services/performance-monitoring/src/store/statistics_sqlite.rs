//! The questions of the filter statistics. They read sums, and of the matches only the ends of an index.

/// Filters by code behind `$1`, at most `$4`; sums over the months from `$2` to `$3`; with their first and last match
/// and last finding. `$5`: array of the codes asked for, or null.
pub const TOTALS: &str = "\
WITH page AS (
    SELECT code FROM (SELECT code FROM filter UNION SELECT DISTINCT code FROM filter_total)
    WHERE code > $1 AND ($5 IS NULL OR code IN (SELECT value FROM json_each($5))) ORDER BY code LIMIT $4
)
SELECT page.code, f.id, f.version, f.state, f.area, f.risk, f.since,
    coalesce(sum(t.matches), 0), coalesce(sum(t.acted), 0), coalesce(sum(t.alone), 0), coalesce(sum(t.selected), 0),
    coalesce(sum(t.examined), 0), coalesce(sum(t.findings), 0), coalesce(sum(t.justified), 0),
    coalesce(sum(t.unclear), 0), coalesce(sum(t.unjustified), 0),
    (SELECT min(decided_at) FROM filter_unit WHERE code = page.code),
    (SELECT max(decided_at) FROM filter_unit WHERE code = page.code),
    (SELECT max(known_at) FROM filter_unit WHERE code = page.code AND found = 1)
FROM page LEFT JOIN filter f ON f.code = page.code
LEFT JOIN filter_total t ON t.code = page.code AND t.month >= $2 AND t.month <= $3
GROUP BY page.code ORDER BY page.code";

/// Filters that matched together with those of `$1` (array of codes).
pub const PAIRS: &str = "\
SELECT code, other, matches FROM filter_pair WHERE matches > 0 AND code IN (SELECT value FROM json_each($1))
ORDER BY code, matches DESC, other";

/// Physical examinations that trigger `$1` ordered, and those with a finding.
pub const OF_TRIGGER: &str = "SELECT examined, findings FROM trigger_total WHERE \"trigger\" = $1";

/// Versions and months of filter `$1`, from month `$2` to `$3`.
pub const BY_MONTH: &str = "\
SELECT version, month, matches, acted, selected, examined, findings FROM filter_total
WHERE code = $1 AND month >= $2 AND month <= $3 AND matches > 0 ORDER BY month, version";

/// The last matches of filter `$1`, at most `$2`.
pub const LAST: &str = "\
SELECT declaration, version, decided_at, acted, selected, examined, found, verdict, listed FROM filter_unit
WHERE code = $1 ORDER BY decided_at DESC, declaration DESC LIMIT $2";
