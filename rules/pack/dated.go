package pack

import (
	"strings"

	"doudi/rules/civil"
)

// Dated is a value from a day on.
type Dated struct {
	From civil.Date // 0: always
	Gap  bool       // a stated gap: from this day on there is no value
	Why  string     // of a gap, if the reason is given
	node *node
	at   place // of the date, or of a value without one
}

// Text prints the value as it is written in the pack, on one line.
func (d Dated) Text() string { return d.node.String() }

// unset is the word for what has no value.
const unset = "unset"

// gap reports whether a value says that there is none, and why: the word unset,
// or {unset: reason}.
func gap(n *node) (why string, is bool, err error) {
	if n.kind == scalar && n.text == unset {
		return "", true, nil
	}
	if n.kind == mapping && len(n.keys) == 1 && n.keys[0] == unset {
		why, err = n.words(unset)
		return why, true, err
	}
	return "", false, nil
}

// dated reads date → value, in ascending order; check reads each value that is
// no gap.
func dated(n *node, check func(*node) error) ([]Dated, error) {
	if n.kind != mapping || len(n.keys) == 0 {
		return nil, n.errorf("此处应为 日期: 值，如 2023-01-01: 80%%")
	}
	var out []Dated
	var wrong mistakes
	for i, k := range n.keys {
		d, err := civil.ParseDate(k)
		if err != nil {
			wrong.add(n.keyAt[i].errorf("%q 不是日期，应写作 2023-01-01", k))
			continue
		}
		if len(out) > 0 && d <= out[len(out)-1].From {
			wrong.add(n.keyAt[i].errorf("日期应由早到晚，且不能重复；%s 应写在 %s 之前", d, out[len(out)-1].From))
			continue
		}
		x, err := single(n.values[i], check)
		wrong.add(err)
		x.From, x.at = d, n.keyAt[i]
		out = append(out, x)
	}
	return out, wrong.err()
}

// single reads one value that holds always.
func single(n *node, check func(*node) error) (Dated, error) {
	x := Dated{node: n, at: n.place}
	var err error
	if x.Why, x.Gap, err = gap(n); !x.Gap {
		err = check(n)
	}
	return x, err
}

// datedOrSingle reads what an overlay may write: a value, or date → value.
func datedOrSingle(n *node, check func(*node) error) ([]Dated, error) {
	if isDated(n) {
		return dated(n, check)
	}
	x, err := single(n, check)
	return []Dated{x}, err
}

// isDated reports whether a map's keys are dates, or were meant to be.
func isDated(n *node) bool {
	if n.kind != mapping || len(n.keys) == 0 {
		return false
	}
	year, _, ok := strings.Cut(n.keys[0], "-")
	return ok && len(year) == 4 && strings.Trim(year, "0123456789") == ""
}

// at is the last value that begins on or before d; earliest takes the first
// value instead.
func at(ds []Dated, d civil.Date, earliest bool) (Dated, bool) {
	if earliest {
		if len(ds) == 0 {
			return Dated{}, false
		}
		return ds[0], true
	}
	for i := len(ds) - 1; i >= 0; i-- {
		if ds[i].From <= d {
			return ds[i], true
		}
	}
	return Dated{}, false
}
