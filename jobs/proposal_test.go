package jobs

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

func row(claim int64, setl string, change func(*ledger.ResultRow)) ledger.ResultRow {
	r := ledger.ResultRow{Result: ledger.Result{Area: "330100", Person: 1, Year: 2023, Claim: claim}, SetlID: setl}
	change(&r)
	return r
}

// TestProposals: due − recorded − posted for each fund, with the reason in
// words.
func TestProposals(t *testing.T) {
	rows := []ledger.ResultRow{
		row(2, "B", func(r *ledger.ResultRow) { // assistance 800 due, 300 recorded, 200 posted: 300 more
			r.Category, r.Due.Assist, r.Due.Tilt, r.Recorded[rules.FundAssistance] = rules.Dibao, 700_00, 100_00, 300_00
		}),
		row(1, "A", func(r *ledger.ResultRow) { // never listed, 500 recorded: nothing is recovered
			r.Flags, r.Recorded[rules.FundAssistance] = ledger.FlagUnlisted, 500_00
		}),
		row(3, "C", func(r *ledger.ResultRow) { // refunded after 90 were posted: 90 back
			r.Flags = ledger.FlagGone
		}),
		row(4, "D", func(r *ledger.ResultRow) { // by a window, and the hospital's share
			r.Flags, r.Category, r.Due.Assist, r.Due.Hospital = ledger.FlagRetro, rules.Dibian, 70_00, 5_00
		}),
		row(5, "E", func(r *ledger.ResultRow) { // nobody's category, 60 recorded: recovered
			r.Recorded[rules.FundAssistance] = 60_00
		}),
		row(7, "G", func(r *ledger.ResultRow) { // off every list since, after 40 had been recovered
			r.Flags, r.Recorded[rules.FundAssistance] = ledger.FlagUnlisted, 40_00
		}),
		row(6, "F", func(r *ledger.ResultRow) { // as it should be
			r.Category, r.Due.Assist, r.Recorded[rules.FundAssistance] = rules.Dibao, 1, 1
		}),
	}
	posted := []ledger.Posting{
		{Claim: 2, Fund: rules.FundAssistance, Amount: 150_00}, {Claim: 2, Fund: rules.FundAssistance, Amount: 50_00},
		{Claim: 3, Fund: rules.FundAssistance, Amount: 90_00}, {Claim: 7, Fund: rules.FundAssistance, Amount: -40_00},
	}
	want := []struct {
		setl, kind, cause string
		fund              rules.Fund
		amount            money.Fen
	}{
		{"B", "补发", "与已过账金额的差额", rules.FundAssistance, 300_00},
		{"C", "追回", "结算已退费", rules.FundAssistance, -90_00},
		{"D", "补发", "因病新认定低保边缘家庭成员，回溯", rules.FundAssistance, 70_00},
		{"D", "补发", "范围外费用超比例", rules.FundHospital, 5_00},
		{"E", "追回", "结算时不符合救助条件", rules.FundAssistance, -60_00},
		{"G", "补发", "不在任何名单，退还已过账的追回", rules.FundAssistance, 40_00},
	}
	got := Proposals(rows, posted)
	if len(got) != len(want) {
		t.Fatalf("%d proposals, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		g := &got[i]
		if g.SetlID != w.setl || g.Fund != w.fund || g.Amount != w.amount || g.Kind() != w.kind || g.Cause() != w.cause {
			t.Errorf("%d: %s %s %s %s %s, want %+v", i, g.SetlID, g.Fund, g.Amount, g.Kind(), g.Cause(), w)
		}
	}
	// The hash binds every amount, the policy and what the ledger held.
	base := ProposalHash(ledger.Entry{Seq: 1}, []ledger.RunArea{{Area: "330100", PolicyDigest: "x"}}, got)
	got[0].Amount++
	for name, h := range map[string]string{
		"amount": ProposalHash(ledger.Entry{Seq: 1}, []ledger.RunArea{{Area: "330100", PolicyDigest: "x"}}, got),
		"policy": ProposalHash(ledger.Entry{Seq: 1}, []ledger.RunArea{{Area: "330100", PolicyDigest: "y"}}, Proposals(rows, posted)),
		"ledger": ProposalHash(ledger.Entry{Seq: 2}, []ledger.RunArea{{Area: "330100", PolicyDigest: "x"}}, Proposals(rows, posted)),
	} {
		if h == base {
			t.Errorf("the hash does not bind the %s", name)
		}
	}
}

// TestPrior: what is of a closed year is marked, says so, and is part of what the
// hash binds.
func TestPrior(t *testing.T) {
	rows := []ledger.ResultRow{
		row(1, "A", func(r *ledger.ResultRow) { r.Category, r.Due.Assist = rules.Dibao, 100 }),
		row(2, "B", func(r *ledger.ResultRow) { r.Year, r.Category, r.Due.Assist = 2024, rules.Dibao, 100 }),
	}
	ps := Prior(Proposals(rows, nil), []int{2022, 2023})
	if !ps[0].Prior || ps[1].Prior || ps[0].Cause() != "以前年度调整（2023年度已结）：按低保对象身份补算" || ps[1].Cause() != "按低保对象身份补算" {
		t.Errorf("%+v", ps)
	}
	hash := func(closed ...int) string {
		return ProposalHash(ledger.Entry{Seq: 1}, []ledger.RunArea{{Area: "330100", PolicyDigest: "x", Closed: closed}}, ps)
	}
	if hash() == hash(2023) || hash(2023) == hash(2022, 2023) {
		t.Error("the hash does not bind which years are closed")
	}
}
