-- +goose Up
-- What passes: who is signed in, who failed, the code of the first start. Nothing here
-- is a record: rows change and go.

-- key is the SHA-256 of the token, which is not stored. who is a folded name, since
-- the user's change that the session came after.
CREATE TABLE session (
  key     BLOB    PRIMARY KEY CHECK (length(key) = 32),
  who     TEXT    NOT NULL,
  remote  TEXT    NOT NULL,
  since   INTEGER NOT NULL,
  created TEXT    NOT NULL,
  seen    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_who ON session (who);

-- key is a keyed hash: people type passwords where their name should be.
CREATE TABLE tally (
  key      BLOB    PRIMARY KEY,
  failures INTEGER NOT NULL,
  at       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in (
  who TEXT PRIMARY KEY,
  at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE code (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  hash    BLOB NOT NULL,
  expires TEXT NOT NULL
) STRICT;

-- +goose Down
DROP TABLE session;
DROP TABLE tally;
DROP TABLE sign_in;
DROP TABLE code;
