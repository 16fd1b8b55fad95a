package yearend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Store is what closing needs of a database.
type Store interface {
	Source
	Run(ctx context.Context, no int) (ledger.Run, error)
	Head(ctx context.Context) (ledger.Entry, error)
	LastChange(ctx context.Context) (ledger.Entry, error)
	SignYear(ctx context.Context, x *ledger.YearStep, check func(head ledger.Seq, on []ledger.YearStep) error) error
}

// Clearance closes and reopens the years of an area.
type Clearance struct {
	Store      Store
	Area       Area
	By         string
	Now        func() time.Time
	Reconciler Reconciler // nil: transfers were not reconciled
}

// What may be wrong with a signature, beside what [State.After] refuses.
var (
	ErrBlocked   = errors.New("yearend: something is not settled")
	ErrAccept    = errors.New("yearend: this can not be accepted")
	ErrNoItem    = errors.New("yearend: there is no such item")
	ErrMoved     = errors.New("yearend: the figures are not those that were signed")
	ErrUnsigned  = errors.New("yearend: nobody has signed yet")
	ErrConfirm   = errors.New("yearend: another person signed, and the hash is missing")
	ErrLaterYear = errors.New("yearend: a later year is closed")
)

// CloseOptions say how a year is to be signed.
type CloseOptions struct {
	Accept    []string // what may stay open
	Reason    string   // why
	Statement string   // the hash that the second person signs; "": the first signature
	Dry       bool     // only look
}

// Outcome is where a year stands after a command.
type Outcome struct {
	Year      int
	State     State
	Statement *Statement // nil where a run is missing
	Hash      string
	Blocking  []Group // what keeps the year open
	Signed    bool    // this command signed
}

// Close signs the statement of a year: as the first person, or, with the hash, as
// the second one. A closed year stays as it is. Where something blocks, the outcome
// lists it, and the error is ErrBlocked; nothing is signed.
func (c *Clearance) Close(ctx context.Context, year int, o CloseOptions) (Outcome, error) {
	out := Outcome{Year: year}
	head, err := c.Store.Head(ctx)
	if err != nil {
		return out, err
	}
	steps, err := c.Store.YearSteps(ctx, c.Area.Code, head.Seq)
	if err != nil {
		return out, err
	}
	calendar := NewCalendar(steps)
	out.State = calendar.Now(year)
	if out.State.Locked() {
		if out.Statement, err = c.signed(ctx, out.State); err != nil {
			return out, err
		}
		if out.Hash = out.State.First.Digest; o.Statement != "" && o.Statement != out.Hash {
			return out, ErrStatement
		}
		return out, nil
	}
	accepted := Accepted{Items: o.Accept, Reason: o.Reason}
	if o.Statement != "" {
		if out.State.Phase != Signed {
			return out, ErrUnsigned
		}
		if out.State.First.Digest != o.Statement {
			return out, ErrStatement
		}
		was, err := c.signed(ctx, out.State)
		if err != nil {
			return out, err
		}
		accepted = was.accepted() // what the second signs is what the first did
	}
	if err := c.evaluate(ctx, year, calendar, accepted, &out); err != nil {
		return out, err
	}
	if o.Statement != "" && out.Hash != o.Statement && !runFirst(out.Blocking) {
		return out, ErrMoved
	}
	if len(out.Blocking) > 0 {
		return out, ErrBlocked
	}
	if o.Dry {
		return out, nil
	}
	if o.Statement == "" && out.State.Phase == Signed && out.State.First.Digest == out.Hash && !samePerson(out.State.First.By, c.By) {
		return out, ErrConfirm
	}
	return out, c.sign(ctx, head, &out, o)
}

