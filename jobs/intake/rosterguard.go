package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// CodeLarge is the code of a roster that takes too many people off the lists.
const CodeLarge = "E-ROSTER-LARGE"

const (
	// A roster that takes so many people off the lists, and more than a third of
	// those who were on them, is more likely a cut or a mistaken file than true.
	largeRemoval = 10
	largeShare   = 3
)

// lot is a group of people of whom not too many should leave at once.
type lot struct {
	category rules.Category
	county   string
}

// implausible refuses a file that takes too many people off the lists: of a
// category in a county, or of all of which it speaks.
func (x *rosters) implausible() error {
	from := x.im.o.Today // the first day that the file touches
	for _, e := range x.taken {
		from = min(from, e.Date)
	}
	for id := range x.replace {
		from = min(from, x.meta[id].Date)
	}
	open, lost := map[lot]map[ledger.PersonNo]bool{}, map[lot]map[ledger.PersonNo]bool{}
	put := func(m map[lot]map[ledger.PersonNo]bool, p ledger.PersonNo, s rules.Spell) {
		for _, l := range []lot{{s.Category, rules.FoldCounty(cmp.Or(s.County, x.im.o.County))}, {}} {
			if m[l] == nil {
				m[l] = map[ledger.PersonNo]bool{}
			}
			m[l][p] = true
		}
	}
	for p := range x.before {
		before := x.spells(x.before, p)
		var after []rules.Spell
		if x.spokenOf[p] {
			after = x.spells(x.after, p)
		}
		for _, s := range before {
			if !x.spoken.Has(s.Category) || s.End <= from {
				continue
			}
			put(open, p, s)
			if x.spokenOf[p] && loses(s, before, after) {
				put(lost, p, s)
			}
		}
	}
	for _, l := range slices.SortedFunc(maps.Keys(lost), func(a, b lot) int {
		return cmp.Or(cmp.Compare(a.category, b.category), cmp.Compare(a.county, b.county))
	}) {
		gone, all := len(lost[l]), len(open[l])
		if gone < largeRemoval || gone*largeShare <= all {
			continue
		}
		of := l.category.Chinese()
		if of == "" {
			of = "同类别"
		}
		return x.refuseLarge(fmt.Sprintf("这份名单将使 %d 人失去身份，而%s在册的有 %d 人，超过三分之一，可能是名单不全或发错了文件", gone, of, all))
	}
	return nil
}

// loses reports whether a spell loses days, and no other category comes in its
// place on them.
func loses(s rules.Spell, before, after []rules.Spell) bool {
	// Days are lost from the end of what is left of the spell, or at its start.
	kept := func(d civil.Date) bool {
		held := rules.Held(after, d)
		return held.Has(s.Category) || held&^rules.Held(before, d) != 0
	}
	if !kept(s.Start) {
		return true
	}
	for _, a := range after {
		if s.Covers(a.End) && a.End < s.End && !kept(a.End) {
			return true
		}
	}
	return false
}

// refuseLarge refuses a file, unless somebody said that it is right; a dry run
// says only that it would be.
func (x *rosters) refuseLarge(msg string) error {
	if x.im.o.LargeOK {
		x.im.warnTable(x.im.roll[0].r.sheet, x.im.roll[0].r.h.row, "W-LARGE", "%s；已按要求采纳", msg)
		return nil
	}
	msg += "。请先向报送部门核实；如属实，用 doudi import --accept-large-change 读入这个文件（加 --dry-run 可先看效果）"
	if x.im.o.Dry {
		x.im.report.Implausible = msg
		return nil
	}
	return sheet.Refuse(CodeLarge, msg+"。未采纳任何内容", nil)
}
