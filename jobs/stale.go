package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/yearend"
	"doudi/rules/civil"
)

// Stale says why the proposal of a run may not be posted any more. It is a
// ledger.ErrStale.
type Stale struct {
	Run   int
	Since []string // what came since, in Chinese
}

func (e *Stale) Error() string {
	return fmt.Sprintf("jobs: since run %d: %s", e.Run, strings.Join(e.Since, "；"))
}

// Unwrap implements errors.Is.
func (e *Stale) Unwrap() error { return ledger.ErrStale }

// WrongDay says why nothing can be posted on a day: it lies in a closed year, or
// before what is on record already. The clock is wrong, then or now.
type WrongDay struct {
	Day  civil.Date
	Last civil.Date // of the last entry, where the day is before it
	Area string
	Year int // closed
}

func (e *WrongDay) Error() string {
	if e.Year != 0 {
		return fmt.Sprintf("jobs: %s lies in %d or before, which is closed in %s", e.Day, e.Year, e.Area)
	}
	return fmt.Sprintf("jobs: %s is before %s, the day of the last entry", e.Day, e.Last)
}

// noInput are the entries that change no result, see Store.LastInput. Of the closings
// the calendar says which years they leave closed.
var noInput = []ledger.EntryKind{ledger.EntryRun, ledger.EntryMatch, ledger.EntryClose}

// came names entries by their kind, with a number.
var came = []struct {
	kind ledger.EntryKind
	what string
}{{ledger.EntryImport, "读入文件 %d 份"}, {ledger.EntryPost, "过账 %d 次"}, {ledger.EntryMerge, "更正身份证号 %d 次"}}

// stale says what changed since a run that its proposal is made of; nil where nothing
// did: files, postings, corrections of IDs, policies, and which years are closed.
func (c *Cycle) stale(ctx context.Context, run ledger.Run) error {
	since, err := c.entries(ctx, run.Seen)
	if err != nil {
		return err
	}
	for i := range c.Areas {
		a := &c.Areas[i]
		was := areaOf(run, a.Code)
		if was == nil {
			since = append(since, fmt.Sprintf("新增统筹区 %s", a.Code))
			continue
		}
		if was.PolicyDigest != a.Policy.Digest {
			since = append(since, fmt.Sprintf("改动统筹区 %s 的政策包或本地参数", a.Code))
		}
		calendar, err := c.calendar(ctx, a.Code)
		if err != nil {
			return err
		}
		closed := calendar.Closed()
		for _, x := range []struct {
			what string
			of   []int
			not  []int
		}{{"结账", closed, was.Closed}, {"重开", was.Closed, closed}} {
			for _, y := range x.of {
				if !slices.Contains(x.not, y) {
					since = append(since, fmt.Sprintf("统筹区 %s 的 %d 年度%s", a.Code, y, x.what))
				}
			}
		}
	}
	if len(since) == 0 {
		return nil
	}
	return &Stale{run.No, since}
}

// entries counts what went in after an entry, by kind.
func (c *Cycle) entries(ctx context.Context, after ledger.Seq) ([]string, error) {
	head, err := c.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	n := map[ledger.EntryKind]int{}
	for seq := after + 1; seq <= head.Seq; seq++ {
		e, err := c.Store.Entry(ctx, seq)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(noInput, e.Kind) {
			n[e.Kind]++
		}
	}
	var out []string
	for _, x := range came {
		if n[x.kind] > 0 {
			out = append(out, fmt.Sprintf(x.what, n[x.kind]))
		}
		delete(n, x.kind)
	}
	for range n {
		out = append(out, "其他入账")
	}
	return out, nil
}

// calendar is where the years of an area stand.
func (c *Cycle) calendar(ctx context.Context, area string) (yearend.Calendar, error) {
	steps, err := c.Store.YearSteps(ctx, area, 1<<62)
	return yearend.NewCalendar(steps), err
}

// canPostOn refuses a day that lies in a closed year of an area of which something is
// to be posted, or before the last entry: such a posting would stand in the books on a
// day on which it was not made.
func (c *Cycle) canPostOn(ctx context.Context, day civil.Date, ps []ledger.Posting) error {
	seen := map[string]bool{}
	for i := range ps {
		area := ps[i].Area
		if seen[area] {
			continue
		}
		seen[area] = true
		calendar, err := c.calendar(ctx, area)
		if err != nil {
			return err
		}
		if last := calendar.Through(1 << 62); day.Year() <= last {
			return &WrongDay{Day: day, Area: area, Year: last}
		}
	}
	head, err := c.Store.Head(ctx)
	if err != nil {
		return err
	}
	if last := civil.FromTime(head.At); day < last {
		return &WrongDay{Day: day, Last: last}
	}
	return nil
}
