package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake"
	"doudi/rules/civil"

	"github.com/xuri/excelize/v2"
)

// What a test puts into a sheet beside strings and numbers.
type (
	formulaCell string  // a formula without a stored result
	dayCell     float64 // a serial number under a date format
)

// sender is a file of an office.
type sender struct {
	name   string
	sheets []sentSheet
}

type sentSheet struct {
	name string
	rows [][]any
}

// write writes the file, with right cells where fix has them: "名单!D5" → value.
func (s sender) write(t *testing.T, dir string, fix map[string]string) string {
	t.Helper()
	at := func(sheet string, x, y int, v any) any {
		if r, ok := fix[fmt.Sprintf("%s!%s%d", sheet, intake.ColumnName(x), y+1)]; ok {
			return r
		}
		return v
	}
	path := filepath.Join(dir, s.name)
	if strings.HasSuffix(s.name, ".csv") {
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := csv.NewWriter(out)
		for y, row := range s.sheets[0].rows {
			var line []string
			for x, v := range row {
				switch v := at(s.sheets[0].name, x, y, v).(type) {
				case nil, formulaCell: // a text has no formulas
					line = append(line, "")
				case dayCell:
					at, err := excelize.ExcelDateToTime(float64(v), false)
					if err != nil {
						t.Fatal(err)
					}
					line = append(line, at.Format("2006-01-02 15:04:05"))
				default:
					line = append(line, fmt.Sprint(v))
				}
			}
			if err := w.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		if err := errors.Join(w.Error(), out.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if strings.HasSuffix(s.name, ".xls") {
		writeXLS(t, path, s.sheets, at)
		return path
	}
	f := excelize.NewFile()
	defer f.Close()
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	for i, sh := range s.sheets {
		if i == 0 {
			err = errors.Join(err, f.SetSheetName("Sheet1", sh.name))
		} else {
			_, e := f.NewSheet(sh.name)
			err = errors.Join(err, e)
		}
		for y, row := range sh.rows {
			for x, v := range row {
				cell := fmt.Sprint(intake.ColumnName(x), y+1)
				switch v := at(sh.name, x, y, v).(type) {
				case nil:
				case string:
					err = errors.Join(err, f.SetCellStr(sh.name, cell, v))
				case formulaCell:
					err = errors.Join(err, f.SetCellFormula(sh.name, cell, string(v)))
				case dayCell:
					err = errors.Join(err, f.SetCellValue(sh.name, cell, float64(v)), f.SetCellStyle(sh.name, cell, cell, day))
				default:
					err = errors.Join(err, f.SetCellValue(sh.name, cell, v))
				}
			}
		}
	}
	if err := errors.Join(err, f.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeXLS writes an old binary workbook.
func writeXLS(t *testing.T, path string, sheets []sentSheet, at func(string, int, int, any) any) {
	t.Helper()
	var b xlsfile.Book
	for _, sh := range sheets {
		out := xlsfile.Sheet{Name: sh.name}
		for y, row := range sh.rows {
			var cells []xlsfile.Cell
			for x, v := range row {
				var c xlsfile.Cell
				switch v := at(sh.name, x, y, v).(type) {
				case nil:
				case string:
					c = xlsfile.T(v)
				case formulaCell:
					c = xlsfile.Cell{Formula: true}
				case dayCell:
					c = xlsfile.Cell{Kind: xlsfile.Date, Number: float64(v)}
				case int:
					c = xlsfile.N(float64(v))
				case float64:
					c = xlsfile.N(v)
				}
				cells = append(cells, c)
			}
			out.Rows = append(out.Rows, cells)
		}
		b.Sheets = append(b.Sheets, out)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(xlsfile.Write(f, b), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// send imports a file.
func send(t *testing.T, ws, path string) fileJSON {
	t.Helper()
	var j struct{ Files []fileJSON }
	if err := json.Unmarshal([]byte(doudi(t, ws, []int{0, 3}, "import", "--format", "json", path)), &j); err != nil {
		t.Fatal(err)
	}
	return j.Files[0]
}

// places are the wrong cells of a file.
func places(f fileJSON) []string {
	var out []string
	for _, e := range f.Errors {
		out = append(out, fmt.Sprintf("%s %s!%s%d %s", e.Code, e.Sheet, e.Column, e.Row, e.Message))
	}
	return out
}

// marked reads the red cells of a returned workbook with their comments, and
// checks that the summary counts and links them.
func marked(t *testing.T, f fileJSON) {
	t.Helper()
	book, err := excelize.OpenFile(f.ReturnedWorkbook)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	comments := map[string]string{}
	for _, name := range book.GetSheetList() {
		cs, err := book.GetComments(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			text := c.Text
			for _, p := range c.Paragraph {
				text += p.Text
			}
			comments[name+"!"+c.Cell] = text
		}
	}
	summary, err := book.GetRows("退回说明")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range summary {
		if len(row) == 7 {
			listed[strings.Join(row[2:5], "|")+row[0]+row[6]] = true
		}
	}
	for _, e := range f.Errors {
		cell := fmt.Sprintf("%s%d", e.Column, e.Row)
		if !strings.Contains(comments[e.Sheet+"!"+cell], e.Message) {
			t.Errorf("%s!%s: the comment is %q", e.Sheet, cell, comments[e.Sheet+"!"+cell])
		}
		id, err := book.GetCellStyle(e.Sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := book.GetStyle(id)
		if err != nil || len(style.Fill.Color) == 0 || !strings.HasSuffix(style.Fill.Color[0], "FFC7CE") {
			t.Errorf("%s!%s is not red: %+v, %v", e.Sheet, cell, style, err)
		}
		if !listed[fmt.Sprintf("%s|%d|%s%s%s", e.Sheet, e.Row, e.Column, e.Code, e.Message)] {
			t.Errorf("the summary does not list %s!%s", e.Sheet, cell)
		}
		if n := strings.Count(strings.Join(places(f), "\n")+"\n", e.Code+" "); !strings.Contains(fmt.Sprint(summary), fmt.Sprintf("（%s）%d 处", e.Code, n)) {
			t.Errorf("the summary does not count %d times %s", n, e.Code)
		}
	}
	if linked, target, err := book.GetCellHyperLink("退回说明", "A6"); err != nil || !linked || !strings.Contains(target, f.Errors[0].Sheet) && len(f.Errors) == 1 {
		t.Errorf("a link: %v, %s, %v", linked, target, err)
	}
}

// correct writes right values into red cells of a returned workbook, as a clerk
// does in Excel: typed over what stands there.
func correct(t *testing.T, path string, right map[string]string) {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for place, v := range right {
		sheet, cell, _ := strings.Cut(place, "!")
		if err := book.SetCellStr(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
}

var (
	sentRoster = [][]any{
		{"青柳县2023年8月困难群众变动名单"}, {"单位：县民政局"},
		{"变动类型", "姓名", "身份证号", "困难类别", "致困原因", "认定日期", "退出日期", "户主身份证号", "残疾等级", "证件有效期", "乡镇", "联系电话"},
		{"新增", "张三", "99000119600101001X", "低保", "因病", dayCell(45169), nil, nil, nil, nil, "青柳镇", 13900000000},
		{"新增", "李四", "990001197002020020", "低边", nil, "2023-01-01", nil, nil, nil, nil, "青柳镇"},
		{"新增", "赵六", "99000119800303003X", "支出型困难", "因病", "2023.1", nil, nil, nil, nil, "白石乡"},
		{"新增", "钱七", 990001198103030070, "低保", nil, 2023.1, nil, nil, nil, nil, "白石乡"},
		{"新增", "孙八", "99000119800305001X", "残疾", nil, "2023-02-30", formulaCell("A1"), nil, nil, dayCell(47000)},
		{"合计", nil, "5人"},
		{"制表人：王五", nil, "审核人：王六"},
	}
	sentRosterRight = map[string]string{"名单!C5": "99000119700202002X", "名单!D6": "支出型困难（因病纳入低保）", "名单!F6": "2023-01-01", "名单!C7": "99000119810303007X", "名单!F7": "2023-10-01",
		"名单!C8": "99000119800305001X", "名单!F8": "2023-02-28", "名单!G8": "", "名单!I8": "二级"}
)

// ids puts real check characters into the tests' IDs.
func ids(rows [][]any, right map[string]string) ([][]any, map[string]string) {
	fix := func(s string) string {
		if len(s) == 18 && strings.HasPrefix(s, "990001") && s[17] == 'X' {
			for _, c := range "0123456789X" {
				id := s[:17] + string(c)
				if _, err := intake.ParseCertno(id, civil.Date(20231201)); err == nil {
					return id
				}
			}
		}
		return s
	}
	out := make([][]any, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
		for k, v := range row {
			if s, ok := v.(string); ok {
				out[i][k] = fix(s)
			}
		}
	}
	good := map[string]string{}
	for k, v := range right {
		good[k] = fix(v)
	}
	return out, good
}

var (
	sentClaims = [][]any{
		{"setl_id", "certno", "psn_name", "insutype", "med_type", "dise_name", "fixmedins_code", "hosp_lv", "setl_time", "medfee_sumamt", "inscp_scp_amt", "hifp_pay", "maf_pay", "pay_loc", "trt_flag", "refd_setl_flag", "init_setl_id"},
		{"A1", "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "05", "2023-02-27 10:00:00", 10000, 9000, 5000, 0, 1, nil, 0, nil},
		{"A2", "99000119600101001X", "张三", 390, 99, "胃癌", "H1", 5, dayCell(44985.5), 10000.5, 9000, "五千", 0, 1, nil, 0, nil},
		{3.30e17, "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "05", "2023-02-28", 10000, 9000, 5000, 0, 4, nil, 0, nil},
		{"A4", "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "2", "2203-02-28", -100, 9000.125, 5000, 0, 1, nil, 0, nil},
		{"A1", "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "05", "2023-02-27 10:00:00", 20000, 9000, 5000, 0, 1, nil, 0, nil},
		{"A6", "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "05", "2023-03-01", -1000, -900, -500, 0, 1, nil, 1, nil},
		{"A7", "99000119600101001X", "张三", 390, 21, "胃癌", "H1", "05", "2023-03-02", 1000, 900, 500, 0, 1, nil, 0, nil},
	}
	sentClaimsRight = map[string]string{"sheet!E3": "21", "sheet!L3": "5000", "sheet!A4": "330000000000000123", "sheet!O4": "1", "sheet!H5": "02", "sheet!I5": "2023-02-28", "sheet!J5": "10000", "sheet!K5": "9000.12",
		"sheet!A6": "A5", "sheet!Q7": "A7"}
	sentRelief = [][]any{
		{"受助人", "身份证号", "帮扶日期", "帮扶来源", "帮扶金额", "备注"},
		{"张三", "99000119600101001X", "2023-05-01", "慈善", 500, nil},
		{"李四", "99000119700202002X", "2023-05-01", "亲友", 500, nil},
		{"赵六", "99000119800303003X", "2023.1", "工会", -1, nil},
		{"赵六", "99000119800303003X", "2023-05-03", "工会", "一百", "二次"},
	}
	sentReliefRight = map[string]string{"sheet!D3": "其他", "sheet!C4": "2023-10", "sheet!E4": "100.00", "sheet!E5": "200"}
	sentGroups      = [][]any{
		{"困难人员新增名单（2023年8月）"},
		{"序号", "人员信息", nil, "认定", nil, "住址", nil},
		{nil, "姓名", "身份证号", "困难类别", "认定日期", "乡镇", "村"},
		{1, "张三", "99000119600101001X", "低保", "2023-08-31", "青柳镇", "东村"},
		{2, "李四", "99000119700202002X", "甲类", "2023-08-01", "青柳镇", "西村"},
		{3, "赵六", "9900011980030300", "低保", "八月", "白石乡", "东村"},
	}
	sentGroupsRight = map[string]string{"sheet!D5": "低边", "sheet!C6": "99000119800303003X", "sheet!E6": "2023-08-02"}
	sentPayments    = [][]any{
		{"批次号", "拨付日期", "资金项目", "收款人", "身份证号", "拨付金额", "所属期"},
		{"B1", "2023-05-10", "医疗救助", "明细如下", nil, 3000, "2023年第一季度"},
		{nil, nil, nil, "张三", "99000119600101001X", 1000, nil},
		{nil, nil, nil, "张三", "99000119600101001X", 1000, nil},
		{nil, nil, nil, "张三", "99000119600101001", 1000, "年初"},
	}
	sentPaymentsRight = map[string]string{"sheet!E5": "99000119600101001X", "sheet!G5": "2023-01至2023-03"}
)

// TestReturnedRoundTrip: what is given back is the sender's own sheet with the
// wrong cells marked. Sent back as it is, the same rows come back for the same
// reasons and nothing is new; corrected in part, only the corrected rows are new;
// corrected whole, the rest; and the corrected original brings nothing more.
func TestReturnedRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name           string
		rows           [][]any
		right          map[string]string
		taken, wrong   int // rows
		first, partial int // how many rows are corrected first: those from this row of the sheet on
	}{
		{"民政2023年8月变动.xlsx", sentRoster, sentRosterRight, 1, 4, 7, 2},
		{"民政2023年8月变动.xls", sentRoster, sentRosterRight, 1, 4, 7, 2},
		{"民政2023年8月变动.csv", sentRoster, sentRosterRight, 1, 4, 7, 2},
		{"医保结算.xlsx", sentClaims, sentClaimsRight, 2, 5, 6, 2},
		{"医保结算.xls", sentClaims, sentClaimsRight, 2, 5, 6, 2},
		{"医保结算.csv", sentClaims, sentClaimsRight, 2, 5, 6, 2},
		{"总工会帮扶.xlsx", sentRelief, sentReliefRight, 1, 3, 5, 1},
		{"总工会帮扶.csv", sentRelief, sentReliefRight, 1, 3, 5, 1},
		{"民政新增.xlsx", sentGroups, sentGroupsRight, 1, 2, 6, 1},
		{"财政拨付.xlsx", sentPayments, sentPaymentsRight, 2, 1, 5, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			ws := filepath.Join(dir, "ws")
			doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
			sheet := "名单"
			if strings.HasSuffix(c.name, ".csv") {
				sheet = strings.TrimSuffix(c.name, ".csv")
			}
			rows, right := ids(c.rows, c.right)
			fix, later := map[string]string{}, map[string]string{}
			for place, v := range right {
				cell := strings.TrimLeft(place[strings.Index(place, "!")+1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
				place = sheet + place[strings.Index(place, "!"):]
				if row, err := strconv.Atoi(cell); err != nil {
					t.Fatal(err)
				} else if row >= c.first {
					fix[place] = v
				} else {
					later[place] = v
				}
			}
			s := sender{name: c.name, sheets: []sentSheet{{sheet, rows}}}
			f := send(t, ws, s.write(t, dir, nil))
			if f.Taken != c.taken || f.Returned != c.wrong || f.Repeated != 0 {
				t.Fatalf("taken %d, repeated %d, returned %d; want %d, 0, %d\n%s", f.Taken, f.Repeated, f.Returned, c.taken, c.wrong, strings.Join(places(f), "\n"))
			}
			marked(t, f)

			back := f.ReturnedWorkbook
			again := send(t, ws, back)
			if again.Taken != 0 || again.Repeated != c.taken || again.Returned != c.wrong {
				t.Errorf("as it was: taken %d, repeated %d, returned %d\n%s", again.Taken, again.Repeated, again.Returned, strings.Join(places(again), "\n"))
			}
			if a, b := places(f), places(again); !slices.Equal(a, b) {
				t.Errorf("as it was, errors\n%s\nwant\n%s", strings.Join(b, "\n"), strings.Join(a, "\n"))
			}
			if again.ReturnedWorkbook == back {
				t.Errorf("the book that was read was overwritten")
			}

			correct(t, back, fix)
			part := send(t, ws, back)
			if part.Taken != c.partial || part.Repeated != c.taken || part.Returned != c.wrong-c.partial {
				t.Errorf("in part: taken %d, repeated %d, returned %d\n%s", part.Taken, part.Repeated, part.Returned, strings.Join(places(part), "\n"))
			}
			rest := part
			if part.Returned > 0 {
				correct(t, part.ReturnedWorkbook, later)
				rest = send(t, ws, part.ReturnedWorkbook)
				if rest.Taken != c.wrong-c.partial || rest.Repeated != c.taken+c.partial || rest.Returned != 0 {
					t.Errorf("whole: taken %d, repeated %d, returned %d\n%s", rest.Taken, rest.Repeated, rest.Returned, strings.Join(places(rest), "\n"))
				}
			}
			for place, v := range later {
				fix[place] = v
			}
			all := send(t, ws, s.write(t, dir, fix))
			if all.Taken != 0 || all.Repeated != c.taken+c.wrong || all.Returned != 0 {
				t.Errorf("the original: taken %d, repeated %d, returned %d\n%s", all.Taken, all.Repeated, all.Returned, strings.Join(places(all), "\n"))
			}
			doudi(t, ws, []int{0}, "verify")
		})
	}
}

// TestReturnedOfDirtyCounty: whatever is wrong with the files of a dirty county,
// the book of a file's returned rows, sent back as it is, brings nothing new and
// returns the same cells for the same reasons.
func TestReturnedOfDirtyCounty(t *testing.T) {
	ws, files, _ := newCounty(t, 150, 1500)
	returned := map[string]bool{}
	for area, fs := range importAll(t, ws, files, func(s []string) []string { return s }) {
		for _, f := range fs {
			if f.Returned == 0 {
				continue
			}
			var j struct{ Files []fileJSON }
			if err := json.Unmarshal([]byte(doudi(t, ws, []int{3}, "import", "--area", area, "--format", "json", f.ReturnedWorkbook)), &j); err != nil {
				t.Fatal(err)
			}
			again := j.Files[0]
			if again.Taken != 0 || again.Returned != f.Returned || again.Repeated > f.Taken+f.Repeated {
				t.Errorf("%s: %+v\n%+v", f.File, again.Totals, f.Totals)
			}
			if a, b := places(f), places(again); !slices.Equal(a, b) {
				t.Errorf("%s: errors\n%s\nwant\n%s", f.File, strings.Join(b, "\n"), strings.Join(a, "\n"))
			}
			for _, e := range f.Errors {
				returned[e.Code] = true
			}
		}
	}
	if len(returned) < 10 {
		t.Errorf("only these were returned: %v", returned)
	}
}

// TestReturnedOfLongSheet: of a very long sheet the sender gets the head and the
// returned rows, under links that lead there; corrected, they are taken. A list
// of payments, which counts what is there twice, is never cut.
func TestReturnedOfLongSheet(t *testing.T) {
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	relief := [][]any{{"帮扶明细"}, {"身份证号", "姓名", "帮扶日期", "帮扶来源", "帮扶金额"}}
	paid := [][]any{{"拨付日期", "资金项目", "收款人", "身份证号", "拨付金额"}}
	for i := range 20_000 {
		amount := any(i + 1)
		if i == 100 || i == 19_000 {
			amount = "一百"
		}
		relief = append(relief, []any{"99000119600101001X", "张三", "2023-05-01", "慈善", amount})
		paid = append(paid, []any{"2023-05-01", "医疗救助", "张三", "99000119600101001X", amount})
	}
	relief, _ = ids(relief, nil)
	paid, _ = ids(paid, nil)
	for _, c := range []struct {
		name     string
		rows     [][]any
		cut      bool
		at       []string // the wrong cells in the book
		repeated int      // of the book
	}{
		{"帮扶.csv", relief, true, []string{"E3", "E4"}, 0},
		{"拨付.csv", paid, false, []string{"E102", "E19002"}, 19_998},
	} {
		sheet := strings.TrimSuffix(c.name, ".csv")
		f := send(t, ws, sender{name: c.name, sheets: []sentSheet{{sheet, c.rows}}}.write(t, dir, nil))
		if f.Returned != 2 || f.Taken != 19_998 {
			t.Fatalf("%+v", f.Totals)
		}
		book, err := excelize.OpenFile(f.ReturnedWorkbook)
		if err != nil {
			t.Fatal(err)
		}
		head, err := book.GetRows("退回说明")
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(fmt.Sprint(head), "只附表头和上述各行"); said != c.cut {
			t.Errorf("%s: %v", c.name, head)
		}
		first := len(head) - 1 // the row of the first link
		for i, want := range c.at {
			linked, to, err := book.GetCellHyperLink("退回说明", fmt.Sprint("A", first+i))
			if err != nil || !linked || to != "'"+sheet+"'!"+want {
				t.Errorf("%s: a link to %s, %v", c.name, to, err)
			}
			if v, err := book.GetCellValue(sheet, want); err != nil || v != "一百" {
				t.Errorf("%s: %s holds %s, %v", c.name, want, v, err)
			}
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		correct(t, f.ReturnedWorkbook, map[string]string{sheet + "!" + c.at[0]: "30000", sheet + "!" + c.at[1]: "30001"})
		if again := send(t, ws, f.ReturnedWorkbook); again.Taken != 2 || again.Repeated != c.repeated || again.Returned != 0 {
			t.Errorf("%s: %+v", c.name, again.Totals)
		}
	}
}
