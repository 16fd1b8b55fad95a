-- +goose Up
-- Matches by hand between what is due and what the finance bureau paid. undo is
-- the match that a row undoes, or 0; dues and lines are JSON lists of keys. reason
-- is sealed: people write names into it.
CREATE TABLE matching (
  id     INTEGER PRIMARY KEY,
  seq    INTEGER NOT NULL,
  area   TEXT    NOT NULL,
  undo   INTEGER NOT NULL,
  dues   TEXT    NOT NULL,
  lines  TEXT    NOT NULL,
  reason BLOB    NOT NULL,
  by     TEXT    NOT NULL,
  at     TEXT    NOT NULL
) STRICT;
CREATE INDEX matching_seq ON matching (seq);
-- Nothing is undone twice.
CREATE UNIQUE INDEX matching_undo ON matching (undo) WHERE undo <> 0;

-- What the platform paid at once, of which there is little among all settlements:
-- the index alone answers for it.
CREATE INDEX claim_paid ON claim (area, at, hosp_code, hosp_name, person, setl_id, major, assist, refund, refund_of, seq) WHERE major <> 0 OR assist <> 0 OR refund <> 0;

-- +goose StatementBegin
CREATE TRIGGER matching_keep_u BEFORE UPDATE ON matching BEGIN SELECT RAISE(ABORT, 'append-only: matching'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER matching_keep_d BEFORE DELETE ON matching BEGIN SELECT RAISE(ABORT, 'append-only: matching'); END;
-- +goose StatementEnd

-- +goose Down
-- Entries of matches stay, and verify misses their rows; 00004 refuses to go back
-- where there is one.
DROP INDEX claim_paid;
DROP TABLE matching;
