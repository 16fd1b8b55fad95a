package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// Proposal is one adjustment that a run proposes (semantics §6).
type Proposal struct {
	Area     string
	Fund     rules.Fund
	Person   ledger.PersonNo
	Claim    int64
	SetlID   string
	Due      money.Fen
	Recorded money.Fen
	Posted   money.Fen
	Amount   money.Fen // positive 补发, negative 追回
	Year     int
	Prior    bool // 以前年度调整: its year, or a later one, was closed when the run settled
	Through  int  // where it was not closed by itself, the last year that was
	Row      ledger.ResultRow
}

// Prior marks the proposals of years that are closed, in ascending order, and of those
// before: an office begins to close with some year. They are posted in the open period;
// nothing of a closed year changes.
func Prior(ps []Proposal, closed []int) []Proposal {
	last := 0
	if len(closed) > 0 {
		last = closed[len(closed)-1]
	}
	for i := range ps {
		ps[i].Prior = ps[i].Year <= last
		if ps[i].Prior && !slices.Contains(closed, ps[i].Year) {
			ps[i].Through = last
		}
	}
	return ps
}

// Kind is 补发 or 追回.
func (p *Proposal) Kind() string {
	if p.Amount > 0 {
		return "补发"
	}
	return "追回"
}

// Cause says in a few words why the amount differs.
func (p *Proposal) Cause() string {
	switch {
	case p.Through != 0:
		return fmt.Sprintf("以前年度调整（%d年度及以前已结）：%s", p.Through, p.because())
	case p.Prior:
		return fmt.Sprintf("以前年度调整（%d年度已结）：%s", p.Year, p.because())
	}
	return p.because()
}

func (p *Proposal) because() string {
	r := &p.Row
	switch {
	case r.Flags&ledger.FlagGone != 0:
		return "结算已退费"
	case p.Fund == rules.FundHospital:
		return "范围外费用超比例"
	case r.Flags&ledger.FlagUnlisted != 0 && p.Posted < 0 && p.Due <= p.Recorded:
		return "不在任何名单，退还已过账的追回"
	case p.Posted != 0:
		return "与已过账金额的差额"
	case p.Fund != rules.FundAssistance:
		return "按政策重算"
	case r.Flags&ledger.FlagRetro != 0:
		return "因病新认定" + r.Category.Chinese() + "，回溯"
	case r.Category == rules.NoCategory:
		return "结算时不符合救助条件"
	case p.Recorded == 0:
		return "按" + r.Category.Chinese() + "身份补算"
	}
	return "按" + r.Category.Chinese() + "身份重算"
}

// Proposals are the adjustments that results and postings leave, in a fixed
// order: year, settlement, fund.
func Proposals(rows []ledger.ResultRow, posted []ledger.Posting) []Proposal {
	by := map[int64]rules.Amounts{}
	for _, p := range posted {
		a := by[p.Claim]
		a[p.Fund] += p.Amount
		by[p.Claim] = a
	}
	var out []Proposal
	for _, r := range rows {
		was := by[r.Claim]
		due := r.Due.Due()
		for f, v := range r.Adjust(was) {
			if v == 0 {
				continue
			}
			out = append(out, Proposal{Area: r.Area, Fund: rules.Fund(f), Person: r.Person, Claim: r.Claim, SetlID: r.SetlID,
				Due: due[f], Recorded: r.Recorded[f], Posted: was[f], Amount: v, Year: r.Year, Row: r})
		}
	}
	slices.SortFunc(out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Year, b.Year), cmp.Compare(a.SetlID, b.SetlID), cmp.Compare(a.Fund, b.Fund))
	})
	return out
}

// ProposalHash binds a proposal to the inputs, the rules and the result it was
// made of: whoever approves it approves exactly this.
func ProposalHash(input ledger.Entry, areas []ledger.RunArea, ps []Proposal) string {
	h := sha256.New()
	fmt.Fprintf(h, "doudi-proposal-1\n%d %s\n", input.Seq, input.Hash)
	for _, a := range areas {
		fmt.Fprintf(h, "%s %s\n", a.Area, a.PolicyDigest)
		if len(a.Closed) > 0 { // what is posted as 以前年度调整
			fmt.Fprintf(h, "closed %d\n", a.Closed)
		}
	}
	for _, p := range ps {
		fmt.Fprintf(h, "%s %d %s %s %d %d %d %d\n", p.Area, p.Year, p.SetlID, p.Fund, p.Due, p.Recorded, p.Posted, p.Amount)
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// Why a posting is refused.
var (
	ErrSelfApproval = errors.New("jobs: who ran it may not post it")
	ErrProposal     = errors.New("jobs: the hash is not that of the run's proposal")
)

// Posted is what a posting did.
type Posted struct {
	Run    int
	Posted int // adjustments
	Total  money.Fen
	Before bool // this proposal had been posted already; nothing was done
}

// Post posts the proposal of a run, all of it, by somebody else than who ran it.
// It refuses with a [Stale] if anything entered the ledger since the run, a policy
// changed, or a year was closed or reopened, and with a [WrongDay] by a clock that can
// not be right; posting the same proposal again does nothing.
func (c *Cycle) Post(ctx context.Context, no int, hash string) (Posted, error) {
	run, err := c.Store.Run(ctx, no)
	if err != nil {
		return Posted{}, err
	}
	done := Posted{Run: run.No}
	if ledger.FoldName(c.By) == "" || ledger.SamePerson(run.By, c.By) { // nobody approves nothing
		return done, ErrSelfApproval
	}
	if hash != run.Proposal {
		return done, ErrProposal
	}
	for _, a := range c.Areas {
		posted, err := c.Store.Postings(ctx, a.Code, 1<<62)
		if err != nil {
			return done, err
		}
		for _, p := range posted {
			if p.Run == run.No {
				done.Before = true
				done.Posted++
				done.Total += p.Amount
			}
		}
	}
	if done.Before {
		return done, nil
	}
	if err := c.stale(ctx, run); err != nil {
		return done, err
	}
	ps, err := c.RunProposals(ctx, run)
	if err != nil {
		return done, err
	}
	date := c.today()
	var postings []ledger.Posting
	for _, p := range ps {
		postings = append(postings, ledger.Posting{Run: run.No, Area: p.Area, Person: p.Person, Claim: p.Claim, Year: p.Year, Fund: p.Fund, Amount: p.Amount, Date: date})
		done.Total += p.Amount
	}
	done.Posted = len(postings)
	if len(postings) == 0 {
		return done, nil
	}
	return done, c.Store.Post(ctx, c.By, c.Now(), postings, func(ledger.Seq) error {
		// The write lock is ours: nothing can enter between this look and the posting.
		if err := c.stale(ctx, run); err != nil {
			return err
		}
		return c.canPostOn(ctx, date, postings)
	})
}

// RunProposals are the proposals of a run on record, as they were then.
func (c *Cycle) RunProposals(ctx context.Context, run ledger.Run) ([]Proposal, error) {
	var all []Proposal
	for _, a := range run.Areas {
		posted, err := c.Store.Postings(ctx, a.Area, run.Seen)
		if err != nil {
			return nil, err
		}
		rows, err := c.Store.Notable(ctx, a.Area, 0, run.No, run.Seen)
		if err != nil {
			return nil, err
		}
		all = append(all, Prior(Proposals(rows, posted), a.Closed)...)
	}
	return all, nil
}
