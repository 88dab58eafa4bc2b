-- As in ../filters.sql, which says what the tables are for.

CREATE TABLE filter_unit (
    declaration UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    selection UUID NOT NULL,
    version BIGINT NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT NOT NULL,
    acted BOOLEAN NOT NULL,
    selected BOOLEAN NOT NULL,
    others_acted INTEGER NOT NULL,
    examined BOOLEAN NOT NULL DEFAULT FALSE,
    found BOOLEAN NOT NULL DEFAULT FALSE,
    known_at BIGINT,
    verdict TEXT COLLATE "C",
    PRIMARY KEY (declaration, code)
);
CREATE INDEX filter_unit_code ON filter_unit (code, decided_at);
CREATE INDEX filter_unit_found ON filter_unit (code, known_at) WHERE found;

CREATE TABLE filter_total (
    code TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    matches BIGINT NOT NULL DEFAULT 0,
    acted BIGINT NOT NULL DEFAULT 0,
    alone BIGINT NOT NULL DEFAULT 0,
    selected BIGINT NOT NULL DEFAULT 0,
    examined BIGINT NOT NULL DEFAULT 0,
    findings BIGINT NOT NULL DEFAULT 0,
    justified BIGINT NOT NULL DEFAULT 0,
    unclear BIGINT NOT NULL DEFAULT 0,
    unjustified BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (code, version, month)
);

CREATE TABLE filter_pair (
    code TEXT COLLATE "C" NOT NULL,
    other TEXT COLLATE "C" NOT NULL,
    matches BIGINT NOT NULL,
    PRIMARY KEY (code, other)
);

CREATE TABLE trigger_total (
    "trigger" TEXT COLLATE "C" PRIMARY KEY,
    examined BIGINT NOT NULL,
    findings BIGINT NOT NULL
);

ALTER TABLE control ADD COLUMN targeting TEXT COLLATE "C";
ALTER TABLE filter ADD COLUMN valid_from BIGINT;
ALTER TABLE filter ADD COLUMN method TEXT COLLATE "C";
ALTER TABLE filter ADD COLUMN risk TEXT COLLATE "C";

-- Sums are kept once per statement, not once per row. A match that was changed counts with what it is and against what it
-- was.
CREATE FUNCTION filter_unit_added() RETURNS trigger LANGUAGE plpgsql AS $$ #variable_conflict use_column
BEGIN
    INSERT INTO filter_total (code, version, month, matches, acted, alone, selected, examined, findings, justified,
        unclear, unjustified)
    SELECT code, version, month, count(*), count(*) FILTER (WHERE acted),
        count(*) FILTER (WHERE acted AND others_acted = 0), count(*) FILTER (WHERE selected),
        count(*) FILTER (WHERE examined), count(*) FILTER (WHERE found),
        count(*) FILTER (WHERE verdict = 'justified'), count(*) FILTER (WHERE verdict = 'unclear'),
        count(*) FILTER (WHERE verdict = 'unjustified')
    FROM added GROUP BY code, version, month ORDER BY code, version, month
    ON CONFLICT (code, version, month) DO UPDATE SET matches = filter_total.matches + excluded.matches,
        acted = filter_total.acted + excluded.acted, alone = filter_total.alone + excluded.alone,
        selected = filter_total.selected + excluded.selected, examined = filter_total.examined + excluded.examined,
        findings = filter_total.findings + excluded.findings, justified = filter_total.justified + excluded.justified,
        unclear = filter_total.unclear + excluded.unclear,
        unjustified = filter_total.unjustified + excluded.unjustified;
    -- Of two new matches each finds the other; an old one is found and does not find.
    INSERT INTO filter_pair (code, other, matches)
    SELECT code, other, count(*) FROM (
        SELECT n.code, m.code AS other FROM added n
        JOIN filter_unit m ON m.declaration = n.declaration AND m.code <> n.code
        UNION ALL
        SELECT m.code, n.code FROM added n JOIN filter_unit m ON m.declaration = n.declaration AND m.code <> n.code
        WHERE (m.declaration, m.code) NOT IN (SELECT declaration, code FROM added)
    ) AS pair GROUP BY code, other ORDER BY code, other
    ON CONFLICT (code, other) DO UPDATE SET matches = filter_pair.matches + excluded.matches;
    RETURN NULL;
END $$;
CREATE TRIGGER filter_unit_added AFTER INSERT ON filter_unit REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION filter_unit_added();

