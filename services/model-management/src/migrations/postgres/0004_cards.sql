-- As in ../0004_cards.sql, which says what the table is for.

CREATE TABLE model_card (
    version_id UUID PRIMARY KEY,
    markdown TEXT COMPRESSION lz4 NOT NULL,
    plot TEXT COMPRESSION lz4 NOT NULL
);
