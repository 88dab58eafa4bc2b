-- The card of a model version, written when the version is made.
CREATE TABLE model_card (
    version_id BLOB PRIMARY KEY NOT NULL,
    markdown   TEXT NOT NULL,
    plot       TEXT NOT NULL
);
