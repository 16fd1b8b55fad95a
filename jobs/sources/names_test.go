package sources

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for outside, want := range map[string]string{
		"民政-2023-08.xlsx":        "民政-2023-08.xlsx",
		"2023-08/残联.csv":         "2023-08/残联.csv",
		"a b.csv":                "a b.csv",
		"a\x00b.csv":             "a_b.csv",
		"a\nb\x1b[2J.csv":        "a_b_[2J.csv",
		"a\u202exslx.exe":        "a_xslx.exe", // would read as exe.xlsx
		`..\..\windows\x`:        ".._.._windows_x",
		`C:\x.csv`:               "C__x.csv",
		"a:stream.csv":           "a_stream.csv",
		"what?.csv":              "what_.csv",
		"end. . ":                "end",
		"NUL":                    "_NUL",
		"con.csv":                "_con.csv",
		"Com1.tar.gz":            "_Com1.tar.gz",
		"LPT¹.csv":               "_LPT¹.csv",
		"console.csv":            "console.csv",
		"\xc3\xf1\xd5\xfe.xls":   "民政.xls",
		"\xff\xff":               "", // nothing left
		"":                       "",
		".":                      "",
		"..":                     "",
		"../x":                   "",
		"a/../../x":              "",
		"/etc/passwd":            "",
		"a//b":                   "",
		"a/":                     "",
		"???":                    "",
		"   ":                    "",
		strings.Repeat("a/", 20): "",
	} {
		got, err := Clean(outside)
		if want == "" {
			if err == nil {
				t.Errorf("%q became %q, want it refused", outside, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%q became %q (%v), want %q", outside, got, err, want)
		}
	}
	// Too long for a file system: cut between characters, and still different.
	long := strings.Repeat("长", 100) // 300 bytes
	one, err1 := Clean(long + "1.xlsx")
	two, err2 := Clean(long + "2.xlsx")
	if err1 != nil || err2 != nil || one == two || len(one) > 255 || !utf8.ValidString(one) || filepath.Ext(one) != ".xlsx" {
		t.Errorf("%q %q %v %v", one, two, err1, err2)
	}
}

// TestCleanStaysInside: whatever a name is, what becomes of it is one path below
// the folder, can be written there, and is not changed by cleaning it again.
func TestCleanStaysInside(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	piece := rapid.OneOf(rapid.SampledFrom([]string{"..", ".", "/", `\`, "\x00", "a", "民", "CON", "~", ":", " ", "\xff", ".tmp", "\u202e", "\u00a0", strings.Repeat("长", 70)}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		outside := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		got, err := Clean(outside)
		if err != nil {
			return
		}
		if !filepath.IsLocal(got) || strings.Contains(got, "\\") || !utf8.ValidString(got) {
			t.Fatalf("%q became %q", outside, got)
		}
		if again, err := Clean(got); err != nil || again != got {
			t.Fatalf("%q became %q and then %q (%v)", outside, got, again, err)
		}
		at := "top/" + strings.ReplaceAll(got, "/", "／")
		if len(at) < 200 {
			if err := root.MkdirAll("top", 0o700); err != nil {
				t.Fatal(err)
			}
			if err := root.WriteFile(at, nil, 0o600); err != nil {
				t.Fatalf("%q: %v", got, err)
			}
			if err := root.Remove(at); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestIgnored(t *testing.T) {
	for _, name := range []string{"", ".x", "~$x.xlsx", "x.TMP", "x.csv.part", "x.filepart", "x.crdownload", "x.lock", "x.partial", "x.download", "Thumbs.db", "DESKTOP.INI"} {
		if !ignored(name) {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"x.xlsx", "part.csv", "~x.csv", "download.xlsx", "tmp"} {
		if ignored(name) {
			t.Errorf("%q is passed over", name)
		}
	}
}

// TestMarkedNames: names that become the same stay two files, the same from pull
// to pull.
func TestMarkedNames(t *testing.T) {
	s := startSSHD(t)
	p, _ := newPuller()
	s.put(t, "a?.csv", "question")
	s.put(t, "a*.csv", "star")
	s.put(t, "A_.csv", "large")
	must(t, s.pull(t, p).Err)
	first := tree(t, s.dir)
	if len(first) != 3 {
		t.Fatalf("%v", first)
	}
	seen := map[string]bool{}
	for name := range first {
		if seen[strings.ToLower(name)] {
			t.Errorf("%s would hide another one", name)
		}
		seen[strings.ToLower(name)] = true
	}
	must(t, os.Remove(filepath.Join(s.remote, "A_.csv")))
	s.put(t, "a*.csv", "star, corrected")
	r := s.pull(t, p)
	if len(r.Fetched) != 1 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
	for name, text := range tree(t, s.dir) {
		if was := first[name]; text != was && was != "star" {
			t.Errorf("%s held %q and now %q", name, was, text)
		}
	}
}
