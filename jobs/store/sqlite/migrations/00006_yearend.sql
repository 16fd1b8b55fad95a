-- +goose Up
-- Signatures on the closing and the reopening of years. reason and statement are
-- sealed: people write names into reasons, and a statement repeats them.
CREATE TABLE year_step (
  id        INTEGER PRIMARY KEY,
  seq       INTEGER NOT NULL,
  area      TEXT    NOT NULL,
  year      INTEGER NOT NULL,
  step      TEXT    NOT NULL CHECK (step IN ('sign', 'reopen')),
  by        TEXT    NOT NULL,
  at        TEXT    NOT NULL,
  digest    TEXT    NOT NULL,
  run       INTEGER NOT NULL REFERENCES run (no),
  reason    BLOB    NOT NULL,
  statement BLOB    NOT NULL
) STRICT;
CREATE INDEX year_step_year ON year_step (area, year);
CREATE INDEX year_step_seq ON year_step (seq);

-- +goose StatementBegin
CREATE TRIGGER year_step_keep_u BEFORE UPDATE ON year_step BEGIN SELECT RAISE(ABORT, 'append-only: year_step'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER year_step_keep_d BEFORE DELETE ON year_step BEGIN SELECT RAISE(ABORT, 'append-only: year_step'); END;
-- +goose StatementEnd

-- +goose Down
-- Entries of the steps stay and would find no rows; verify says so afterwards.
DROP TABLE year_step;
