package pack

import (
	"io/fs"
	"testing"

	"doudi/rules/packs"
)

// TestCases settles every worked case that lies beside a pack.
func TestCases(t *testing.T) {
	ran := 0
	for _, id := range Builtin() {
		p, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		files, err := fs.Glob(packs.Files, id+"/cases/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no cases (%v)", id, err)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				data, err := packs.Files.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				c, err := ParseCase(file, data)
				if err != nil {
					t.Fatal(err)
				}
				if c.Pack != id {
					t.Fatalf("case of pack %s lies beside %s", c.Pack, id)
				}
				pol, err := Compile(p.Area, []Layered{{p, c.Overlay}})
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Check(pol); err != nil {
					t.Error(err)
				}
			})
			ran++
		}
	}
	if ran < 12 {
		t.Fatalf("only %d cases ran", ran)
	}
}
