package intake

import "doudi/jobs/ledger"

// birth takes one row of births.
func (im *importer) birth(r *rowReader) error {
	x, id := im.birthRow(r)
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	var err error
	if x.Person, x.Name, x.Extra, err = im.identify(r, id); err != nil {
		return err
	}
	out, err := im.t.Birth(x)
	if err != nil {
		return err
	}
	im.count(r, out == ledger.New)
	if out == ledger.New {
		im.file.Births++
	}
	return nil
}

// birthRow reads one birth; the ID is that of whom the allowance is for.
func (im *importer) birthRow(r *rowReader) (*ledger.Birth, string) {
	x := &ledger.Birth{Area: im.o.Area, Src: im.source(r)}
	id := r.id("certno")
	if x.Date = r.date("date"); x.Date == 0 && !r.failed("date") {
		r.fail("date", bad("E-DATE-MISSING", "缺少生育日期，请补填"))
	}
	var e *cellError
	x.Days, e = days(r.code("days", 0))
	r.fail("days", e)
	return x, id
}
