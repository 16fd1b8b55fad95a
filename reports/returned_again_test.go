package reports

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules/civil"
)

// payments is a ledger.Taker for relief alone: each one once.
type payments struct {
	ledger.Taker
	people map[string]ledger.PersonNo
	known  map[string]bool
}

func (p *payments) Person(certno string) (ledger.PersonNo, error) {
	if p.people[certno] == 0 {
		p.people[certno] = ledger.PersonNo(len(p.people) + 1)
	}
	return p.people[certno], nil
}

func (p *payments) Name(string) (int64, error)                              { return 1, nil }
func (p *payments) Whose(n ledger.PersonNo) ledger.PersonNo                 { return n }
func (p *payments) NameOf(ledger.PersonNo) (int64, error)                   { return 0, nil }
func (p *payments) Seal(s string) []byte                                    { return []byte(s) }
func (p *payments) Claims(cs []*ledger.Claim) (o []ledger.Outcome, e error) { return nil, nil }

func (p *payments) Relief(r *ledger.Relief) (ledger.Outcome, error) {
	key := fmt.Sprint(r.Person, r.Date, r.Kind, r.Amount)
	if p.known[key] {
		return ledger.Repeated, nil
	}
	p.known[key] = true
	return ledger.New, nil
}

// TestReturnedBookComesBack: a sender corrects the workbook of returned rows and
// sends that very file. Its explanation, which names columns and sheets, is not
// read as a table; what was taken before is known, what was corrected is new.
func TestReturnedBookComesBack(t *testing.T) {
	dir := t.TempDir()
	sent := filepath.Join(dir, "帮扶.xlsx")
	f := excelize.NewFile()
	defer f.Close()
	rows := [][]any{{"帮扶明细"}, {"身份证号", "姓名", "帮扶", nil, nil, "备注"}, {nil, nil, "日期", "来源", "金额（元）"},
		{"990001197001020010", "测甲甲", "2024-02-01", "慈善", 500}, {"990001197001020037", "测乙乙", "2024-02-30", "亲友", 300}, {"合计", nil, nil, nil, 800}}
	for i := range 2 {
		rows[3+i][0] = checked(rows[3+i][0].(string)[:17])
	}
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(sent); err != nil {
		t.Fatal(err)
	}
	p := &payments{people: map[string]ledger.PersonNo{}, known: map[string]bool{}}
	read := func(path string) (ledger.File, *intake.Report) {
		t.Helper()
		file := ledger.File{Seq: 5, Name: filepath.Base(path)}
		rep, err := intake.Import(context.Background(), path, intake.Options{Area: "990001", Kind: intake.Auto, Today: civil.YMD(2024, 3, 15)}, &file, p)
		if err != nil {
			t.Fatal(err)
		}
		return file, rep
	}
	file, rep := read(sent)
	if file.Taken != 1 || file.Returned != 1 || len(rep.Warnings) != 0 || rep.Tables["Sheet1"] != 3 {
		t.Fatalf("%+v %+v", file, rep)
	}
	book, err := Returned(sent, &file, rep)
	if err != nil {
		t.Fatal(err)
	}
	back := filepath.Join(dir, "退回.xlsx")
	if err := workbook.Write(back, book); err != nil {
		t.Fatal(err)
	}
	// As it is: nothing new.
	file, rep = read(back)
	if file.Taken != 0 || file.Repeated != 1 || file.Returned != 1 || len(file.Totals) != 1 || len(rep.Warnings) != 0 {
		t.Errorf("%+v %+v", file, rep)
	}
	if !slices.ContainsFunc(rep.Notes, func(n string) bool { return strings.Contains(n, "退回说明 是退回时所附的说明") }) {
		t.Errorf("%q", rep.Notes)
	}
	g, err := excelize.OpenFile(back)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for cell, v := range map[string]string{"C5": "2024-02-29", "D5": "慈善"} {
		if err := g.SetCellStr("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Save(); err != nil {
		t.Fatal(err)
	}
	file, rep = read(back)
	if file.Taken != 1 || file.Repeated != 1 || file.Returned != 0 || len(rep.Errors) != 0 || len(rep.Warnings) != 0 {
		t.Errorf("%+v %+v", file, rep)
	}
}

// checked puts the check character (GB 11643) behind 17 digits.
func checked(s string) string {
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(s[i]-'0') * weight
	}
	return s + "10X98765432"[sum%11:sum%11+1]
}
