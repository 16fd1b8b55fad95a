package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
}

// Dated is a value from a day on.
type Dated struct {
	From civil.Date
	node *node
}

// Text prints the value as it is written in the pack, on one line.
func (d Dated) Text() string { return d.node.String() }

// Param is one parameter of a pack.
type Param struct {
	Spec      *Spec
	Clause    string
	CheckedOn civil.Date
	Choice    string // where the text is silent: what was chosen and why
	Unset     string // why there is no value; then Values is empty
	Values    []Dated
	at        *node
}

// Monitor is one warning line of a pack as written.
type Monitor struct {
	ID     string
	Clause string
	Unset  string  // why the line has no value
	Lines  []Dated // of the line
	base   rules.Monitor
	at     *node
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
	Order     []rules.Category
	Clauses   []Clause
	Params    map[rules.Param]*Param
	Monitors  []*Monitor
	Codes     Codes
	Digest    string
	file      string
}

// Clause finds a clause by its ID.
func (p *Pack) Clause(id string) Clause {
	for _, c := range p.Clauses {
		if c.ID == id {
			return c
		}
	}
	return Clause{ID: id}
}

// Builtin lists the IDs of the embedded packs.
func Builtin() []string {
	files, err := fs.Glob(packs.Files, "*/pack.yaml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	var ids []string
	for _, f := range files {
		if id := strings.TrimSuffix(f, "/pack.yaml"); id != "national" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Load reads an embedded pack.
func Load(id string) (*Pack, error) {
	data, err := packs.Files.ReadFile(id + "/pack.yaml")
	if err != nil {
		return nil, fmt.Errorf("没有政策包 %q，可用的有：%s", id, strings.Join(Builtin(), "、"))
	}
	return Parse("packs/"+id+"/pack.yaml", data)
}

// Parse reads a pack from YAML. The error is all mistakes that were found, each
// an [*Error] with its place.
func Parse(file string, data []byte) (*Pack, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	if err := root.only("id", "title", "number", "status", "area", "area_name", "in_force", "checked_on", "extends", "order", "clauses", "parameters", "monitor", "codes"); err != nil {
		return nil, err
	}
	sum := sha256.New()
	p := &Pack{Params: map[rules.Param]*Param{}, file: file, To: civil.Forever}
	var errs []error
	fail := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if x := root.get("extends"); x != nil {
		base, err := Load(x.text)
		if err != nil {
			return nil, x.errorf("%v", err)
		}
		p.Codes = base.Codes
		fmt.Fprintln(sum, base.Digest)
	}
	sum.Write(data)
	p.Digest = hex.EncodeToString(sum.Sum(nil))

	need := func(key string, into *string) {
		x := root.get(key)
		if x == nil || x.text == "" {
			fail(root.errorf("缺少 %s", key))
			return
		}
		*into = x.text
	}
	need("id", &p.ID)
	if x := root.get("codes"); x != nil {
		codes, err := parseCodes(x, p.Codes)
		fail(err)
		p.Codes = codes
	}
	if p.ID == "national" { // only codes
		return p, errors.Join(errs...)
	}
	need("title", &p.Title)
	need("number", &p.Number)
	need("status", &p.Status)
	need("area", &p.Area)
	need("area_name", &p.AreaName)
	if x := root.get("checked_on"); x == nil {
		fail(root.errorf("缺少 checked_on（何时与原文核对）"))
	} else {
		p.CheckedOn, err = date(x)
		fail(err)
	}
	if x := root.get("in_force"); x == nil {
		fail(root.errorf("缺少 in_force: {from: 日期}"))
	} else {
		fail(x.only("from", "to"))
		if f := x.get("from"); f != nil {
			p.From, err = date(f)
			fail(err)
		} else {
			fail(x.errorf("缺少 from（施行日期）"))
		}
		if t := x.get("to"); t != nil { // the last day on which it applies
			p.To, err = date(t)
			fail(err)
			if err == nil {
				p.To = p.To.Next()
				if p.To <= p.From {
					fail(t.errorf("to（最后一日）早于 from（施行日期）"))
				}
			}
		}
	}
	if x := root.get("order"); x == nil {
		fail(root.errorf("缺少 order（类别次序）"))
	} else {
		fail(each(x, func(y *node, t string) error {
			c, err := category(y, t)
			if slices.Contains(p.Order, c) {
				return y.errorf("类别 %s 重复", t)
			}
			p.Order = append(p.Order, c)
			return err
		}))
	}
	if x := root.get("clauses"); x == nil || x.kind != mapping {
		fail(root.errorf("缺少 clauses（条款）"))
	} else {
		for i, id := range x.keys {
			v := x.values[i]
			if err := v.only("article", "text"); err != nil {
				fail(err)
				continue
			}
			article, err := v.words("article")
			fail(err)
			text, err := v.words("text")
			fail(err)
			p.Clauses = append(p.Clauses, Clause{id, article, text})
		}
	}
	if x := root.get("parameters"); x != nil {
		fail(p.parameters(x, ""))
	}
	if x := root.get("monitor"); x != nil {
		fail(p.monitors(x))
	}
	if len(errs) == 0 {
		fail(p.check(root))
	}
	return p, errors.Join(errs...)
}

// parameters walks the nested keys down to those that name a parameter.
func (p *Pack) parameters(n *node, prefix string) error {
	if n.kind != mapping {
		return n.errorf("此处应为参数表")
	}
	var errs []error
	for i, k := range n.keys {
		path, x, at := prefix+k, n.values[i], n.keyAt[i]
		spec := specOf(path)
		switch {
		case spec != nil:
			prm, err := p.parameter(spec, x)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			p.Params[spec.Path] = prm
		case isGroup(path):
			errs = append(errs, p.parameters(x, path+"."))
		default:
			errs = append(errs, &Error{n.file, at.line, at.col, fmt.Sprintf("没有参数 %q", path)})
		}
	}
	return errors.Join(errs...)
}

func isGroup(path string) bool {
	return slices.ContainsFunc(Specs, func(s Spec) bool { return strings.HasPrefix(string(s.Path), path+".") })
}

func (p *Pack) parameter(spec *Spec, n *node) (*Param, error) {
	if err := n.only("clause", "checked_on", "choice", "unset", "values"); err != nil {
		return nil, err
	}
	prm := &Param{Spec: spec, CheckedOn: p.CheckedOn, at: n}
	if x := n.get("clause"); x != nil {
		prm.Clause = x.text
	}
	if p.Clause(prm.Clause).Article == "" {
		return nil, n.errorf("参数 %s 没有注明条款，或条款 %q 未在 clauses 中列出", spec.Path, prm.Clause)
	}
	if x := n.get("checked_on"); x != nil {
		d, err := date(x)
		if err != nil {
			return nil, err
		}
		prm.CheckedOn = d
	}
	var err error
	if n.get("choice") != nil {
		if prm.Choice, err = n.words("choice"); err != nil {
			return nil, err
		}
	}
	vals := n.get("values")
	if n.get("unset") != nil {
		if vals != nil {
			return nil, n.errorf("参数 %s 不能既有 values 又写 unset", spec.Path)
		}
		prm.Unset, err = n.words("unset")
		return prm, err
	}
	if vals == nil {
		return nil, n.errorf("参数 %s 缺少 values（日期: 值），文件未规定时写 unset: 原因", spec.Path)
	}
	ds, err := dated(vals)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		if _, err := spec.parse(d.node, value{}); err != nil {
			return nil, err
		}
	}
	prm.Values = ds
	return prm, nil
}

// dated reads date → value, in ascending order.
func dated(n *node) ([]Dated, error) {
	if n.kind != mapping || len(n.keys) == 0 {
		return nil, n.errorf("此处应为 日期: 值，如 2023-01-01: 80%%")
	}
	var out []Dated
	for i, k := range n.keys {
		d, err := civil.ParseDate(k)
		if err != nil {
			return nil, n.keyErrorf(i, "%q 不是日期，应写作 2023-01-01", k)
		}
		if len(out) > 0 && d <= out[len(out)-1].From {
			return nil, n.keyErrorf(i, "日期应由早到晚，且不能重复")
		}
		out = append(out, Dated{d, n.values[i]})
	}
	return out, nil
}

// isDated reports whether a map's keys are dates.
func isDated(n *node) bool {
	if n.kind != mapping || len(n.keys) == 0 {
		return false
	}
	_, err := civil.ParseDate(n.keys[0])
	return err == nil
}

func (p *Pack) monitors(n *node) error {
	if n.kind != mapping {
		return n.errorf("此处应为 监测线代码: {...}")
	}
	for i, id := range n.keys {
		x := n.values[i]
		if err := x.only("clause", "name", "who", "categories", "measure", "scope", "crosses", "line", "unset"); err != nil {
			return err
		}
		m := &Monitor{ID: id, at: x, base: rules.Monitor{ID: id}}
		if c := x.get("clause"); c != nil {
			m.Clause = c.text
		}
		if p.Clause(m.Clause).Article == "" {
			return x.errorf("监测线 %s 没有注明条款，或条款未列出", id)
		}
		if err := applyMonitor(&m.base, x); err != nil {
			return err
		}
		if m.base.Name == "" {
			return x.errorf("监测线 %s 缺少 name", id)
		}
		if x.get("unset") != nil {
			if x.get("line") != nil {
				return x.errorf("监测线 %s 不能既有 line 又写 unset", id)
			}
			var err error
			if m.Unset, err = x.words("unset"); err != nil {
				return err
			}
		} else if l := x.get("line"); l != nil {
			ds, err := dated(l)
			if err != nil {
				return err
			}
			for _, d := range ds {
				if _, err := amount(d.node); err != nil {
					return err
				}
			}
			m.Lines = ds
		} else {
			return x.errorf("监测线 %s 缺少 line（日期: 金额）或 unset（原因）", id)
		}
		p.Monitors = append(p.Monitors, m)
	}
	return nil
}
