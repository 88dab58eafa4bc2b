//! The questions of [`statistics_sqlite`](super::statistics_sqlite) for `PostgreSQL`, with the same names and parameters. Those that
//! serve both are taken from there.

pub(crate) use super::statistics_sqlite::{BY_MONTH, LAST, OF_TRIGGER};

pub(crate) const TOTALS: &str = "WITH page AS (SELECT code FROM (SELECT code FROM filter UNION SELECT DISTINCT code \
     FROM filter_total) AS code WHERE code > $1 AND ($5 IS NULL OR code IN (SELECT \
     jsonb_array_elements_text($5::jsonb))) ORDER BY code LIMIT $4) SELECT page.code, f.id, f.version, f.state, \
     f.area, f.risk, f.since, coalesce(sum(t.matches), 0)::bigint, coalesce(sum(t.acted), 0)::bigint, \
     coalesce(sum(t.alone), 0)::bigint, coalesce(sum(t.selected), 0)::bigint, coalesce(sum(t.examined), 0)::bigint, \
     coalesce(sum(t.findings), 0)::bigint, coalesce(sum(t.justified), 0)::bigint, coalesce(sum(t.unclear), \
     0)::bigint, coalesce(sum(t.unjustified), 0)::bigint, (SELECT min(decided_at) FROM filter_unit WHERE code = \
     page.code), (SELECT max(decided_at) FROM filter_unit WHERE code = page.code), (SELECT max(known_at) FROM \
     filter_unit WHERE code = page.code AND found) FROM page LEFT JOIN filter f ON f.code = page.code LEFT JOIN \
     filter_total t ON t.code = page.code AND t.month >= $2 AND t.month <= $3 GROUP BY page.code, f.code ORDER BY \
     page.code";

pub(crate) const PAIRS: &str = "SELECT code, other, matches FROM filter_pair WHERE matches > 0 AND code IN (SELECT \
     jsonb_array_elements_text($1::jsonb)) ORDER BY code, matches DESC, other";
