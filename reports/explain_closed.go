package reports

import (
	"cmp"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/yearend"
	"doudi/rules/civil"
)

// ClosedYear is a year of the explanation that is closed: by itself, or with the first
// year that the office closed. What differs from its statement is 以前年度调整.
type ClosedYear struct {
	Year      int    `json:"year"`
	With      int    `json:"with,omitempty"` // the year whose statement has it
	On        string `json:"on"`             // the day of the second signature
	Statement string `json:"statement"`      // hash
	Run       int    `json:"run"`            // whose figures were signed
	on        civil.Date
}

// closedYears finds which of the years that are shown were closed when the run settled.
// What became of them since is no part of the run, and said beside it.
func (e *explainer) closedYears() error {
	steps, err := e.s.YearSteps(e.ctx, e.area.Code, 1<<62)
	if err != nil {
		return err
	}
	calendar := yearend.NewCalendar(steps)
	e.x.ClosedYears = e.closedAt(calendar, e.run.Seen)
	now := e.closedAt(calendar, 1<<62)
	for _, x := range now {
		if !slices.Contains(e.x.ClosedYears, x) {
			e.x.since = append(e.x.since, yearSince{x.Year, fmt.Sprintf("第 %d 次运行之后：%s", e.run.No, &x)})
		}
	}
	for _, x := range e.x.ClosedYears {
		if !slices.ContainsFunc(now, func(n ClosedYear) bool { return n.Year == x.Year }) {
			e.x.since = append(e.x.since, yearSince{x.Year, fmt.Sprintf("第 %d 次运行之后：%d年度已重开。", e.run.No, cmp.Or(x.With, x.Year))})
		}
	}
	return nil
}

// yearSince is what became of a year after the run.
type yearSince struct {
	year int
	says string
}

// closedAt are the years of the explanation that were closed when an entry was the
// last one.
func (e *explainer) closedAt(calendar yearend.Calendar, seen ledger.Seq) (out []ClosedYear) {
	closed := calendar.ClosedAt(seen)
	for _, y := range e.x.Summary.Years {
		i := slices.IndexFunc(closed, func(c int) bool { return c >= y.Year })
		if i < 0 {
			continue
		}
		s := calendar.At(closed[i], seen)
		x := ClosedYear{Year: y.Year, On: civil.FromTime(s.Second.At).String(), Statement: s.First.Digest, Run: s.First.Run, on: civil.FromTime(s.Second.At)}
		if closed[i] != y.Year {
			x.With = closed[i]
		}
		out = append(out, x)
	}
	return out
}

// String says it for people.
func (x *ClosedYear) String() string {
	what := fmt.Sprintf("%d年度已于%s结账", x.Year, day(x.on))
	if x.With != 0 {
		what = fmt.Sprintf("%d年度没有单独结账，已列入%s所结的 %d年度清算", x.Year, day(x.on), x.With)
	}
	return fmt.Sprintf("%s（第 %d 次运行的数，清算表校验码 %s），不再改动；与结账时的差额作为以前年度调整，在未结的年度补发或追回。", what, x.Run, x.Statement)
}

// YearChange is a year that was closed or reopened between two runs.
type YearChange struct {
	Year int    `json:"year"`
	What string `json:"what"` // closed, reopened
}

// yearChanges finds the years that were closed or reopened between two runs, also those
// that were reopened and closed again.
func yearChanges(steps []ledger.YearStep, before, after ledger.Run, was, is *ledger.RunArea) []YearChange {
	calendar := yearend.NewCalendar(steps)
	opened := func(year int) bool {
		return !slices.Contains(is.Closed, year) || slices.ContainsFunc(steps, func(x ledger.YearStep) bool {
			between := x.Seq > before.Seq && (x.Seq < after.Seq || after.Seq == 0) // 0: not on record yet
			return x.Year == year && between && !calendar.At(year, x.Seq).Locked()
		})
	}
	var out []YearChange
	for _, y := range was.Closed {
		if opened(y) {
			out = append(out, YearChange{y, "reopened"})
		}
	}
	for _, y := range is.Closed {
		if !slices.Contains(was.Closed, y) || slices.Contains(out, YearChange{y, "reopened"}) {
			out = append(out, YearChange{y, "closed"})
		}
	}
	return out
}

// String says it for people.
func (y YearChange) String() string {
	if y.What == "reopened" {
		return fmt.Sprintf("%d年度重开", y.Year)
	}
	return fmt.Sprintf("%d年度结账", y.Year)
}

// reopened reports whether a year was reopened between the runs: its cases stood still
// until then.
func (c *Changes) reopened(year int) bool {
	return slices.Contains(c.Years, YearChange{year, "reopened"})
}

// byReopening adds to the cause of a case's change that its year was reopened.
func (c *ChangeCause) byReopening(year int) {
	c.Reopened, c.Unknown = true, false
	c.Texts = append([]string{fmt.Sprintf("%d年度重开，结账期间保持不变的监测情况重新计算", year)}, c.Texts...)
}
