package reports

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
)

// TestReturnsBook: the officer's list says of each file what went back, what came
// since and what is open, and its totals are these.
func TestReturnsBook(t *testing.T) {
	sent := func(source string, returned int, since ...ledger.File) ledger.Return {
		return ledger.Return{Files: append([]ledger.File{{Name: source + "名单.xlsx", Source: source, Kind: "roster", Returned: returned}}, since...)}
	}
	all := []ledger.Return{
		sent("民政", 12, ledger.File{Taken: 9, Returned: 3}),
		sent("残联", 4),
		sent("", 5, ledger.File{Taken: 2, Returned: 2}, ledger.File{Taken: 1}),
		sent("医保", 2, ledger.File{Taken: 4, Returned: 1}),
		sent("财政", 2, ledger.File{Taken: 2}),
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := workbook.Write(path, ReturnsBook("青柳县", 202308, all)); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("退回汇总")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows[4:] {
		got = append(got, strings.Join(row, "|"))
	}
	want := []string{
		"民政|民政名单.xlsx|名单|12|9|3|退回 12 行，其中 9 行已更正读入，3 行待更正",
		"残联|残联名单.xlsx|名单|4|0|4|退回 4 行，尚未再报",
		"未注明|名单.xlsx|名单|5|3|0|退回 5 行，其中 3 行已更正读入，0 行待更正，其余 2 行与已在账的相同，或没有再报",
		"医保|医保名单.xlsx|名单|2|4|1|退回 2 行；再报的比退回的多 3 行：新采纳 4 行，1 行待更正",
		"财政|财政名单.xlsx|名单|2|2|0|退回 2 行，已全部更正读入",
		"合计|||25|18|8",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}
