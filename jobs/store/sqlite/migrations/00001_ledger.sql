-- +goose Up
-- Amounts are fen, ratios basis points, dates yyyymmdd, moments yyyymmddhhmmss,
-- all integers. Records are append-only: triggers refuse update and delete.

-- What the ledger knows of itself: the fingerprint of its key.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

-- Every import, run and posting is one entry of the chain.
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

-- The one table that holds citizen IDs and names, sealed. lookup is a keyed hash.
CREATE TABLE identity (
  id     INTEGER PRIMARY KEY,
  seq    INTEGER NOT NULL,
  kind   TEXT    NOT NULL CHECK (kind IN ('certno', 'name')),
  lookup BLOB    NOT NULL,
  box    BLOB    NOT NULL,
  UNIQUE (kind, lookup)
) STRICT;
CREATE INDEX identity_seq ON identity (seq);

-- One imported file with its control totals, as JSON.
CREATE TABLE file (
  seq    INTEGER PRIMARY KEY REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
  sha256 TEXT    NOT NULL,
  area   TEXT    NOT NULL,
  month  INTEGER NOT NULL,
  refused TEXT   NOT NULL,
  totals TEXT    NOT NULL
) STRICT;
CREATE INDEX file_sha ON file (area, sha256);

CREATE TABLE event (
  id       INTEGER PRIMARY KEY,
  seq      INTEGER NOT NULL,
  sheet    TEXT    NOT NULL,
  row      INTEGER NOT NULL,
  area     TEXT    NOT NULL,
  person   INTEGER NOT NULL REFERENCES identity (id),
  name     INTEGER NOT NULL,
  op       INTEGER NOT NULL,
  category INTEGER NOT NULL,
  cause    INTEGER NOT NULL,
  date     INTEGER NOT NULL,
  expiry   INTEGER NOT NULL,
  level    INTEGER NOT NULL,
  head     INTEGER NOT NULL,
  township TEXT    NOT NULL,
  village  TEXT    NOT NULL,
  dept     TEXT    NOT NULL,
  month    INTEGER NOT NULL,
  content  BLOB    NOT NULL UNIQUE,
  extra    BLOB
) STRICT;
CREATE INDEX event_person ON event (area, person);
CREATE INDEX event_seq ON event (seq);

CREATE TABLE claim (
  id        INTEGER PRIMARY KEY,
  seq       INTEGER NOT NULL,
  sheet     TEXT    NOT NULL,
  row       INTEGER NOT NULL,
  area      TEXT    NOT NULL,
  person    INTEGER NOT NULL REFERENCES identity (id),
  name      INTEGER NOT NULL,
  setl_id   TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  kind      INTEGER NOT NULL,
  referral  INTEGER NOT NULL,
  outside   INTEGER NOT NULL, -- of the province
  level     INTEGER NOT NULL,
  dise_code TEXT    NOT NULL,
  dise_name TEXT    NOT NULL,
  hosp_code TEXT    NOT NULL,
  hosp_name TEXT    NOT NULL,
  insutype  TEXT    NOT NULL,
  med_type  TEXT    NOT NULL,
  begindate INTEGER NOT NULL,
  enddate   INTEGER NOT NULL,
  total     INTEGER NOT NULL,
  in_scope  INTEGER NOT NULL,
  basic     INTEGER NOT NULL,
  other     INTEGER NOT NULL,
  major     INTEGER NOT NULL,
  assist    INTEGER NOT NULL,
  hosp      INTEGER NOT NULL,
  refund    INTEGER NOT NULL,
  refund_of TEXT    NOT NULL,
  content   BLOB    NOT NULL,
  extra     BLOB,
  UNIQUE (area, setl_id)
) STRICT;
CREATE INDEX claim_person ON claim (area, person);
CREATE INDEX claim_seq ON claim (seq);

CREATE TABLE relief (
  id      INTEGER PRIMARY KEY,
  seq     INTEGER NOT NULL,
  sheet   TEXT    NOT NULL,
  row     INTEGER NOT NULL,
  area    TEXT    NOT NULL,
  person  INTEGER NOT NULL REFERENCES identity (id),
  name    INTEGER NOT NULL,
  date    INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  amount  INTEGER NOT NULL,
  content BLOB    NOT NULL UNIQUE,
  extra   BLOB
) STRICT;
CREATE INDEX relief_person ON relief (area, person);
CREATE INDEX relief_seq ON relief (seq);

-- A run's own row changes while it runs; what it found does not.
CREATE TABLE run (
  no       INTEGER PRIMARY KEY,
  month    INTEGER NOT NULL,
  by       TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  state    TEXT    NOT NULL CHECK (state IN ('running', 'done', 'abandoned')),
  started  TEXT    NOT NULL,
  finished TEXT    NOT NULL,
  seen     INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  token    INTEGER NOT NULL,
  beat     TEXT    NOT NULL,
  proposal TEXT    NOT NULL,
  areas    TEXT    NOT NULL -- JSON
) STRICT;

