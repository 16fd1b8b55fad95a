package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules/money"
)

// Finance bureaus write a batch in three ways: a row with the batch's total and
// the lines below it, which often leave out what the row says already; lines and
// a total below them; a sheet with a row for each batch and another one with the
// lines. Which rows are totals is therefore known when all of a file was read.
//
// Or the batch is the payment, and below it stand people or settlements without
// amounts: for whom it is. They are taken with an amount of 0, by which the
// reconciliation knows what the batch pays.
//
// A row is a total if its payee stands for many (合计, 明细如下, 张三等35人) and the
// file lists lines of its batch: the lines are the payments. Without lines it is
// the payment.

// payment is one row of transfers.
type payment struct {
	x      ledger.Transfer
	r      *rowReader // without its cells
	id     string     // of the payee; "" not given
	payee  string
	extras string
	many   bool     // the payee stands for many
	group  string   // of the batch: its number, or the row that opened it; "" none
	opened *payment // the row above that opened the batch and lends what is left out
	back   bool     // returned
	dark   bool     // its amount can not be read
	bare   bool     // says no amount: it may tell for whom its batch is
}

// transfer keeps one row for takeTransfers.
func (im *importer) transfer(r *rowReader) error {
	p, err := im.payment(r)
	if err != nil {
		return err
	}
	im.read(r, p.x.Amount, "amount")
	p.dark = r.failed("amount")
	p.extras = r.extras()
	kept := *r
	kept.cells = nil // they are valid for this row only
	p.r = &kept
	if len(r.errors) > 0 {
		p.back = true
		im.giveBack(r)
	} else {
		im.sayHidden(r)
	}
	im.paid = append(im.paid, p)
	return nil
}

// payment reads one row of transfers.
func (im *importer) payment(r *rowReader) (*payment, error) {
	p := &payment{x: ledger.Transfer{Area: im.o.Area, Src: im.source(r), Item: r.word("item"), Payer: r.word("payer")}}
	p.payee = personName(r.text("payee"))
	if !isNone(r.text("certno")) {
		p.id = r.id("certno")
	}
	var err error
	if p.x.Batch, err = im.batch(r, p.id); err != nil {
		return nil, err
	}
	p.many = isNone(r.text("certno")) && standsForMany(p.payee)
	p.x.Date = r.date("date")
	var e *cellError
	p.x.From, p.x.To, e = settled(r.dateCell("period"))
	r.fail("period", e)
	p.group = p.x.Batch
	im.lend(r, p)
	if p.x.Date == 0 && !r.failed("date") {
		r.fail("date", bad("E-DATE-MISSING", "缺少%s，请补填", r.title("date")))
	}
	if p.x.Item == "" {
		r.fail("item", bad("E-ITEM", "缺少%s，请补填这笔钱属于什么资金", r.title("item")))
	}
	if p.payee == "" && p.id == "" && !r.failed("certno") {
		f := field("payee")
		if !r.h.has(f) {
			f = "certno"
		}
		r.fail(f, bad("E-PAYEE", "没有写付给谁，请补填收款单位、收款人或身份证号"))
	}
	p.x.SetlID = r.settlement("setl_id", "E-SETL-ID")
	r.notID("setl_id", "E-SETL-ID", p.x.SetlID, p.id)
	if p.x.Batch != "" && (p.id != "" || p.x.SetlID != "") && noAmount(r, "amount") {
		p.bare = true // right only in a list: see takeTransfers
	} else {
		r.filled("amount")
	}
	p.x.Amount = r.amount("amount")
	return p, nil
}

// isNone reports whether nothing stands in a cell, or a mark for nothing.
func isNone(s string) bool {
	return s == "" || slices.Contains([]string{"-", "—", "——", "/", "无"}, s)
}

var (
	sumWords  = regexp.MustCompile(`合计|小计|总计|共计`)
	listWords = regexp.MustCompile(`明细|附件|附表|清单|名单`)
	bankWords = regexp.MustCompile(`银行|信用社|信用联社|信用合作|农商行|代发`)
	manyWords = regexp.MustCompile(`等[\d一二三四五六七八九十百千]*[个名位]?(?:人|户|家|笔|单位|机构|医院)?$|\d+[个名位]?(?:人|户|家|笔)[)）]?$|^各|多人|多户`)
)

// standsForMany reports whether a payee is no payee, but a word for many.
func standsForMany(payee string) bool {
	s := clean(payee)
	return sumWords.MatchString(s) || listWords.MatchString(s) || manyWords.MatchString(s)
}

