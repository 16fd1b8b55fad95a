package intake

import (
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// reliefSources are the kinds of help outside the layers.
var reliefSources = []string{"惠民保", "慈善", "临时救助", "专项基金", "医疗互助", "工会", "残联", "其他"}

// reliefWords tell the kind from the name of an institution.
var reliefWords = map[string]string{"慈善": "慈善", "总工会": "工会", "残疾人联合会": "残联", "县残联": "残联", "市残联": "残联", "区残联": "残联", "红十字会": "其他"}

// relief takes one row of relief.
func (im *importer) relief(r *rowReader) error {
	x, id := im.reliefRow(r)
	im.read(r, x.Amount, "amount")
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	var err error
	if x.Person, x.Name, x.Extra, err = im.identify(r, id); err != nil {
		return err
	}
	out, err := im.t.Relief(x)
	if err != nil {
		return err
	}
	im.count(r, out == ledger.New)
	if out == ledger.New {
		im.file.Reliefs++
	}
	return nil
}

// reliefRow reads one relief.
func (im *importer) reliefRow(r *rowReader) (*ledger.Relief, string) {
	x := &ledger.Relief{Area: im.o.Area, Src: im.source(r)}
	id := r.id("certno")
	if x.Date = r.date("date"); x.Date == 0 && !r.failed("date") {
		r.fail("date", bad("E-DATE-MISSING", "缺少帮扶日期，请补填"))
	}
	s := rules.Fold(r.text("source"))
	for _, k := range reliefSources {
		if s == k || s == k+"救助" || s == k+"赔付" || s == "总"+k {
			x.Kind = k
		}
	}
	for word, k := range reliefWords {
		if x.Kind == "" && strings.Contains(s, word) {
			x.Kind = k
		}
	}
	if x.Kind == "" {
		r.fail("source", badWord("E-RELIEF-SOURCE", r.text("source"), reliefLetters, "不认识帮扶来源%s，请写 %s 之一", strings.Join(reliefSources, "、")))
	}
	r.filled("amount")
	if x.Amount = r.amount("amount"); x.Amount < 0 {
		r.fail("amount", bad("E-AMOUNT-NEGATIVE", "帮扶金额不能为负，请核对"))
	}
	x.Note = r.text("note")
	return x, id
}
