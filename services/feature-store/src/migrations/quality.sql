-- What was counted of a day's declarations and results, by source and field (kind 'tally', at the day since 1970), and
-- what a period of four weeks taught of what is usual (kind 'learned', at the period). A batch appends a part; parts
-- are sums, so that several become one without a difference. lz4 of JSON.
CREATE TABLE quality_part (
    part INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX quality_part_at ON quality_part (kind, at);

-- What a period was held against: frozen when its first declaration came.
CREATE TABLE quality_usual (
    period INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);
