package yearend

import (
	"errors"
	"fmt"
	"slices"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
)

// ErrHandClosed: a match by hand, or an undo, would say otherwise what a closed
// year's statement says.
var ErrHandClosed = errors.New("yearend: the match by hand is of a closed year")

// BookedTransfer is the year in which a transfer is booked: that of its period, else
// of its date; or, where that was closed before it came, the next that was open.
func (c Calendar) BookedTransfer(x *ledger.Transfer) int {
	year := x.Date.Year()
	if x.From != 0 {
		year = x.From.Year()
	}
	return c.Booked(year, x.Src.Seq)
}

// closer is the closed year whose statement has what is booked in a year; false while
// that is open.
func (c Calendar) closer(year int) (State, bool) {
	for _, y := range c.Closed() {
		if y >= year {
			return c.Now(y), true
		}
	}
	return State{}, false
}

// Then is the book as it was when an entry was the last one.
type Then func(seen ledger.Seq) (*finance.Book, error)

// bookedDue is the year in which a due of a year is booked that is no posting: the
// closed one whose statement has it, or, where it came later, the next that is open. A
// due has no entry of its own, since it is made of lists: whether it was there is told
// by the book as it was.
func (c Calendar) bookedDue(key string, year int, then Then) (int, error) {
	for _, y := range c.Closed() {
		if y < year {
			continue
		}
		b, err := then(c.Now(y).Second.Seq)
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(b.Result.Dues, func(d reconcile.Due) bool { return d.Key == key }) {
			return y, nil
		}
		year = y + 1
	}
	return year, nil
}

// member is a due or a transfer with where it stands.
type member struct {
	key   string
	year  int
	match *reconcile.Match
}

func (c Calendar) members(b *finance.Book, then Then, dues, lines []string) (out []member, err error) {
	r := b.Result
	for n := range r.Matches {
		m := &r.Matches[n]
		for _, i := range m.Dues {
			d := &r.Dues[i]
			if !slices.Contains(dues, d.Key) {
				continue
			}
			year := 0
			if p := b.Posting(d.Key); p != nil {
				year = c.BookedPosting(p)
			} else if year, err = c.bookedDue(d.Key, d.From.Year(), then); err != nil {
				return nil, err
			}
			out = append(out, member{d.Key, year, m})
		}
		for _, i := range m.Lines {
			if k := r.Lines[i].Key; slices.Contains(lines, k) {
				out = append(out, member{k, c.BookedTransfer(&b.Transfers[k].Transfer), m})
			}
		}
	}
	return out, nil
}

// alone reports whether a match is one due or one transfer that nothing belongs to.
func alone(m *reconcile.Match) bool {
	switch m.Class {
	case reconcile.Unpaid, reconcile.NotBack, reconcile.Undue, reconcile.UndueBack:
		return true
	}
	return false
}

// MayMatch reports whether closed years allow a match by hand. What a closed year's
// statement left open was carried on, and may be matched with something of an open
// year. All else of a closed year stands as it was signed, until it is reopened.
func (c Calendar) MayMatch(b *finance.Book, then Then, dues, lines []string) error {
	open := false
	var closed *member
	ms, err := c.members(b, then, dues, lines)
	if err != nil {
		return err
	}
	for i := range ms {
		x := &ms[i]
		switch _, locked := c.closer(x.year); {
		case !locked:
			open = true
		case !alone(x.match):
			return fmt.Errorf("%w：%s 属于已结的 %d 年度，已经对上", ErrHandClosed, x.key, x.year)
		case closed == nil:
			closed = x
		}
	}
	if closed != nil && !open {
		return fmt.Errorf("%w：%s 属于已结的 %d 年度，没有未结年度的应拨或拨付与它对", ErrHandClosed, closed.key, closed.year)
	}
	return nil
}

// MayUndo reports whether closed years allow to undo a match by hand: one that was
// made before a year was closed stands in its statement.
func (c Calendar) MayUndo(b *finance.Book, then Then, x *ledger.Matching) error {
	ms, err := c.members(b, then, x.Dues, x.Lines)
	if err != nil {
		return err
	}
	for _, m := range ms {
		if s, locked := c.closer(m.year); locked && x.Seq < s.Second.Seq {
			return fmt.Errorf("%w：%s 属于已结的 %d 年度，勾对在结账之前", ErrHandClosed, m.key, m.year)
		}
	}
	return nil
}
