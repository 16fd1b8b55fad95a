package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"doudi/reports"
	"doudi/reports/catalogue"
	"doudi/reports/soffice"

	"github.com/xuri/excelize/v2"
)

// coversCounty is a county of all departments after two months.
func coversCounty(t *testing.T) *workspace {
	t.Helper()
	ws, files, _ := newCounty(t, 200, 2000)
	for area := range packsOf { // values for what the documents leave open
		text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "demo", area+".yaml"))
		if err == nil {
			err = os.WriteFile(filepath.Join(ws, "overlays", area+".yaml"), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []string{"2023-06", "2023-07", "2023-08"} {
		importAll(t, ws, files, func(all []string) (some []string) {
			for _, path := range all {
				if strings.Contains(path, m) {
					some = append(some, path)
				}
			}
			return some
		})
		doudi(t, ws, []int{exitDone, exitReturned}, "run", "--month", m)
	}
	w, err := openWorkspace(t.Context(), ws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	return w
}

// booklet is a workbook as a reader sees it.
type booklet struct {
	*excelize.File
	r     catalogue.Recipient
	first string         // its first sheet
	heads map[string]int // the row of a sheet's header
}

func openBook(t *testing.T, path string, r catalogue.Recipient) *booklet {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	b := &booklet{File: f, r: r, first: f.GetSheetList()[0], heads: map[string]int{}}
	for _, d := range f.GetDefinedName() {
		if m := printed.FindStringSubmatch(d.RefersTo); d.Name == "_xlnm.Print_Titles" && m != nil {
			b.heads[d.Scope], _ = strconv.Atoi(m[2])
		}
	}
	return b
}

func (b *booklet) cell(t *testing.T, sheet string, col, row int) (cell, raw string) {
	t.Helper()
	at, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		t.Fatal(err)
	}
	raw, err = b.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return at, raw
}

// rowsOf are the rows of the sheet that shows a table, by column title; the total
// below them is left out.
func (b *booklet) rowsOf(t *testing.T, table string) (sheet string, rows []map[string]string) {
	t.Helper()
	for _, s := range b.GetSheetList() {
		if v, ok := viewOf(b.r, s); ok && v.Table == table && b.heads[s] > 0 {
			sheet = s
		}
	}
	if sheet == "" {
		return "", nil
	}
	all, err := b.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	head := all[b.heads[sheet]-1]
	for i := b.heads[sheet]; i < len(all); i++ {
		row := map[string]string{}
		for k, c := range all[i] {
			row[head[k]] = c
		}
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if slices.Contains([]string{"合计", "本月没有内容"}, row[head[0]]) {
			continue
		}
		if formulas, _ := b.GetCellFormula(sheet, at); formulas != "" {
			continue
		}
		rows = append(rows, row)
	}
	return sheet, rows
}

// hundredths reads a number as Excel stores it.
func hundredths(t *testing.T, s string) int64 {
	t.Helper()
	if s == "" {
		return 0
	}
	sign := int64(1)
	if s[0] == '-' {
		sign, s = -1, s[1:]
	}
	whole, part, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole+(part + "0000")[:4], 10, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return sign * n
}

// expected calculates a figure anew from the rows of the sheet in the file.
func expected(t *testing.T, f catalogue.Figure, rows []map[string]string) (value int64, some bool) {
	t.Helper()
	title := func(key string) string {
		c, _ := catalogue.Default().Column(f.Table, key)
		return c.Title
	}
	has := func(row map[string]string, where map[string][]string) bool {
		for key, texts := range where {
			if !slices.ContainsFunc(texts, func(x string) bool {
				return row[title(key)] == strings.ReplaceAll(x, "{year}", "2023")
			}) {
				return false
			}
		}
		return true
	}
	for _, row := range rows {
		switch {
		case !has(row, f.Where) || len(f.Except) > 0 && has(row, f.Except):
		case f.Above != "" && hundredths(t, row[title(f.Above)]) <= 0:
		case f.Value != "":
			if !some || f.Last {
				value = hundredths(t, row[title(f.Value)])
			}
			some = true
		case f.Sum != "":
			value, some = value+hundredths(t, row[title(f.Sum)]), true
		default:
			value, some = value+10000, true
		}
	}
	if f.Positive {
		value = max(value, -value)
	}
	return value, some
}

// TestCovers looks at the first pages of one county's workbooks.
func TestCovers(t *testing.T) {
	w := coversCounty(t)
	t.Run("agree", func(t *testing.T) { coversAgree(t, w) })
	t.Run("leaders", func(t *testing.T) { leadersSeeNobody(t, w) })
	t.Run("next", func(t *testing.T) { coverSaysWhatToDo(t, w) })
}

// coversAgree: every figure on the first page of every department's workbook
// is what the sheet that it leads to comes to; every link leads to a cell that is
// there, and of a line to do, to a row.
func coversAgree(t *testing.T, w *workspace) {
	figures, links, some := map[string]int{}, 0, 0
	for _, a := range w.areas {
		for _, r := range reports.Recipients(a, nil) {
			b := openBook(t, w.out("2023-08", a.Code, r.Name+"-2023-08.xlsx"), r)
			covers := catalogue.DefaultCovers()
			for _, name := range covers.Of(r.Department).Figures {
				f := covers.Figures[name]
				col, row := b.find(t, f.Label)
				if col == 0 {
					continue
				}
				figures[r.Name]++
				if f.Run != "" {
					continue
				}
				sheet, rows := b.rowsOf(t, f.Table)
				want, any := expected(t, f, rows)
				_, raw := b.cell(t, b.first, col, row+1)
				if !any && f.Value != "" || raw == f.Blank && f.Blank != "" {
					if raw != f.Blank && raw != "无" {
						t.Errorf("%s %s: %s is %q without a number in %s", a.Code, r.Name, f.Label, raw, sheet)
					}
					continue
				}
				if want != 0 {
					some++
				}
				if got := hundredths(t, raw); got != want {
					t.Errorf("%s %s: %s is %d, %s comes to %d", a.Code, r.Name, f.Label, got, sheet, want)
				}
				at, _ := b.cell(t, b.first, col, row)
				if ok, to, _ := b.GetCellHyperLink(b.first, at); !ok || !strings.HasPrefix(to, "'"+sheet+"'!") {
					t.Errorf("%s %s: %s leads to %q, not to %s", a.Code, r.Name, f.Label, to, sheet)
				}
			}
			links += b.linksLead(t, a.Code+" "+r.Name)
		}
	}
	for _, dept := range []string{"医保", "民政", "财政", "农业农村", "乡村振兴", "领导"} {
		if figures[dept] < 5 {
			t.Errorf("%s has %d figures", dept, figures[dept])
		}
	}
	for _, dept := range []string{"卫健", "残联", "税务", "慈善", "市场监管", "数据资源", "总工会"} {
		if figures[dept] < 2 {
			t.Errorf("%s has %d figures", dept, figures[dept])
		}
	}
	if links < 300 || some < 30 {
		t.Errorf("only %d links, %d figures that are not nothing", links, some)
	}
}

// find finds a tile by its label among the first rows of the first sheet.
func (b *booklet) find(t *testing.T, label string) (col, row int) {
	t.Helper()
	rows, err := b.GetRows(b.first)
	if err != nil {
		t.Fatal(err)
	}
	for i := range min(8, len(rows)) {
		for k, c := range rows[i] {
			if c == label {
				return k + 1, i + 1
			}
		}
	}
	return 0, 0
}

var inSheet = regexp.MustCompile(`^'(.+)'!([A-Z]+)(\d+)$`)

// linksLead follows every link of the pages.
func (b *booklet) linksLead(t *testing.T, where string) (n int) {
	t.Helper()
	for _, sheet := range b.GetSheetList() {
		if _, table := viewOf(b.r, sheet); table {
			continue
		}
		rows, err := b.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for k := range row {
				at, _ := b.cell(t, sheet, k+1, i+1)
				ok, to, err := b.GetCellHyperLink(sheet, at)
				if err != nil || !ok {
					continue
				}
				m := inSheet.FindStringSubmatch(to)
				if m == nil || !slices.Contains(b.GetSheetList(), m[1]) {
					t.Errorf("%s: %s leads to %q", where, sheet, to)
					continue
				}
				if v, err := b.GetRows(m[1]); err != nil || len(v) < atoi(m[3]) {
					t.Errorf("%s: %s leads below the end of %q", where, sheet, to)
				}
				n++
			}
		}
	}
	return n
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// leadersSeeNobody: no part of the leaders' workbook has an ID, masked or
// whole, or the name of anyone on record; charts and their tables are there.
func leadersSeeNobody(t *testing.T, w *workspace) {
	run, err := w.store.Run(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range w.areas {
		people, err := w.store.People(t.Context(), a.Code, run.Seen)
		if err != nil {
			t.Fatal(err)
		}
		who, err := w.store.IdentitiesAt(t.Context(), people, run.Seen)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.OpenReader(w.out("2023-08", a.Code, "领导-2023-08.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		charts := 0
		for _, part := range z.File {
			if strings.HasPrefix(part.Name, "xl/charts/chart") {
				charts++
			}
			text := partText(t, part)
			if certnos.MatchString(text) || regexp.MustCompile(`\d{6}\*{8}`).MatchString(text) {
				t.Errorf("%s: an ID in %s", a.Code, part.Name)
			}
			for no, p := range who {
				if p.Name != "" && strings.Contains(text, ">"+p.Name+"<") || strings.Contains(text, p.Certno) {
					t.Errorf("%s: person %d stands in %s", a.Code, no, part.Name)
				}
			}
		}
		if charts != 6 {
			t.Errorf("%s: %d charts", a.Code, charts)
		}
		if len(who) < 100 {
			t.Errorf("%s: only %d people", a.Code, len(who))
		}
	}
}

func partText(t *testing.T, part *zip.File) string {
	t.Helper()
	r, err := part.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var pdfPages = regexp.MustCompile(`/Type\s*/Page[^s]`)

// TestLeadersPDF: report --pdf prints the leaders' page on one sheet of paper, as
// pdf: true does in doudi.yaml; without LibreOffice one line says so and nothing
// else fails; a page of another run stays nowhere.
func TestLeadersPDF(t *testing.T) {
	if _, err := soffice.Find(); err != nil {
		t.Fatalf("%v: .ci/setup installs it", err)
	}
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	book := filepath.Join(ws, "out", "2023-06", "330100", "领导-2023-06.xlsx")
	pdf := strings.TrimSuffix(book, ".xlsx") + ".pdf"
	pages := func() int {
		t.Helper()
		data, err := os.ReadFile(pdf)
		if errors.Is(err, os.ErrNotExist) {
			return 0
		}
		if err != nil || !bytes.HasPrefix(data, []byte("%PDF-")) {
			t.Fatal(err)
		}
		return len(pdfPages.FindAll(data, -1))
	}
	doudi(t, ws, []int{0}, "run", "--month", "2023-06")
	if n := pages(); n != 0 {
		t.Errorf("%d pages that nobody asked for", n)
	}
	if out := doudi(t, ws, []int{0}, "report", "--month", "2023-06", "--dept", "领导", "--pdf"); !strings.Contains(out, pdf) || pages() != 1 {
		t.Errorf("%d pages\n%s", pages(), out)
	}
	// The page is of this workbook or there is none.
	doudi(t, ws, []int{0}, "report", "--month", "2023-06", "--dept", "领导")
	if n := pages(); n != 0 {
		t.Errorf("%d pages of a run before", n)
	}
	conf := filepath.Join(ws, configFile)
	text, err := os.ReadFile(conf)
	if err == nil {
		err = os.WriteFile(conf, append(text, "\npdf: true\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	doudi(t, ws, []int{0}, "run", "--month", "2023-06")
	if n := pages(); n != 1 {
		t.Errorf("pdf: true: %d pages", n)
	}
	t.Setenv("PATH", t.TempDir())
	var out, errOut bytes.Buffer
	a := newApp(&out, &errOut)
	a.now = func() time.Time { return time.Date(2023, 12, 1, 9, 0, 0, 0, shanghai) }
	if code := a.execute(t.Context(), []string{"-C", ws, "run", "--month", "2023-06"}); code != exitDone {
		t.Errorf("exit code %d: %s", code, errOut.String())
	}
	if n := strings.Count(errOut.String(), "没有 LibreOffice"); n != 1 || pages() != 0 {
		t.Errorf("%d lines, %d pages:\n%s", n, pages(), errOut.String())
	}
	if _, err := os.Stat(book); err != nil {
		t.Error(err)
	}
}

// coverSaysWhatToDo: the returned rows of a department's own file stand on its
// cover, beside what its sheets ask for; what a cover always said it still says.
func coverSaysWhatToDo(t *testing.T, w *workspace) {
	read := func(dept string) string {
		b := openBook(t, w.out("2023-08", "330100", dept+"-2023-08.xlsx"), catalogue.Recipient{})
		rows, err := b.GetRows("封面")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range rows {
			out = append(out, strings.Join(r, "|"))
		}
		return strings.Join(out, "\n")
	}
	for dept, wants := range map[string][]string{
		"医保": {"补发追回方案待复核", "下一步做什么", "链头", "方案校验码", "读入核对", "政策包", "未配置参数", "催报送单位改好退回工作簿"},
		"民政": {"改好退回工作簿后重新报送（民政-", "监测对象（个人和家庭）尚未清零"},
		"财政": {"应拨未拨"},
	} {
		text := read(dept)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", dept, want, text)
			}
		}
	}
	if text := read("市场监管"); strings.Contains(text, "退回工作簿") {
		t.Errorf("市场监管 is to send again what it never sent:\n%s", text)
	}
}