CREATE FUNCTION filter_unit_removed() RETURNS trigger LANGUAGE plpgsql AS $$ #variable_conflict use_column
BEGIN
    UPDATE filter_total t SET matches = t.matches - o.matches, acted = t.acted - o.acted, alone = t.alone - o.alone,
        selected = t.selected - o.selected, examined = t.examined - o.examined, findings = t.findings - o.findings,
        justified = t.justified - o.justified, unclear = t.unclear - o.unclear,
        unjustified = t.unjustified - o.unjustified
    FROM (SELECT code, version, month, count(*) AS matches, count(*) FILTER (WHERE acted) AS acted,
        count(*) FILTER (WHERE acted AND others_acted = 0) AS alone, count(*) FILTER (WHERE selected) AS selected,
        count(*) FILTER (WHERE examined) AS examined, count(*) FILTER (WHERE found) AS findings,
        count(*) FILTER (WHERE verdict = 'justified') AS justified,
        count(*) FILTER (WHERE verdict = 'unclear') AS unclear,
        count(*) FILTER (WHERE verdict = 'unjustified') AS unjustified
        FROM removed GROUP BY code, version, month) AS o
    WHERE t.code = o.code AND t.version = o.version AND t.month = o.month;
    UPDATE filter_pair p SET matches = p.matches - o.matches
    FROM (SELECT code, other, count(*) AS matches FROM (
        SELECT n.code, m.code AS other FROM removed n
        JOIN removed m ON m.declaration = n.declaration AND m.code <> n.code
        UNION ALL
        SELECT n.code, m.code FROM removed n JOIN filter_unit m ON m.declaration = n.declaration
        UNION ALL
        SELECT m.code, n.code FROM removed n JOIN filter_unit m ON m.declaration = n.declaration
    ) AS pair GROUP BY code, other) AS o
    WHERE p.code = o.code AND p.other = o.other;
    RETURN NULL;
END $$;
CREATE TRIGGER filter_unit_removed AFTER DELETE ON filter_unit REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION filter_unit_removed();

CREATE FUNCTION filter_unit_judged() RETURNS trigger LANGUAGE plpgsql AS $$ #variable_conflict use_column
BEGIN
    UPDATE filter_total t SET examined = t.examined + o.examined, findings = t.findings + o.findings,
        justified = t.justified + o.justified, unclear = t.unclear + o.unclear,
        unjustified = t.unjustified + o.unjustified
    FROM (SELECT code, version, month, sum(sign) FILTER (WHERE examined) AS examined,
        sum(sign) FILTER (WHERE found) AS findings, sum(sign) FILTER (WHERE verdict = 'justified') AS justified,
        sum(sign) FILTER (WHERE verdict = 'unclear') AS unclear,
        sum(sign) FILTER (WHERE verdict = 'unjustified') AS unjustified
        FROM (SELECT 1 AS sign, * FROM after UNION ALL SELECT -1, * FROM before) AS unit
        GROUP BY code, version, month) AS sums,
        LATERAL (SELECT coalesce(sums.examined, 0) AS examined, coalesce(sums.findings, 0) AS findings,
        coalesce(sums.justified, 0) AS justified, coalesce(sums.unclear, 0) AS unclear,
        coalesce(sums.unjustified, 0) AS unjustified) AS o
    WHERE t.code = sums.code AND t.version = sums.version AND t.month = sums.month;
    RETURN NULL;
END $$;
CREATE TRIGGER filter_unit_judged AFTER UPDATE ON filter_unit REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION filter_unit_judged();

CREATE FUNCTION control_judged() RETURNS trigger LANGUAGE plpgsql AS $$ #variable_conflict use_column
BEGIN
    INSERT INTO trigger_total (trigger, examined, findings)
    SELECT trigger, coalesce(sum(sign) FILTER (WHERE outcome <> 'notExamined'), 0),
        coalesce(sum(sign) FILTER (WHERE outcome = 'finding'), 0)
    FROM (SELECT 1 AS sign, * FROM after UNION ALL SELECT -1, * FROM before) AS judged
    WHERE NOT history AND method = 'physical' AND result_version > 0 AND stage <> 'preliminary'
    GROUP BY trigger ORDER BY trigger
    ON CONFLICT (trigger) DO UPDATE SET examined = trigger_total.examined + excluded.examined,
        findings = trigger_total.findings + excluded.findings;
    RETURN NULL;
END $$;
CREATE TRIGGER control_judged AFTER UPDATE ON control REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION control_judged();

-- No table of this kind was ever filled on PostgreSQL.
DROP TABLE filter_match;
