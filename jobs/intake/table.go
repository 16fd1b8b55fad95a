package intake

import (
	"context"
	"fmt"
	"io"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
)

// asideNotes: so many rows of a sheet are noted one by one as no data. Forms
// come with a thousand numbered, empty rows.
const asideNotes = 5

// sheetReading reads one sheet.
type sheetReading struct {
	im      *importer
	name    string
	untyped bool
	h       *header            // of the table that is being read; nil: none, or not asked for
	total   *ledger.SheetTotal // of its kind
	sums    map[Kind]*tally
	kinds   []Kind // of sums, in order
	row     rowReader
	any     bool // something stands on the sheet
	others  bool // a table of another kind than was asked for
	strange strangeRow
	unread  int // rows with an ID that belong to no table
	first   int // the first of them
}

func (im *importer) sheet(ctx context.Context, book sheet.Book, i int) error {
	rd, err := book.Open(i)
	if err != nil {
		return err
	}
	defer rd.Close()
	im.ungraded, im.hidden, im.aside = 0, 0, 0
	s := &sheetReading{im: im, name: rd.Name(), untyped: book.Format() == "csv", sums: map[Kind]*tally{}}
	f := newFinder(ctx, rd, im.columnNames(), im.o.Kind)
	f.today = im.o.Today
	f.near = func(rows [][]string, number int) {
		s.any = true
		im.remember(rows, number, s.name)
	}
	for {
		it, err := f.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = s.item(&it)
		}
		if err != nil {
			return err
		}
	}
	if err := im.flushClaims(); err != nil {
		return err
	}
	switch {
	case f.own:
		im.resume(f.said)
		im.note("工作表 %s 是退回时所附的说明，未读取", s.name)
	case len(s.kinds) > 0:
		s.end(rd)
	case s.any && !s.others:
		im.note("工作表 %s 没有可识别的表头，未读取", s.name)
	}
	s.unsaid()
	return nil
}

// columnNames are made once for a file.
func (im *importer) columnNames() *matcher {
	if im.matcher == nil {
		im.matcher = newMatcher(im.o.Columns)
		im.matcher.file = im.name
	}
	return im.matcher
}

// item takes one row, or a header.
func (s *sheetReading) item(it *item) error {
	im := s.im
	switch it.what {
	case isTable:
		return s.found(it.h)
	case isStrange:
		s.total.Skipped++
		s.strange = strangeRow{it.row.Number, im.columnNames().lacking(texts(it.row.Cells), s.name, it.row.Number)}
		im.note("%s 第 %d 行像是另一张表的表头，但认不出，它下面的行没有按上一张表读取", s.name, it.row.Number)
		return nil
	case isUnread:
		if s.strange.row > 0 {
			return im.strangely(s.name, &s.strange, it.row.Number)
		}
		if s.unread++; s.unread == 1 {
			s.first = it.row.Number
		}
		return nil
	}
	if it.what != isData {
		s.total.Skipped++
	}
	switch it.what {
	case isAside:
		if err := s.abreast(&it.row); err != nil {
			return err
		}
		if im.aside++; im.aside <= asideNotes {
			im.note("%s 第 %d 行为说明文字，未作为数据", s.name, it.row.Number)
		}
	case isStated:
		s.h.sums.state(*it.total)
	case isData:
		if err := s.abreast(&it.row); err != nil {
			return err
		}
		s.total.Read++
		s.h.sums.row(s.h, it.row.Cells)
		if it.row.Hidden {
			im.hidden++
		}
		s.row = rowReader{h: s.h, total: s.total, cells: it.row.Cells, today: im.o.Today, untyped: s.untyped, sheet: s.name, number: it.row.Number}
		s.row.formulas()
		s.row.twins()
		return im.row(&s.row)
	}
	return nil
}

// abreast refuses a table that has two people in one row, of whom the second
// would be lost. Settlements are spared: their exports have a meaning twice.
func (s *sheetReading) abreast(row *sheet.Row) error {
	if s.h.kind == Claims || len(s.h.twice) < 2 {
		return nil
	}
	for _, t := range s.h.twice {
		if s.h.columns[t[0]].field != "certno" || t[1] >= len(row.Cells) || !isID(row.Cells[t[1]], s.im.o.Today) {
			continue
		}
		if clean(row.Cells[t[0]].Text) != clean(row.Cells[t[1]].Text) {
			return sheet.Refuse("E-FILE-TABLE", fmt.Sprintf("工作表 %s 第 %d 行里并排列了两个人（%s 列和 %s 列都是身份证号），只能读出前一个；请改为一人一行后重新发送",
				s.name, row.Number, ColumnName(t[0]), ColumnName(t[1])), nil)
		}
	}
	return nil
}

