package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"doudi/rules/civil"
)

// office makes a workspace and gives it, with its folder.
func office(t *testing.T) (dir, ws string) {
	t.Helper()
	dir = t.TempDir()
	ws = filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	return dir, ws
}

// runs is one run of a month, on its last day.
func runs(t *testing.T, ws string, m civil.Month, ok ...int) []fileJSON {
	t.Helper()
	y, mo, d := m.Last().Parts()
	out, code := doudiOn(t, ws, time.Date(y, time.Month(mo), d, 9, 0, 0, 0, shanghai), "run", "--month", m.String(), "--format", "json")
	if !slices.Contains(ok, code) {
		t.Fatalf("run %s: exit code %d\n%s", m, code, out)
	}
	var j struct{ Files []fileJSON }
	if code == exitDone || code == exitReturned {
		if err := json.Unmarshal([]byte(out), &j); err != nil {
			t.Fatal(err)
		}
	}
	return j.Files
}

func deliver(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	zhang, li, zhao, sun = realID("99000119600101001X"), realID("99000119700202002X"), realID("99000119800303003X"), realID("99000119800305001X")
	fullHead             = []any{"姓名", "身份证号", "困难类别", "认定日期"}
)

func realID(s string) string {
	rows, _ := ids([][]any{{s}}, nil)
	return rows[0][0].(string)
}

// TestReturnedWholeFile: of a file whose sheets act together all sheets go back,
// so that the book that is sent again is the whole list, the whole batch.
func TestReturnedWholeFile(t *testing.T) {
	t.Run("a full list in two sheets", func(t *testing.T) {
		dir, ws := office(t)
		s := sender{name: "民政局2023年8月低保花名册.xlsx", sheets: []sentSheet{
			{"城市", [][]any{fullHead, {"张三", zhang, "城市低保", "2023-01-05"}, {"李四", li, "城市低保", "2023-01-05"}}},
			{"农村", [][]any{fullHead, {"赵六", zhao, "农村低保", "2023-01-05"}, {"孙八", sun, "农村低保", "2023-02-30"}}},
			{"说明", [][]any{{"本月无变动"}}},
		}}
		f := send(t, ws, s.write(t, dir, nil))
		if f.Taken != 3 || f.Returned != 1 {
			t.Fatalf("%+v", f.Totals)
		}
		if names := sheetsOf(t, f.ReturnedWorkbook); !slices.Equal(names, []string{"退回说明", "城市", "农村", "说明"}) {
			t.Errorf("the book has %q", names)
		}
		correct(t, f.ReturnedWorkbook, map[string]string{"农村!D3": "2023-01-20"})
		f = send(t, ws, f.ReturnedWorkbook)
		if f.Taken != 1 || f.Repeated != 3 || f.Effect == nil || f.Effect.Removed != 0 || f.Effect.Added != 1 {
			t.Errorf("%+v %+v", f.Totals, f.Effect)
		}
	})
	t.Run("a 更正 in two sheets", func(t *testing.T) {
		dir, ws := office(t)
		head := []any{"变动类型", "姓名", "身份证号", "困难类别", "认定日期"}
		s := sender{name: "民政局2023年8月新增（更正）.xlsx", sheets: []sentSheet{
			{"城市", [][]any{head, {"新增", "张三", zhang, "城市低保", "2023-01-05"}, {"新增", "李四", li, "城市低保", "2023-01-05"}}},
			{"农村", [][]any{head, {"新增", "赵六", zhao, "农村低保", "2023-02-30"}}},
		}}
		f := send(t, ws, s.write(t, dir, nil))
		correct(t, f.ReturnedWorkbook, map[string]string{"农村!E2": "2023-01-20"})
		f = send(t, ws, f.ReturnedWorkbook)
		if f.Taken != 1 || f.Repeated != 2 || f.Effect == nil || f.Effect.Withdrawn != 0 || f.Effect.Removed != 0 {
			t.Errorf("%+v %+v", f.Totals, f.Effect)
		}
	})
	t.Run("batches and their lines", func(t *testing.T) {
		dir, ws := office(t)
		head := []any{"批次号", "拨付日期", "资金项目", "收款人", "拨付金额", "身份证号"}
		s := sender{name: "财政局2023年8月拨付.xlsx", sheets: []sentSheet{
			{"批次", [][]any{head, {"B1", "2023-02-30", "医疗救助", "合计", 3000, nil}, {"B2", "2023-02-10", "医疗救助", "合计", 500, nil}}},
			{"明细", [][]any{head, {"B1", "2023-02-10", "医疗救助", "张三", 3000, zhang}, {"B2", "2023-02-10", "医疗救助", "李四", 500, li}}},
		}}
		f := send(t, ws, s.write(t, dir, nil))
		correct(t, f.ReturnedWorkbook, map[string]string{"批次!B2": "2023-02-10"})
		f = send(t, ws, f.ReturnedWorkbook)
		if f.Taken != 0 || f.Repeated != 2 || f.Returned != 0 {
			t.Errorf("%+v", f.Totals)
		}
	})
}

