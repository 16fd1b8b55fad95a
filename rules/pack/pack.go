package pack

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/packs"
)

// Clause is one clause of a document: where it stands and what it says, in our
// own words.
type Clause struct {
	ID      string
	Article string
	Text    string
	Number  string // 文号 of the document that it stands in; an inherited one keeps it
}

// Param is one parameter of a pack.
type Param struct {
	Spec      *Spec
	Clause    string
	CheckedOn civil.Date
	Choice    string // where the text is silent: what was chosen and why
	Unset     string // why there is no value; then Values is empty
	Values    []Dated
	inherited bool
	key       place
}

// Pack is one policy document as data.
type Pack struct {
	ID        string
	Title     string
	Number    string // 文号
	Status    string // in_force, draft
	Area      string // administrative division whose policy it is
	AreaName  string
	From, To  civil.Date // in force; To does not count, Forever if open
	CheckedOn civil.Date // when the data was last compared with the document
	Extends   string     // the built-in pack that it inherits from
	Order     []rules.Category
	Clauses   []Clause
	Params    map[rules.Param]*Param
	Monitors  []*Monitor
	Lists     []List
	Codes     Codes
	Digest    string

	file     string
	source   []byte
	root     *node
	base     *Pack                // what it extends
	declared map[rules.Param]bool // named in the file or inherited, be it with a mistake
	broken   map[rules.Param]bool // with a mistake, so not in Params
}

// Clause finds a clause by its ID.
func (p *Pack) Clause(id string) Clause {
	for _, c := range p.Clauses {
		if c.ID == id {
			return c
		}
	}
	return Clause{ID: id, Number: p.Number}
}

// hasClause reports whether the pack lists a clause.
func (p *Pack) hasClause(id string) bool {
	return slices.ContainsFunc(p.Clauses, func(c Clause) bool { return c.ID == id })
}

// put replaces the entry with the same key, or appends.
func put[T any](all []T, key func(T) string, x T) []T {
	if i := slices.IndexFunc(all, func(y T) bool { return key(y) == key(x) }); i >= 0 {
		all[i] = x
		return all
	}
	return append(all, x)
}

// national holds the platform's common codes and nothing else.
const national = "national"

// Builtin lists the IDs of the embedded packs.
func Builtin() []string { return builtin(packs.Files) }

func builtin(lib fs.FS) []string {
	files, err := fs.Glob(lib, "*/pack.yaml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	var ids []string
	for _, f := range files {
		if id := strings.TrimSuffix(f, "/pack.yaml"); id != national {
			ids = append(ids, id)
		}
	}
	return ids
}

// Load reads an embedded pack. The error names the packs that there are, or is
// the pack's mistakes.
func Load(id string) (*Pack, error) { return load(packs.Files, id, nil) }

func load(lib fs.FS, id string, chain []string) (*Pack, error) {
	data, err := fs.ReadFile(lib, id+"/pack.yaml")
	if err != nil {
		return nil, fmt.Errorf("没有政策包 %q，可用的有：%s", id, strings.Join(builtin(lib), "、"))
	}
	return parse(lib, "packs/"+id+"/pack.yaml", data, chain)
}

// Parse reads a pack from YAML. The error is all mistakes that were found, each
// an [*Error] with its place; see [Mistakes].
func Parse(file string, data []byte) (*Pack, error) { return parse(packs.Files, file, data, nil) }
