-- +goose Up
-- Users: a row for each change, which is how the user stands from then on. who is the
-- folded name. grants is JSON; password is the hash, sealed: without the key nobody
-- can even try to guess one, those of before included. since is the change that ended
-- their sessions. line is the change's line in the audit log; mac is a keyed hash over
-- the row, with which that line ends.
CREATE TABLE account (
  id         INTEGER PRIMARY KEY,
  who        TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  display    TEXT    NOT NULL,
  grants     TEXT    NOT NULL,
  password   BLOB    NOT NULL,
  disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  since      INTEGER NOT NULL,
  created    TEXT    NOT NULL,
  created_by TEXT    NOT NULL,
  at         TEXT    NOT NULL,
  by         TEXT    NOT NULL,
  line       INTEGER NOT NULL UNIQUE REFERENCES audit (id) DEFERRABLE INITIALLY DEFERRED,
  mac        BLOB    NOT NULL
) STRICT;
CREATE INDEX account_who ON account (who, id);

-- +goose StatementBegin
CREATE TRIGGER account_keep_u BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'append-only: account'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_keep_d BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'append-only: account'); END;
-- +goose StatementEnd

-- +goose Down
-- The lines of the audit log stay, and verify misses their users.
DROP TABLE account;
