package pack

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Case is a small worked case: events and claims of one person, and what each
// claim is due. It is how a pack is checked by people who don't read Go.
type Case struct {
	Name    string
	Pack    string
	County  string // of all events that name none
	Overlay *Overlay
	Events  []rules.Event
	Claims  []rules.Claim // in the order of the file
	Expect  []Expect

	file string
	asks []ask
}

// ask is what a claim wants to be filled in from the policy.
type ask struct {
	claim int
	class string // a designated hospital of this class
	major bool   // one of the diseases with a ratio of their own there
	at    place
}

// Expect is what one claim is due. Layers that the file does not name are 0,
// basic as recorded.
type Expect struct {
	ID    string
	Line  int
	Retro bool
	Want  rules.Result // Category and amounts
	at    place
}

// ParseCase reads a case. The error is all mistakes, each an [*Error].
func ParseCase(file string, data []byte) (*Case, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, ordered(err)
	}
	if err := root.only("name", "pack", "county", "overlay", "events", "claims", "expect"); err != nil {
		return nil, err
	}
	c := &Case{file: file}
	f := &fields{n: root}
	c.Name, c.Pack, c.County = f.text("name"), f.text("pack"), f.text("county")
	if x := root.get("overlay"); x != nil {
		c.Overlay, err = overlayOf(x, []byte(x.String()))
		f.add(err)
	}
	for _, x := range f.list("events") {
		e, err := c.event(x)
		f.add(err)
		e.Ref = int64(len(c.Events) + 1)
		c.Events = append(c.Events, e)
	}
	basic := map[string]money.Fen{}
	for _, x := range f.list("claims") {
		cl, err := c.claim(x)
		f.add(err)
		if _, dup := basic[cl.ID]; dup {
			f.add(x.errorf("结算号 %q 重复", cl.ID))
		}
		basic[cl.ID] = cl.Basic
		cl.Ref = int64(len(c.Claims) + 1)
		c.Claims = append(c.Claims, cl)
	}
	for _, x := range f.list("expect") {
		e, err := caseExpect(x, basic)
		f.add(err)
		c.Expect = append(c.Expect, e)
	}
	return c, f.err()
}

// fields reads typed fields of a map and collects their mistakes.
type fields struct {
	n *node
	mistakes
}

func (f *fields) list(key string) []*node {
	x := f.n.get(key)
	if x == nil || x.kind != list {
		f.add(f.n.errorf("缺少 %s（列表）", key))
		return nil
	}
	return x.values
}

func (f *fields) text(key string) string {
	x := f.n.get(key)
	if x == nil {
		return ""
	}
	t, err := x.str()
	f.add(err)
	return t
}

// parseField reads a field with a parser of the rules. The parser's error is for
// programs; the mistake says what the field may hold.
func parseField[T any](f *fields, key string, read func(string) (T, error)) T {
	v, err := read(f.text(key))
	if err != nil {
		at := f.n.place
		if x := f.n.get(key); x != nil {
			at = x.place
		}
		f.add(at.errorf("%s 的值 %q 有误，应为%s", key, f.text(key), expected(key)))
	}
	return v
}

// expected says what a field of a case may hold.
func expected(key string) string {
	switch key {
	case "op":
		return " add、remove、change 之一"
	case "kind":
		return " " + strings.Join(kindCodes(), "、") + " 之一"
	case "referral":
		return " local、referred、unreferred 之一"
	case "insurance":
		return " employees、residents 之一"
	case "cause":
		return " illness 或空"
	case "category":
		return " " + strings.Join(categoryCodes(), "、") + " 之一，或空"
	case "date", "expiry", "applied", "setl_time":
		return "日期，如 2023-01-01"
	case "level", "hospital_level":
		return "整数"
	}
	return "金额，最多两位小数"
}

// given is like parseField where a missing field is the zero value.
func given[T any](f *fields, key string, read func(string) (T, error)) (v T) {
	if f.n.get(key) == nil {
		return v
	}
	return parseField(f, key, read)
}

func small(t string) (uint8, error) {
	n, err := strconv.ParseUint(t, 10, 8)
	return uint8(n), err
}

var errUnknown = errors.New("unknown")

var ops = map[string]rules.Op{"add": rules.Add, "remove": rules.Remove, "change": rules.Change}