// unsaid says that rows with IDs were not read. Whoever stands in them is not
// missing from the file.
func (s *sheetReading) unsaid() {
	if s.unread == 0 {
		return
	}
	im := s.im
	im.warnTable(s.name, s.first, "W-UNREAD", "工作表 %s 第 %d 行起有 %d 行有身份证号而没有可识别的表头，没有读取；请改正表头后重新发送", s.name, s.first, s.unread)
	im.unread = append(im.unread, fmt.Sprintf("工作表 %s（第 %d 行起 %d 行有身份证号，没有可识别的表头）", s.name, s.first, s.unread))
}

// found takes up a table, when the one above it ends.
func (s *sheetReading) found(h *header) error {
	im := s.im
	if s.h != nil {
		im.close(s.name, s.h)
	}
	if s.h = nil; h.foreign {
		s.others = true
		im.foreigner(h, s.name)
		return nil
	}
	if len(h.unclear) > 0 {
		return unclearIDs(h, s.name)
	}
	s.h, s.strange = h, strangeRow{}
	s.total = im.totalOf(s.name, h.kind)
	im.report.Parts[s.name]++
	if _, ok := im.report.Tables[s.name]; !ok {
		im.report.Tables[s.name] = h.row
	}
	if s.sums[h.kind] == nil {
		s.sums[h.kind] = newTally(h.kind)
		s.kinds = append(s.kinds, h.kind)
		im.titled(h, s.name)
	}
	h.sums = s.sums[h.kind]
	if h.part { // its columns were named
		return nil
	}
	for _, t := range h.twice {
		use := "只用 " + ColumnName(t[0]) + " 列"
		if h.kind == Claims { // see twin
			use = ColumnName(t[0]) + " 列空着的行用 " + ColumnName(t[1]) + " 列"
		}
		im.note("%s 的 %s 列“%s”与 %s 列含义相同，%s", s.name, ColumnName(t[1]), show(h.columns[t[1]].title), ColumnName(t[0]), use)
	}
	im.units(h, s.name)
	im.unknown(h, s.name)
	for _, t := range h.moved {
		im.note("%s 的 %s 列“%s”跟在“%s”之后，按%s的身份证号处理", s.name, ColumnName(t[0]), show(h.columns[t[0]].title), show(h.columns[t[1]].title), show(h.columns[t[1]].title))
	}
	return nil
}

// unclearIDs refuses a table of which nothing tells whose the IDs are.
func unclearIDs(h *header, name string) error {
	var which []string
	for _, u := range h.unclear {
		which = append(which, fmt.Sprintf("%s 列“%s”（在“%s”之后）", ColumnName(u[0]), show(h.columns[u[0]].title), show(h.columns[u[1]].title)))
	}
	return sheet.Refuse("E-FILE-TABLE", fmt.Sprintf("工作表 %s 第 %d 行的表头分不清哪一列是本人的身份证号：%s；请把列名写全（如 户主身份证号、监护人身份证号），或把本人的身份证号放在姓名之后", name, h.row, strings.Join(which, "、")), nil)
}

// units says which amounts are not in yuan.
func (im *importer) units(h *header, sheetName string) {
	var thousands []string
	for _, c := range h.columns {
		if c.sum > 0 && c.scale != 1 {
			thousands = append(thousands, show(c.title))
		}
	}
	if len(thousands) > 0 {
		im.note("%s 的“%s”单位不是元，已换算为元", sheetName, shorten(thousands, "”、“"))
	}
	if h.unsaid {
		im.warnTable(sheetName, h.row, "W-UNIT", "上一张表的上方写了单位，这张表另有标题而没有写单位，其中没有写单位的金额列按元读取，请核对金额")
	}
	for _, i := range h.units {
		im.report.Warnings = append(im.report.Warnings, RowError{Code: "W-UNIT", Sheet: sheetName, Row: h.row, Column: ColumnName(i), Field: h.columns[i].title,
			Message: "表格上方写的单位与这一列标题写的不同，按列标题的单位读取，请核对金额"})
	}
}

