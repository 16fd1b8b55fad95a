package reports

import (
	"fmt"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules/civil"
)

// ReturnSays tells what became of a file's returned rows.
func ReturnSays(r ledger.Return) string {
	n, taken, open, rest := r.Returned(), r.Taken(), r.Open(), r.Rest()
	head := fmt.Sprintf("退回 %d 行", n)
	switch {
	case !r.Again():
		return head + "，尚未再报"
	case rest == 0 && open == 0:
		return head + "，已全部更正读入"
	case rest == 0:
		return fmt.Sprintf("%s，其中 %d 行已更正读入，%d 行待更正", head, taken, open)
	case rest > 0:
		return fmt.Sprintf("%s，其中 %d 行已更正读入，%d 行待更正，其余 %d 行与已在账的相同，或没有再报", head, taken, open, rest)
	}
	return fmt.Sprintf("%s；再报的比退回的多 %d 行：新采纳 %d 行，%d 行待更正", head, -rest, taken, open)
}

// ReturnsBook is the officer's list of an area's and a month's files with returned
// rows, sender by sender: who still has to correct what.
func ReturnsBook(area string, month civil.Month, all []ledger.Return) workbook.Book {
	name := fmt.Sprintf("%s %s 退回汇总", area, month)
	t := workbook.Table{Sheet: "退回汇总", Title: name,
		Notes: []string{
			"每个报送部门一个文件夹，里面的退回工作簿可直接发给该部门：在原表上标红、批注，改正后原样发回导入即可。本表供经办人掌握，不必发出。",
			"再报的按三种情形认定：同一文件重读；用退回工作簿改正后再报；改正原表后再报（同名、同部门、同种类、行数相同，且含原已采纳的各行）。其他的不作推断，仍列为待更正。",
		},
		Columns: []workbook.Column{{Key: "sender", Title: "报送部门", Width: 18}, {Key: "file", Title: "文件", Width: 40}, {Key: "kind", Title: "内容"},
			{Key: "returned", Title: "退回行", Kind: workbook.Count, Total: true}, {Key: "taken", Title: "再报后采纳", Kind: workbook.Count, Total: true},
			{Key: "open", Title: "待更正", Kind: workbook.Count, Total: true, Limit: &workbook.Limit{Above: 0, Tone: workbook.Watch}},
			{Key: "says", Title: "说明", Width: 50}},
		Empty: "没有退回的行"}
	t.Rows = func(yield func([]any) bool) {
		for _, r := range all {
			f := r.First()
			sender := f.Source
			if sender == "" {
				sender = "未注明"
			}
			if !yield([]any{sender, f.Name, tableKinds[f.Kind], r.Returned(), r.Taken(), r.Open(), ReturnSays(r)}) {
				return
			}
		}
	}
	return workbook.Book{Title: name, Header: name, Sheets: workbook.Sheets(t)}
}
