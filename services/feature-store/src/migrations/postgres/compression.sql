-- PostgreSQL's own way of compressing takes several times as long.
ALTER TABLE served ALTER COLUMN vectors SET COMPRESSION lz4;
ALTER TABLE fact ALTER COLUMN body SET COMPRESSION lz4;
-- These come compressed.
ALTER TABLE lodged ALTER COLUMN text SET STORAGE EXTERNAL;
