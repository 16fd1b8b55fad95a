package reconcile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"doudi/rules/civil"
)

// Manual is a match by hand. It acts before all rules. Where the sums differ it is
// 少拨 or 多拨 for the reason that is given. Dues alone set off each other, lines
// alone take back each other: they come to 0, else the match would hide them.
type Manual struct {
	ID          int64
	Dues, Lines []string // keys
	Reason, By  string
	At          civil.Moment
}

// OneSided reports whether there is nothing on the other side.
func (m *Manual) OneSided() bool { return len(m.Dues) == 0 || len(m.Lines) == 0 }

// ManualEvent is what stands on record of a match by hand: that it was made, or
// that it was undone. It is never changed.
type ManualEvent struct {
	Undo   int64 // the ID of the match that is undone; 0: a match is made
	Manual       // of an undo: its own ID, reason, who and when
}

// Fold gives the matches that are in force: those that were made and not undone,
// by their IDs. An undo can not be undone; the match is made anew.
func Fold(events []ManualEvent) ([]Manual, error) {
	es := slices.Clone(events)
	slices.SortStableFunc(es, func(a, b ManualEvent) int { return cmp.Compare(a.ID, b.ID) })
	var bad Errors
	at := map[int64]int{} // place of a match in made
	undone := map[int64]bool{}
	var made []Manual
	for i, e := range es {
		key := "manual:" + strconv.FormatInt(e.ID, 10)
		if i > 0 && es[i-1].ID == e.ID {
			bad.add("E-MANUAL-ID", key, "两条人工记录编号相同")
			continue
		}
		if strings.TrimSpace(e.Reason) == "" || strings.TrimSpace(e.By) == "" {
			bad.add("E-MANUAL-REASON", key, "人工勾对和撤销须写明理由和经办人")
		}
		if e.Undo == 0 {
			at[e.ID] = len(made)
			made = append(made, e.Manual)
			continue
		}
		_, known := at[e.Undo]
		switch {
		case !known:
			bad.add("E-UNDO-UNKNOWN", key, "要撤销的人工勾对不存在："+strconv.FormatInt(e.Undo, 10))
		case undone[e.Undo]:
			bad.add("E-UNDO-TWICE", key, "人工勾对已经撤销："+strconv.FormatInt(e.Undo, 10))
		}
		undone[e.Undo] = true
	}
	made = slices.DeleteFunc(made, func(m Manual) bool { return undone[m.ID] })
	return made, bad.err()
}

// byHand puts the matches of users. Every key must be known and used once.
func (e *engine) byHand(bad *Errors) {
	ms := e.r.Manual
	seen := map[string]bool{}
	for i := range ms {
		m := &ms[i]
		key := "manual:" + strconv.FormatInt(m.ID, 10)
		ok := true
		fail := func(code, key, text string) { bad.add(code, key, text); ok = false }
		if i > 0 && ms[i-1].ID == m.ID {
			fail("E-MANUAL-ID", key, "两条人工记录编号相同")
		}
		if strings.TrimSpace(m.Reason) == "" || strings.TrimSpace(m.By) == "" {
			fail("E-MANUAL-REASON", key, "人工勾对须写明理由和经办人")
		}
		if len(m.Dues)+len(m.Lines) < 2 {
			fail("E-MANUAL-EMPTY", key, "人工勾对至少要有两笔")
		}
		find := func(what string, keys []string, search func(string) (int, bool)) (out []int32) {
			for _, k := range keys {
				n, known := search(k)
				switch {
				case !known:
					fail("E-MANUAL-UNKNOWN", key, what+"不存在："+k)
				case seen[what+k]:
					fail("E-MANUAL-TWICE", key, what+"已在人工勾对中用过："+k)
				}
				seen[what+k] = true
				out = append(out, int32(n))
			}
			return out
		}
		ds := find("应拨", m.Dues, func(k string) (int, bool) {
			return slices.BinarySearchFunc(e.r.Dues, k, func(d Due, k string) int { return strings.Compare(d.Key, k) })
		})
		ls := find("拨付", m.Lines, func(k string) (int, bool) {
			return slices.BinarySearchFunc(e.r.Lines, k, func(l Line, k string) int { return strings.Compare(l.Key, k) })
		})
		if ok && m.OneSided() && e.d.sum(ds)+e.l.sum(ls) != 0 {
			fail("E-MANUAL-SUM", key, "只有一边的人工勾对合计须为 0："+yuan(e.d.sum(ds)+e.l.sum(ls)))
		}
		if ok {
			e.put(Match{Rule: ByHand, Fit: AnyPeriod, Hand: int32(i)}, ds, ls)
		}
	}
}