func (c *Case) event(x *node) (e rules.Event, err error) {
	if err := x.only("op", "category", "cause", "date", "expiry", "level", "county", "applied"); err != nil {
		return e, err
	}
	f := &fields{n: x}
	e.Op = parseField(f, "op", func(t string) (rules.Op, error) {
		if ops[t] == 0 {
			return 0, errUnknown
		}
		return ops[t], nil
	})
	e.Category = parseField(f, "category", rules.ParseCategory)
	e.Cause = parseField(f, "cause", rules.ParseCause)
	e.Date = parseField(f, "date", civil.ParseDate)
	e.Expiry = given(f, "expiry", civil.ParseDate)
	e.Level = given(f, "level", small)
	e.Applied = given(f, "applied", civil.ParseDate)
	e.County = f.text("county")
	if e.County == "" {
		e.County = c.County
	}
	return e, f.err()
}

func (c *Case) claim(x *node) (cl rules.Claim, err error) {
	if err := x.only("id", "setl_time", "kind", "referral", "in_province", "total", "in_scope", "basic", "other", "major", "assist",
		"hospital_level", "disease", "insurance", "designated", "major40"); err != nil {
		return cl, err
	}
	f := &fields{n: x}
	cl.ID = f.text("id")
	cl.At = parseField(f, "setl_time", moment)
	cl.Kind = parseField(f, "kind", rules.ParseKind)
	cl.Referral = parseField(f, "referral", rules.ParseReferral)
	cl.OutOfProvince = f.text("in_province") == "false"
	for key, into := range map[string]*money.Fen{"total": &cl.Total, "in_scope": &cl.InScope, "basic": &cl.Basic,
		"other": &cl.Other, "major": &cl.Major, "assist": &cl.Assist} {
		*into = given(f, key, money.ParseYuan)
	}
	cl.Level = given(f, "hospital_level", small)
	cl.DiseaseCode = rules.Fold(f.text("disease"))
	cl.Insurance = given(f, "insurance", rules.ParseInsurance)
	if q := (ask{len(c.Claims), f.text("designated"), f.text("major40") == "true", x.place}); q.class != "" || q.major {
		c.asks = append(c.asks, q)
	}
	if len(f.mistakes) == 0 {
		if err := cl.Check(); err != nil {
			f.add(x.errorf("结算 %s %s", cl.ID, refusals[err]))
		}
	}
	return cl, f.err()
}

// refusals are the claims that must not be settled, in Chinese.
var refusals = map[error]string{
	rules.ErrNegative: "有负数金额",
	rules.ErrScope:    "的范围内费用大于总费用",
	rules.ErrSum:      "的各项支付合计大于总费用",
}

func moment(t string) (civil.Moment, error) {
	if tm, err := time.Parse(time.DateTime, t); err == nil {
		return civil.MomentOf(tm), nil
	}
	d, err := civil.ParseDate(t)
	return d.At(), err
}

func caseExpect(x *node, basic map[string]money.Fen) (e Expect, err error) {
	if err := x.only("id", "category", "retro", "basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person"); err != nil {
		return e, err
	}
	f := &fields{n: x}
	e.ID, e.Line, e.at = f.text("id"), x.line, x.place
	e.Retro = f.text("retro") == "true"
	w := &e.Want
	w.Retro = e.Retro
	w.Category = parseField(f, "category", rules.ParseCategory)
	var known bool
	if w.Basic, known = basic[e.ID]; !known {
		f.add(x.errorf("claims 里没有结算 %q", e.ID))
	}
	for _, l := range layersOf(w) {
		if x.get(l.key) != nil {
			*l.amount = parseField(f, l.key, money.ParseYuan)
		}
	}
	if x.get("person") == nil {
		f.add(x.errorf("缺少 person（个人负担）"))
	}
	return e, f.err()
}

// layer is one amount of a result, with its key in a case and its Chinese name.
type layer struct {
	key, name string
	amount    *money.Fen
}

func layersOf(r *rules.Result) []layer {
	return []layer{{"basic", "基本医保", &r.Basic}, {"other", "其他补助", &r.Other}, {"major", "大病保险", &r.Major}, {"assist", "医疗救助", &r.Assist},
		{"tilt", "倾斜救助", &r.Tilt}, {"special", "特殊救助", &r.Special}, {"supplement", "补充保险", &r.Supplement},
		{"hospital", "医院承担", &r.Hospital}, {"person", "个人负担", &r.Person}}
}
