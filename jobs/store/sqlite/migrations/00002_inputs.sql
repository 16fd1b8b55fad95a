-- +goose Up
-- Inputs that change no settlement: enrolments, contributions, births and the
-- lines of bills. Roster rows get the county and the day of the application,
-- cases their level.

CREATE TABLE enrolment (
  id       INTEGER PRIMARY KEY,
  seq      INTEGER NOT NULL,
  sheet    TEXT    NOT NULL,
  row      INTEGER NOT NULL,
  area     TEXT    NOT NULL,
  person   INTEGER NOT NULL REFERENCES identity (id),
  name     INTEGER NOT NULL,
  year     INTEGER NOT NULL,
  insutype TEXT    NOT NULL,
  plan     INTEGER NOT NULL,
  place    TEXT    NOT NULL,
  paid_on  INTEGER NOT NULL,
  own      INTEGER NOT NULL,
  subsidy  INTEGER NOT NULL,
  by       TEXT    NOT NULL,
  content  BLOB    NOT NULL UNIQUE,
  extra    BLOB
) STRICT;
CREATE INDEX enrolment_year ON enrolment (area, year);
CREATE INDEX enrolment_person ON enrolment (person);
CREATE INDEX enrolment_seq ON enrolment (seq);

CREATE TABLE contribution (
  id       INTEGER PRIMARY KEY,
  seq      INTEGER NOT NULL,
  sheet    TEXT    NOT NULL,
  row      INTEGER NOT NULL,
  area     TEXT    NOT NULL,
  person   INTEGER NOT NULL REFERENCES identity (id),
  name     INTEGER NOT NULL,
  month    INTEGER NOT NULL,
  base     INTEGER NOT NULL,
  paid     INTEGER NOT NULL,
  flexible INTEGER NOT NULL,
  content  BLOB    NOT NULL UNIQUE,
  extra    BLOB
) STRICT;
CREATE INDEX contribution_person ON contribution (person);
CREATE INDEX contribution_seq ON contribution (seq);

CREATE TABLE birth (
  id      INTEGER PRIMARY KEY,
  seq     INTEGER NOT NULL,
  sheet   TEXT    NOT NULL,
  row     INTEGER NOT NULL,
  area    TEXT    NOT NULL,
  person  INTEGER NOT NULL REFERENCES identity (id),
  name    INTEGER NOT NULL,
  date    INTEGER NOT NULL,
  days    INTEGER NOT NULL,
  content BLOB    NOT NULL UNIQUE,
  extra   BLOB
) STRICT;
CREATE INDEX birth_person ON birth (person);
CREATE INDEX birth_seq ON birth (seq);

-- quantity counts thousandths.
CREATE TABLE item (
  id         INTEGER PRIMARY KEY,
  seq        INTEGER NOT NULL,
  sheet      TEXT    NOT NULL,
  row        INTEGER NOT NULL,
  area       TEXT    NOT NULL,
  person     INTEGER NOT NULL REFERENCES identity (id),
  name       INTEGER NOT NULL,
  setl_id    TEXT    NOT NULL,
  code       TEXT    NOT NULL,
  item_name  TEXT    NOT NULL,
  class      TEXT    NOT NULL,
  date       INTEGER NOT NULL,
  price      INTEGER NOT NULL,
  base_price INTEGER NOT NULL,
  quantity   INTEGER NOT NULL,
  amount     INTEGER NOT NULL,
  content    BLOB    NOT NULL UNIQUE,
  extra      BLOB
) STRICT;
CREATE INDEX item_person ON item (person);
CREATE INDEX item_seq ON item (seq);

ALTER TABLE event ADD COLUMN county TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN applied INTEGER NOT NULL DEFAULT 0;
-- Who belongs to a head's household.
CREATE INDEX event_head ON event (area, head) WHERE head <> 0;

-- The level is part of the key, which ALTER TABLE can not give: a household's
-- case and its head's own can come of one monitor. (One that is turned from
-- people to households ends the one and opens the other in the same run.)
ALTER TABLE case_state RENAME TO case_state_1;
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
  level   TEXT    NOT NULL DEFAULT 'person' CHECK (level IN ('person', 'household')),
  PRIMARY KEY (area, person, year, monitor, level, run)
) STRICT, WITHOUT ROWID;
INSERT INTO case_state (area, person, year, monitor, run, name, gone, state, line, gross, relief, burden, moves, level)
  SELECT area, person, year, monitor, run, name, gone, state, line, gross, relief, burden, moves, 'person' FROM case_state_1;
DROP TABLE case_state_1;
CREATE INDEX case_run ON case_state (run);

-- +goose StatementBegin
CREATE TRIGGER enrolment_keep_u BEFORE UPDATE ON enrolment BEGIN SELECT RAISE(ABORT, 'append-only: enrolment'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER enrolment_keep_d BEFORE DELETE ON enrolment BEGIN SELECT RAISE(ABORT, 'append-only: enrolment'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_keep_u BEFORE UPDATE ON contribution BEGIN SELECT RAISE(ABORT, 'append-only: contribution'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_keep_d BEFORE DELETE ON contribution BEGIN SELECT RAISE(ABORT, 'append-only: contribution'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER birth_keep_u BEFORE UPDATE ON birth BEGIN SELECT RAISE(ABORT, 'append-only: birth'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER birth_keep_d BEFORE DELETE ON birth BEGIN SELECT RAISE(ABORT, 'append-only: birth'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_keep_u BEFORE UPDATE ON item BEGIN SELECT RAISE(ABORT, 'append-only: item'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_keep_d BEFORE DELETE ON item BEGIN SELECT RAISE(ABORT, 'append-only: item'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_u BEFORE UPDATE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_d BEFORE DELETE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd

-- +goose Down
-- The cases of households go, as the older schema has no place for them.
ALTER TABLE case_state RENAME TO case_state_2;
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
INSERT INTO case_state (area, person, year, monitor, run, name, gone, state, line, gross, relief, burden, moves)
  SELECT area, person, year, monitor, run, name, gone, state, line, gross, relief, burden, moves FROM case_state_2 WHERE level = 'person';
DROP TABLE case_state_2;
CREATE INDEX case_run ON case_state (run);
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_u BEFORE UPDATE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_state_keep_d BEFORE DELETE ON case_state BEGIN SELECT RAISE(ABORT, 'append-only: case_state'); END;
-- +goose StatementEnd
DROP INDEX event_head;
ALTER TABLE event DROP COLUMN applied;
ALTER TABLE event DROP COLUMN county;
DROP TABLE item;
DROP TABLE birth;
DROP TABLE contribution;
DROP TABLE enrolment;
