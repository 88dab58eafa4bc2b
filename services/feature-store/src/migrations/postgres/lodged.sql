-- As in ../lodged.sql, which says what the tables are for.

CREATE TABLE lodged (
    first BIGINT PRIMARY KEY,
    last BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    declarations BIGINT NOT NULL,
    text BYTEA NOT NULL
);
