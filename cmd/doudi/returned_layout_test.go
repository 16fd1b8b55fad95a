package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"doudi/fixtures/xlsfile"

	"github.com/xuri/excelize/v2"
)

// dressed is a list as an office makes it: a title and a sender's line over all
// columns, a header in two rows, widths of their own, a household's cells merged.
func dressed(t *testing.T, path string) (right map[string]string) {
	t.Helper()
	wide := []string{"A1:G1", "A2:G2", "A3:A4", "B3:C3", "D3:E3", "F3:G3", "F5:F6", "G6:G7"}
	widths := map[string]float64{"A": 6, "B": 12, "C": 30, "D": 18, "E": 14, "F": 25, "G": 9}
	rows := slices.Concat([][]any{{"青柳县2023年8月困难人员新增名单（第二批，含补报，请各乡镇核对后报送）"}, {"填报单位：青柳县民政局　　填报人：王六"}}, sentGroups[1:])
	rows, right = ids(rows, map[string]string{"名单!D6": "低边", "名单!C7": "99000119800303003X", "名单!E7": "2023-08-02"})
	rows[4][5], rows[4][6] = "青柳镇", "东村"
	rows[5][5], rows[5][6] = nil, "西村" // below 青柳镇
	if strings.HasSuffix(path, ".xls") {
		s := xlsfile.Sheet{Name: "名单"}
		for _, row := range rows {
			var cells []xlsfile.Cell
			for _, v := range row {
				switch v := v.(type) {
				case nil:
					cells = append(cells, xlsfile.Cell{})
				case int:
					cells = append(cells, xlsfile.N(float64(v)))
				default:
					cells = append(cells, xlsfile.T(fmt.Sprint(v)))
				}
			}
			s.Rows = append(s.Rows, cells)
		}
		for _, c := range "ABCDEFG" {
			s.Widths = append(s.Widths, int(widths[string(c)]))
		}
		for _, m := range wide {
			r, err := rangeOf(m)
			if err != nil {
				t.Fatal(err)
			}
			s.Merges = append(s.Merges, [4]int{r[1] - 1, r[0] - 1, r[3] - 1, r[2] - 1})
		}
		f, err := os.Create(path)
		if err == nil {
			err = errors.Join(xlsfile.Write(f, xlsfile.Book{Sheets: []xlsfile.Sheet{s}}), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return right
	}
	f := excelize.NewFile()
	defer f.Close()
	err := f.SetSheetName("Sheet1", "名单")
	for y, row := range rows {
		for x, v := range row {
			at, e := excelize.CoordinatesToCellName(x+1, y+1)
			err = errors.Join(err, e, f.SetCellValue("名单", at, v))
		}
	}
	for c, w := range widths {
		err = errors.Join(err, f.SetColWidth("名单", c, c, w))
	}
	for _, m := range wide {
		from, to, _ := strings.Cut(m, ":")
		err = errors.Join(err, f.MergeCell("名单", from, to))
	}
	if err := errors.Join(err, f.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	return right
}

func rangeOf(m string) (r [4]int, err error) {
	from, to, _ := strings.Cut(m, ":")
	var a, b error
	r[0], r[1], a = excelize.CellNameToCoordinates(from)
	r[2], r[3], b = excelize.CellNameToCoordinates(to)
	return r, errors.Join(a, b)
}

// TestReturnedLooksAsSent: the sender's merged cells and widths come back, the
// head stays in sight and is repeated in print on A4 across, and the book can be
// corrected and sent as it is.
func TestReturnedLooksAsSent(t *testing.T) {
	for _, ending := range []string{".xlsx", ".xls"} {
		dir, ws := office(t)
		path := filepath.Join(dir, "民政局新增名单2023年8月"+ending)
		right := dressed(t, path)
		f := send(t, ws, path)
		if f.Taken != 1 || f.Returned != 2 {
			t.Fatalf("%s: %+v %+v", ending, f.Totals, f.Errors)
		}
		marked(t, f)
		book, err := excelize.OpenFile(f.ReturnedWorkbook)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		merges, err := book.GetMergeCells("名单")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range merges {
			got = append(got, m.GetStartAxis()+":"+m.GetEndAxis())
		}
		slices.Sort(got)
		if want := []string{"A1:G1", "A2:G2", "A3:A4", "B3:C3", "D3:E3", "F3:G3", "F5:F6", "G6:G7"}; !slices.Equal(got, want) {
			t.Errorf("%s: merged %q", ending, got)
		}
		for c, w := range map[string]float64{"A": 6, "C": 30, "F": 25, "G": 9} {
			if is, err := book.GetColWidth("名单", c); err != nil || is < w-1 || is > w+1 {
				t.Errorf("%s: column %s is %.1f wide, was %.1f: %v", ending, c, is, w, err)
			}
		}
		layout, err := book.GetPageLayout("名单")
		if err != nil || *layout.Orientation != "landscape" || *layout.Size != 9 {
			t.Errorf("%s: %+v %v", ending, layout, err)
		}
		titles := ""
		for _, d := range book.GetDefinedName() {
			if d.Name == "_xlnm.Print_Titles" && d.Scope == "名单" {
				titles = d.RefersTo
			}
		}
		if !strings.HasSuffix(titles, "!$3:$4") {
			t.Errorf("%s: repeated in print: %q", ending, titles)
		}
		if panes, err := book.GetPanes("名单"); err != nil || panes.YSplit != 4 {
			t.Errorf("%s: %+v %v", ending, panes, err)
		}
		correct(t, f.ReturnedWorkbook, right)
		if again := send(t, ws, f.ReturnedWorkbook); again.Taken != 2 || again.Repeated != 1 || again.Returned != 0 {
			t.Errorf("%s: corrected: %+v %+v", ending, again.Totals, again.Errors)
		}
	}
}

// TestReturnedShowsWhatIsWrong: a marked cell that would lie behind another, where
// cells are merged, is seen; and what is far too wide is printed on several sheets,
// not too small to read.
func TestReturnedShowsWhatIsWrong(t *testing.T) {
	dir, ws := office(t)
	head := []any{"变动类型", "姓名", "身份证号", "困难类别", "认定日期"}
	for i := range 30 {
		head = append(head, fmt.Sprint("备注", i+1))
	}
	path := sender{name: "民政局2023年8月变动.xlsx", sheets: []sentSheet{{"名单", [][]any{head,
		{"新增", "张三", zhang, "低保", "2023-08-05"}, {"新增", "李四", li, "", "2023-08-05"}}}}}.write(t, dir, nil)
	f, err := excelize.OpenFile(path)
	if err == nil {
		err = errors.Join(f.MergeCell("名单", "D2", "D3"), f.MergeCell("名单", "F2", "H2"), f.SetColWidth("名单", "F", "AI", 20), f.Save(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	back := send(t, ws, path)
	if len(back.Errors) == 0 || back.Errors[0].Column != "D" {
		t.Fatalf("%+v", back)
	}
	marked(t, back)
	book, err := excelize.OpenFile(back.ReturnedWorkbook)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	merges, err := book.GetMergeCells("名单")
	if err != nil || len(merges) != 1 || merges[0].GetStartAxis() != "F2" {
		t.Errorf("merged %v, %v", merges, err)
	}
	if layout, err := book.GetPageLayout("名单"); err != nil || layout.AdjustTo == nil || *layout.AdjustTo < 60 {
		t.Errorf("%+v %v", layout, err)
	}
	if props, err := book.GetSheetProps("名单"); err != nil || props.FitToPage != nil && *props.FitToPage {
		t.Errorf("fitted to the page: %v", err)
	}
}
