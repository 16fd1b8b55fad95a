package intake

import (
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// correct finds what a correction replaces: what the same department sent for
// the county and month before. Departments send several lists a month, so that it
// is the list of the same name, where there is one; else those that do the same.
func (x *rosters) correct() error {
	c := correction{x: x, scope: map[sent]bool{}, ops: map[rules.Op]bool{}, months: map[civil.Month]bool{}, by: map[int64]ledger.Seq{}}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		list := &l.r.h.list
		if !list.correction {
			continue
		}
		if list.month == 0 {
			return sheet.Refuse("E-ROSTER-MONTH", "更正名单没有说明是哪个月的，请在标题或文件名里写明（如 2023年8月），或用 --month 指明", nil)
		}
		c.months[list.month] = true
		c.ops[list.op] = c.ops[list.op] || !list.full
		c.full = c.full || list.full
		for _, e := range l.events {
			dept, county := l.placeOf(e)
			c.scope[sent{list.month, dept, county}] = true
			c.categories |= rules.SetOf(e.Category)
		}
	}
	if len(c.months) == 0 {
		return nil
	}
	if len(c.months) > 1 {
		return sheet.Refuse("E-ROSTER-MONTH", "一个文件里有几个月的更正名单，请一个月发一份", nil)
	}
	x.effect.Correction = true
	for _, m := range slices.Sorted(maps.Keys(c.months)) {
		if err := c.month(m); err != nil {
			return err
		}
	}
	c.say()
	return nil
}

// sent is whose list of what month and county a row was in.
type sent struct {
	month  civil.Month
	dept   string
	county string
}

// correction is what a file that corrects says of itself, and what it replaces.
type correction struct {
	x          *rosters
	scope      map[sent]bool
	months     map[civil.Month]bool
	ops        map[rules.Op]bool // of the lists that are no full lists; 0: each row says its own
	full       bool
	categories rules.CategorySet
	named      bool // a list of the same name is replaced
	by         map[int64]ledger.Seq
}

// month finds what is replaced of what was stated for a month.
func (c *correction) month(m civil.Month) error {
	x := c.x
	stated, err := x.im.t.Stated(m)
	if err != nil {
		return err
	}
	by, err := x.im.t.StatedBy(m)
	if err != nil {
		return err
	}
	var ids []int64
	named := false
	for _, id := range slices.Sorted(maps.Keys(stated)) {
		e := x.meta[id]
		if e == nil {
			return fmt.Errorf("%w: event %d was stated for %s, but does not live", ledger.ErrIntegrity, id, m)
		}
		dept, county := deptKey(e.Dept), rules.FoldCounty(e.County)
		if county == "" {
			county = rules.FoldCounty(x.im.o.County)
		}
		if !c.scope[sent{m, dept, county}] && !c.scope[sent{m, dept, ""}] {
			continue
		}
		ids = append(ids, id)
		named = named || x.sameName(by[id])
	}
	c.named = c.named || named
	people, nobody := x.unclear()
	for _, id := range ids {
		e := x.meta[id]
		switch {
		case named && !x.sameName(by[id]), !named && !c.alike(e):
			continue
		case nobody || people[e.Person]:
			x.effect.HeldBack++
			continue
		}
		x.replace[id], c.by[id] = m, by[id]
		if !stated[id] {
			x.lives[id] = true
		}
	}
	return nil
}

// alike reports whether an event came by a list that does the same as one of the
// correction's, for the categories of which it speaks.
func (c *correction) alike(e *ledger.Event) bool {
	of := e.Category == rules.NoCategory || c.categories.Has(e.Category)
	if e.Via != ledger.ViaRow {
		return c.full && of
	}
	return c.ops[0] || c.ops[e.Op] && of
}

// say tells whose place the correction takes.
func (c *correction) say() {
	x, im := c.x, c.x.im
	count := map[ledger.Seq]int{}
	for _, seq := range c.by {
		count[seq]++
	}
	x.effect.Replaced = slices.Sorted(maps.Keys(count))
	var says []string
	for _, seq := range x.effect.Replaced {
		says = append(says, fmt.Sprintf("%s（%d 条）", x.files[seq].Name, count[seq]))
	}
	switch {
	case len(says) == 0 && x.effect.HeldBack == 0:
		im.warnTable(im.roll[0].r.sheet, im.roll[0].r.h.row, "W-CORRECTION", "没有找到同一部门此前报送的该月名单，这份更正没有替代任何名单，按新名单采纳；请核对月份、部门和区县")
	case len(says) > 1 && !c.named:
		im.warnTable(im.roll[0].r.sheet, im.roll[0].r.h.row, "W-CORRECTION", "没有同名的原名单，这份更正按部门、月份和内容替代了 %d 个文件：%s；如只更正其中一份，请用原文件名加“更正”二字重发", len(says), shorten(says, "、"))
	case len(says) > 0:
		im.note("更正名单替代：%s；两份都有的照旧，其余不再有效", shorten(says, "、"))
	}
	if x.effect.HeldBack > 0 {
		im.note("更正名单有退回的行，可能与这些行有关的 %d 条原有记录暂时保留，改正后重发即可", x.effect.HeldBack)
	}
}

// sameName reports whether a file that came before has this file's name, but for
// what marks a correction.
func (x *rosters) sameName(seq ledger.Seq) bool {
	f, ok := x.files[seq]
	return ok && listName(f.Name) == listName(x.im.name)
}

// corrected refuses a list whose place a correction has taken: sent once more, or
// late.
func (x *rosters) corrected() error {
	im := x.im
	if im.o.Correction {
		return nil // somebody says that it is to count again
	}
	corrects := x.effect.Correction
	before := map[ledger.Seq]bool{}
	for seq, f := range x.files {
		before[seq] = f.SHA256 == im.file.SHA256 && f.SHA256 != ""
	}
	for _, seq := range slices.Sorted(maps.Keys(x.files)) {
		f := x.files[seq]
		if !f.Effect.Correction || f.SHA256 == im.file.SHA256 {
			continue
		}
		again := slices.ContainsFunc(f.Effect.Replaced, func(s ledger.Seq) bool { return before[s] })
		late := !corrects && telling(im.name) && plainName(f.Name) == plainName(im.name) && f.Month == im.file.Month && deptKey(f.Source) == deptKey(im.file.Source)
		switch {
		case again:
			return sheet.Refuse("E-ROSTER-CORRECTED", fmt.Sprintf("这份名单已由更正名单 %s 替代，不再采纳，未作任何改动；如要恢复这一份，请用 --correct 读入", f.Name), nil)
		case late:
			return sheet.Refuse("E-ROSTER-CORRECTED", fmt.Sprintf("这份名单的更正 %s 已经采纳，更正前的名单不再采纳，未作任何改动；如果是另一份名单，请换一个文件名再发", f.Name), nil)
		}
	}
	return nil
}
