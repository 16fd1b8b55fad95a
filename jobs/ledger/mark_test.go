package ledger

import (
	"bytes"
	"strings"
	"testing"

	"doudi/rules"
)

// TestMark: a mark says what its settlement says, and is no other settlement's
// refund.
func TestMark(t *testing.T) {
	c := &Claim{Claim: rules.Claim{Ref: 7, ID: "S1", Total: 100, InScope: 90}, Area: "990001", Person: 3, Extra: []byte("x")}
	m := c.Mark()
	if m.ID != "S1 退费标志" || !m.Refund || m.RefundOf != "S1" || m.Ref != 0 || m.Extra != nil || m.Total != 100 || m.Person != 3 || !m.IsMark() {
		t.Errorf("%+v", m)
	}
	if c.Refund || c.Ref != 7 || c.IsMark() || c.Extra == nil {
		t.Errorf("the settlement is %+v", c)
	}
	if !bytes.Equal(m.Content(nil), c.Mark().Content(nil)) {
		t.Error("marked again it is another mark")
	}
	if r := (&Claim{Claim: rules.Claim{ID: "R1"}, Refund: true, RefundOf: "S1"}); r.IsMark() {
		t.Errorf("%+v is a mark", r)
	}
}

// TestOlderBytes: what came later is not in the bytes of records without it.
func TestOlderBytes(t *testing.T) {
	f := File{Seq: 1, Amount: 5, AmountTaken: 5, Totals: []SheetTotal{{Sheet: "表", Kind: "claims", Amount: 5}}}
	r := Run{No: 1, Areas: []RunArea{{Area: "990001"}}}
	for _, b := range [][]byte{f.Canonical(nil), r.Canonical(nil)} {
		for _, later := range []string{"AmountRepeated", "AmountReturned", "nreadable", "amount_re", "files"} {
			if strings.Contains(string(b), later) {
				t.Errorf("%s is in %s", later, b)
			}
		}
	}
	f.Totals[0].AmountRead, f.AmountReturned = 6, 1
	r.Areas[0].Files = []Seq{1}
	if b := string(f.Canonical(nil)); !strings.Contains(b, `"amount_read_fen":6`) || !strings.Contains(b, `"AmountReturned":1`) {
		t.Error(b)
	}
	if b := string(r.Canonical(nil)); !strings.Contains(b, `"files":[1]`) {
		t.Error(b)
	}
}