// lend gives a line of a batch what it leaves out and the row that opened the
// batch says: the number, the date, the item, who pays, the period. A row that
// stands alone, with a date and an item of its own, takes no number from above
// unless the row above says that lines follow and both are the same.
func (im *importer) lend(r *rowReader, p *payment) {
	var last *payment // the row above, of the same table
	if n := len(im.paid); n > 0 && im.paid[n-1].r.h == r.h && im.paid[n-1].r.sheet == r.sheet {
		last = im.paid[n-1]
	}
	if last == nil || p.many && (p.x.Batch != "" || p.x.Date != 0) {
		return
	}
	head := last.opened
	if last.many && (!sumWords.MatchString(last.payee) || !im.listed(last.group)) {
		head = last
	}
	switch {
	case head == nil:
		return
	case p.x.Batch != "" && p.x.Batch != head.x.Batch:
		return
	case p.x.Batch == "" && p.x.Date != 0 && p.x.Item != "" && !(listWords.MatchString(head.payee) && p.x.Date == head.x.Date && p.x.Item == head.x.Item):
		return
	}
	if head.group == "" { // it has no number: its lines belong to the row itself
		head.group = fmt.Sprintf("%s 第 %d 行", head.r.sheet, head.r.number)
	}
	p.opened, p.group = head, head.group
	x, from := &p.x, &head.x
	x.Batch = from.Batch
	if x.Date == 0 && !r.has("date") {
		x.Date = from.Date
	}
	if x.Item == "" {
		x.Item = from.Item
	}
	if x.Payer == "" {
		x.Payer = from.Payer
	}
	if x.From == 0 && !r.has("period") {
		x.From, x.To = from.From, from.To
	}
}

// listed reports whether lines of a batch were read already.
func (im *importer) listed(group string) bool {
	return group != "" && slices.ContainsFunc(im.paid, func(p *payment) bool { return p.group == group && !p.many })
}

// takeTransfers gives the payments of the file to the ledger, without the totals
// of batches whose lines it lists.
func (im *importer) takeTransfers() error {
	groups := map[string][]*payment{}
	for _, p := range im.paid {
		if p.group != "" {
			groups[p.group] = append(groups[p.group], p)
		}
	}
	lists := map[string]bool{}
	for k, g := range groups {
		lists[k] = isList(g)
	}
	same := map[string][]*payment{}
	for i, p := range im.paid {
		g := groups[p.group]
		if lines := im.linesOf(i); lines != nil {
			g = lines
		}
		switch {
		case p.back:
			continue
		case p.x.Batch != "" && lists[p.group]: // the payment, or for whom it is
		case p.bare:
			p.r.fail("amount", amountMissing(p.r, "amount"))
			im.giveBack(p.r)
			continue
		case p.many && slices.ContainsFunc(g, func(o *payment) bool { return !o.many }):
			im.setAside(p, g)
			continue
		case isSumOf(p, g):
			p.r.fail("payee", bad("E-BATCH", "这一行的金额正好是同一批次其余 %d 行之和，分不清是合计还是另一笔拨付：是合计，请把收款人写成“合计”；是另一笔，请另写批次号", len(g)-1))
			im.giveBack(p.r)
			continue
		}
		if err := im.takeTransfer(p, same); err != nil {
			return err
		}
	}
	return nil
}

// isList reports whether a batch is one payment, to nobody in particular, and all
// other rows say for whom it is.
func isList(g []*payment) bool {
	paid, listed := 0, 0
	for _, p := range g {
		switch {
		case p.x.Amount == 0 && !p.dark && (p.id != "" || p.x.SetlID != ""):
			listed++
		case p.x.Amount != 0 && p.id == "" && p.x.SetlID == "":
			paid++
		default:
			return false
		}
	}
	return paid == 1 && listed > 0
}

// linesOf are the lines of which a row without a batch's number is the total, and
// the row: a payee that stands for many, and the sum of the lines of its item
// right above or below it, or of all above it. A 合计 below lines is a total, too,
// where it is not their sum. nil: there are none.
func (im *importer) linesOf(i int) []*payment {
	p := im.paid[i]
	if !p.many || p.back || p.x.Batch != "" || p.opened != nil {
		return nil
	}
	line := func(o *payment) bool { return !o.many && o.x.Item == p.x.Item }
	var above, all, below []*payment
	for k := i - 1; k >= 0 && im.beside(i, k); k-- {
		o := im.paid[k]
		if line(o) {
			if len(above) == len(all) && k == i-1-len(above) {
				above = append(above, o)
			}
			all = append(all, o)
		}
	}
	for k := i + 1; k < len(im.paid) && im.beside(i, k) && line(im.paid[k]); k++ {
		below = append(below, im.paid[k])
	}
	for _, lines := range [][]*payment{above, all, below} {
		if len(lines) > 1 && sumOf(lines) == p.x.Amount {
			return append(lines, p)
		}
	}
	if sumWords.MatchString(p.payee) && len(above) > 0 {
		return append(above, p)
	}
	return nil
}

// beside reports whether two rows are of one table.
func (im *importer) beside(i, k int) bool {
	return im.paid[i].r.h == im.paid[k].r.h && im.paid[i].r.sheet == im.paid[k].r.sheet
}

func sumOf(lines []*payment) (sum money.Fen) {
	for _, o := range lines {
		sum += o.x.Amount
	}
	return sum
}

// isSumOf reports whether a row of a batch, to a payee without an ID, is the sum
// of all its other lines: a total under the name of the bank that pays out. Those
// have IDs, or the name is that of a bank: among hospitals one may be paid as much
// as the others.
func isSumOf(p *payment, g []*payment) bool {
	if p.id != "" || p.x.Amount == 0 || len(g) < 3 {
		return false
	}
	bank := bankWords.MatchString(clean(p.payee))
	sum := money.Fen(0)
	for _, o := range g {
		if o == p {
			continue
		}
		if o.id == "" && !bank || o.dark {
			return false
		}
		sum += o.x.Amount
	}
	return sum == p.x.Amount
}

// setAside takes a total out of the rows that were read as payments, and warns
// where it is not the sum of its lines: of all of the batch, of those below it,
// or of those above it.
func (im *importer) setAside(p *payment, g []*payment) {
	t := p.r.total
	t.Read--
	t.Skipped++
	t.AmountRead -= p.r.worth
	at := slices.Index(g, p)
	all, lines, dark := money.Fen(0), 0, false
	for _, o := range g {
		if !o.many {
			all += o.x.Amount
			lines++
			dark = dark || o.dark
		}
	}
	run := func(from []*payment) (sum money.Fen) {
		for _, o := range from {
			if o.many {
				break
			}
			sum += o.x.Amount
		}
		return sum
	}
	above := slices.Clone(g[:at])
	slices.Reverse(above)
	if dark || p.x.Amount == all || p.x.Amount == run(g[at+1:]) || p.x.Amount == run(above) {
		return
	}
	im.warn(p.r, "amount", "W-TOTAL", "这一批次写明合计 %s 元，而所列 %d 行之和为 %s 元，请核对是否有漏列、多列；已按所列各行计入", p.x.Amount, lines, all)
}

// takeTransfer gives one payment to the ledger. The same line twice in a file is
// two payments, so that what was paid twice can be found; the same file again
// brings nothing new.
func (im *importer) takeTransfer(p *payment, same map[string][]*payment) error {
	x := &p.x
	var err error
	if p.id != "" {
		if x.Person, err = im.t.Person(p.id); err != nil {
			return err
		}
		im.oldID(p.r, "certno", x.Person)
	}
	if x.Payee, err = im.t.Name(p.payee); err != nil {
		return err
	}
	if p.extras != "" {
		x.Extra = im.t.Seal(p.extras)
	}
	// Two lines of one person under two IDs are the same line, too.
	whose := *x
	whose.Person = im.t.Whose(x.Person)
	key := string(whose.Content(nil))
	same[key] = append(same[key], p)
	x.Nth = len(same[key])
	out, err := im.t.Transfer(x)
	if err != nil {
		return err
	}
	im.count(p.r, out == ledger.New)
	if out != ledger.New {
		return nil
	}
	im.file.Transfers++
	if x.Nth > 1 {
		first := same[key][0].r
		where := ""
		if first.sheet != p.r.sheet {
			where = "工作表 " + strings.TrimSpace(first.sheet) + " "
		}
		im.warn(p.r, "amount", "W-TRANSFER-TWICE", "与%s第 %d 行完全相同，已按第 %d 笔拨付计入；请核对是否重复列入或重复拨付", where, first.number, x.Nth)
	}
	return nil
}
