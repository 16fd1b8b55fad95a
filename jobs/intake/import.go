package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// Options say how a file is to be read.
type Options struct {
	Area       string
	Kind       Kind // Auto: told by the columns
	Codes      pack.Codes
	Today      civil.Date
	Month      civil.Month         // for which a roster was sent; 0 unknown
	Dept       string              // who sent it, where the rows do not say
	Columns    map[string][]string // more names of columns, by field
	Categories map[string][]string // more names of categories, by code
}

// RowError is one wrong cell.
type RowError struct {
	Code    string `json:"code"`
	Sheet   string `json:"sheet"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Field   string `json:"-"` // the column's title
	Message string `json:"message"`
}

// Report is what reading a file found, beside the totals in its ledger.File.
type Report struct {
	Errors []RowError
	Notes  []string       // what was left out and why, for people
	Tables map[string]int // sheet → row of its header
}

// batch is how many claims go to the ledger at a time: one look-up for all.
const batch = 200

// Import reads a spreadsheet into the ledger through t and completes f's
// totals. Wrong rows are collected in the report and the rest is taken; a file
// whose container is wrong, or that holds no table, is a *sheet.FileError and
// must not be taken at all (the caller's transaction is to be dropped).
func Import(ctx context.Context, path string, o Options, f *ledger.File, t ledger.Taker) (*Report, error) {
	book, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	im := &importer{o: o, file: f, t: t, report: &Report{Tables: map[string]int{}}}
	kinds := map[Kind]bool{}
	for i := range book.Sheets() {
		k, err := im.sheet(ctx, book, i)
		if err != nil {
			return nil, err
		}
		if k != "" {
			kinds[k] = true
		}
	}
	switch len(kinds) {
	case 0:
		return nil, sheet.Refuse("E-FILE-TABLE", im.noTable(), nil)
	case 1:
		for k := range kinds {
			f.Kind = string(k)
		}
	default:
		f.Kind = "mixed"
	}
	// Conflicts are found a batch later than the rest.
	slices.SortStableFunc(im.report.Errors, func(a, b RowError) int {
		return cmp.Or(cmp.Compare(slices.Index(book.Sheets(), a.Sheet), slices.Index(book.Sheets(), b.Sheet)), cmp.Compare(a.Row, b.Row))
	})
	if f.Read != f.Taken+f.Repeated+f.Returned {
		return nil, fmt.Errorf("%w: %d rows were read, %d taken, %d known, %d returned", ledger.ErrIntegrity, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	return im.report, nil
}

// importer reads one file.
type importer struct {
	o      Options
	file   *ledger.File
	t      ledger.Taker
	report *Report
	near   string // what came closest to a header
	score  int    // how close
	total  ledger.SheetTotal
	claims []*ledger.Claim
	rows   []*rowReader // of claims, parallel

	// Counted for the notes on a sheet.
	ungraded int // claims of institutions without a level
	hidden   int // rows
	aside    int // rows that are no data
}

func (im *importer) note(format string, args ...any) {
	im.report.Notes = append(im.report.Notes, fmt.Sprintf(format, args...))
}

func (im *importer) noTable() string {
	msg := "文件中没有找到困难人员名单、结算数据、帮扶明细、参保名单、缴费月份、生育名单或收费项目的表头，请核对是否选错文件，或表头名称是否被改动"
	if im.near != "" {
		msg += "；" + im.near
	}
	return msg
}

const (
	// headerWithin: so many rows may stand above a header.
	headerWithin = 30
	// asideNotes: so many rows of a sheet are noted one by one as no data. Forms
	// come with a thousand numbered, empty rows.
	asideNotes = 5
)

var unitLine = regexp.MustCompile(`单位(人民币)?万元`)

// inTenThousands reports whether a row above a header says 单位：万元.
func inTenThousands(cells []sheet.Cell) bool {
	return slices.ContainsFunc(cells, func(c sheet.Cell) bool { return unitLine.MatchString(rules.Fold(c.Text)) })
}

func (im *importer) sheet(ctx context.Context, book sheet.Book, i int) (Kind, error) {
	rd, err := book.Open(i)
	if err != nil {
		return "", err
	}
	defer rd.Close()
	im.total = ledger.SheetTotal{Sheet: rd.Name()}
	im.ungraded, im.hidden, im.aside = 0, 0, 0
	var h header
	var r rowReader
	nonEmpty, tenThousands := 0, false
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		row, err := rd.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if blank(&h, row.Cells) {
			continue
		}
		if h.kind == "" {
			if nonEmpty++; nonEmpty <= headerWithin {
				tenThousands = tenThousands || inTenThousands(row.Cells)
				h, _ = readHeader(row, im.o.Kind, im.o.Columns)
				im.remember(row, rd.Name())
			}
			if h.kind == "" {
				continue
			}
			if tenThousands {
				h.inTenThousands()
			}
			if err := im.found(&h, rd); err != nil {
				return "", err
			}
			continue
		}
		if skip := notData(&h, row.Cells); skip != "" {
			im.total.Skipped++
			if skip == "说明文字" {
				if im.aside++; im.aside <= asideNotes {
					im.note("%s 第 %d 行为%s，未作为数据", rd.Name(), row.Number, skip)
				}
			}
			continue
		}
		im.total.Read++
		if row.Hidden {
			im.hidden++
		}
		r = rowReader{h: &h, cells: row.Cells, today: im.o.Today, untyped: book.Format() == "csv", sheet: rd.Name(), number: row.Number}
		r.formulas()
		if err := im.row(&r); err != nil {
			return "", err
		}
	}
	if err := im.flushClaims(); err != nil {
		return "", err
	}
	if h.kind == "" {
		if nonEmpty > 0 {
			im.note("工作表 %s 没有可识别的表头，未读取", rd.Name())
		}
		return "", nil
	}
	if n := im.aside - asideNotes; n > 0 {
		im.note("%s 另有 %d 行同样为说明文字，未作为数据", rd.Name(), n)
	}
	if im.hidden > 0 {
		im.note("%s 有 %d 行是隐藏的（如被筛选），也已读取", rd.Name(), im.hidden)
	}
	if im.ungraded > 0 {
		im.note("%s 有 %d 条结算没有医院等级或未定级，按一级处理", rd.Name(), im.ungraded)
	}
	im.report.Tables[rd.Name()] = h.row
	im.total.Kind = string(h.kind)
	f, t := im.file, im.total
	f.Read += t.Read
	f.Taken += t.Taken
	f.Repeated += t.Repeated
	f.Returned += t.Returned
	f.Skipped += t.Skipped
	f.Totals = append(f.Totals, t)
	return h.kind, nil
}

// found notes what people should know about a table. It refuses a roster that
// does not say what each row does: a full list would need the list before it to
// become adds and removes.
func (im *importer) found(h *header, rd sheet.Reader) error {
	if h.kind == Roster && !h.has("op") {
		return sheet.Refuse("E-ROSTER-NO-OP", fmt.Sprintf("工作表 %s 没有“变动类型”一列，无法区分新增、退出和变更，请补上该列后重新发送", rd.Name()), nil)
	}
	if rd.Hidden() {
		im.note("工作表 %s 是隐藏的，也已读取", rd.Name())
	}
	for _, t := range h.twice {
		im.note("%s 的 %s 列“%s”与 %s 列含义相同，只用 %s 列", rd.Name(), ColumnName(t[1]), show(h.columns[t[1]].title), ColumnName(t[0]), ColumnName(t[0]))
	}
	return nil
}

// remember keeps, for the message, the row that came closest to a header: the
// one with the most known columns, of which three say that it is meant as one.
func (im *importer) remember(row sheet.Row, name string) {
	for _, v := range vocabularies {
		if im.o.Kind != Auto && im.o.Kind != v.kind {
			continue
		}
		h := matchHeader(v, row, im.o.Columns)
		if len(h.at) >= 3 && len(h.missing) > 0 && len(h.at) > im.score {
			im.score = len(h.at)
			var names []string
			for _, f := range h.missing {
				n := string(f)
				if len(v.names[f]) > 0 {
					n = v.names[f][0]
				}
				names = append(names, n)
			}
			im.near = fmt.Sprintf("工作表 %s 第 %d 行像是表头，但缺少列：%s", name, row.Number, strings.Join(names, "、"))
			var strange []string
			for _, c := range h.columns {
				if c.field == "" && c.title != "" && len(strange) < 8 {
					strange = append(strange, show(c.title))
				}
			}
			if len(strange) > 0 {
				im.near += fmt.Sprintf("；认不出的列：%s；如是本地写法，可登记在 doudi.yaml，如 columns: {%s: [%s]}", strings.Join(strange, "、"), h.missing[0], strange[0])
			}
		}
	}
}

// blank reports whether nothing stands in a row. A row of a table whose ID is a
// formula without a result is not blank: the sender sees a person there.
func blank(h *header, cells []sheet.Cell) bool {
	for i, c := range cells {
		if text(c) != "" || i < len(h.columns) && h.columns[i].field == "certno" && noResult(c) {
			return false
		}
	}
	return true
}

// isTotal reports whether a cell begins a line of totals.
func isTotal(s string) bool {
	s = rules.Fold(s)
	for _, w := range []string{"合计", "小计", "总计", "共计"} {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// notData tells rows below a header that are not data: totals, the header once
// more, a note (one cell, or signatures as in 制表人：… 审核人：…).
func notData(h *header, cells []sheet.Cell) string {
	filled, first, same, labels := 0, "", 0, 0
	for i, c := range cells {
		s := strings.TrimSpace(c.Text)
		if s == "" {
			continue
		}
		if filled == 0 {
			first = s
		}
		filled++
		if strings.ContainsAny(s, "：:") && !strings.ContainsAny(s[:1], "0123456789") {
			labels++
		}
		if i < len(h.columns) && s == h.columns[i].title {
			same++
		}
	}
	id := h.at["certno"]
	noID := id >= len(cells) || !noResult(cells[id]) && (text(cells[id]) == "" || isTotal(cells[id].Text))
	switch {
	case same >= 3 && same >= filled-1:
		return "重复表头"
	case noID && isTotal(first):
		return "合计行"
	case noID && (filled == 1 || labels == filled):
		return "说明文字"
	}
	return ""
}

// row reads one row and gives it to the ledger.
func (im *importer) row(r *rowReader) error {
	switch r.h.kind {
	case Roster:
		take, ok := im.rosterRow(r)
		if !ok {
			im.giveBack(r)
			return nil
		}
		events, err := take(im.t)
		if err != nil {
			return err
		}
		fresh := 0
		for _, e := range events {
			out, err := im.t.Event(e)
			if err != nil {
				return err
			}
			if out == ledger.New {
				fresh++
			}
		}
		im.count(fresh > 0)
		im.file.Events += fresh
	case Relief:
		return im.relief(r)
	case Enrolment:
		return im.enrolment(r)
	case Contributions:
		return im.contributions(r)
	case Births:
		return im.birth(r)
	case Items:
		return im.item(r)
	case Claims:
		c, id := im.claimRow(r)
		im.file.Amount += signed(c)
		if len(r.errors) > 0 {
			im.giveBack(r)
			return nil
		}
		var err error
		if c.Person, c.Name, c.Extra, err = im.identify(r, id); err != nil {
			return err
		}
		im.claims = append(im.claims, c)
		kept := *r
		kept.cells = nil // they are valid for this row only
		im.rows = append(im.rows, &kept)
		if len(im.claims) == batch {
			return im.flushClaims()
		}
	default:
		return errors.New("intake: a kind without a reader: " + string(r.h.kind))
	}
	return nil
}

// identify gives the numbers of a row's person and name and, sealed, what no
// field claims.
func (im *importer) identify(r *rowReader, id string) (p ledger.PersonNo, name int64, extra []byte, err error) {
	if p, name, err = person(im.t, id, r.name()); err != nil {
		return 0, 0, nil, err
	}
	if s := r.extras(); s != "" {
		extra = im.t.Seal(s)
	}
	return p, name, extra, nil
}

// source is where a row stands.
func (im *importer) source(r *rowReader) ledger.Source {
	return ledger.Source{Seq: im.file.Seq, Sheet: r.sheet, Row: r.number}
}

// signed is a claim's total as the file gives it: a refund counts negative.
func signed(c *ledger.Claim) money.Fen {
	if c.Refund {
		return -c.Total
	}
	return c.Total
}

func (im *importer) flushClaims() error {
	outs, err := im.t.Claims(im.claims)
	if err != nil {
		return err
	}
	for i, out := range outs {
		c, r := im.claims[i], im.rows[i]
		switch out {
		case ledger.New:
			im.count(true)
			im.take(signed(c))
			if c.Refund {
				im.file.Refunds++
			} else {
				im.file.Claims++
			}
		case ledger.Repeated:
			im.count(false)
		case ledger.Conflict:
			r.fail("setl_id", bad("E-CLAIM-CONFLICT", "同一结算ID已有内容不同的记录，未作替换；如原记录有误，请先作退费结算"))
			im.giveBack(r)
		}
	}
	im.claims, im.rows = im.claims[:0], im.rows[:0]
	return nil
}

func (im *importer) count(fresh bool) {
	if fresh {
		im.total.Taken++
	} else {
		im.total.Repeated++
	}
}

func (im *importer) take(f money.Fen) {
	im.total.Amount += f
	im.file.AmountTaken += f
}

func (im *importer) giveBack(r *rowReader) {
	im.total.Returned++
	im.report.Errors = append(im.report.Errors, r.errors...)
}
