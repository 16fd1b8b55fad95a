package intake

import "doudi/jobs/ledger"

// item takes one line of a bill.
func (im *importer) item(r *rowReader) error {
	x, id := im.itemRow(r)
	im.read(r, x.Amount, "det_item_fee_sumamt")
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	var err error
	if x.Person, x.Name, x.Extra, err = im.identify(r, id); err != nil {
		return err
	}
	out, err := im.t.Item(x)
	if err != nil {
		return err
	}
	im.count(r, out == ledger.New)
	if out == ledger.New {
		im.file.Items++
	}
	return nil
}

// itemRow reads one line of a bill. A line that was taken back has a negative
// quantity and a negative amount.
func (im *importer) itemRow(r *rowReader) (*ledger.Item, string) {
	x := &ledger.Item{Area: im.o.Area, Src: im.source(r), ItemName: r.word("hilist_name"), Class: r.word("class")}
	if x.SetlID = r.settlement("setl_id", "E-SETL-ID"); x.SetlID == "" {
		r.fail("setl_id", bad("E-SETL-ID", "缺少结算ID，请补填"))
	}
	id := r.id("certno")
	x.Code = r.coded("hilist_code", id)
	r.notID("setl_id", "E-SETL-ID", x.SetlID, id)
	if x.Class == "" {
		r.fail("class", bad("E-CLASS", "缺少项目类别，请补填"))
	}
	x.Date = r.date("fee_ocur_time")
	r.filled("pric", "base_price")
	x.Price, x.BasePrice = r.magnitude("pric"), r.magnitude("base_price")
	if x.BasePrice == 0 && !r.failed("base_price") {
		// Every price is above none.
		r.fail("base_price", bad("E-AMOUNT-MISSING", "%s为 0，无从比较，请填写调整后的政府指导价", r.title("base_price")))
	}
	var e *cellError
	x.Quantity, e = quantity(r.cell("cnt"))
	r.fail("cnt", e)
	x.Amount = r.amount("det_item_fee_sumamt")
	if x.Quantity > 0 && x.Amount < 0 {
		r.fail("det_item_fee_sumamt", bad("E-AMOUNT-NEGATIVE", "金额为负而数量不为负；如是退费明细，两者都应为负"))
	}
	if x.Quantity < 0 && x.Amount > 0 {
		r.fail("cnt", bad("E-QUANTITY", "数量为负而金额不为负；如是退费明细，两者都应为负"))
	}
	return x, id
}
