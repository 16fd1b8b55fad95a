-- +goose Up
-- A corrected roster (更正) withdraws what was stated for a month; payments of the
-- finance bureau come on record.

-- Of two rows that say the same only one lives, but one that was withdrawn stays
-- on record beside the one that says it again: content is unique no more, which
-- ALTER TABLE can not take away.
ALTER TABLE event RENAME TO event_2;
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
  county   TEXT    NOT NULL,
  applied  INTEGER NOT NULL,
  via      INTEGER NOT NULL,
  content  BLOB    NOT NULL,
  extra    BLOB
) STRICT;
INSERT INTO event (id, seq, sheet, row, area, person, name, op, category, cause, date, expiry, level, head, township, village, dept, month, county, applied, via, content, extra)
  SELECT id, seq, sheet, row, area, person, name, op, category, cause, date, expiry, level, head, township, village, dept, month, county, applied, 0, content, extra FROM event_2 ORDER BY id;
DROP TABLE event_2;
CREATE INDEX event_content ON event (content);
CREATE INDEX event_person ON event (area, person);
CREATE INDEX event_seq ON event (seq);
-- Who belongs to a head's household.
CREATE INDEX event_head ON event (area, head) WHERE head <> 0;

-- last: no other statement of the event was left, and it lives no more.
CREATE TABLE withdrawal (
  id    INTEGER PRIMARY KEY,
  seq   INTEGER NOT NULL,
  sheet TEXT    NOT NULL,
  row   INTEGER NOT NULL,
  area  TEXT    NOT NULL,
  event INTEGER NOT NULL REFERENCES event (id),
  month INTEGER NOT NULL,
  last  INTEGER NOT NULL
) STRICT;
CREATE INDEX withdrawal_event ON withdrawal (event, month, seq);
-- What lives: every reader of events asks here.
CREATE INDEX withdrawal_last ON withdrawal (event, seq) WHERE last = 1;
CREATE INDEX withdrawal_seq ON withdrawal (seq);

-- The event may be of the same file, and still wait to be written.
CREATE TABLE restatement (
  id    INTEGER PRIMARY KEY,
  seq   INTEGER NOT NULL,
  sheet TEXT    NOT NULL,
  row   INTEGER NOT NULL,
  area  TEXT    NOT NULL,
  event INTEGER NOT NULL REFERENCES event (id) DEFERRABLE INITIALLY DEFERRED,
  month INTEGER NOT NULL
) STRICT;
CREATE INDEX restatement_event ON restatement (event, month, seq);
CREATE INDEX restatement_month ON restatement (area, month);
CREATE INDEX restatement_seq ON restatement (seq);

-- person may be 0: paid to a hospital, an insurer. payee is a number of identity,
-- or 0.
CREATE TABLE transfer (
  id         INTEGER PRIMARY KEY,
  seq        INTEGER NOT NULL,
  sheet      TEXT    NOT NULL,
  row        INTEGER NOT NULL,
  area       TEXT    NOT NULL,
  person     INTEGER NOT NULL,
  payee      INTEGER NOT NULL,
  batch      TEXT    NOT NULL,
  date       INTEGER NOT NULL,
  item       TEXT    NOT NULL,
  payer      TEXT    NOT NULL,
  from_month INTEGER NOT NULL,
  to_month   INTEGER NOT NULL,
  setl_id    TEXT    NOT NULL,
  amount     INTEGER NOT NULL,
  nth        INTEGER NOT NULL,
  content    BLOB    NOT NULL UNIQUE,
  extra      BLOB
) STRICT;
CREATE INDEX transfer_period ON transfer (area, from_month);
CREATE INDEX transfer_person ON transfer (person);
CREATE INDEX transfer_seq ON transfer (seq);

-- +goose StatementBegin
CREATE TRIGGER event_keep_u BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_keep_d BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER withdrawal_keep_u BEFORE UPDATE ON withdrawal BEGIN SELECT RAISE(ABORT, 'append-only: withdrawal'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER withdrawal_keep_d BEFORE DELETE ON withdrawal BEGIN SELECT RAISE(ABORT, 'append-only: withdrawal'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restatement_keep_u BEFORE UPDATE ON restatement BEGIN SELECT RAISE(ABORT, 'append-only: restatement'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restatement_keep_d BEFORE DELETE ON restatement BEGIN SELECT RAISE(ABORT, 'append-only: restatement'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER transfer_keep_u BEFORE UPDATE ON transfer BEGIN SELECT RAISE(ABORT, 'append-only: transfer'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER transfer_keep_d BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'append-only: transfer'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE transfer;
DROP TABLE restatement;
ALTER TABLE event RENAME TO event_3;
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
ALTER TABLE event ADD COLUMN county TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN applied INTEGER NOT NULL DEFAULT 0;
-- The schema before knows no withdrawals: what does not live would act again.
INSERT INTO event (id, seq, sheet, row, area, person, name, op, category, cause, date, expiry, level, head, township, village, dept, month, county, applied, content, extra)
  SELECT id, seq, sheet, row, area, person, name, op, category, cause, date, expiry, level, head, township, village, dept, month, county, applied, content, extra FROM event_3
  WHERE NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.event = event_3.id AND w.last = 1) ORDER BY id;
DROP TABLE withdrawal;
DROP TABLE event_3;
CREATE INDEX event_person ON event (area, person);
CREATE INDEX event_seq ON event (seq);
CREATE INDEX event_head ON event (area, head) WHERE head <> 0;
-- +goose StatementBegin
CREATE TRIGGER event_keep_u BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_keep_d BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only: event'); END;
-- +goose StatementEnd
