package pack

import (
	"fmt"
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
	County  string
	Overlay *Overlay
	Events  []rules.Event
	Claims  []rules.Claim // in the order of the file
	Expect  []Expect
}

// Expect is what one claim is due. Layers that the file does not name are 0,
// basic as recorded.
type Expect struct {
	ID    string
	Line  int
	Retro bool
	Want  rules.Result // Category and amounts
}

// ParseCase reads a case.
func ParseCase(file string, data []byte) (*Case, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	if err := root.only("name", "pack", "county", "overlay", "events", "claims", "expect"); err != nil {
		return nil, err
	}
	c := &Case{}
	for key, into := range map[string]*string{"name": &c.Name, "pack": &c.Pack, "county": &c.County} {
		if x := root.get(key); x != nil {
			*into = x.text
		}
	}
	if x := root.get("overlay"); x != nil {
		if c.Overlay, err = overlayOf(x, []byte(x.String())); err != nil {
			return nil, err
		}
	}
	lists := map[string]*node{}
	for _, key := range []string{"events", "claims", "expect"} {
		x := root.get(key)
		if x == nil || x.kind != list {
			return nil, root.errorf("缺少 %s", key)
		}
		lists[key] = x
	}
	for i, x := range lists["events"].values {
		e, err := caseEvent(x)
		if err != nil {
			return nil, err
		}
		e.Ref = int64(i + 1)
		c.Events = append(c.Events, e)
	}
	basic := map[string]money.Fen{}
	for i, x := range lists["claims"].values {
		cl, err := caseClaim(x)
		if err != nil {
			return nil, err
		}
		cl.Ref = int64(i + 1)
		basic[cl.ID] = cl.Basic
		c.Claims = append(c.Claims, cl)
	}
	for _, x := range lists["expect"].values {
		e, err := caseExpect(x, basic)
		if err != nil {
			return nil, err
		}
		c.Expect = append(c.Expect, e)
	}
	return c, nil
}

// field reads typed fields of a map and keeps the first error.
type fields struct {
	n   *node
	err error
}

func (f *fields) text(key string) string {
	if x := f.n.get(key); x != nil {
		return x.text
	}
	return ""
}

func (f *fields) money(key string) money.Fen {
	x := f.n.get(key)
	if x == nil {
		return 0
	}
	v, err := money.ParseYuan(x.text)
	if err != nil && f.err == nil {
		f.err = x.errorf("%v", err)
	}
	return v
}

func (f *fields) check(err error) {
	if err != nil && f.err == nil {
		f.err = f.n.errorf("%v", err)
	}
}

func caseEvent(x *node) (e rules.Event, err error) {
	if err := x.only("op", "category", "cause", "date", "expiry", "level"); err != nil {
		return e, err
	}
	f := &fields{n: x}
	ops := map[string]rules.Op{"add": rules.Add, "remove": rules.Remove, "change": rules.Change}
	e.Op = ops[f.text("op")]
	if e.Op == 0 {
		f.check(fmt.Errorf("不认识的操作 %q", f.text("op")))
	}
	e.Category, err = rules.ParseCategory(f.text("category"))
	f.check(err)
	e.Cause, err = rules.ParseCause(f.text("cause"))
	f.check(err)
	e.Date, err = civil.ParseDate(f.text("date"))
	f.check(err)
	if t := f.text("expiry"); t != "" {
		e.Expiry, err = civil.ParseDate(t)
		f.check(err)
	}
	if t := f.text("level"); t != "" {
		_, err := fmt.Sscanf(t, "%d", &e.Level)
		f.check(err)
	}
	return e, f.err
}

func caseClaim(x *node) (c rules.Claim, err error) {
	if err := x.only("id", "setl_time", "kind", "referral", "in_province", "total", "in_scope", "basic", "other", "major", "assist", "hospital_level", "disease"); err != nil {
		return c, err
	}
	f := &fields{n: x}
	c.ID = f.text("id")
	t := f.text("setl_time")
	if tm, perr := time.Parse("2006-01-02 15:04:05", t); perr == nil {
		c.At = civil.MomentOf(tm)
	} else {
		d, err := civil.ParseDate(t)
		f.check(err)
		c.At = d.At()
	}
	c.Kind, err = rules.ParseKind(f.text("kind"))
	f.check(err)
	c.Referral, err = rules.ParseReferral(f.text("referral"))
	f.check(err)
	c.OutOfProvince = f.text("in_province") == "false"
	c.Total, c.InScope, c.Basic = f.money("total"), f.money("in_scope"), f.money("basic")
	c.Other, c.Major, c.Assist = f.money("other"), f.money("major"), f.money("assist")
	if t := f.text("hospital_level"); t != "" {
		_, err := fmt.Sscanf(t, "%d", &c.Level)
		f.check(err)
	}
	c.DiseaseCode = rules.Fold(f.text("disease"))
	f.check(c.Check())
	return c, f.err
}

func caseExpect(x *node, basic map[string]money.Fen) (e Expect, err error) {
	if err := x.only("id", "category", "retro", "basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person"); err != nil {
		return e, err
	}
	f := &fields{n: x}
	e.ID, e.Line = f.text("id"), x.line
	e.Retro = f.text("retro") == "true"
	w := &e.Want
	w.Category, err = rules.ParseCategory(f.text("category"))
	f.check(err)
	w.Retro = e.Retro
	w.Basic = basic[e.ID]
	if x.get("basic") != nil {
		w.Basic = f.money("basic")
	}
	w.Other, w.Major, w.Assist, w.Tilt = f.money("other"), f.money("major"), f.money("assist"), f.money("tilt")
	w.Special, w.Supplement, w.Hospital = f.money("special"), f.money("supplement"), f.money("hospital")
	if x.get("person") == nil {
		f.check(fmt.Errorf("缺少 person"))
	}
	w.Person = f.money("person")
	return e, f.err
}

// Run settles the case under a policy and gives the results by claim ID, year
// by year.
func (c *Case) Run(pol *rules.Policy) (map[string]rules.Result, error) {
	spells, _ := pol.Spells(c.Events)
	windows := pol.Windows(spells)
	claims := append([]rules.Claim(nil), c.Claims...)
	rules.SortClaims(claims)
	out := map[string]rules.Result{}
	for len(claims) > 0 {
		n := 1
		for n < len(claims) && claims[n].At.Date().Year() == claims[0].At.Date().Year() {
			n++
		}
		rs, err := pol.SettleYear(spells, windows, claims[:n], nil, nil)
		if err != nil {
			return nil, err
		}
		for i, r := range rs {
			out[claims[i].ID] = r
		}
		claims = claims[n:]
	}
	return out, nil
}
