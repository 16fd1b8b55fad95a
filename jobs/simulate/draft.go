package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Draft is the overlay that is being considered.
type Draft struct {
	File    string
	Digest  string
	Keys    []Key // what it sets, in the order of the file
	overlay *pack.Overlay
	text    []byte
}

// Key is one thing that a draft sets: "assist.ratio", "monitor.gaoe_zhichu",
// "lists.roster_changes", "codes".
type Key struct {
	Path      string
	Line, Col int
}

// codesKey is how cells are read: what was read already stays as it is.
const codesKey = "codes"

// ParseDraft reads a draft. The error is all mistakes that were found, each with
// its place.
func ParseDraft(file string, text []byte) (*Draft, error) {
	o, err := pack.ParseOverlay(file, text)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	d := &Draft{File: file, Digest: hex.EncodeToString(sum[:]), overlay: o, text: text}
	root, _, err := parsed(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for path, mv := range keysIn(root) {
		at := mv.Key.GetToken().Position
		d.Keys = append(d.Keys, Key{path, at.Line, at.Column})
	}
	return d, nil
}

// only is the overlay of those keys that keep names.
func (d *Draft) only(keep func(path string) bool) (*pack.Overlay, error) {
	root, doc, err := parsed(d.text)
	if err != nil || root == nil {
		return d.overlay, err
	}
	drop := map[*ast.MappingValueNode]bool{}
	for path, mv := range keysIn(root) {
		drop[mv] = !keep(path)
	}
	prune(root, drop)
	if len(root.Values) == 0 {
		return pack.ParseOverlay(d.File, nil)
	}
	return pack.ParseOverlay(d.File, []byte(doc.String()))
}

// parsed gives the document and the table at its root; none where the file says
// nothing.
func parsed(text []byte) (*ast.MappingNode, *ast.DocumentNode, error) {
	f, err := parser.ParseBytes(text, 0)
	if err != nil || len(f.Docs) == 0 {
		return nil, nil, err
	}
	root, _ := f.Docs[0].Body.(*ast.MappingNode)
	return root, f.Docs[0], nil
}

// keysIn walks what a draft sets: the parameters within their groups, and what
// stands at the root alone.
func keysIn(root *ast.MappingNode) func(yield func(string, *ast.MappingValueNode) bool) {
	return func(yield func(string, *ast.MappingValueNode) bool) {
		if root == nil {
			return
		}
		for _, mv := range root.Values {
			name := keyName(mv)
			group, ok := mv.Value.(*ast.MappingNode)
			switch {
			case name == "document":
			case name == codesKey || !ok:
				if !yield(name, mv) {
					return
				}
			default:
				for _, x := range group.Values {
					if !yield(name+"."+keyName(x), x) {
						return
					}
				}
			}
		}
	}
}

func keyName(mv *ast.MappingValueNode) string {
	if s, ok := mv.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return mv.Key.GetToken().Value
}

// prune takes out what is to be dropped, and the groups of which nothing is left.
func prune(m *ast.MappingNode, drop map[*ast.MappingValueNode]bool) {
	m.Values = slices.DeleteFunc(m.Values, func(mv *ast.MappingValueNode) bool {
		if drop[mv] {
			return true
		}
		group, ok := mv.Value.(*ast.MappingNode)
		if !ok || len(group.Values) == 0 || !slices.ContainsFunc(group.Values, func(x *ast.MappingValueNode) bool { return drop[x] }) {
			return false
		}
		prune(group, drop)
		return len(group.Values) == 0
	})
}

// on lays an overlay over what an area applies: on the packs that are in force on
// some day of the year, over the overlays that they have.
func on(layers []pack.Layered, o *pack.Overlay, year int) []pack.Layered {
	out := slices.Clone(layers)
	for i := range out {
		if l := &out[i]; inForce(l, year) {
			l.Overlay = o.Over(l.Overlay)
		}
	}
	return out
}

func inForce(l *pack.Layered, year int) bool {
	return l.From < civil.YMD(year+1, 1, 1) && l.To > civil.YMD(year, 1, 1)
}

// compile makes the policy of an area with an overlay laid over what it applies.
func compile(present *rules.Policy, layers []pack.Layered, o *pack.Overlay, year int) (*rules.Policy, []pack.Layered, error) {
	changed := on(layers, o, year)
	p, err := pack.Compile(present.Area, changed)
	if err != nil {
		return nil, nil, err
	}
	p.County = present.County
	return p, changed, nil
}