// sign puts the signature on record, unless anything came in since the figures were
// read.
func (c *Clearance) sign(ctx context.Context, head ledger.Entry, out *Outcome, o CloseOptions) error {
	x := ledger.YearStep{Area: c.Area.Code, Year: out.Year, Step: ledger.YearSign, By: strings.TrimSpace(c.By), At: c.Now().UTC().Truncate(time.Second),
		Digest: out.Hash, Run: out.Statement.From.Run, Reason: o.Reason, Statement: out.Statement.Bytes()}
	if o.Statement != "" { // the figures are those that the first signed
		x.Run, x.Statement = out.State.First.Run, nil
	} else if out.State.Phase == Signed && out.State.First.Digest == out.Hash {
		return nil // has signed this already
	}
	err := c.Store.SignYear(ctx, &x, func(at ledger.Seq, on []ledger.YearStep) error {
		if at != head.Seq {
			return fmt.Errorf("%w: entry %d came while the year was looked at", ledger.ErrStale, at)
		}
		next, err := NewCalendar(on).Now(out.Year).After(x)
		out.State = next
		return err
	})
	if err != nil {
		return err
	}
	steps, err := c.Store.YearSteps(ctx, c.Area.Code, x.Seq)
	if err != nil {
		return err
	}
	out.State = NewCalendar(steps).At(out.Year, x.Seq) // as it is on record
	out.Signed = true
	if out.State.Locked() {
		out.Statement, err = c.signed(ctx, out.State)
	}
	return err
}

// signed is the statement that the first person signed, as it is on record.
func (c *Clearance) signed(ctx context.Context, s State) (*Statement, error) {
	text, err := c.Store.YearStatement(ctx, s.First.ID)
	if err != nil {
		return nil, err
	}
	st, err := Parse(text, s.First.Digest)
	if err != nil {
		return nil, err
	}
	return st, st.Prove()
}

// Accepted is what may stay open, and why.
type Accepted struct {
	Items  []string
	Reason string
	why    map[string]string // by item, as it was accepted before
}

func (s *Statement) accepted() Accepted {
	a := Accepted{why: map[string]string{}}
	for _, g := range s.Open {
		if g.Accept {
			a.Items = append(a.Items, g.Item)
			a.why[g.Item] = g.Reason
		}
	}
	return a
}

// apply marks what is accepted. What may not be, or is not there, is an error.
func (a *Accepted) apply(groups []Group) error {
	if len(a.Items) > 0 && a.why == nil && strings.TrimSpace(a.Reason) == "" {
		return ErrReason
	}
	for _, item := range a.Items {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Item == item })
		if i < 0 && a.why != nil {
			continue // settled since: the hash will tell
		}
		if i < 0 {
			return fmt.Errorf("%w: %s", ErrNoItem, item)
		}
		if !groups[i].May {
			return fmt.Errorf("%w: %s", ErrAccept, item)
		}
		groups[i].Accept, groups[i].Reason = true, strings.TrimSpace(a.Reason)
		if a.why != nil {
			groups[i].Reason = a.why[item]
		}
	}
	return nil
}

// evaluate makes the statement and lists what blocks.
func (c *Clearance) evaluate(ctx context.Context, year int, calendar Calendar, accepted Accepted, out *Outcome) error {
	run, err := c.Store.Run(ctx, 0)
	if err != nil {
		return err
	}
	if out.Blocking, err = c.gates(ctx, year, calendar, run); err != nil || runFirst(out.Blocking) {
		return err // what the run found says nothing of now
	}
	if out.Statement, err = Make(ctx, c.Store, &c.Area, year, run, c.Reconciler); err != nil {
		return err
	}
	if err := accepted.apply(out.Statement.Open); err != nil {
		return err
	}
	out.Hash = out.Statement.Digest()
	for _, g := range out.Statement.Open {
		if !g.Accept {
			out.Blocking = append(out.Blocking, g)
		}
	}
	return nil
}

// The gates: without them there are no figures to sign.
const (
	gateYear     = "year"
	gateDec      = "december"
	gateStale    = "stale"
	gatePolicy   = "policy"
	gateReopened = "reopened"
	gateLater    = "later"
)

// runFirst reports whether a run must come before the figures say anything.
func runFirst(groups []Group) bool {
	return slices.ContainsFunc(groups, func(g Group) bool { return g.Item == gateStale || g.Item == gatePolicy })
}

