package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// coverLines are the lines of a workbook's cover from 读入核对 down to the next
// section, without what is empty: cells that are merged, rows between blocks.
func coverLines(t *testing.T, path string) []string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("封面")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	in := false
	for _, r := range rows {
		line := strings.Join(slices.DeleteFunc(r, func(c string) bool { return c == "" }), "|")
		if in = in && line != "账本" || strings.HasPrefix(line, "读入核对"); in && line != "" {
			out = append(out, line)
		}
	}
	return out
}

// TestRunNamesItsFiles: a run as JSON names the files that the covers of its
// workbooks name, with the same totals; the workbooks written again later name
// them still.
func TestRunNamesItsFiles(t *testing.T) {
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	head := "身份证号,姓名,帮扶日期,帮扶来源,帮扶金额\n"
	write := func(name, rows string) string {
		path := filepath.Join(dir, name)
		if strings.HasPrefix(name, "inbox") {
			path = filepath.Join(ws, name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(month string, ok int, want ...string) []fileJSON {
		t.Helper()
		var j struct{ Files []fileJSON }
		if err := json.Unmarshal([]byte(doudi(t, ws, []int{ok}, "run", "--month", month, "--format", "json")), &j); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range j.Files {
			s := filepath.Base(f.File)
			if f.Earlier {
				s = "earlier " + s
			}
			got = append(got, s)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s names %q, want %q", month, got, want)
		}
		cover := coverLines(t, filepath.Join(ws, "out", month, "330100", "医保-"+month+".xlsx"))
		seen := 0
		for _, f := range j.Files {
			for _, tot := range f.Totals {
				rows := []string{filepath.Base(f.File) + " · " + tot.Sheet}
				line := slices.IndexFunc(cover, func(l string) bool { return strings.HasPrefix(l, rows[0]+"|") })
				if line < 0 || !strings.Contains(strings.ReplaceAll(cover[line+1], ",", ""), strings.Join([]string{tot.AmountRead, tot.AmountTaken, tot.AmountRepeated, tot.AmountReturned}, "|")) {
					t.Errorf("%s: the cover says %q of %+v", month, cover, tot)
				}
				seen++
			}
		}
		if n := len(cover); n != 2+2*seen && seen > 0 || seen == 0 && !slices.Contains(cover, "本月没有新文件") {
			t.Errorf("%s: the cover names %q", month, cover)
		}
		return j.Files
	}
	doudi(t, ws, []int{0}, "import", write("手工.csv", head+"99000119600101001X,张三,2023-05-01,慈善,100\n"))
	write("inbox/330100/一.csv", head+"99000119600101001X,张三,2023-05-01,慈善,100\n99000119600101001X,张三,2023-05-02,慈善,一百\n99000119600101001X,张三,2023-05-03,慈善,1234.50\n")
	files := run("2023-06", 3, "earlier 手工.csv", "一.csv")
	if f := files[1]; f.Totals[0].AmountRead != "1334.50" || f.Totals[0].AmountRepeated != "100.00" || f.Totals[0].Unreadable != 1 || f.Returned != 1 {
		t.Errorf("%+v", f)
	}
	run("2023-06", 0, "earlier 手工.csv", "earlier 一.csv")
	run("2023-07", 0)
	write("inbox/330100/二.csv", head+"99000119600101001X,张三,2023-05-05,慈善,5\n")
	run("2023-08", 0, "二.csv")

	book := filepath.Join(ws, "out", "2023-06", "330100", "医保-2023-06.xlsx")
	was := coverLines(t, book)
	doudi(t, ws, []int{0}, "report", "--month", "2023-06")
	if now := coverLines(t, book); !slices.Equal(was, now) || len(now) != 6 {
		t.Errorf("written again the cover says %q, before %q", now, was)
	}
	doudi(t, ws, []int{0}, "verify")
}
