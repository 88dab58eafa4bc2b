-- What filters bring, kept up to date with every match and every result.

-- A declaration that a filter matched, as its effective selection says, with what became of it.
CREATE TABLE filter_unit (
    declaration  BLOB    NOT NULL,
    code         TEXT    NOT NULL,
    selection    BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    month        TEXT    NOT NULL,
    decided_at   INTEGER NOT NULL,
    acted        INTEGER NOT NULL,
    selected     INTEGER NOT NULL,
    others_acted INTEGER NOT NULL,
    examined     INTEGER NOT NULL DEFAULT 0,
    found        INTEGER NOT NULL DEFAULT 0,
    known_at     INTEGER,
    verdict      TEXT,
    PRIMARY KEY (declaration, code)
) WITHOUT ROWID;
CREATE INDEX filter_unit_code ON filter_unit (code, decided_at);
CREATE INDEX filter_unit_found ON filter_unit (code, known_at) WHERE found = 1;

-- Sums over filter_unit.
CREATE TABLE filter_total (
    code        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    month       TEXT    NOT NULL,
    matches     INTEGER NOT NULL DEFAULT 0,
    acted       INTEGER NOT NULL DEFAULT 0,
    alone       INTEGER NOT NULL DEFAULT 0,
    selected    INTEGER NOT NULL DEFAULT 0,
    examined    INTEGER NOT NULL DEFAULT 0,
    findings    INTEGER NOT NULL DEFAULT 0,
    justified   INTEGER NOT NULL DEFAULT 0,
    unclear     INTEGER NOT NULL DEFAULT 0,
    unjustified INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (code, version, month)
) WITHOUT ROWID;

-- Declarations that two filters matched together, in both directions.
CREATE TABLE filter_pair (
    code    TEXT    NOT NULL,
    other   TEXT    NOT NULL,
    matches INTEGER NOT NULL,
    PRIMARY KEY (code, other)
) WITHOUT ROWID;

-- Final physical examinations by what ordered them: what a filter is compared with.
CREATE TABLE trigger_total (
    "trigger" TEXT    PRIMARY KEY,
    examined  INTEGER NOT NULL,
    findings  INTEGER NOT NULL
) WITHOUT ROWID;

-- What the officer thinks of the targeting; and of the filters in force since when, how and for what.
ALTER TABLE control ADD COLUMN targeting TEXT;
ALTER TABLE filter ADD COLUMN valid_from INTEGER;
ALTER TABLE filter ADD COLUMN method TEXT;
ALTER TABLE filter ADD COLUMN risk TEXT;

CREATE TRIGGER filter_unit_added AFTER INSERT ON filter_unit BEGIN
    INSERT INTO filter_total (code, version, month, matches, acted, alone, selected, examined, findings, justified,
        unclear, unjustified)
    VALUES (NEW.code, NEW.version, NEW.month, 1, NEW.acted, NEW.acted AND NEW.others_acted = 0, NEW.selected,
        NEW.examined, NEW.found, NEW.verdict IS 'justified', NEW.verdict IS 'unclear', NEW.verdict IS 'unjustified')
    ON CONFLICT DO UPDATE SET matches = matches + 1, acted = acted + excluded.acted, alone = alone + excluded.alone,
        selected = selected + excluded.selected, examined = examined + excluded.examined,
        findings = findings + excluded.findings, justified = justified + excluded.justified,
        unclear = unclear + excluded.unclear, unjustified = unjustified + excluded.unjustified;
    INSERT INTO filter_pair (code, other, matches)
    SELECT NEW.code, code, 1 FROM filter_unit WHERE declaration = NEW.declaration AND code <> NEW.code
    UNION ALL
    SELECT code, NEW.code, 1 FROM filter_unit WHERE declaration = NEW.declaration AND code <> NEW.code
    ON CONFLICT DO UPDATE SET matches = matches + 1;
END;

CREATE TRIGGER filter_unit_removed AFTER DELETE ON filter_unit BEGIN
    UPDATE filter_total SET matches = matches - 1, acted = acted - OLD.acted,
        alone = alone - (OLD.acted AND OLD.others_acted = 0), selected = selected - OLD.selected,
        examined = examined - OLD.examined, findings = findings - OLD.found,
        justified = justified - (OLD.verdict IS 'justified'), unclear = unclear - (OLD.verdict IS 'unclear'),
        unjustified = unjustified - (OLD.verdict IS 'unjustified')
    WHERE code = OLD.code AND version = OLD.version AND month = OLD.month;
    UPDATE filter_pair SET matches = matches - 1
    WHERE (code = OLD.code AND other IN (SELECT code FROM filter_unit WHERE declaration = OLD.declaration))
        OR (other = OLD.code AND code IN (SELECT code FROM filter_unit WHERE declaration = OLD.declaration));
END;

CREATE TRIGGER filter_unit_judged AFTER UPDATE OF examined, found, verdict ON filter_unit BEGIN
    UPDATE filter_total SET examined = examined + NEW.examined - OLD.examined, findings = findings + NEW.found - OLD.found,
        justified = justified + (NEW.verdict IS 'justified') - (OLD.verdict IS 'justified'),
        unclear = unclear + (NEW.verdict IS 'unclear') - (OLD.verdict IS 'unclear'),
        unjustified = unjustified + (NEW.verdict IS 'unjustified') - (OLD.verdict IS 'unjustified')
    WHERE code = NEW.code AND version = NEW.version AND month = NEW.month;
END;

CREATE TRIGGER control_judged AFTER UPDATE OF result_version ON control
WHEN NEW.history = 0 AND NEW.method = 'physical' BEGIN
    INSERT INTO trigger_total ("trigger", examined, findings)
    VALUES (NEW."trigger",
        (NEW.stage <> 'preliminary' AND NEW.outcome <> 'notExamined')
            - (OLD.result_version > 0 AND OLD.stage <> 'preliminary' AND OLD.outcome <> 'notExamined'),
        (NEW.stage <> 'preliminary' AND NEW.outcome = 'finding')
            - (OLD.result_version > 0 AND OLD.stage <> 'preliminary' AND OLD.outcome = 'finding'))
    ON CONFLICT DO UPDATE SET examined = examined + excluded.examined, findings = findings + excluded.findings;
END;

-- What was recorded before. Which version of a filter matched was not: it is counted under 0.
INSERT INTO trigger_total
SELECT "trigger", count(*), sum(outcome = 'finding') FROM control
WHERE history = 0 AND method = 'physical' AND result_version > 0 AND stage <> 'preliminary' AND outcome <> 'notExamined'
GROUP BY 1;
INSERT INTO filter_unit (declaration, code, selection, version, month, decided_at, acted, selected, others_acted,
    examined, found, known_at)
SELECT d.id, m.code, m.selection, 0, strftime('%Y-%m', d.local_day * 86400, 'unixepoch'), d.decided_at, m.acted,
    d.channel <> 'green',
    (SELECT count(*) FROM filter_match o WHERE o.selection = m.selection AND o.code <> m.code AND o.acted = 1),
    j.examined IS NOT NULL, coalesce(j.found, 0), j.known_at
FROM filter_match m JOIN declaration d ON d.selection = m.selection
LEFT JOIN (SELECT declaration, 1 AS examined, max(outcome = 'finding') AS found, max(known_at) AS known_at FROM control
    WHERE history = 0 AND method = 'physical' AND result_version > 0 AND stage <> 'preliminary'
        AND outcome <> 'notExamined' GROUP BY declaration) j ON j.declaration = d.id;
DROP TABLE filter_match;
