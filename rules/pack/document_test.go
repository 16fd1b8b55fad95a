package pack

import (
	"errors"
	"strings"
	"testing"
)

// TestRestore: from the texts alone the same pack and overlay are made again, of
// every built-in pack, whatever became of the files.
func TestRestore(t *testing.T) {
	for _, id := range Builtin() {
		p, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		o, err := ParseOverlay("本地.yaml", []byte("document: 本县〔2023〕1号\n"))
		if err != nil {
			t.Fatal(err)
		}
		l := Layered{p, o}
		pol, err := Compile(p.Area, []Layered{l})
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]Document{}
		docs := l.Documents()
		for _, d := range docs {
			if d.Digest != DocumentDigest(d.Base, d.Text) {
				t.Errorf("%s: %s is not the digest of its text", id, d.Digest)
			}
			texts[d.Digest] = d
		}
		if len(docs) < 3 || docs[0].Name != national || docs[len(docs)-1].Kind != DocumentOverlay {
			t.Errorf("%s: %d documents, the first %s", id, len(docs), docs[0].Name)
		}
		get := func(digest string) (Document, bool) { d, ok := texts[digest]; return d, ok }
		again, err := Restore(p.Digest, o.Digest, get)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		pol2, err := Compile(p.Area, []Layered{again})
		if err != nil || pol2.Digest != pol.Digest || len(pol2.Segments) != len(pol.Segments) || again.Overlay.Document != o.Document {
			t.Errorf("%s: %v, %s and %s", id, err, pol2.Digest, pol.Digest)
		}
		// Without one of the texts, or with another one in its place, it is an error.
		for _, d := range docs {
			delete(texts, d.Digest)
			if _, err := Restore(p.Digest, o.Digest, get); !errors.Is(err, ErrNoDocument) {
				t.Errorf("%s without %s: %v", id, d.Name, err)
			}
			x := d
			x.Text = []byte(string(d.Text) + "# more\n")
			texts[d.Digest] = x
			if _, err := Restore(p.Digest, o.Digest, get); err == nil {
				t.Errorf("%s with another %s", id, d.Name)
			}
			texts[d.Digest] = d
		}
	}
}

// TestRestoreCircle: texts that extend each other do not go on for ever.
func TestRestoreCircle(t *testing.T) {
	get := func(string) (Document, bool) {
		return Document{Kind: DocumentPack, Name: "a", Base: "x", Text: []byte("id: a\nextends: a\n")}, true
	}
	if _, err := Restore("x", "", get); err == nil || !strings.Contains(err.Error(), "extends itself") {
		t.Error(err)
	}
}
