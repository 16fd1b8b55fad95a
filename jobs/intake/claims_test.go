package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
)

// TestPlatformNames: every field of a settlement is found under its coded names
// and under every Chinese one.
func TestPlatformNames(t *testing.T) {
	twins := [][2]string{{"dise_codg", "dise_no"}, {"inscp_scp_amt", "inscp_amt"}, {"oth_pay", "othfund_pay"}, {"psn_part_amt", "psn_pay"},
		{"psn_cash_pay", "cash_payamt"}, {"hosp_part_amt", "ownpay_hosp_part"}}
	for _, name := range strings.Fields(`setl_id mdtrt_id certno psn_name insutype med_type dise_codg dise_name fixmedins_code fixmedins_name hosp_lv begndate enddate
		setl_time medfee_sumamt fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt act_pay_dedc hifp_pay cvlserv_pay hifes_pay hifmi_pay hifob_pay maf_pay
		oth_pay fund_pay_sumamt acct_pay psn_part_amt psn_cash_pay hosp_part_amt refd_setl_flag init_setl_id pay_loc trt_flag in_province`) {
		if !slices.Contains(Fields(), name) {
			t.Errorf("%s is no field", name)
		}
	}
	var v vocabulary
	for _, x := range vocabularies {
		if x.kind == Claims {
			v = x
		}
	}
	for _, tw := range twins {
		if !slices.Contains(v.names[field(tw[0])], tw[1]) {
			t.Errorf("%s is not known as %s", tw[0], tw[1])
		}
	}
	head := append(slices.Clone(claimsHead), "mdtrt_id", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "act_pay_dedc", "fund_pay_sumamt", "acct_pay", "psn_part_amt", "psn_cash_pay")
	row := append(change(claimLine(3), map[string]any{"W": 7, "Z": "4", "AA": "1"}), "J3", "1.10", "2.20", "3.30", "100", "529", "4.40", "470", "460")
	want, o := newMemory(), testOptions(t)
	take(t, want, putRows(t, head, row), o)
	for f, names := range v.names {
		i := slices.Index(head, any(string(f)))
		if i < 0 {
			t.Errorf("%s is not tried", f)
			continue
		}
		for _, name := range names {
			for _, title := range []string{name, " " + strings.ToUpper(name) + "（元）", strings.Join(strings.Split(name, ""), "\n")} {
				other := slices.Clone(head)
				other[i] = title
				m := newMemory()
				_, rep := take(t, m, putRows(t, other, row), o)
				wantErrors(t, rep)
				if fmt.Sprintf("%+v", m.claims) != fmt.Sprintf("%+v", want.claims) {
					t.Errorf("%s under %q: %+v", f, title, m.claims)
				}
			}
		}
	}
}

// TestBothNames: a table put together from exports of both vocabularies has both
// names of a meaning, and fills one of them in each row.
func TestBothNames(t *testing.T) {
	head := append(slices.Clone(claimsHead), "othfund_pay", "inscp_amt", "dise_no")
	one := append(claimLine(1), nil, nil, nil)
	other := append(change(claimLine(2), map[string]any{"V": nil, "O": nil, "F": nil}), 3, 800, "I10")
	zeros := append(change(claimLine(3), map[string]any{"V": 0}), 3, 0, nil)
	both := append(claimLine(4), 3, "800.00", "I10")
	m := newMemory()
	f, rep := take(t, m, putBook(t, table{"表", [][]any{head, one, other, zeros, both}}), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 4, 4, 0, 0, 0)
	wantNote(t, rep, "AC 列“othfund_pay”与 V 列含义相同", "V 列空着的行用 AC 列")
	for _, c := range m.claims {
		if c.Other != 6_00 || c.InScope != 800_00 || c.DiseaseCode != "i10" {
			t.Errorf("%+v", c)
		}
	}
	_, rep = take(t, newMemory(), putBook(t, table{"表", [][]any{head, append(claimLine(1), 4, nil, nil), append(claimLine(2), nil, "八百", nil), append(change(claimLine(3), map[string]any{"O": nil}), nil, "八百", nil)}}), testOptions(t))
	wantErrors(t, rep, "E-AMOUNT V2", "E-AMOUNT O4")
	if !strings.Contains(rep.Errors[0].Message, "3.00，而含义相同的 AC 列为 4.00") {
		t.Error(rep.Errors[0].Message)
	}
}

// markedLine is claimLine(n) as the platform gives it out once it was refunded.
func markedLine(n int) []any { return change(claimLine(n), map[string]any{"X": "1"}) }