func sheetsOf(t *testing.T, path string) []string {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	return book.GetSheetList()
}

// TestReturnedSaysWhatItIs: the month of a folder, the sender in a file's name and
// --correct are in the book that goes back, and hold when it is sent again,
// whatever it is called by then.
func TestReturnedSaysWhatItIs(t *testing.T) {
	_, ws := office(t)
	inbox := filepath.Join(ws, "inbox", "330100")
	path := filepath.Join(inbox, "2023-01", "民政局低保花名册.csv")
	deliver(t, path, "姓名,身份证号,困难类别,认定日期\n张三,"+zhang+",低保,2022-01-05\n李四,"+li+",低保,2022-01-35\n")
	var j struct{ Files []fileJSON }
	if err := json.Unmarshal([]byte(doudi(t, ws, []int{3}, "import", "--format", "json", "--correct", path)), &j); err != nil {
		t.Fatal(err)
	}
	book := j.Files[0].ReturnedWorkbook
	deliver(t, filepath.Join(inbox, "2023-02", "残联新增.csv"), "变动类型,姓名,身份证号,困难类别,认定日期\n新增,赵六,"+zhao+",低保,2023-02-05\n")
	runs(t, ws, 202302, exitDone, exitReturned)
	correct(t, book, map[string]string{"民政局低保花名册!D3": "2022-01-15"})
	data, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	sent := filepath.Join(inbox, "2023-03", "改好了.xlsx")
	deliver(t, sent, string(data))
	// The month that the book says counts: compared as of 1 January, nobody of
	// February leaves.
	for _, f := range runs(t, ws, 202303, exitDone) {
		if f.Effect == nil || f.On(t) != "2023-01-01" || f.Effect.Removed != 0 || !f.Effect.Correction || f.Taken != 1 {
			t.Errorf("%s: %+v %+v", f.File, f.Totals, f.Effect)
		}
	}
	// What the command says counts more.
	if err := json.Unmarshal([]byte(doudi(t, ws, []int{0}, "import", "--format", "json", "--dry-run", "--month", "2023-05", sent)), &j); err != nil {
		t.Fatal(err)
	}
	if got := j.Files[0].On(t); got != "2023-05-01" {
		t.Errorf("with --month 2023-05 it is compared as of %s", got)
	}
}

// On is the day on which a full list was compared.
func (f fileJSON) On(t *testing.T) string {
	t.Helper()
	if f.Effect == nil {
		t.Fatalf("%s has no effect", f.File)
	}
	return f.Effect.On
}

// TestSameBytesAnotherMonth: the list of a month that is byte for byte that of the
// month before says that all of them are still there.
func TestSameBytesAnotherMonth(t *testing.T) {
	_, ws := office(t)
	inbox := filepath.Join(ws, "inbox", "330100")
	list := "姓名,身份证号,困难类别\n张三," + zhang + ",低保\n李四," + li + ",低保\n"
	deliver(t, filepath.Join(inbox, "2023-01", "民政局低保名册.csv"), list)
	deliver(t, filepath.Join(inbox, "困难人员.csv"), "变动类型,姓名,身份证号,困难类别,认定日期\n新增,赵六,"+zhao+",低保,2023-01-05\n")
	if fs := runs(t, ws, 202301, exitDone); len(fs) != 2 {
		t.Errorf("January reads %d files", len(fs))
	}
	deliver(t, filepath.Join(inbox, "2023-02", "民政局退出.csv"), "变动类型,姓名,身份证号,困难类别,退出日期\n退出,李四,"+li+",低保,2023-01-20\n")
	deliver(t, filepath.Join(inbox, "2023-02", "民政局低保名册.csv"), list)
	fs := runs(t, ws, 202302, exitDone)
	if len(fs) != 2 {
		t.Fatalf("February reads %d files: %+v", len(fs), fs)
	}
	for _, f := range fs {
		if strings.Contains(f.File, "低保名册") && (f.Effect == nil || f.Effect.On != "2023-02-01") {
			t.Errorf("%+v", f.Effect)
		}
	}
	// Both are known now, and a file that says no month is known by its content.
	for _, m := range []civil.Month{202302, 202303} {
		for _, f := range runs(t, ws, m, exitDone) {
			if !f.Earlier {
				t.Errorf("%s reads %s once more", m, f.File)
			}
		}
	}
}

