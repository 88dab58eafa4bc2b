-- As in ../messaging.sql.
CREATE TABLE outbox (
    seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at_ms BIGINT NOT NULL,
    envelope       TEXT   COMPRESSION lz4 NOT NULL
);

CREATE TABLE relay_position (
    relay     TEXT COLLATE "C" PRIMARY KEY,
    published BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE inbox (
    subscriber TEXT COLLATE "C" NOT NULL,
    last       UUID   NOT NULL,
    first      UUID   NOT NULL,
    mark       BIGINT NOT NULL,
    events     BYTEA  NOT NULL,
    PRIMARY KEY (subscriber, last)
);
-- Ids are as good as chance: nothing to compress.
ALTER TABLE inbox ALTER COLUMN events SET STORAGE EXTERNAL;
-- Marks rise with the rows: enough to find what may be forgotten.
CREATE INDEX inbox_mark ON inbox USING brin (mark);

-- Tables cut into months of UTC by a number: times in units of which `unit` make a second. The parts that begin before
-- `until` and end after `since` (Unix seconds) are made; rows for which there is none go to the default part.
CREATE FUNCTION make_months(parent text, since bigint, until bigint, unit bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    month timestamp := date_trunc('month', to_timestamp(since) AT TIME ZONE 'UTC');
    made bigint := 0;
    part text;
BEGIN
    WHILE month <= to_timestamp(until) AT TIME ZONE 'UTC' LOOP
        part := parent || to_char(month, '"_y"YYYY"m"MM');
        IF to_regclass(quote_ident(part)) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', part, parent,
                    (extract(epoch FROM month) * unit)::bigint,
                    (extract(epoch FROM month + interval '1 month') * unit)::bigint);
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- The default part holds rows of this month: it stays theirs.
            END;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;

-- Drops the parts that end no later than `until`, and rows of the default part that are older; `since` changes nothing.
CREATE FUNCTION drop_months(parent text, since bigint, until bigint, unit bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last text := parent || to_char(to_timestamp(until) AT TIME ZONE 'UTC' - interval '1 month', '"_y"YYYY"m"MM');
    dropped bigint := 0;
    part text;
BEGIN
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = quote_ident(parent)::regclass AND c.relname ~ '_y[0-9]{4}m[0-9]{2}$'
        AND c.relname COLLATE "C" <= last COLLATE "C"
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    EXECUTE format('DELETE FROM %I WHERE %s < %s', parent || '_rest',
        substring(pg_get_partkeydef(quote_ident(parent)::regclass) FROM '\((.*)\)'), until * unit);
    RETURN dropped;
END $$;