func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		name          string
		cells         map[string]any
		claims, marks int
		refunds       int
	}{
		{"marked", nil, 1, 1, 0},
		{"with its own ID", map[string]any{"Y": "S1"}, 1, 1, 0},
		{"in words", map[string]any{"X": "已退费"}, 1, 1, 0},
		{"of nothing", map[string]any{"N": 0, "O": 0, "P": 0, "Q": 0, "R": 0, "S": 0, "T": 0, "U": 0, "V": 0}, 1, 1, 0},
		{"a settlement that follows another one", map[string]any{"X": "0", "Y": "S0"}, 1, 0, 0},
		{"the same without a word", map[string]any{"X": nil, "Y": "S0"}, 1, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			f, rep := take(t, m, putBook(t, table{"表", [][]any{claimsHead, change(markedLine(1), tt.cells)}}), testOptions(t))
			wantErrors(t, rep)
			wantTotals(t, f, 1, 1, 0, 0, 0)
			if f.Claims != tt.claims || f.Refunds != tt.marks || len(m.claims) != tt.claims+tt.marks {
				t.Fatalf("%+v of %+v", m.claims, f)
			}
			if tt.marks == 0 {
				return
			}
			wantNote(t, rep, "1 条结算被平台标为已退费")
			c, mark := m.claims[0], m.claims[1]
			if c.Refund || c.ID != "S1" || !mark.Refund || mark.RefundOf != "S1" || mark.ID != "S1 退费标志" || !mark.IsMark() || c.IsMark() || mark.Total != c.Total || mark.Src != c.Src {
				t.Errorf("%+v, %+v", c, mark)
			}
		})
	}
}

// TestRefundsWithoutFlag: where nothing stands in the flag, or there is no column
// for it, negative amounts and the ID of the original say enough.
func TestRefundsWithoutFlag(t *testing.T) {
	at := slices.Index(claimsHead, any("refd_setl_flag"))
	for _, column := range []bool{true, false} {
		head, row := claimsHead, change(refundLine(1), map[string]any{"X": nil})
		if !column {
			head, row = slices.Delete(slices.Clone(head), at, at+1), slices.Delete(row, at, at+1)
		}
		m := newMemory()
		f, rep := take(t, m, putRows(t, head, row), testOptions(t))
		wantErrors(t, rep)
		if f.Refunds != 1 || f.Claims != 0 || m.claims[0].RefundOf != "S1" || m.claims[0].Total != 1001_00 {
			t.Errorf("%+v", m.claims)
		}
	}
}

// TestMarkOfConflict: a settlement whose row is in conflict is not marked.
func TestMarkOfConflict(t *testing.T) {
	m := newMemory()
	take(t, m, putRows(t, claimsHead, claimLine(1)), testOptions(t))
	f, rep := take(t, m, putRows(t, claimsHead, change(markedLine(1), map[string]any{"N": 2000})), testOptions(t))
	wantErrors(t, rep, "E-CLAIM-CONFLICT A2")
	wantTotals(t, f, 1, 0, 0, 1, 0)
	if len(m.claims) != 1 {
		t.Errorf("%+v", m.claims)
	}
	f, _ = take(t, m, putRows(t, claimsHead, markedLine(1)), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 0)
	f, _ = take(t, m, putRows(t, claimsHead, markedLine(1), claimLine(1)), testOptions(t))
	wantTotals(t, f, 2, 0, 2, 0, 0)
}

// TestRefundsInAnyOrder: a settlement, the same marked, and its refund may come
// in any order and any number of files: in the end the same settlements count,
// and no refund is there twice.
func TestRefundsInAnyOrder(t *testing.T) {
	rows := [][]any{claimLine(1), markedLine(1), refundLine(1)}
	o := testOptions(t)
	var want string
	ways := 0
	permutations(len(rows), func(order []int) {
		for cut := range 1 << (len(rows) - 1) {
			ways++
			m := newMemory()
			file := [][]any{claimsHead, claimLine(2)}
			for i, k := range order {
				file = append(file, rows[k])
				if i == len(order)-1 || cut>>i&1 == 1 {
					_, rep := take(t, m, putRows(t, file...), o)
					wantErrors(t, rep)
					file = [][]any{claimsHead}
				}
			}
			if got := settledBy(m); want == "" {
				want = got
			} else if got != want {
				t.Fatalf("order %v, cut %b:\n%s\nwant\n%s", order, cut, got, want)
			}
		}
	})
	if ways != 6*4 || want != "live S2 100200\nmark S1\nrefund R1 of S1\n" {
		t.Errorf("%d ways to\n%s", ways, want)
	}
}

