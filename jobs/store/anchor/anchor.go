// Package anchor keeps, in a file beside the ledger, where the ledger stood after
// each commit. The chain of entries proves that nothing in it was changed, but not
// that its end is there: an older copy of the database, or one whose last entries
// were taken off, agrees with itself. With the anchor it is noticed.
//
// The file is text, a line a mark, each with a keyed hash over itself and the line
// before: without the workspace's key nobody writes a line, changes one or takes one
// out. What can be cut off is its end, together with that of the ledger. Against
// that, and against whoever has the key, stand the heads that are printed on covers.
//
// A mark is written after the commit that it speaks of. After a crash the file may
// be one mark behind; it is never ahead. Who writes must hold the ledger's write
// lock.
package anchor

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"doudi/jobs/ledger"
)

// Mark says where the ledger stood.
type Mark struct {
	Seq     ledger.Seq  // its last entry; 0 none
	Hash    ledger.Hash // of that
	Lines   int64       // of the audit log
	Log     [16]byte    // its keyed hash over all of them
	At      time.Time   // when the last entry was made, or what is on record was accepted
	Accepts bool        // somebody accepted what is on record, whatever was marked before
}

// File is an anchor file.
type File struct {
	path string
	mac  func(text string) [16]byte
}

// New is the anchor file at path; mac is a hash under the workspace's key.
func New(path string, mac func(text string) [16]byte) *File { return &File{path, mac} }

const (
	header   = "doudi-anchor-1"
	timeForm = "2006-01-02T15:04:05Z"
)

// ErrDamaged: a line is not as it was written.
var ErrDamaged = errors.New("anchor: a line is not as it was written")

// Marks are those that stand, oldest first: all since the last one that accepts. The
// error is fs.ErrNotExist where there is no file.
func (f *File) Marks() ([]Mark, error) {
	marks, _, err := f.read()
	return marks, err
}

// read also gives the hash to which the next line is tied.
func (f *File) read() (marks []Mark, last [16]byte, err error) {
	data, err := os.ReadFile(f.path)
	if err != nil {
		return nil, last, err
	}
	// What a crash left of a line is none.
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	for line := range strings.Lines(string(data)) {
		text, mac, _ := cutLast(strings.TrimSuffix(line, "\n"))
		m, err := parse(text)
		last = f.tie(last, text)
		if err != nil || mac != hex.EncodeToString(last[:]) {
			return nil, last, ErrDamaged
		}
		if m.Accepts {
			marks = marks[:0]
		}
		marks = append(marks, m)
	}
	if len(marks) == 0 {
		return nil, last, ErrDamaged // it is made with its first line
	}
	return marks, last, nil
}

func (f *File) tie(before [16]byte, text string) [16]byte {
	return f.mac(hex.EncodeToString(before[:]) + " " + text)
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (m *Mark) text() string {
	kind := "stands"
	if m.Accepts {
		kind = "accepted"
	}
	return fmt.Sprintf("%s %s %d %s %d %x %s", header, kind, m.Seq, m.Hash, m.Lines, m.Log, m.At.UTC().Format(timeForm))
}

func parse(text string) (m Mark, err error) {
	w := strings.Split(text, " ")
	if len(w) != 7 || w[0] != header {
		return m, ErrDamaged
	}
	m.Accepts = w[1] == "accepted"
	seq, err1 := strconv.ParseInt(w[2], 10, 64)
	hash, err2 := hex.DecodeString(w[3])
	lines, err3 := strconv.ParseInt(w[4], 10, 64)
	log, err4 := hex.DecodeString(w[5])
	at, err5 := time.Parse(timeForm, w[6])
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil || len(hash) != len(m.Hash) || len(log) != len(m.Log) {
		return m, ErrDamaged
	}
	m.Seq, m.Hash, m.Lines, m.Log, m.At = ledger.Seq(seq), ledger.Hash(hash), lines, [16]byte(log), at
	return m, nil
}

// Append writes a mark, to the disk itself. A file that is not there is made.
func (f *File) Append(m Mark) error {
	_, last, err := f.read()
	fresh := errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) && f.torn()
	if fresh {
		last = [16]byte{}
	} else if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	text := m.text()
	tied := f.tie(last, text)
	err = func() error {
		end, err := whole(file)
		if err != nil {
			return err
		}
		if err := file.Truncate(end); err != nil {
			return err
		}
		if _, err := file.WriteAt([]byte(text+" "+hex.EncodeToString(tied[:])+"\n"), end); err != nil {
			return err
		}
		return file.Sync()
	}()
	if err = errors.Join(err, file.Close()); err == nil && fresh {
		err = syncFolder(filepath.Dir(f.path))
	}
	return err
}

// torn reports whether the file has no line: a crash came as it was made.
func (f *File) torn() bool {
	data, err := os.ReadFile(f.path)
	return err == nil && !bytes.Contains(data, []byte("\n"))
}

// whole is where the last whole line ends.
func whole(file *os.File) (int64, error) {
	data, err := io.ReadAll(file)
	return int64(bytes.LastIndexByte(data, '\n') + 1), err
}

// syncFolder makes a new file's name last; not every system knows how.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// SetAside keeps a damaged file under another name, so that a new one can be begun.
func (f *File) SetAside() error {
	for n := 1; ; n++ {
		to := fmt.Sprintf("%s.%d", f.path, n)
		if _, err := os.Lstat(to); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.Rename(f.path, to)
	}
}

// Reason says in what an anchor and a ledger differ.
type Reason string

// The reasons.
const (
	Missing  Reason = "the anchor is gone"
	Damaged  Reason = "the anchor is not as it was written"
	Cut      Reason = "the ledger ends before what was marked"
	Replaced Reason = "an entry is not the one that was marked"
	LogCut   Reason = "the audit log ends before what was marked"
	LogOther Reason = "the audit log is not the one that was marked"
)

// Error is that a ledger is not the one that was marked.
type Error struct {
	Reason Reason
	Mark   Mark         // that differs
	Last   ledger.Entry // of the ledger
}

func (e *Error) Error() string {
	return fmt.Sprintf("%v: %s: marked %d %s, on record %d %s", ledger.ErrIntegrity, e.Reason, e.Mark.Seq, e.Mark.Hash, e.Last.Seq, e.Last.Hash)
}

// Unwrap makes it an ErrIntegrity.
func (e *Error) Unwrap() error { return ledger.ErrIntegrity }