CREATE TABLE result (
  claim      INTEGER NOT NULL REFERENCES claim (id),
  run        INTEGER NOT NULL REFERENCES run (no),
  area       TEXT    NOT NULL,
  person     INTEGER NOT NULL,
  year       INTEGER NOT NULL,
  flags      INTEGER NOT NULL,
  category   INTEGER NOT NULL,
  event      INTEGER NOT NULL,
  pack       TEXT    NOT NULL,
  total      INTEGER NOT NULL,
  in_scope   INTEGER NOT NULL,
  basic      INTEGER NOT NULL,
  other      INTEGER NOT NULL,
  major      INTEGER NOT NULL,
  assist     INTEGER NOT NULL,
  tilt       INTEGER NOT NULL,
  special    INTEGER NOT NULL,
  supplement INTEGER NOT NULL,
  hospital   INTEGER NOT NULL,
  self       INTEGER NOT NULL, -- what the person bears
  rec_basic    INTEGER NOT NULL,
  rec_major    INTEGER NOT NULL,
  rec_assist   INTEGER NOT NULL,
  rec_hospital INTEGER NOT NULL,
  PRIMARY KEY (claim, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_person ON result (area, person, claim, run);
CREATE INDEX result_run ON result (run);

CREATE TABLE case_state (
  area    TEXT    NOT NULL,
  person  INTEGER NOT NULL,
  year    INTEGER NOT NULL,
  monitor TEXT    NOT NULL,
  run     INTEGER NOT NULL REFERENCES run (no),
  name    TEXT    NOT NULL,
  gone    INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  line    INTEGER NOT NULL,
  gross   INTEGER NOT NULL,
  relief  INTEGER NOT NULL,
  burden  INTEGER NOT NULL,
  moves   TEXT    NOT NULL, -- JSON
  PRIMARY KEY (area, person, year, monitor, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_run ON case_state (run);

CREATE TABLE posting (
  id     INTEGER PRIMARY KEY,
  seq    INTEGER NOT NULL,
  run    INTEGER NOT NULL REFERENCES run (no),
  area   TEXT    NOT NULL,
  person INTEGER NOT NULL,
  claim  INTEGER NOT NULL REFERENCES claim (id),
  year   INTEGER NOT NULL,
  fund   INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  date   INTEGER NOT NULL
) STRICT;
CREATE INDEX posting_person ON posting (area, person);
CREATE INDEX posting_seq ON posting (seq);

-- Who looked at unmasked IDs, posted, and the like.
CREATE TABLE audit (
  id   INTEGER PRIMARY KEY,
  at   TEXT NOT NULL,
  by   TEXT NOT NULL,
  what TEXT NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER meta_keep_u BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'append-only: meta'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meta_keep_d BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'append-only: meta'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_keep_u BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_keep_d BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only: entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER identity_keep_u BEFORE UPDATE ON identity BEGIN SELECT RAISE(ABORT, 'append-only: identity'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER identity_keep_d BEFORE DELETE ON identity BEGIN SELECT RAISE(ABORT, 'append-only: identity'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_u BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER file_keep_d BEFORE DELETE ON file BEGIN SELECT RAISE(ABORT, 'append-only: file'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_keep_u BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_keep_d BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER claim_keep_u BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'append-only: claim'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER claim_keep_d BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'append-only: claim'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER relief_keep_u BEFORE UPDATE ON relief BEGIN SELECT RAISE(ABORT, 'append-only: relief'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER relief_keep_d BEFORE DELETE ON relief BEGIN SELECT RAISE(ABORT, 'append-only: relief'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER result_keep_u BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'append-only: result'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER result_keep_d BEFORE DELETE ON result BEGIN SELECT RAISE(ABORT, 'append-only: result'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_u BEFORE UPDATE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_d BEFORE DELETE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER posting_keep_u BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'append-only: posting'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER posting_keep_d BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'append-only: posting'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keep_u BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keep_d BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER run_keep_d BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'append-only: run'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER run_keep_u BEFORE UPDATE ON run WHEN OLD.state <> 'running' BEGIN SELECT RAISE(ABORT, 'append-only: run'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE meta;
DROP TABLE audit;
DROP TABLE posting;
DROP TABLE case_state;
DROP TABLE result;
DROP TABLE run;
DROP TABLE relief;
DROP TABLE claim;
DROP TABLE event;
DROP TABLE file;
DROP TABLE identity;
DROP TABLE entry;
