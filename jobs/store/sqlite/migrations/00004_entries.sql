-- +goose Up
-- More kinds of entries: the closing and reopening of a year, matches of the
-- finance bureau's payments by hand, and the correction of an ID to another
-- person. Files refer to entries, so that both are made anew.
DROP INDEX file_sha;
ALTER TABLE file RENAME TO file_3;
ALTER TABLE entry RENAME TO entry_3;
CREATE TABLE entry (
  seq    INTEGER PRIMARY KEY,
  kind   TEXT    NOT NULL CHECK (kind IN ('import', 'run', 'post', 'close', 'match', 'merge')),
  at     TEXT    NOT NULL,
  by     TEXT    NOT NULL,
  count  INTEGER NOT NULL,
  digest BLOB    NOT NULL,
  prev   BLOB    NOT NULL,
  hash   BLOB    NOT NULL
) STRICT;
CREATE TABLE file (
  seq    INTEGER PRIMARY KEY REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
  sha256 TEXT    NOT NULL,
  area   TEXT    NOT NULL,
  month  INTEGER NOT NULL,
  refused TEXT   NOT NULL,
  totals TEXT    NOT NULL
) STRICT;
INSERT INTO entry (seq, kind, at, by, count, digest, prev, hash) SELECT seq, kind, at, by, count, digest, prev, hash FROM entry_3 ORDER BY seq;
INSERT INTO file (seq, sha256, area, month, refused, totals) SELECT seq, sha256, area, month, refused, totals FROM file_3 ORDER BY seq;
DROP TABLE file_3;
DROP TABLE entry_3;
CREATE INDEX file_sha ON file (area, sha256);
-- +goose StatementBegin
CREATE TRIGGER entry_keep_u BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_keep_d BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_u BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_d BEFORE DELETE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd

-- +goose Down
-- Entries of the later kinds can not be kept in the older schema, and without
-- them the chain is broken: this refuses where there is one.
DROP INDEX file_sha;
ALTER TABLE file RENAME TO file_4;
ALTER TABLE entry RENAME TO entry_4;
CREATE TABLE entry (
  seq    INTEGER PRIMARY KEY,
  kind   TEXT    NOT NULL CHECK (kind IN ('import', 'run', 'post')),
  at     TEXT    NOT NULL,
  by     TEXT    NOT NULL,
  count  INTEGER NOT NULL,
  digest BLOB    NOT NULL,
  prev   BLOB    NOT NULL,
  hash   BLOB    NOT NULL
) STRICT;
CREATE TABLE file (
  seq    INTEGER PRIMARY KEY REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
  sha256 TEXT    NOT NULL,
  area   TEXT    NOT NULL,
  month  INTEGER NOT NULL,
  refused TEXT   NOT NULL,
  totals TEXT    NOT NULL
) STRICT;
INSERT INTO entry (seq, kind, at, by, count, digest, prev, hash) SELECT seq, kind, at, by, count, digest, prev, hash FROM entry_4 ORDER BY seq;
INSERT INTO file (seq, sha256, area, month, refused, totals) SELECT seq, sha256, area, month, refused, totals FROM file_4 ORDER BY seq;
DROP TABLE file_4;
DROP TABLE entry_4;
CREATE INDEX file_sha ON file (area, sha256);
-- +goose StatementBegin
CREATE TRIGGER entry_keep_u BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_keep_d BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_u BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_d BEFORE DELETE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd
