package pack

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
)

// reader reads one pack and collects its mistakes.
type reader struct {
	*Pack
	mistakes
	lib   fs.FS    // the built-in packs
	chain []string // the packs that led here by extends
	lost  bool     // what it extends could not be read, so what is missing says nothing
}

// packKeys are the keys of a pack.
var packKeys = []string{"id", "title", "number", "status", "area", "area_name", "in_force", "checked_on", "extends", "order", "clauses", "parameters", "monitor", "lists", "codes"}

func parse(lib fs.FS, file string, data []byte, chain []string) (*Pack, error) {
	root, err := parseYAML(file, data)
	if root == nil {
		return nil, ordered(err)
	}
	if root.kind != mapping {
		return nil, root.errorf("政策包应为键值表，必需的键：%s", strings.Join(packKeys[:8], "、"))
	}
	p := &Pack{Params: map[rules.Param]*Param{}, To: civil.Forever, file: file, root: root, declared: map[rules.Param]bool{}, broken: map[rules.Param]bool{}}
	r := &reader{Pack: p, lib: lib, chain: chain}
	r.add(err)
	r.add(root.only(packKeys...))
	r.text("id", &r.ID)
	extended := ""
	if x := root.get("extends"); x != nil {
		if base := r.extend(x); base != nil {
			extended = base.Digest
		}
	}
	r.Digest, r.source = DocumentDigest(extended, data), data
	if x := root.get("codes"); x != nil {
		codes, err := parseCodes(x, r.Codes)
		r.add(err)
		r.Codes = codes
	}
	if r.ID != national {
		r.document()
	}
	if r.ID != national && r.From != 0 && !r.lost { // without a beginning there are no days to check
		r.add(check(Layered{Pack: r.Pack}, nil))
	}
	return r.Pack, r.err()
}

// document reads all but the codes.
func (r *reader) document() {
	r.header()
	r.inForce()
	r.order()
	r.clauses()
	if x := r.root.get("parameters"); x != nil {
		r.parameters(x, "")
	}
	if x := r.root.get("monitor"); x != nil {
		r.monitors(x)
	}
	if x := r.root.get("lists"); x != nil {
		r.lists(x)
	}
}

// text reads a line that every pack must have of its own.
func (r *reader) text(key string, into *string) {
	t, err := r.root.words(key)
	r.add(err)
	*into = t
}

// extend inherits from a built-in pack. The pack's own keys replace what they
// name afterwards.
func (r *reader) extend(x *node) *Pack {
	chain := append(slices.Clone(r.chain), r.ID)
	r.lost = true
	if slices.Contains(chain, x.text) {
		r.add(x.errorf("extends 绕成了圈：%s → %s；请去掉其中一处", strings.Join(chain, " → "), x.text))
		return nil
	}
	base, err := load(r.lib, x.text, chain)
	if err != nil {
		all := Mistakes(err)
		r.add(x.errorf("extends 的政策包不能用：%v", all[0])) // the others are for who writes that one
		return nil
	}
	r.lost = false
	r.Extends, r.base, r.Codes = base.ID, base, base.Codes
	r.Order, r.Clauses, r.Lists = slices.Clone(base.Order), slices.Clone(base.Clauses), slices.Clone(base.Lists)
	r.declared = maps.Clone(base.declared)
	for path, prm := range base.Params {
		q := *prm
		q.inherited = true
		r.Params[path] = &q
	}
	for _, m := range base.Monitors {
		q := *m
		q.inherited = true
		r.Monitors = append(r.Monitors, &q)
	}
	for i := range r.Lists {
		r.Lists[i].inherited = true
	}
	return base
}

func (r *reader) header() {
	r.text("title", &r.Title)
	r.text("number", &r.Number)
	r.text("area", &r.Area)
	r.text("area_name", &r.AreaName)
	if r.Area != "" && (len(r.Area) != 6 || strings.Trim(r.Area, "0123456789") != "") {
		r.add(r.root.get("area").errorf("%q 不是六位行政区划代码", r.Area))
	}
	if x := r.root.get("status"); x == nil {
		r.add(r.root.errorf("缺少 status：in_force（已印发）或 draft（征求意见稿）"))
	} else {
		var err error
		r.Status, err = choice(x, []string{"in_force", "draft"})
		r.add(err)
	}
	if x := r.root.get("checked_on"); x == nil {
		r.add(r.root.errorf("缺少 checked_on（何时与原文核对）"))
	} else {
		var err error
		r.CheckedOn, err = date(x)
		r.add(err)
	}
}

func (r *reader) inForce() {
	x := r.root.get("in_force")
	if x == nil {
		r.add(r.root.errorf("缺少 in_force: {from: 日期}"))
		return
	}
	if err := x.only("from", "to"); err != nil {
		r.add(err)
		return
	}
	var err error
	r.From, r.To, err = period(x, "施行日期")
	r.add(err)
}

// period reads from and to, the last day, of a table; the end given back does
// not count.
func period(x *node, what string) (from, to civil.Date, err error) {
	to = civil.Forever
	f := x.get("from")
	if f == nil {
		return 0, to, x.errorf("缺少 from（%s）", what)
	}
	var wrong mistakes
	from, err = date(f)
	wrong.add(err)
	if t := x.get("to"); t != nil {
		last, err := date(t)
		wrong.add(err)
		if err == nil {
			to = last.Next()
		}
		if err == nil && to <= from {
			wrong.add(t.errorf("to（最后一日）早于 from（%s）", what))
		}
	}
	return from, to, wrong.err()
}

func (r *reader) order() {
	x := r.root.get("order")
	if x == nil {
		if r.Order == nil && !r.lost {
			r.add(r.root.errorf("缺少 order（类别次序），如 order: [tekun, dibao]"))
		}
		return
	}
	r.Order = nil
	_, err := categories(x)
	r.add(err)
	for _, y := range x.values {
		if c, err := category(y); err == nil && !slices.Contains(r.Order, c) {
			r.Order = append(r.Order, c)
		}
	}
}

func (r *reader) clauses() {
	x := r.root.get("clauses")
	if x == nil && (len(r.Clauses) > 0 || r.lost) {
		return
	}
	if x == nil || x.kind != mapping {
		r.add(r.root.errorf("缺少 clauses（条款），如 A-1: {article: 第一条, text: 用自己的话概括}"))
		return
	}
	for i, id := range x.keys {
		v := x.values[i]
		c := Clause{ID: id, Number: r.Number}
		if err := v.only("article", "text"); err != nil {
			r.add(err)
			continue
		}
		var err error
		c.Article, err = v.words("article")
		r.add(err)
		c.Text, err = v.words("text")
		r.add(err)
		r.Clauses = put(r.Clauses, func(c Clause) string { return c.ID }, c)
	}
}

// cited reads the clause of an entry.
func (r *reader) cited(n *node, what string) string {
	x := n.get("clause")
	switch {
	case x == nil:
		r.add(n.errorf("%s没有注明条款：请写 clause: 条款代码", what))
		return ""
	case !r.hasClause(x.text) && !r.lost:
		r.add(x.errorf("条款 %q 未在 clauses 中列出", x.text))
	}
	return x.text
}

// parameters walks the nested keys down to those that name a parameter.
func (r *reader) parameters(n *node, prefix string) {
	if n.kind != mapping {
		r.add(n.errorf("此处应为参数表"))
		return
	}
	for i, k := range n.keys {
		path := prefix + k
		switch spec := specOf(path); {
		case spec != nil:
			r.declared[spec.Path] = true
			r.parameter(spec, n.values[i], n.keyAt[i])
		case isGroup(path):
			r.parameters(n.values[i], path+".")
		default:
			r.add(unknownParam(n.keyAt[i], path))
		}
	}
}

// unknownParam names the parameters that were perhaps meant.
func unknownParam(at place, path string) error {
	group, _, _ := strings.Cut(path, ".")
	var near []string
	for _, s := range Specs {
		if strings.HasPrefix(string(s.Path), group+".") {
			near = append(near, string(s.Path))
		}
	}
	if len(near) == 0 {
		return at.errorf("没有参数 %q，可用的参数见 doudi rules schema", path)
	}
	return at.errorf("没有参数 %q，这一组有 %s", path, strings.Join(near, "、"))
}

func isGroup(path string) bool {
	return slices.ContainsFunc(Specs, func(s Spec) bool { return strings.HasPrefix(string(s.Path), path+".") })
}

// parameter reads one; a parameter with a mistake is not kept.
func (r *reader) parameter(spec *Spec, n *node, key place) {
	before := len(r.mistakes)
	defer func() { r.broken[spec.Path] = len(r.mistakes) > before }()
	delete(r.Params, spec.Path) // what was inherited
	if err := n.only("clause", "checked_on", "choice", "unset", "values"); err != nil {
		r.add(err)
		return
	}
	prm := &Param{Spec: spec, CheckedOn: r.CheckedOn, key: key, Clause: r.cited(n, fmt.Sprintf("参数 %s ", spec.Path))}
	var err error
	if x := n.get("checked_on"); x != nil {
		prm.CheckedOn, err = date(x)
		r.add(err)
	}
	prm.Choice, err = n.optional("choice")
	r.add(err)
	prm.Unset, prm.Values = r.valuesOrUnset(n, "values", fmt.Sprintf("参数 %s ", spec.Path), func(x *node) error {
		_, err := spec.parse(x, value{})
		return err
	})
	if len(r.mistakes) == before {
		r.Params[spec.Path] = prm
	}
}

// valuesOrUnset reads either date → value under key, or the reason why there is
// none.
func (r *reader) valuesOrUnset(n *node, key, what string, check func(*node) error) (why string, ds []Dated) {
	var err error
	vals := n.get(key)
	switch {
	case n.get(unset) != nil && vals != nil:
		r.add(n.errorf("%s不能既有 %s 又写 unset，请去掉一个", what, key))
	case n.get(unset) != nil:
		why, err = n.words(unset)
		r.add(err)
	case vals == nil:
		r.add(n.errorf("%s缺少 %s（日期: 值），文件未规定时写 unset: 原因", what, key))
	default:
		ds, err = dated(vals, check)
		r.add(err)
	}
	return why, ds
}
