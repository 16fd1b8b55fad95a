package anchor

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"

	"github.com/google/go-cmp/cmp"
)

func keyed(key string) func(string) [16]byte {
	return func(text string) [16]byte {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return [16]byte(h.Sum(nil)[:16])
	}
}

func mark(n int64) Mark {
	return Mark{Seq: ledger.Seq(n), Hash: sha256.Sum256([]byte{byte(n)}), Lines: n / 2, Log: [16]byte{byte(n)}, At: time.Date(2023, 7, 1, 12, 0, int(n), 0, time.UTC)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filled is an anchor file with three marks.
func filled(t *testing.T) (*File, []Mark) {
	t.Helper()
	f := New(filepath.Join(t.TempDir(), "a.anchor"), keyed("k"))
	if _, err := f.Marks(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("marks of no file: %v", err)
	}
	var want []Mark
	for n := range int64(3) {
		want = append(want, mark(n))
		must(t, f.Append(mark(n)))
	}
	return f, want
}

func (f *File) has(t *testing.T, want ...Mark) {
	t.Helper()
	got, err := f.Marks()
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMarks(t *testing.T) {
	f, want := filled(t)
	f.has(t, want...)
	info, err := os.Stat(f.path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	// What somebody accepted stands instead of all before.
	a := mark(1)
	a.Accepts = true
	must(t, f.Append(a))
	f.has(t, a)
	must(t, f.Append(mark(4)))
	f.has(t, a, mark(4))
}

// TestTorn: a crash in the middle of a line leaves what was before, wherever it
// came, and the next mark follows it.
func TestTorn(t *testing.T) {
	f, want := filled(t)
	data, err := os.ReadFile(f.path)
	must(t, err)
	begins := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	for n := begins; n < len(data); n++ {
		must(t, os.WriteFile(f.path, data[:n], 0o600))
		f.has(t, want[:2]...)
		must(t, f.Append(mark(7)))
		f.has(t, want[0], want[1], mark(7))
	}
	// As it is made.
	first := bytes.IndexByte(data, '\n')
	for _, n := range []int{0, 1, first} {
		must(t, os.WriteFile(f.path, data[:n], 0o600))
		must(t, f.Append(mark(7)))
		f.has(t, mark(7))
	}
}

// TestTampered: without the key no line is written, changed, taken out or put
// elsewhere.
func TestTampered(t *testing.T) {
	f, _ := filled(t)
	data, err := os.ReadFile(f.path)
	must(t, err)
	lines := strings.SplitAfter(string(data), "\n")[:3]
	for name, text := range map[string]string{
		"a line taken out":  lines[0] + lines[2],
		"the first is gone": lines[1] + lines[2],
		"exchanged":         lines[1] + lines[0] + lines[2],
		"said twice":        lines[0] + lines[1] + lines[1],
		"an empty line":     lines[0] + "\n" + lines[1],
		"some other text":   "锚\n",
		"an empty one only": "\n",
		"accepted":          strings.Replace(string(data), "stands", "accepted", 1),
		"a longer one":      lines[0] + lines[1] + lines[2] + strings.Replace(lines[2], " 2 ", " 3 ", 1),
	} {
		must(t, os.WriteFile(f.path, []byte(text), 0o600))
		if got, err := f.Marks(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if err := f.Append(mark(9)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: appended, %v", name, err)
		}
	}
	for i := range len(data) - 1 { // each byte; without the last one the line is torn
		bad := bytes.Clone(data)
		bad[i] ^= 1
		must(t, os.WriteFile(f.path, bad, 0o600))
		if got, err := f.Marks(); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d: %v, %v", i, got, err)
		}
	}
	must(t, os.WriteFile(f.path, data, 0o600))
	if _, err := New(f.path, keyed("other")).Marks(); !errors.Is(err, ErrDamaged) {
		t.Errorf("with another key: %v", err)
	}
}

func TestSetAside(t *testing.T) {
	f, _ := filled(t)
	must(t, f.SetAside())
	if _, err := f.Marks(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	must(t, f.Append(mark(5)))
	f.has(t, mark(5))
	must(t, f.SetAside())
	for _, name := range []string{f.path + ".1", f.path + ".2"} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
