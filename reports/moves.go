package reports

import (
	"context"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// Movers names what moved cases: settlements by their ID, relief by its source,
// postings by the settlement that was paid for. The ledger's own numbers depend
// on the order of arrival and are never shown.
type Movers struct{ claims, relief, posted map[int64]string }

// MoversOf reads the names for the moves of some cases.
func MoversOf(ctx context.Context, s Source, cases []ledger.Case) (*Movers, error) {
	refs := map[rules.MoveBy][]int64{}
	for _, c := range cases {
		for _, m := range c.Moves {
			refs[m.By] = append(refs[m.By], m.Ref)
		}
	}
	var x Movers
	var err error
	if x.claims, err = s.ClaimIDs(ctx, append(refs[rules.ByClaim], refs[rules.ByRecognition]...)); err != nil {
		return nil, err
	}
	if x.relief, err = s.ReliefKinds(ctx, refs[rules.ByRelief]); err != nil {
		return nil, err
	}
	x.posted, err = s.PostedClaims(ctx, refs[rules.ByPosting])
	return &x, err
}

// Code names a mover for programs: the setl_id, relief:惠民保, posting:setl_id.
func (x *Movers) Code(m rules.Move) string {
	switch m.By {
	case rules.ByRelief:
		return "relief:" + x.relief[m.Ref]
	case rules.ByPosting:
		return "posting:" + x.posted[m.Ref]
	}
	return x.claims[m.Ref]
}

// Chinese names a mover for people.
func (x *Movers) Chinese(m rules.Move) string {
	if m.To == rules.Cleared && (m.By == rules.ByClaim || m.By == rules.ByRecognition) {
		return "全部保障和已有帮扶（负担已低于标准）"
	}
	switch m.By {
	case rules.ByRelief:
		return x.relief[m.Ref] + "帮扶"
	case rules.ByPosting:
		return "结算 " + x.posted[m.Ref] + " 补发过账"
	case rules.ByRecognition:
		return "身份认定（此前结算 " + x.claims[m.Ref] + " 已超线）"
	}
	return "结算 " + x.claims[m.Ref]
}
