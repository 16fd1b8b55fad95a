-- +goose Up
-- IDs that were corrected to another person (身份证号更正): what is on record under
-- from_person is to_person's from then on, in all areas. undo is the correction that
-- a row undoes, or 0. reason is sealed: people write names into it.
CREATE TABLE merge (
  id          INTEGER PRIMARY KEY,
  seq         INTEGER NOT NULL,
  undo        INTEGER NOT NULL,
  from_person INTEGER NOT NULL REFERENCES identity (id),
  to_person   INTEGER NOT NULL REFERENCES identity (id),
  reason      BLOB    NOT NULL,
  by          TEXT    NOT NULL,
  at          TEXT    NOT NULL,
  CHECK (from_person <> to_person)
) STRICT;
CREATE INDEX merge_seq ON merge (seq);
-- Nothing is undone twice.
CREATE UNIQUE INDEX merge_undo ON merge (undo) WHERE undo <> 0;

-- Which rows came under two numbers of one person: the other lists have such an
-- index already.
CREATE INDEX relief_who ON relief (person);

-- +goose StatementBegin
CREATE TRIGGER merge_keep_u BEFORE UPDATE ON merge BEGIN SELECT RAISE(ABORT, 'append-only: merge'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER merge_keep_d BEFORE DELETE ON merge BEGIN SELECT RAISE(ABORT, 'append-only: merge'); END;
-- +goose StatementEnd

-- +goose Down
-- Entries of corrections stay, and verify misses their rows; 00004 refuses to go
-- back where there is one.
DROP INDEX relief_who;
DROP TABLE merge;
