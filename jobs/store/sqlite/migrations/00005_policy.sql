-- +goose Up
-- The texts of the packs and overlays that runs used, so that a past run is
-- explained by the policy of its time; and what a run by hand was over.
CREATE TABLE policy (
  digest   TEXT    PRIMARY KEY,
  seq      INTEGER NOT NULL, -- the entry of the first run that used it
  kind     TEXT    NOT NULL CHECK (kind IN ('pack', 'overlay')),
  name     TEXT    NOT NULL,
  base     TEXT    NOT NULL, -- digest of the pack that it extends
  document BLOB    NOT NULL
) STRICT;
CREATE INDEX policy_seq ON policy (seq);

-- '' is a run of a month; else month 2023-08, person 17, year 2023.
ALTER TABLE run ADD COLUMN scope TEXT NOT NULL DEFAULT '';

-- +goose StatementBegin
CREATE TRIGGER policy_keep_u BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'append-only: policy'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policy_keep_d BEFORE DELETE ON policy BEGIN SELECT RAISE(ABORT, 'append-only: policy'); END;
-- +goose StatementEnd

-- +goose Down
-- The older schema has no place for them. The hash of a run's entry is over the
-- texts that it brought and over its scope: those entries verify no more.
DROP TABLE policy;
ALTER TABLE run DROP COLUMN scope;