// unknown says which columns mean nothing to the program.
func (im *importer) unknown(h *header, sheetName string) {
	var names []string
	for _, c := range h.columns {
		if c.field == "" && c.title != "" && !plain[rules.Fold(c.title)] {
			names = append(names, show(c.title))
		}
	}
	if len(names) > 0 {
		im.note("%s 有不起作用的列（随行保存）：%s", sheetName, shorten(names, "、"))
	}
}

// plain are titles that nobody expects to be read.
var plain = map[string]bool{"序号": true, "编号": true, "备注": true, "说明": true}

// end notes what people should know about a sheet's tables.
func (s *sheetReading) end(rd sheet.Reader) {
	im := s.im
	if s.h != nil {
		im.close(s.name, s.h)
	}
	if n := im.aside - asideNotes; n > 0 {
		im.note("%s 另有 %d 行同样为说明文字，未作为数据", s.name, n)
	}
	for _, k := range s.kinds {
		im.totalsSaid(s.name, s.sums[k])
	}
	if rd.Hidden() {
		im.note("工作表 %s 是隐藏的，也已读取", s.name)
	}
	if h, ok := rd.(sheet.ColumnHider); ok {
		if cols := h.HiddenColumns(); len(cols) > 0 {
			names := make([]string, len(cols))
			for i, c := range cols {
				names[i] = ColumnName(c)
			}
			im.note("%s 的 %s 列是隐藏的，也已读取", s.name, shorten(names, "、"))
		}
	}
	if im.hidden > 0 {
		im.note("%s 有 %d 行是隐藏的（如被筛选），也已读取", s.name, im.hidden)
	}
	if im.ungraded > 0 {
		im.note("%s 有 %d 条结算没有医院等级或未定级，按一级处理", s.name, im.ungraded)
	}
}

// remember keeps, for the message, the rows that came closest to a header: those
// with the most known columns, of which three say that they are meant as one.
func (im *importer) remember(rows [][]string, number int, name string) {
	for n := 1; n <= min(len(rows), headerRows); n++ {
		for i := range im.matcher.kinds {
			k := &im.matcher.kinds[i]
			if im.o.Kind != Auto && im.o.Kind != k.kind {
				continue
			}
			h := k.match(stacks(rows[:n]))
			if len(h.at) < 3 || len(h.missing) == 0 || len(h.at) <= im.score {
				continue
			}
			if below := k.match(stacks(rows[1:n])); n > 1 && below.sameColumns(&h) {
				continue // a title stands above: its turn comes
			}
			im.score = len(h.at)
			im.near = k.nearly(&h, name, number+n-1)
		}
	}
}

// lacking says what a row that looks like a header lacks to be one of the kind of
// which it has most columns; "" where it has next to none.
func (m *matcher) lacking(line []string, name string, row int) string {
	most, near := 1, ""
	for i := range m.kinds {
		k := &m.kinds[i]
		if h := k.match(stacks([][]string{line})); len(h.missing) > 0 && len(h.at) > most {
			most, near = len(h.at), k.nearly(&h, name, row)
		}
	}
	return near
}

// nearly says what a header lacks.
func (k *kindNames) nearly(h *header, name string, row int) string {
	var lacks, strange []string
	for _, f := range h.missing {
		n := string(f)
		if len(k.names[f]) > 0 {
			n = k.names[f][0]
		}
		lacks = append(lacks, n)
	}
	for _, c := range h.columns {
		if c.field == "" && c.title != "" && len(strange) < 8 {
			strange = append(strange, show(c.title))
		}
	}
	near := fmt.Sprintf("工作表 %s 第 %d 行像是表头，但缺少列：%s", name, row, strings.Join(lacks, "、"))
	if len(strange) > 0 {
		near += "；认不出的列：" + strings.Join(strange, "、")
		if like := likest(lacks[0], strange); like != "" {
			near += fmt.Sprintf("；如果“%s”就是%s，可登记在 doudi.yaml：columns: {%s: [%s]}", like, lacks[0], h.missing[0], like)
		}
	}
	return near
}

// likest is the title that shares most characters with a name, two at least; ""
// where none does.
func likest(name string, titles []string) string {
	best, most := "", 1
	for _, t := range titles {
		n := 0
		for _, c := range name {
			if strings.ContainsRune(t, c) {
				n++
			}
		}
		if n > most {
			best, most = t, n
		}
	}
	return best
}

// shorten joins words, of which it shows no more than people care to read.
func shorten(words []string, sep string) string {
	const most = 10
	if len(words) > most {
		return strings.Join(words[:most], sep) + fmt.Sprintf(" 等 %d", len(words))
	}
	return strings.Join(words, sep)
}
