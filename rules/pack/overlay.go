package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"doudi/rules"
)

// Overlay is an office's own values on top of a pack, or on top of another
// overlay, see [Overlay.Over].
type Overlay struct {
	File     string
	Document string // where the office's values come from, e.g. its own 文号
	Digest   string // over this overlay and all beneath it

	own      string // digest of this overlay alone
	source   []byte
	base     *Overlay // beneath it
	root     *node
	params   map[rules.Param][]Dated
	keys     map[rules.Param]place
	monitors map[string]*overMonitor
	lists    map[string]*overList
	codes    *node
}

// Over lays o on base: what base gives holds where o does not say otherwise, and
// a table by category is merged entry by entry. Neither is changed; either may
// be nil.
func (o *Overlay) Over(base *Overlay) *Overlay {
	switch {
	case o == nil:
		return base
	case base == nil:
		return o
	}
	top := *o
	top.base = o.base.Over(base)
	sum := sha256.New()
	for _, l := range top.layers() {
		fmt.Fprintln(sum, l.own)
	}
	top.Digest = hex.EncodeToString(sum.Sum(nil))
	return &top
}

// layers are the overlays from the one that lies on the pack to the topmost.
func (o *Overlay) layers() []*Overlay {
	if o == nil {
		return nil
	}
	return append(o.base.layers(), o)
}

// ParseOverlay reads an overlay from YAML: the keys of a pack's parameters, each
// with a value, or with date → value; monitors, lists and codes likewise. What
// can only be told with the pack beside it is found by [Layered.Check]. The
// error is all mistakes, each an [*Error].
func ParseOverlay(file string, data []byte) (*Overlay, error) {
	root, err := parseYAML(file, data)
	if root == nil {
		return nil, ordered(err)
	}
	o, oerr := overlayOf(root, data)
	return o, ordered(errors.Join(err, oerr))
}

func overlayOf(root *node, data []byte) (*Overlay, error) {
	own := DocumentDigest("", data)
	o := &Overlay{File: root.file, Digest: own, own: own, source: data, root: root, params: map[rules.Param][]Dated{}, keys: map[rules.Param]place{},
		monitors: map[string]*overMonitor{}, lists: map[string]*overList{}}
	if root.kind == null {
		return o, nil
	}
	if root.kind != mapping {
		return nil, root.errorf("叠加文件应为参数表，如 special: {threshold: 20000}")
	}
	var wrong mistakes
	for i, k := range root.keys {
		wrong.add(o.section(root, i, k))
	}
	return o, wrong.err()
}

// section reads one key of the file.
func (o *Overlay) section(root *node, i int, k string) error {
	x := root.values[i]
	var err error
	switch {
	case k == "document":
		o.Document, err = root.words(k)
	case k == "codes":
		o.codes = x
		_, err = parseCodes(x, Codes{})
	case k == "monitor":
		err = byName(x, "监测线代码: {line: 金额}", func(j int, y *node) (err error) {
			o.monitors[x.keys[j]], err = parseOverMonitor(y, x.keyAt[j])
			return err
		})
	case k == "lists":
		err = byName(x, "清单名: {departments: [部门]}", func(j int, y *node) (err error) {
			if ListTitles[x.keys[j]] == "" {
				return unknownList(x.keyAt[j], x.keys[j])
			}
			o.lists[x.keys[j]], err = parseOverList(y, x.keyAt[j])
			return err
		})
	case isGroup(k):
		err = o.group(x, k+".")
	default:
		err = unknownParam(root.keyAt[i], k)
	}
	return err
}

func (o *Overlay) group(n *node, prefix string) error {
	return byName(n, "参数表", func(i int, x *node) error {
		spec := specOf(prefix + n.keys[i])
		if spec == nil {
			return unknownParam(n.keyAt[i], prefix+n.keys[i])
		}
		ds, err := datedOrSingle(x, func(y *node) error {
			_, err := spec.parse(y, value{})
			return err
		})
		o.params[spec.Path], o.keys[spec.Path] = ds, n.keyAt[i]
		return err
	})
}
