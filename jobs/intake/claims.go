package intake

import (
	"cmp"
	"slices"

	"doudi/jobs/ledger"
)

// claimEntry is one row of settlements on its way to the ledger.
type claimEntry struct {
	c      *ledger.Claim
	r      *rowReader // without its cells
	marked bool       // the platform marks the settlement as refunded
	out    ledger.Outcome
}

// claim takes one settlement; claims go to the ledger in batches.
func (im *importer) claim(r *rowReader) error {
	c, id, marked := im.claimRow(r)
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	var err error
	if c.Person, c.Name, c.Extra, err = im.identify(r, id); err != nil {
		return err
	}
	kept := *r
	kept.cells = nil // they are valid for this row only
	im.claims = append(im.claims, claimEntry{c: c, r: &kept, marked: marked})
	if len(im.claims) == batch {
		return im.flushClaims()
	}
	return nil
}

// flushClaims gives the batch to the ledger, and then the marks of those of its
// settlements that are on record as the file has them. A row is new if it brings
// a settlement or a mark.
func (im *importer) flushClaims() error {
	if err := im.giveClaims(im.claims); err != nil {
		return err
	}
	var marks []claimEntry
	var of []int
	for i, e := range im.claims {
		if e.marked && e.out != ledger.Conflict {
			marks = append(marks, claimEntry{c: e.c.Mark(), r: e.r})
			of = append(of, i)
		}
	}
	if err := im.giveClaims(marks); err != nil {
		return err
	}
	im.marked += len(marks)
	for k, i := range of {
		if marks[k].out != ledger.Repeated {
			im.claims[i].out = marks[k].out
		}
	}
	for _, e := range im.claims {
		switch e.out {
		case ledger.New, ledger.Repeated:
			im.count(e.r, e.out == ledger.New)
		case ledger.Conflict:
			e.r.fail("setl_id", bad("E-CLAIM-CONFLICT", "同一结算ID已有内容不同的记录，未作替换；如原记录有误，请先作退费结算"))
			im.giveBack(e.r)
		}
	}
	im.claims = im.claims[:0]
	return nil
}

// giveClaims gives settlements and refunds to the ledger and notes what became
// of each.
func (im *importer) giveClaims(es []claimEntry) error {
	cs := make([]*ledger.Claim, 0, len(es))
	for _, e := range es {
		cs = append(cs, e.c)
	}
	outs, err := im.t.Claims(cs)
	if err != nil {
		return err
	}
	for i, out := range outs {
		es[i].out = out
		switch {
		case out != ledger.New:
		case es[i].c.Refund:
			im.file.Refunds++
		default:
			im.file.Claims++
		}
	}
	return nil
}

// refunding is what a row says of refunds.
type refunding uint8

const (
	noRefund refunding = iota // a settlement
	isRefund                  // a row of its own that takes back another settlement
	isMarked                  // a settlement that the platform marks as refunded since
)

// amountsPaid are the amounts of a settlement that are checked and kept.
var amountsPaid = []field{"medfee_sumamt", "inscp_scp_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "oth_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hosp_part_amt"}

// refunding tells which of the platform's two ways of giving out refunds a row
// follows. One is a row of its own, with negative amounts, the flag and the ID of
// what it takes back; where there is no column for the flag, or nothing stands
// in it, the other two say enough. The other way is the settlement itself once
// more, as it was, with the flag set: the flag alone changed.
func (r *rowReader) refunding(setlID string) refunding {
	of := clean(r.cell("init_setl_id").Text)
	itself := of == "" || of == setlID
	switch s := r.flag("refd_setl_flag"); s {
	case "1", "是", "退费", "已退费", "y":
		if itself && !r.takesBack() {
			return isMarked
		}
		return isRefund
	case "0", "否", "正常", "未退费", "n":
	case "":
		if of != "" && r.takesBack() {
			return isRefund
		}
	default:
		r.fail("refd_setl_flag", badValue("E-CODE-REFUND", s, "退费标志%s应为 0 或 1"))
	}
	return noRefund
}

// takesBack reports whether a row's amounts are those of a refund: the total is
// negative; where there is none, one of the others is.
func (r *rowReader) takesBack() bool {
	sign := func(f field) int {
		v, _ := amount(r.cell(f), 1) // what is wrong with the cell is said where it is read
		return cmp.Compare(v, 0)
	}
	if s := sign("medfee_sumamt"); s != 0 {
		return s < 0
	}
	return slices.ContainsFunc(amountsPaid, func(f field) bool { return sign(f) < 0 })
}
