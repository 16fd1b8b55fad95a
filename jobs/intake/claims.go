package intake

import (
	"cmp"
	"maps"
	"slices"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
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
	if !c.Refund {
		im.oddClaim(r, c)
	}
	number := im.setlIDs.note(r.cell("setl_id").Kind, c.ID)
	kept := *r
	kept.cells = nil // they are valid for this row only
	e := claimEntry{c: c, r: &kept, marked: marked}
	if number {
		if im.numbered = append(im.numbered, e); len(im.numbered) == maxNumbered {
			return im.numberedClaims()
		}
		return nil
	}
	return im.claimed(e)
}

// claimed gives a settlement to its batch.
func (im *importer) claimed(e claimEntry) error {
	im.claims = append(im.claims, e)
	if len(im.claims) == batch {
		return im.flushClaims()
	}
	return nil
}

// maxNumbered bounds how many settlements wait for the rest of the file.
const maxNumbered = 20_000

// platformDigits: IDs of that many digits have one length. Shorter ones may be
// counted from 1.
const platformDigits = 10

// setlIDs are the lengths of the IDs of a file that are digits alone, as texts
// and as numbers.
type setlIDs struct{ texts, numbers map[int]int }

// note notes an ID; true where it is a number.
func (l *setlIDs) note(k sheet.Kind, id string) bool {
	if !digits(id) {
		return false
	}
	if l.texts == nil {
		l.texts, l.numbers = map[int]int{}, map[int]int{}
	}
	if k == sheet.Number {
		l.numbers[len(id)]++
		return true
	}
	l.texts[len(id)]++
	return false
}

// short gives the length that all other IDs of the file have, where a number is
// shorter: a spreadsheet has dropped its leading zeros. 0 where nothing tells.
func (l *setlIDs) short(id string) int {
	others := l.texts
	if len(others) == 0 {
		others = maps.Clone(l.numbers)
		delete(others, len(id))
	}
	if len(others) != 1 {
		return 0
	}
	for n, count := range others {
		if n > len(id) && (len(l.texts) > 0 || n >= platformDigits && count > l.numbers[len(id)]) {
			return n
		}
	}
	return 0
}

// numberedClaims gives the settlements whose IDs are numbers to the ledger, but
// for those whose IDs have lost digits.
func (im *importer) numberedClaims() error {
	for _, e := range im.numbered {
		if n := im.setlIDs.short(e.c.ID); n > 0 {
			e.r.fail("setl_id", bad("E-SETL-ID", "结算ID是数字格式，只有 %d 位，而本文件其他结算ID都是 %d 位，开头的 0 可能已丢失，请设为“文本”后重新填写", len(e.c.ID), n))
			im.giveBack(e.r)
			continue
		}
		if err := im.claimed(e); err != nil {
			return err
		}
	}
	im.numbered = nil
	return im.flushClaims()
}

// stay is what two settlements of one stay have in common.
type stay struct {
	person         ledger.PersonNo
	day            civil.Date
	hospital       string
	total, inScope money.Fen
}

// oddClaim warns of a settlement whose parts do not make its total, and of one
// that looks like another one.
func (im *importer) oddClaim(r *rowReader, c *ledger.Claim) {
	if sum, ok := r.parts("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"); ok && sum+c.InScope != c.Total {
		im.warn(r, "medfee_sumamt", "W-CLAIM-SUM", "全自费、超限价、先行自付与政策范围内合计 %s，与医疗费总额 %s 不等，已照所写采纳，请核对导出", sum+c.InScope, c.Total)
	}
	if c.Kind != rules.Inpatient {
		return
	}
	s := stay{im.t.Whose(c.Person), c.At.Date(), c.Hospital + c.HospName, c.Total, c.InScope}
	if was, ok := im.stays[s]; ok && was != c.ID {
		im.warn(r, "setl_id", "W-CLAIM-TWICE", "与本文件里另一笔住院结算的人、日期、医院、金额都相同而结算ID不同，两笔都已采纳，请核对是否重复结算")
	}
	im.stays[s] = c.ID
}

// parts sums amounts that are kept as written; false where one of the columns is
// missing or can not be read, or where all are empty.
func (r *rowReader) parts(fields ...field) (sum money.Fen, ok bool) {
	for _, f := range fields {
		i, there := r.h.at[f]
		if !there {
			return 0, false
		}
		v, e := amount(r.in(i), r.h.columns[i].scale)
		if e != nil {
			return 0, false
		}
		ok = ok || r.has(f)
		sum += v
	}
	return sum, ok
}

// flushClaims gives the batch to the ledger, and then the marks of those of its
// settlements that are on record as the file has them. A row is new if it brings
// a settlement or a mark.
func (im *importer) flushClaims() error {
	if err := im.ownClaims(); err != nil {
		return err
	}
	if err := im.giveClaims(im.claims); err != nil {
		return err
	}
	var marks []claimEntry
	var of []int
	for i := range im.claims {
		e := &im.claims[i]
		if err := im.sameAgain(e); err != nil {
			return err
		}
		if e.marked && e.out != ledger.Conflict {
			marks = append(marks, claimEntry{c: e.c.Mark(), r: e.r})
			of = append(of, i)
		}
	}
	if err := im.giveClaims(marks); err != nil {
		return err
	}
	for i := range marks {
		if err := im.sameAgain(&marks[i]); err != nil {
			return err
		}
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

// ownClaims gives back the settlements of the batch that another area has: they would
// be paid twice.
func (im *importer) ownClaims() error {
	if len(im.claims) == 0 {
		return nil
	}
	cs := make([]*ledger.Claim, 0, len(im.claims))
	for _, e := range im.claims {
		cs = append(cs, e.c)
	}
	where, err := im.t.Elsewhere(cs)
	if err != nil {
		return err
	}
	kept := im.claims[:0]
	for i, e := range im.claims {
		switch area := where[i]; {
		case area == "":
			kept = append(kept, e)
			continue
		case e.c.Refund:
			e.r.fail("init_setl_id", bad("E-CLAIM-AREA", "这笔退费的原结算在统筹区 %s，退费也应读入那里；如原结算读错了统筹区，请先把它移过来，再读入退费", area))
		default:
			e.r.fail("setl_id", bad("E-CLAIM-AREA", "这笔结算（或它的退费）已读入统筹区 %s，一笔结算只属于一个统筹区，不再读入；如那里读错了，请先在那里以退费标志 1 再读入一次，然后重新读入本表", area))
		}
		im.giveBack(e.r)
	}
	im.claims = kept
	return nil
}

// sameAgain makes a repeat of a marked settlement, or of a mark, that differs from
// the record in names alone. The record stays as it is, and the refund must not
// fail for the name of a hospital.
func (im *importer) sameAgain(e *claimEntry) error {
	if e.out != ledger.Conflict || !e.marked && !e.c.IsMark() {
		return nil
	}
	was, ok, err := im.t.ClaimOf(e.c.Area, e.c.ID)
	was.Person = im.t.Whose(was.Person)
	now := *e.c
	now.Person = im.t.Whose(now.Person)
	if ok && now.Same(&was) {
		e.out = ledger.Repeated
	}
	return err
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