// permutations calls f with every order of 0..n-1.
func permutations(n int, f func([]int)) {
	order := make([]int, 0, n)
	var next func()
	next = func() {
		if len(order) == n {
			f(order)
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				next()
				order = order[:len(order)-1]
			}
		}
	}
	next()
}

// settledBy says what counts of the settlements on record, and what refunds there
// are.
func settledBy(m *memory) string {
	var claims []rules.Claim
	var refunds []ledger.Refund
	var out []string
	for _, c := range m.claims {
		switch {
		case c.IsMark():
			out = append(out, "mark "+c.RefundOf)
		case c.Refund:
			out = append(out, "refund "+c.ID+" of "+c.RefundOf)
		default:
			claims = append(claims, c.Claim)
		}
		if c.Refund {
			refunds = append(refunds, ledger.Refund{Original: c.RefundOf})
		}
	}
	for _, c := range recompute.Live(claims, refunds) {
		out = append(out, fmt.Sprintf("live %s %d", c.ID, c.Total))
	}
	slices.Sort(out)
	return strings.Join(out, "\n") + "\n"
}

// TestOddClaims: settlements whose parts do not make the total, and stays that
// are there twice, are taken and said.
func TestOddClaims(t *testing.T) {
	head := append(slices.Clone(claimsHead), "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
	line := func(n int, more ...any) []any {
		row := append(claimLine(1), more...)
		row[0] = fmt.Sprintf("S-%d", n)
		return row
	}
	m := newMemory()
	_, rep := take(t, m, putRows(t, head, line(1, "100", "0", "1"), line(2)), testOptions(t))
	wantErrors(t, rep)
	var got []string
	for _, w := range rep.Warnings {
		got = append(got, w.Code)
	}
	if !slices.Equal(got, []string{"W-CLAIM-SUM", "W-CLAIM-TWICE"}) {
		t.Errorf("%+v", rep.Warnings)
	}
}

// TestMarkUnderAnotherName: a marked settlement that differs from the record in
// the name of the hospital alone is refunded all the same.
func TestMarkUnderAnotherName(t *testing.T) {
	m := newMemory()
	take(t, m, putRows(t, claimsHead, claimLine(1)), testOptions(t))
	for i, name := range []string{"县人民医院", "县第一人民医院"} {
		f, rep := take(t, m, putRows(t, claimsHead, change(claimLine(1), map[string]any{"X": "1", "I": name})), testOptions(t))
		wantErrors(t, rep)
		wantTotals(t, f, 1, 1-i, i, 0, 0)
	}
	if len(m.claims) != 2 || !m.claims[1].IsMark() {
		t.Errorf("%+v", m.claims)
	}
	// Without the mark, and with another amount, it is a conflict.
	_, rep := take(t, m, putRows(t, claimsHead, change(claimLine(1), map[string]any{"I": "乙医院"})), testOptions(t))
	wantErrors(t, rep, "E-CLAIM-CONFLICT A2")
	_, rep = take(t, m, putRows(t, claimsHead, change(claimLine(1), map[string]any{"X": "1", "N": 2000})), testOptions(t))
	wantErrors(t, rep, "E-CLAIM-CONFLICT A2")
}

// TestNumbersThatLostZeros: an ID that is a number and shorter than all others of
// the file is returned, wherever those stand.
func TestNumbersThatLostZeros(t *testing.T) {
	for _, c := range []struct {
		ids  []any
		back int
	}{
		{[]any{"000123", 123}, 1},
		{[]any{123, "000123"}, 1},
		{[]any{123, 99, 100}, 0},
		{[]any{123, "S1"}, 0},
		{[]any{123, "000123", "1234"}, 0},
		{[]any{330100000001, 330100000002, 1000003}, 1},
		{[]any{330100000001, 330100000002, 330100000003}, 0},
	} {
		var rows [][]any
		for i, id := range c.ids {
			rows = append(rows, change(claimLine(i+1), map[string]any{"A": id}))
		}
		m := newMemory()
		f, rep := take(t, m, putBook(t, table{"结算", append([][]any{claimsHead}, rows...)}), testOptions(t))
		if f.Returned != c.back || f.Taken != len(c.ids)-c.back || c.back == 1 && rep.Errors[0].Code != "E-SETL-ID" {
			t.Errorf("%v: %+v %+v", c.ids, f.Totals, rep.Errors)
		}
	}
}
