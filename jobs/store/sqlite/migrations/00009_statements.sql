-- +goose Up
-- Which files state an event is on record, file by file, and one restatement holds
-- all rows of a sheet that say again what is on record. Of before: one row, of the
-- first file that said it for the month.
ALTER TABLE restatement ADD COLUMN via INTEGER NOT NULL DEFAULT 0;
ALTER TABLE restatement ADD COLUMN more BLOB;
-- 0: all that stated it.
ALTER TABLE withdrawal ADD COLUMN stated_by INTEGER NOT NULL DEFAULT 0;
-- Restatements are read by area.
DROP INDEX restatement_event;

-- +goose Down
-- The schema before holds one row each: those that are packed are lost to it, and
-- verify misses them.
CREATE INDEX restatement_event ON restatement (event, month, seq);
ALTER TABLE withdrawal DROP COLUMN stated_by;
ALTER TABLE restatement DROP COLUMN more;
ALTER TABLE restatement DROP COLUMN via;