// TestReadAgain: a list with returned rows that is read again, since a name was
// added, keeps the month and the sender that it had; who came since stays.
func TestReadAgain(t *testing.T) {
	_, ws := office(t)
	inbox := filepath.Join(ws, "inbox", "330100")
	deliver(t, filepath.Join(inbox, "民政局低保花名册.csv"), "姓名,身份证号,困难类别,认定日期\n张三,"+zhang+",低保,2022-01-05\n孙八,"+sun+",甲类困难,2022-01-05\n")
	runs(t, ws, 202301, exitReturned)
	deliver(t, filepath.Join(inbox, "民政局2023年2月新增.csv"), "变动类型,姓名,身份证号,困难类别,认定日期\n新增,李四,"+li+",低保,2023-02-05\n")
	runs(t, ws, 202302, exitDone)
	conf, err := os.ReadFile(filepath.Join(ws, "doudi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, filepath.Join(ws, "doudi.yaml"), string(conf)+"categories:\n  dibao: [甲类困难]\n")
	fs := runs(t, ws, 202303, exitDone)
	if len(fs) != 1 || fs[0].Taken != 1 || fs[0].Repeated != 1 || fs[0].Effect == nil || fs[0].Effect.Removed != 0 {
		t.Fatalf("%+v", fs)
	}
	if on := fs[0].On(t); on != "" && on != "2023-01-01" {
		t.Errorf("read again it is compared as of %s", on)
	}
	for _, f := range runs(t, ws, 202304, exitDone) {
		t.Errorf("%s is read once more", f.File)
	}
}

// TestGiveBackLater: where the workbook can not be written, the rows are on record
// and the next run makes it from the archived file, whether or not that still
// lies where it lay.
func TestGiveBackLater(t *testing.T) {
	for _, gone := range []bool{false, true} {
		_, ws := office(t)
		path := filepath.Join(ws, "inbox", "330100", "民政局2023年1月新增.csv")
		deliver(t, path, "变动类型,姓名,身份证号,困难类别,认定日期\n新增,张三,"+zhang+",低保,2022-01-05\n新增,李四,"+li+",低保,2022-01-35\n")
		out := filepath.Join(ws, "out", "2023-01")
		deliver(t, out, "") // no folder can be made
		runs(t, ws, 202301, exitFailure)
		if files, err := filepath.Glob(filepath.Join(ws, "archive", "*", "*.csv")); err != nil || len(files) != 1 {
			t.Fatalf("archived: %q %v", files, err)
		}
		if err := os.Remove(out); err != nil {
			t.Fatal(err)
		}
		if gone {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		fs := runs(t, ws, 202301, exitReturned)
		if len(fs) != 1 || fs[0].Returned != 1 || fs[0].Taken != 1 || len(fs[0].Errors) != 1 {
			t.Fatalf("%+v", fs)
		}
		book := filepath.Join(out, "330100", "退回", "民政", "民政局2023年1月新增-退回.xlsx")
		if fs[0].ReturnedWorkbook != book {
			t.Errorf("the book is %q", fs[0].ReturnedWorkbook)
		}
		marked(t, fs[0])
		// It was made: who takes it away does not find it again.
		if err := os.Remove(book); err != nil {
			t.Fatal(err)
		}
		runs(t, ws, 202301, exitDone)
		if _, err := os.Stat(book); err == nil {
			t.Error("the book is made once more")
		}
	}
}

// TestNoIDInLedger: files and sheets that are called by an ID are on record, in
// messages and in names of workbooks without it. Files that are told apart by the
// ID alone have a workbook each.
func TestNoIDInLedger(t *testing.T) {
	dir, ws := office(t)
	books := map[string]bool{}
	for _, who := range []string{zhang, li} {
		s := sender{name: who + ".xlsx", sheets: []sentSheet{{who, [][]any{{"新增名单" + who}, {"姓名", "身份证号", "困难类别", "认定日期"},
			{"张三", who, "低保", "2023-01-05"}, {"赵六", zhao, "低保", "2023-02-30"}}}}}
		path := s.write(t, dir, nil)
		out := doudi(t, ws, []int{3}, "import", path)
		f := send(t, ws, path)
		if strings.Contains(out, who) || f.Returned != 1 {
			t.Errorf("%s", out)
		}
		books[f.ReturnedWorkbook] = true
		marked(t, f.as(who))
		correct(t, f.ReturnedWorkbook, map[string]string{who + "!D4": "2023-02-20"})
		if again := send(t, ws, f.ReturnedWorkbook); again.Returned != 0 {
			t.Errorf("%+v", again)
		}
		for _, name := range []string{"doudi.db", "doudi.db-wal"} {
			data, err := os.ReadFile(filepath.Join(ws, name))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if strings.Contains(string(data), who) {
				t.Errorf("%s holds an ID", name)
			}
		}
	}
	if len(books) != 2 {
		t.Errorf("the books are %v", books)
	}
}

// as gives the errors the name of their sheet in the file.
func (f fileJSON) as(sheet string) fileJSON {
	f.Errors = slices.Clone(f.Errors)
	for i := range f.Errors {
		f.Errors[i].Sheet = sheet
	}
	return f
}

// TestMarkedUnderAnotherName: on a real ledger, too, a marked settlement is the
// one on record though the disease is called otherwise by then.
func TestMarkedUnderAnotherName(t *testing.T) {
	dir, ws := office(t)
	rows, _ := ids(sentClaims[:2], nil)
	claims := func(disease string, flag int) string {
		row := slices.Clone(rows[1])
		row[5], row[15] = disease, flag
		return sender{name: "医保结算.xlsx", sheets: []sentSheet{{"结算", [][]any{rows[0], row}}}}.write(t, dir, nil)
	}
	if f := send(t, ws, claims("胃癌", 0)); f.Taken != 1 {
		t.Fatalf("%+v", f)
	}
	for i, disease := range []string{"胃恶性肿瘤", "胃部恶性肿瘤"} {
		if f := send(t, ws, claims(disease, 1)); f.Taken != 1-i || f.Repeated != i || f.Returned != 0 {
			t.Errorf("%+v %+v", f.Totals, f.Errors)
		}
	}
	if f := send(t, ws, claims("胃恶性肿瘤", 0)); f.Returned != 1 {
		t.Errorf("%+v", f.Totals)
	}
	doudi(t, ws, []int{0}, "verify")
}

// TestCoverCountsCorrected: a cover asks for the rows that still wait, not for those
// that were corrected and taken since.
func TestCoverCountsCorrected(t *testing.T) {
	_, ws := office(t)
	inbox := filepath.Join(ws, "inbox", "330100")
	list := func(second, third string) string {
		return "变动类型,姓名,身份证号,困难类别,认定日期\n新增,张三," + zhang + ",低保,2023-01-05\n新增,李四," + li + ",低保," + second + "\n新增,赵六," + zhao + ",低保," + third + "\n"
	}
	asks := func() string {
		t.Helper()
		book, err := excelize.OpenFile(filepath.Join(ws, "out", "2023-01", "330100", "民政-2023-01.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows("封面")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			for _, c := range r {
				if strings.Contains(c, "改好退回工作簿") {
					return c
				}
			}
		}
		return ""
	}
	for _, step := range []struct{ second, third, want string }{
		{"2023-01-35", "八月", "退回 2 行：改好退回工作簿后重新报送（民政局2023年1月.csv）"},
		{"2023-01-15", "八月", "退回 2 行，还有 1 行待更正：改好退回工作簿后重新报送（民政局2023年1月.csv）"},
		{"2023-01-15", "2023-01-16", ""},
	} {
		deliver(t, filepath.Join(inbox, "2023-01", "民政局2023年1月.csv"), list(step.second, step.third))
		runs(t, ws, 202301, exitDone, exitReturned)
		if got := asks(); got != step.want {
			t.Errorf("the cover asks %q, want %q", got, step.want)
		}
	}
}