// gates are what must be so before there is anything to sign.
func (c *Clearance) gates(ctx context.Context, year int, calendar Calendar, run ledger.Run) ([]Group, error) {
	var out []Group
	block := func(item, what, do string) { out = append(out, Group{Item: item, Count: 1, What: what, Do: do}) }
	if civil.FromTime(c.Now()).Year() <= year {
		block(gateYear, fmt.Sprintf("%d 年还没有结束", year), fmt.Sprintf("%d 年 1 月 1 日起才能结账", year+1))
	}
	if run.Month < civil.Month(year*100+12) {
		block(gateDec, fmt.Sprintf("%d 年 12 月还没有运行（最近一次是 %s）", year, run.Month), fmt.Sprintf("先执行 doudi run --month %d-12", year))
	}
	last, err := c.Store.LastChange(ctx)
	if err != nil {
		return nil, err
	}
	earlier := func(years []int) []int {
		return slices.DeleteFunc(years, func(y int) bool { return y >= year })
	}
	i := slices.IndexFunc(run.Areas, func(a ledger.RunArea) bool { return a.Area == c.Area.Code })
	// A run that still found the year closed left its cases as they were.
	reopened := i >= 0 && slices.Contains(run.Areas[i].Closed, year)
	if last.Seq > run.Seen || reopened || !slices.Equal(earlier(calendar.ClosedAt(run.Seen)), earlier(calendar.Closed())) {
		block(gateStale, fmt.Sprintf("第 %d 次运行之后又有数据入账、过账、勾对，或年度结账、重开", run.No), "再运行一次 doudi run，核对后再结账")
	}
	if i < 0 || run.Areas[i].PolicyDigest != c.Area.Policy.Digest {
		block(gatePolicy, fmt.Sprintf("第 %d 次运行之后政策包或本地参数已改动", run.No), "再运行一次 doudi run，核对后再结账")
	}
	for _, y := range calendar.years() {
		if s := calendar.Now(y); y < year && s.Closed > 0 && !s.Locked() {
			block(gateReopened, fmt.Sprintf("%d 年度已重开，尚未再结", y), fmt.Sprintf("先结 %d 年度", y))
		}
	}
	// Years are closed in their order: the later one's statement opens with this one's
	// balance, and has what came after it was closed.
	if later := calendar.Through(1 << 62); later > year {
		block(gateLater, fmt.Sprintf("%d 年度已结，它的上年结转里没有 %d 年度", later, year),
			fmt.Sprintf("先重开 %d 年度（doudi reopen %d），再依次结 %d、%d 年度", later, later, year, later))
	}
	return out, nil
}

// ReopenOptions say how a year is reopened.
type ReopenOptions struct {
	Reason    string
	Statement string // the hash of the closed statement, which the second person names
}

// Reopen signs the reopening of a closed year: as the first person with a reason, or,
// with the hash of the closed statement, as the second one.
func (c *Clearance) Reopen(ctx context.Context, year int, o ReopenOptions) (Outcome, error) {
	out := Outcome{Year: year}
	steps, err := c.Store.YearSteps(ctx, c.Area.Code, 1<<62)
	if err != nil {
		return out, err
	}
	calendar := NewCalendar(steps)
	out.State = calendar.Now(year)
	if !out.State.Locked() {
		return out, ErrNotClosed
	}
	if out.Statement, err = c.signed(ctx, out.State); err != nil {
		return out, err
	}
	out.Hash = out.State.First.Digest
	for _, y := range calendar.Closed() {
		if y > year {
			return out, fmt.Errorf("%w: %d", ErrLaterYear, y)
		}
	}
	switch {
	case o.Statement != "" && o.Statement != out.Hash:
		return out, ErrStatement
	case o.Statement != "" && out.State.Phase == Closed:
		return out, ErrUnsigned
	case o.Statement == "" && out.State.Phase == Reopening && samePerson(out.State.Reopen.By, c.By):
		return out, nil // has asked for it already
	case o.Statement == "" && out.State.Phase == Reopening:
		return out, ErrConfirm
	}
	x := ledger.YearStep{Area: c.Area.Code, Year: year, Step: ledger.YearReopen, By: strings.TrimSpace(c.By), At: c.Now().UTC().Truncate(time.Second),
		Digest: out.Hash, Run: out.State.First.Run, Reason: strings.TrimSpace(o.Reason)}
	err = c.Store.SignYear(ctx, &x, func(_ ledger.Seq, on []ledger.YearStep) error {
		now := NewCalendar(on)
		for _, y := range now.Closed() {
			if y > year {
				return fmt.Errorf("%w: %d", ErrLaterYear, y)
			}
		}
		next, err := now.Now(year).After(x)
		if err == nil {
			out.State = next
		}
		return err
	})
	out.Signed = err == nil
	return out, err
}
