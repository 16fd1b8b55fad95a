package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestRefundsInAnyOrder: a settlement, the same marked as refunded, and the
// refund as a row of its own, in whatever order they come, in one file or three,
// with runs in between or without, end with the same results, proposals and list
// of refunds.
func TestRefundsInAnyOrder(t *testing.T) {
	const head = "setl_id,certno,psn_name,insutype,med_type,fixmedins_code,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,refd_setl_flag,init_setl_id\n"
	row := func(id, day string, sign int, flag, of string) string {
		return fmt.Sprintf("%s,99000119600101001X,张三,390,21,H1,05,2023-%s 10:00:00,%d,%d,%d,%s,%s\n", id, day, sign*10000, sign*9000, sign*5000, flag, of)
	}
	rows := []string{row("A2", "09-02", 1, "0", ""), row("A2", "09-02", 1, "1", ""), row("R2", "09-20", -1, "1", "A2")}
	want := ""
	// Each way in two orders; jobs/intake tries all of both.
	for _, c := range []struct {
		way    string
		orders [][]int
	}{{"one file", [][]int{{0, 1, 2}, {2, 1, 0}}}, {"three files", [][]int{{1, 0, 2}, {2, 0, 1}}}, {"three runs", [][]int{{0, 2, 1}, {1, 2, 0}}}} {
		way := c.way
		for _, order := range c.orders {
			dir := t.TempDir()
			ws := filepath.Join(dir, "ws")
			doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
			imports := 0
			bring := func(text string) {
				imports++
				path := filepath.Join(dir, fmt.Sprintf("%d.csv", imports))
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				doudi(t, ws, []int{0}, "import", path)
			}
			bring("变动类型,姓名,身份证号,困难类别,认定日期\n新增,张三,99000119600101001X,低保,2023-08-31\n")
			bring(head + row("A1", "09-01", 1, "0", ""))
			all := head
			for _, k := range order {
				all += rows[k]
				if way != "one file" {
					bring(head + rows[k])
				}
				if way == "three runs" {
					doudi(t, ws, []int{0}, "run", "--month", "2023-09")
				}
			}
			if way == "one file" {
				bring(all)
			}
			doudi(t, ws, []int{0}, "run", "--month", "2023-09", "--full")
			got := withoutLastColumn(t, doudi(t, ws, []int{0}, "results", "--year", "2023")) + doudi(t, ws, []int{0}, "cases", "--year", "2023")
			for line := range strings.Lines(doudi(t, ws, []int{0}, "adjustments")) {
				_, rest, _ := strings.Cut(line, ",") // without the run's number
				got += rest
			}
			f, err := excelize.OpenFile(filepath.Join(ws, "out", "2023-09", "330100", "医保-2023-09.xlsx"))
			if err != nil {
				t.Fatal(err)
			}
			waiting, err := f.GetRows("待冲销退费")
			if err != nil || f.Close() != nil {
				t.Fatal(err)
			}
			got += fmt.Sprint(waiting[3:])
			// A settlement that a run saw before it was refunded has a line of zeros.
			kept := ""
			for line := range strings.Lines(got) {
				if !strings.Contains(line, ",A2,") || !strings.Contains(line, ",0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,") {
					kept += line
				}
			}
			if want == "" {
				want = kept
			}
			if kept != want || strings.Contains(kept, "A2") || !strings.Contains(kept, "A1") {
				t.Fatalf("order %v, %s:\n%s\nwant\n%s", order, way, kept, want)
			}
			doudi(t, ws, []int{0}, "verify")
		}
	}
}

// TestWaitingRefunds: the reasons for which a refund is listed.
func TestWaitingRefunds(t *testing.T) {
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	head := "setl_id,certno,psn_name,insutype,med_type,fixmedins_code,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,refd_setl_flag,init_setl_id\n"
	rows := ""
	for _, r := range []struct {
		id     string
		amount int
		flag   string
		of     string
	}{{"A1", 100, "0", ""}, {"A2", 100, "1", ""}, {"A3", 100, "0", ""}, {"R1", -100, "1", "A1"}, {"R2", -100, "1", "A2"}, {"R3", -60, "1", "A3"}, {"R4", -40, "1", "A3"}, {"R5", -100, "1", "A9"}} {
		rows += fmt.Sprintf("%s,99000119600101001X,张三,390,21,H1,05,2023-09-0%s,%d,0,0,%s,%s\n", r.id, r.id[1:], r.amount, r.flag, r.of)
	}
	path := filepath.Join(dir, "结算.csv")
	if err := os.WriteFile(path, []byte(head+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	doudi(t, ws, []int{0}, "import", path)
	doudi(t, ws, []int{0}, "run", "--month", "2023-09")
	f, err := excelize.OpenFile(filepath.Join(ws, "out", "2023-09", "330100", "医保-2023-09.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	listed, err := f.GetRows("待冲销退费")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range listed {
		if len(r) == 7 && strings.HasPrefix(r[0], "R") {
			got = append(got, strings.Join([]string{r[0], r[1], r[4], r[5], r[6]}, " "))
		}
	}
	want := []string{"R3 A3 60.00 100.00 已冲销，但金额不符", "R4 A3 40.00 100.00 重复退费：前有退费 R3；已冲销，但金额不符", "R5 A9 100.00  待冲销：原结算未读入"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if out := doudi(t, ws, []int{0}, "results", "--year", "2023"); strings.Count(out, "\n") != 1 {
		t.Errorf("none of them counts:\n%s", out)
	}
}
