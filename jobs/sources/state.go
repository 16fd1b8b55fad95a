package sources

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// stateFile stands in the folder of each source. It is hidden, so that no run
// takes it for a list.
const stateFile = ".doudi-source.json"

// entry is what is known of one file of a source.
type entry struct {
	Path         string    `json:"path"` // below the source's folder
	Size         int64     `json:"size"`
	Modified     time.Time `json:"modified,omitzero"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"` // as the server writes it
	SHA256       string    `json:"sha256,omitempty"`
	Fetched      time.Time `json:"fetched,omitzero"`
}

// state is what is known of a source: by the names that the source uses, what was
// fetched last.
type state struct {
	Source string           `json:"source"`
	Kind   string           `json:"kind"`
	Where  string           `json:"where"`
	Pulled time.Time        `json:"pulled,omitzero"` // last time all went well
	Tried  time.Time        `json:"tried,omitzero"`
	Error  string           `json:"error,omitempty"`
	Files  map[string]entry `json:"files"`
}

func newState(c Config) state {
	return state{Source: c.Name, Kind: c.Kind(), Where: c.Where(), Files: map[string]entry{}}
}

// readState reads what is known of a source. No state, a damaged one, and that of
// another place are none: everything is fetched again, and known files are
// recognised by their hash.
func readState(dir string, c Config) state {
	s := newState(c)
	data, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		return s
	}
	var was state
	if json.Unmarshal(data, &was) != nil || was.Files == nil || was.Kind != s.Kind {
		return s
	}
	// HTTPS has each file under its own address; the list of them may change.
	if was.Where != s.Where && c.HTTPS == nil {
		return s
	}
	was.Source, was.Where = s.Source, s.Where
	return was
}

// note writes down how a pull went.
func (s *state) note(now time.Time, r Report) {
	s.Tried, s.Error = now, ""
	switch {
	case errors.Is(r.Err, context.Canceled):
		s.Error = "被中断"
	case r.Err != nil:
		s.Error = r.Err.Error()
	}
	for _, l := range r.Left {
		if s.Error == "" && l.Failed() {
			s.Error = l.Path + " " + l.Reason
		}
	}
	if s.Error == "" {
		s.Pulled = now
	}
}

// write replaces the state in one step.
func (s *state) write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".doudi-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(data, '\n'))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, stateFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// Status is what is known of a source without asking it.
type Status struct {
	Pulled, Tried time.Time
	Error         string
	Files         int
}

// StatusOf reads the state of a source.
func StatusOf(dir string, c Config) Status {
	s := readState(dir, c)
	return Status{s.Pulled, s.Tried, s.Error, len(s.Files)}
}
