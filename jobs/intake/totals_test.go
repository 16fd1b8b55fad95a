package intake

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules/money"
)

// TestAmounts: as for rows, every fen that is read is taken, repeated or
// returned, sheet by sheet.
func TestAmounts(t *testing.T) {
	m := newMemory()
	take(t, m, putRows(t, claimsHead, claimLine(1)), testOptions(t))
	claims := table{"结算", [][]any{claimsHead,
		claimLine(1),  // repeated: 1001
		claimLine(2),  // taken: 1002
		refundLine(2), // taken: -1002
		change(claimLine(3), map[string]any{"E": "99"}),   // returned: 1003
		change(claimLine(4), map[string]any{"N": "约一千"}),  // returned, and not read
		change(claimLine(1), map[string]any{"N": "3000"}), // in conflict: 3000
		change(claimLine(5), map[string]any{"N": nil}),    // returned; nothing stands there
		change(refundLine(6), map[string]any{"N": 1006}),  // returned, with the sign of the file
	}}
	reliefs := table{"帮扶", [][]any{reliefHead, reliefLine(1), change(reliefLine(2), map[string]any{"E": "12.345"}), reliefLine(1), {"合计", nil, nil, nil, 1000}}}
	roster := table{"名单", [][]any{rosterHead, rosterLine(1)}}
	f, _ := take(t, m, putBook(t, claims, reliefs, roster), testOptions(t))
	type sums struct {
		kind                            string
		read, taken, repeated, returned money.Fen
		unreadable                      int
	}
	var got []sums
	for _, s := range f.Totals {
		got = append(got, sums{s.Kind, s.AmountRead, s.Amount, s.AmountRepeated, s.AmountReturned, s.Unreadable})
	}
	want := []sums{{"claims", 6010_00, 0, 1001_00, 5009_00, 1}, {"relief", 1000_00, 500_00, 500_00, 0, 1}, {"roster", 0, 0, 0, 0, 0}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if f.Amount != 7010_00 || f.AmountTaken != 500_00 || f.AmountRepeated != 1501_00 || f.AmountReturned != 5009_00 || f.Unreadable != 2 {
		t.Errorf("%+v", f)
	}
}

// TestEnrolmentAmounts: of a premium in two parts each one may be unreadable.
func TestEnrolmentAmounts(t *testing.T) {
	f, _ := take(t, newMemory(), putBook(t, table{"表", [][]any{enrolmentHead, enrolmentLine(1), change(enrolmentLine(2), map[string]any{"G": "一百", "H": formula("A1")})}}), testOptions(t))
	if f.Amount != 380_00 || f.AmountTaken != 380_00 || f.Unreadable != 2 {
		t.Errorf("%+v", f)
	}
}

func TestAmountsAgree(t *testing.T) {
	x := ledger.SheetTotal{AmountRead: 6, Amount: 1, AmountRepeated: 2, AmountReturned: 3}
	if !x.AmountsAgree() {
		t.Error("1 + 2 + 3 are 6")
	}
	if x.AmountRead++; x.AmountsAgree() {
		t.Error("and not 7")
	}
}
