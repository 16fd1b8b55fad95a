package yearend

import (
	"errors"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// Phase is where a year stands.
type Phase uint8

// The phases.
const (
	Open      Phase = iota
	Signed          // one person signed the statement
	Closed          // two did
	Reopening       // closed still; one person signed the reopening
)

// String is the phase's code.
func (p Phase) String() string { return [...]string{"open", "signed", "closed", "reopening"}[p] }

// Chinese is the phase as people read it.
func (p Phase) Chinese() string {
	return [...]string{"未结", "一人已签，待另一人签", "已结", "已结，一人已申请重开"}[p]
}

// State is where a year of an area stands. The zero value is an open year.
type State struct {
	Phase  Phase
	First  ledger.YearStep // of the statement, unless the year is open
	Second ledger.YearStep // of a closed year
	Reopen ledger.YearStep // the first one, while it is reopened
	Closed int             // how often it was closed
}

// Locked reports whether no figure of the year changes.
func (s State) Locked() bool { return s.Phase == Closed || s.Phase == Reopening }

// Why a step is refused.
var (
	ErrSamePerson = errors.New("yearend: the two signatures must be of two people")
	ErrNobody     = errors.New("yearend: nobody signs")
	ErrClosed     = errors.New("yearend: the year is closed")
	ErrNotClosed  = errors.New("yearend: the year is not closed")
	ErrStatement  = errors.New("yearend: the hash is not that of the statement")
	ErrReason     = errors.New("yearend: a reason is missing")
)

// samePerson compares names as people would.
func samePerson(a, b string) bool { return ledger.SamePerson(a, b) }

// After is the state after one more step of the year. A step that may not be taken
// changes nothing, and the error says why.
func (s State) After(x ledger.YearStep) (State, error) {
	if ledger.FoldName(x.By) == "" {
		return s, ErrNobody
	}
	switch x.Step {
	case ledger.YearSign:
		return s.sign(x)
	case ledger.YearReopen:
		return s.reopen(x)
	}
	return s, fmt.Errorf("yearend: no step %q", x.Step)
}

func (s State) sign(x ledger.YearStep) (State, error) {
	switch {
	case s.Locked():
		return s, ErrClosed
	case x.Digest == "":
		return s, ErrStatement
	case s.Phase == Open || s.First.Digest != x.Digest: // another statement takes the place of the one before
		return State{Phase: Signed, First: x, Closed: s.Closed}, nil
	case samePerson(s.First.By, x.By):
		return s, ErrSamePerson
	}
	return State{Phase: Closed, First: s.First, Second: x, Closed: s.Closed + 1}, nil
}

func (s State) reopen(x ledger.YearStep) (State, error) {
	switch {
	case !s.Locked():
		return s, ErrNotClosed
	case x.Digest != s.First.Digest:
		return s, ErrStatement
	case s.Phase == Closed && rules.Fold(x.Reason) == "":
		return s, ErrReason
	case s.Phase == Closed:
		s.Phase, s.Reopen = Reopening, x
		return s, nil
	case samePerson(s.Reopen.By, x.By):
		return s, ErrSamePerson
	}
	return State{Closed: s.Closed}, nil
}

// StateOf is where a year stands after its steps, in their order. Steps that might
// not be taken are passed over.
func StateOf(steps []ledger.YearStep) State {
	var s State
	for _, x := range steps {
		if next, err := s.After(x); err == nil {
			s = next
		}
	}
	return s
}

// Calendar is where the years of an area stood at any time.
type Calendar struct{ steps []ledger.YearStep }

// NewCalendar takes all steps of an area.
func NewCalendar(steps []ledger.YearStep) Calendar { return Calendar{steps} }

// At is where a year stood when an entry was the last one.
func (c Calendar) At(year int, seen ledger.Seq) State {
	var of []ledger.YearStep
	for _, x := range c.steps {
		if x.Year == year && x.Seq <= seen {
			of = append(of, x)
		}
	}
	return StateOf(of)
}

// Now is where a year stands.
func (c Calendar) Now(year int) State { return c.At(year, 1<<62) }

// years are those of which there are steps, in order.
func (c Calendar) years() []int {
	var ys []int
	for _, x := range c.steps {
		ys = append(ys, x.Year)
	}
	slices.Sort(ys)
	return slices.Compact(ys)
}

// ClosedAt are the years that were closed when an entry was the last one, in order.
func (c Calendar) ClosedAt(seen ledger.Seq) []int {
	var out []int
	for _, y := range c.years() {
		if c.At(y, seen).Locked() {
			out = append(out, y)
		}
	}
	return out
}

// Closed are the years that are closed now, in order.
func (c Calendar) Closed() []int { return c.ClosedAt(1 << 62) }

// Through is the last year that was closed when an entry was the last one; 0 if none
// was. Years are closed in their order: what comes afterwards for this year or for an
// earlier one, closed by itself or not, is late.
func (c Calendar) Through(seen ledger.Seq) int { return last(c.ClosedAt(seen)) }

// Before is the last closed year before a year; 0 if there is none.
func (c Calendar) Before(year int) int {
	return last(slices.DeleteFunc(c.Closed(), func(y int) bool { return y >= year }))
}

func last(years []int) int {
	if len(years) == 0 {
		return 0
	}
	return years[len(years)-1]
}

// Late reports whether something of a year that came on record in an entry found the
// year closed.
func (c Calendar) Late(year int, seq ledger.Seq) bool { return year <= c.Through(seq-1) }

// Booked is the year in which something of a year is booked that came on record in an
// entry: its own, or, where that was closed before, the next that was open.
func (c Calendar) Booked(year int, seq ledger.Seq) int { return max(year, c.Through(seq-1)+1) }

// BookedPosting is the year in which a posting is booked: that of its settlement, or,
// where that was closed before (以前年度调整), that of its date; never a closed one,
// whatever the clock said.
func (c Calendar) BookedPosting(p *ledger.Posting) int {
	if !c.Late(p.Year, p.Seq) {
		return p.Year
	}
	return c.Booked(p.Date.Year(), p.Seq)
}

// Stands reports whether the statement of a year has what is booked in another one: a
// statement has everything that is booked since the last closed year before it. So
// what is booked before the first year that an office closes stands in that one's.
func (c Calendar) Stands(booked, year int) bool { return c.Before(year) < booked && booked <= year }
