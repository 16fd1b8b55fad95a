package vault

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func newVault(t *testing.T, fill byte) *Vault {
	t.Helper()
	v, err := New(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSealAndOpen(t *testing.T) {
	v := newVault(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		about, text := rapid.String().Draw(t, "about"), rapid.String().Draw(t, "text")
		box := v.Seal(about, text)
		if got, err := v.Open(about, box); err != nil || got != text {
			t.Fatalf("%q opens as %q, %v", text, got, err)
		}
		if len(text) > 3 && bytes.Contains(box, []byte(text)) {
			t.Fatalf("%q lies open in its box", text)
		}
		if bytes.Equal(box, v.Seal(about, text)) {
			t.Fatal("two boxes of one text are the same")
		}
		// Every single bit counts.
		bit := rapid.IntRange(0, len(box)*8-1).Draw(t, "bit")
		box[bit/8] ^= 1 << (bit % 8)
		if got, err := v.Open(about, box); err == nil {
			t.Fatalf("a damaged box opens as %q", got)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	v := newVault(t, 1)
	box := v.Seal("certno", "text")
	for what, f := range map[string]func() (string, error){
		"under another use":   func() (string, error) { return v.Open("name", box) },
		"with another key":    func() (string, error) { return newVault(t, 2).Open("certno", box) },
		"cut off":             func() (string, error) { return v.Open("certno", box[:len(box)-1]) },
		"shorter than itself": func() (string, error) { return v.Open("certno", box[:5]) },
		"nothing":             func() (string, error) { return v.Open("certno", nil) },
	} {
		if got, err := f(); err == nil || !strings.Contains(err.Error(), "vault: ") {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

// TestLookup: the same text under the same use and key, and nothing else, has
// the same hash.
func TestLookup(t *testing.T) {
	v := newVault(t, 1)
	base := v.Lookup("certno", "x")
	if base != newVault(t, 1).Lookup("certno", "x") {
		t.Error("the same key finds it again")
	}
	for what, other := range map[string][16]byte{
		"text": v.Lookup("certno", "y"), "use": v.Lookup("name", "x"), "key": newVault(t, 2).Lookup("certno", "x"), "cut": v.Lookup("certn", "ox"), "nothing": v.Lookup("certno", ""),
	} {
		if other == base {
			t.Errorf("another %s has the same hash", what)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	v := newVault(t, 1)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := fmt.Sprint(i)
			want := v.Lookup("certno", text)
			for range 500 {
				if got, err := v.Open("certno", v.Seal("certno", text)); err != nil || got != text || v.Lookup("certno", text) != want {
					t.Errorf("%q: %q %v", text, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doudi.key")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(path); err == nil {
		t.Error("a key was overwritten")
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key changed (%v)", err)
	}
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Open("x", a.Seal("x", "text")); err != nil || got != "text" {
		t.Errorf("the key read twice: %q, %v", got, err)
	}
	second := filepath.Join(t.TempDir(), "second.key")
	if err := Create(second); err != nil {
		t.Fatal(err)
	}
	c, err := Open(second)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Open("x", a.Seal("x", "text")); err == nil {
		t.Errorf("two keys are the same: %q", got)
	}
}

func TestKeyFileRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty":      "",
		"no header":  base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"no base64":  header + "***",
		"too short":  header + base64.StdEncoding.EncodeToString(make([]byte, 31)),
		"too long":   header + base64.StdEncoding.EncodeToString(make([]byte, 33)),
		"other file": "-----BEGIN AGE ENCRYPTED FILE-----",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if v, err := Open(path); err == nil || v != nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := Open(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := New(nil); err == nil {
		t.Error("a vault without a key")
	}
}
