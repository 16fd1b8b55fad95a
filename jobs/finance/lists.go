package finance

import (
	"doudi/jobs/reconcile"
)

// listed gives the dues of whom a batch lists without amounts the batch's number: the
// batch is one payment, and its lines of 0 say for whom. A line that names a
// settlement is for that one alone, another one for all of the person's dues of the
// item that its period holds, or that had begun. What two batches list is of neither.
func listed(dues []reconcile.Due, lines []reconcile.Line, items *reconcile.Items) {
	type key struct {
		person int64
		item   string
	}
	lists := map[key][]*reconcile.Line{}
	for i := range lines {
		if l := &lines[i]; l.Amount == 0 && l.Batch != "" && l.Person != 0 {
			item, _ := items.Fold(l.Item)
			k := key{l.Person, item}
			lists[k] = append(lists[k], l)
		}
	}
	for i := range dues {
		d := &dues[i]
		batch, several := "", false
		for _, l := range lists[key{d.Person, d.Item}] {
			if l.Settlement != "" && l.Settlement != d.Settlement {
				continue
			}
			held := l.Settlement != "" || l.From <= d.From && d.To <= l.To
			if l.From == 0 {
				held = held || d.From <= l.Date.Month()
			}
			if held {
				several = several || batch != "" && batch != l.Batch
				batch = l.Batch
			}
		}
		if !several {
			d.Batch = batch
		}
	}
}
