-- +goose Up
-- When jobs are due and what became of it. A term is a job under one expression from
-- a time on; a try is one attempt at a due time: it changes while it runs, and then
-- never again.
CREATE TABLE schedule_term (
  id    INTEGER PRIMARY KEY,
  job   TEXT NOT NULL,
  kind  TEXT NOT NULL,
  area  TEXT NOT NULL,
  cron  TEXT NOT NULL,
  month TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('on', 'paused', 'off')),
  since TEXT NOT NULL,
  by    TEXT NOT NULL
) STRICT;
CREATE INDEX schedule_term_job ON schedule_term (job, id);

CREATE TABLE schedule_due (
  id       INTEGER PRIMARY KEY,
  job      TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  area     TEXT    NOT NULL,
  term     INTEGER NOT NULL REFERENCES schedule_term (id),
  origin   TEXT    NOT NULL CHECK (origin IN ('clock', 'hand')),
  due      TEXT    NOT NULL,
  month    INTEGER NOT NULL,
  missed   INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  state    TEXT    NOT NULL CHECK (state IN ('running', 'done', 'covered', 'retry', 'lost', 'failed')),
  by       TEXT    NOT NULL,
  started  TEXT    NOT NULL,
  finished TEXT    NOT NULL,
  next     TEXT    NOT NULL,
  code     TEXT    NOT NULL,
  run      INTEGER NOT NULL,
  beat     INTEGER NOT NULL
) STRICT;
-- No attempt is there twice, whoever makes it; the last one of a job is found from its end.
CREATE UNIQUE INDEX schedule_due_once ON schedule_due (job, origin, term, due, attempt);
CREATE INDEX schedule_due_job ON schedule_due (job, id);
-- Never two at once.
CREATE UNIQUE INDEX schedule_due_running ON schedule_due (state) WHERE state = 'running';
CREATE INDEX schedule_due_failed ON schedule_due (job, month, id) WHERE state = 'failed';
CREATE INDEX schedule_due_done ON schedule_due (job, month, id) WHERE state IN ('done', 'covered');

CREATE TABLE schedule_notice (
  id    INTEGER PRIMARY KEY,
  due   INTEGER NOT NULL REFERENCES schedule_due (id),
  how   TEXT    NOT NULL,
  at    TEXT    NOT NULL,
  error TEXT    NOT NULL
) STRICT;
CREATE INDEX schedule_notice_due ON schedule_notice (due, how);

-- +goose StatementBegin
CREATE TRIGGER schedule_term_keep_u BEFORE UPDATE ON schedule_term BEGIN SELECT RAISE(ABORT, 'append-only: schedule_term'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER schedule_term_keep_d BEFORE DELETE ON schedule_term BEGIN SELECT RAISE(ABORT, 'append-only: schedule_term'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER schedule_due_keep_u BEFORE UPDATE ON schedule_due WHEN OLD.state <> 'running' BEGIN SELECT RAISE(ABORT, 'append-only: schedule_due'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER schedule_due_keep_d BEFORE DELETE ON schedule_due BEGIN SELECT RAISE(ABORT, 'append-only: schedule_due'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER schedule_notice_keep_u BEFORE UPDATE ON schedule_notice BEGIN SELECT RAISE(ABORT, 'append-only: schedule_notice'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER schedule_notice_keep_d BEFORE DELETE ON schedule_notice BEGIN SELECT RAISE(ABORT, 'append-only: schedule_notice'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE schedule_notice;
DROP TABLE schedule_due;
DROP TABLE schedule_term;
