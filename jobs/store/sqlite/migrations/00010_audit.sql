-- +goose Up
-- A keyed hash over a line of the audit log and all lines before it; lines of
-- before have none, and are under that of the first line that has one.
ALTER TABLE audit ADD COLUMN mac BLOB;

-- +goose Down
ALTER TABLE audit DROP COLUMN mac;
