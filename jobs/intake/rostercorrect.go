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

// correct finds what a correction replaces: what the same department sent for
// the county and month before. Departments send several lists a month, so that it
// is the list of the same name, where there is one; else those that do the same.
func (x *rosters) correct() error {
	c := correction{x: x, scope: scopes{}, ops: map[rules.Op]bool{}, months: map[civil.Month]bool{}, count: map[ledger.Seq]int{}}
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

// scopes are those of a correction; a row without a county may be of any.
type scopes map[sent]bool

func (s scopes) has(m civil.Month, dept, county string) bool {
	return s[sent{m, dept, county}] || s[sent{m, dept, ""}]
}

// correction is what a file that corrects says of itself, and what it replaces.
type correction struct {
	x          *rosters
	scope      scopes
	months     map[civil.Month]bool
	ops        map[rules.Op]bool // of the lists that are no full lists; 0: each row says its own
	full       bool
	categories rules.CategorySet
	named      bool               // a list of the same name is on record: it is the one that is replaced
	count      map[ledger.Seq]int // of the statements of each file that are replaced
}

// month finds what is replaced of what was stated for a month.
func (c *correction) month(m civil.Month) error {
	x := c.x
	x.month = m
	stated, err := x.im.t.Stated(m)
	if err != nil {
		return err
	}
	c.named = x.namesake(m, c.scope)
	numbers, nobody := x.unclear()
	people := map[ledger.PersonNo]bool{}
	for p := range numbers {
		people[x.im.t.Whose(p)] = true
	}
	for _, id := range slices.Sorted(maps.Keys(stated)) {
		e, is := x.meta[id], stated[id]
		if e == nil {
			return fmt.Errorf("%w: event %d was stated for %s, but does not live", ledger.ErrIntegrity, id, m)
		}
		if !c.scope.has(m, deptKey(e.Dept), rules.FoldCounty(cmp.Or(e.County, x.im.o.County))) {
			continue
		}
		var by []ledger.Seq
		kept := 0
		for _, s := range is.By {
			switch {
			case s.Via.Derived(): // follows from what is left
			case slices.Contains(by, s.By):
			case c.named && x.sameName(s.By) || !c.named && c.alike(e, s.Via):
				by = append(by, s.By)
			default:
				kept++
			}
		}
		switch {
		case len(by) == 0:
			continue
		case nobody || people[x.whose(e)]:
			x.effect.HeldBack++
			continue
		}
		x.replace[id] = by
		for _, seq := range by {
			c.count[seq]++
		}
		if kept > 0 || is.Beside > 0 {
			x.lives[id] = true
		}
	}
	return nil
}

// namesake reports whether a list of this file's name is on record for a month, of
// the department that the correction is of: whatever is left of it.
func (x *rosters) namesake(m civil.Month, of scopes) bool {
	for _, f := range x.files {
		dept := deptKey(f.Source)
		ours := dept == "" || slices.ContainsFunc(slices.Collect(maps.Keys(of)), func(s sent) bool { return s.dept == "" || s.dept == dept })
		if f.Month == m && ours && listName(f.Name) == listName(x.im.name) {
			return true
		}
	}
	return false
}

// alike reports whether an event was stated by a list that does the same as one of
// the correction's, for the categories of which it speaks.
func (c *correction) alike(e *ledger.Event, via ledger.Via) bool {
	of := e.Category == rules.NoCategory || c.categories.Has(e.Category)
	if via != ledger.ViaRow {
		return c.full && of
	}
	return c.ops[0] || c.ops[e.Op] && of
}

// speaks reports whether the correction takes the place of a full list.
func (c *correction) speaks(seq ledger.Seq, l *ledger.FullList) bool {
	if c.named {
		return c.x.sameName(seq)
	}
	return c.full && slices.ContainsFunc(l.Scope, func(r ledger.Reach) bool {
		return c.categories.Has(r.Category) && (r.County == "" && slices.ContainsFunc(slices.Collect(maps.Keys(c.scope)), func(s sent) bool { return s.dept == r.Dept }) || c.scope.has(l.Month, r.Dept, r.County))
	})
}

// withdraw takes back what a correction replaces and does not state itself. What it
// states of a list of another name is from now on its own alone.
func (x *rosters) withdraw(stated map[int64]bool) error {
	src := x.src()
	for _, id := range slices.Sorted(maps.Keys(x.replace)) {
		again, acts := stated[id]
		lives, done := true, false
		for _, by := range x.replace[id] {
			if again && x.sameName(by) {
				continue
			}
			var err error
			if lives, err = x.im.t.Withdraw(id, x.month, by, src); err != nil {
				return err
			}
			done = true
		}
		if done && lives != (x.lives[id] || acts) {
			return fmt.Errorf("%w: event %d lives on after its withdrawal: %t, not as it was stated", ledger.ErrIntegrity, id, lives)
		}
		if !again {
			x.effect.Withdrawn++
		}
	}
	if x.effect.Correction {
		x.effect.Withdrawn += len(x.stale)
	}
	for _, id := range slices.Sorted(maps.Keys(x.stale)) {
		e := x.meta[id]
		if _, err := x.im.t.Withdraw(id, e.Month, e.Src.Seq, src); err != nil {
			return err
		}
	}
	return nil
}

// src is where the file as a whole says what it does; one that only follows
// corrections of IDs has no sheet.
func (x *rosters) src() ledger.Source {
	s := ledger.Source{Seq: x.im.file.Seq, Sheet: x.im.name}
	if len(x.im.roll) > 0 {
		s.Sheet = HideIDs(x.im.roll[0].r.sheet)
	}
	return s
}

// say tells whose place the correction takes.
func (c *correction) say() {
	x, im := c.x, c.x.im
	for seq, f := range x.files { // and the full lists, of which nothing else may be left
		if slices.ContainsFunc(f.Lists, func(l ledger.FullList) bool { return l.Month == x.month && c.speaks(seq, &l) }) {
			c.count[seq] += 0
		}
	}
	x.effect.Replaced = slices.Sorted(maps.Keys(c.count))
	var says []string
	for _, seq := range x.effect.Replaced {
		if c.count[seq] == 0 {
			continue
		}
		says = append(says, fmt.Sprintf("%s（%d 条）", x.files[seq].Name, c.count[seq]))
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
		before[seq] = x.sameFile(&f)
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

// sameFile reports whether a file on record is this one: of the same bytes, for the same
// month. (Nobody may have left between two months.)
func (x *rosters) sameFile(f *ledger.File) bool {
	return f.SHA256 == x.im.file.SHA256 && f.SHA256 != "" && f.Month == x.im.file.Month
}

// stands is when a file came: one that is read again stands where it stood.
func stands(f *ledger.File) ledger.Seq {
	if f.Effect == nil {
		return f.Seq
	}
	return cmp.Or(f.Effect.Of, f.Seq)
}

// readAgain finds where a file that is read again stands, and the name of the correction
// that took its place since; "" for none.
func (x *rosters) readAgain() string {
	im := x.im
	seqs := slices.Sorted(maps.Keys(x.files))
	for _, seq := range seqs {
		if f := x.files[seq]; x.sameFile(&f) {
			x.effect.Of = stands(&f)
		}
	}
	for _, seq := range seqs {
		f := x.files[seq]
		if x.effect.Of == 0 || seq < x.effect.Of || !f.Effect.Correction || x.sameFile(&f) {
			continue
		}
		if slices.ContainsFunc(f.Effect.Replaced, func(s ledger.Seq) bool { was := x.files[s]; return stands(&was) == x.effect.Of }) ||
			x.sameName(seq) && f.Month == im.file.Month && deptKey(f.Source) == deptKey(im.file.Source) {
			return f.Name
		}
	}
	return ""
}

// leave takes nothing of a file that is read again after its correction: what the
// correction left of it acts as before.
func (x *rosters) leave(by string) {
	im := x.im
	l := &im.roll[0]
	im.warnTable(l.r.sheet, l.r.h.row, "W-CORRECTED", "这份名单已由更正名单 %s 替代，重新读取时名单各行（包括此前退回、现在能读的）都不再采纳，在册人员不变；如要恢复这一份，请用 --correct 读入", by)
	for i := range im.roll {
		if l := &im.roll[i]; !l.back {
			im.count(l.r, false)
		}
	}
	im.file.Effect = &x.effect
}
