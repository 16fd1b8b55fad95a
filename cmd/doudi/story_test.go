package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// story is one person's workspace: 张三 of 杭州, with a line for the monitor.
type story struct {
	clock
	run      int
	proposal string
}

const storyID = "99000119600101001X"

// lists is the text of a roster: each row is 变动类型,困难类别,致困原因,认定日期,退出日期.
func (s *story) lists(name string, rows ...string) {
	s.Helper()
	text := "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期\n"
	for _, r := range rows {
		op, rest, _ := strings.Cut(r, ",")
		text += op + ",张三," + storyID + "," + rest + "\n"
	}
	s.bring(name, text)
}

// pays is the text of settlements, all of them stays in scope as a whole: each row
// is setl_id, day, total, basic insurance, what the platform assisted.
func (s *story) pays(name string, rows ...string) {
	s.Helper()
	text := claimHead
	for _, r := range rows {
		f := strings.Split(r, ",")
		text += f[0] + "," + storyID + ",张三,390,21,胃癌,H1,县医院,05," + f[1] + "," + f[2] + "," + f[2] + "," + f[3] + ",0," + f[4] + ",1,,0,\n"
	}
	s.bring(name, text)
}

// runs runs a month and keeps what it proposes.
func (s *story) runs(month string) {
	s.Helper()
	s.keep(s.do(0, "run", "--month", month, "--by", "甲", "--format", "json"))
}

func (s *story) keep(out string) {
	s.Helper()
	var run struct {
		Run      int
		Proposal string
	}
	if err := json.Unmarshal([]byte(out), &run); err != nil || run.Proposal == "" {
		s.Fatalf("%v\n%s", err, out)
	}
	s.run, s.proposal = run.Run, run.Proposal
}

// picks gives some columns of a table of a command, a line a row.
func (s *story) picks(columns []int, args ...string) []string {
	s.Helper()
	var out []string
	for _, r := range readCSV(s.T, s.do(0, args...))[1:] {
		var line []string
		for _, c := range columns {
			line = append(line, r[c])
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

func (s *story) want(what string, got []string, want ...string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s: %s\n%s\nwant\n%s", s.day.Format("2006-01-02"), what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// proposes: settlement, due, recorded, posted, amount, year, 以前年度调整, all of
// assistance.
func (s *story) proposes(want ...string) {
	s.Helper()
	for _, fund := range s.picks([]int{1}, "adjustments") {
		if fund != "assistance" {
			s.Errorf("a proposal for %s", fund)
		}
	}
	s.want("proposals", s.picks([]int{3, 4, 5, 6, 7, 9, 10}, "adjustments"), want...)
}

// posts posts the proposal and runs again: nothing is left, and so much was posted
// so far as 补发, as 追回, and together.
func (s *story) posts(month, posted string) {
	s.Helper()
	s.do(0, "post", itoa(s.run), "--proposal", s.proposal, "--by", "乙")
	s.runs(month)
	s.proposes()
	s.posted(posted)
}

func (s *story) posted(want string) {
	s.Helper()
	s.want("posted so far", s.picks([]int{3, 4, 5, 6, 7, 8}, "adjustments", "--balance"), "assistance 0.00 0.00 "+want)
}

// says are a year's results: settlement, category, whether through a window,
// assistance due, the person's own.
func (s *story) says(year string, want ...string) {
	s.Helper()
	s.want("results of "+year, s.picks([]int{3, 6, 7, 13, 18}, "results", "--year", year), want...)
	s.do(0, "verify")
}

// cases are a year's: state, opened on, by, cleared on, burden before relief, relief.
func (s *story) cases(year string, want ...string) {
	s.Helper()
	s.want("cases of "+year, s.picks([]int{6, 7, 8, 9, 11, 12}, "cases", "--year", year), want...)
}

// explains looks for sentences of the explanation.
func (s *story) explains(want ...string) {
	s.Helper()
	got := s.do(0, "explain", storyID)
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.Errorf("%s: the explanation does not say %q\n%s", s.day.Format("2006-01-02"), w, got)
		}
	}
}

// TestStory lives through 26 months of one person, December 2022 to January 2025:
// recognised by illness with a window across the new year, upgraded, removed late,
// refunded, the recognition corrected, the year closed, something late, recognised
// anew with a window into the closed year, reopened, corrected and closed again.
//
// Every figure is worked out by hand. All fees are in scope and basic insurance
// pays half of them, so that half of each total is the burden in front of
// assistance, of which dibao is paid 80 % and tekun all (HZ-8).
func TestStory(t *testing.T) {
	dir := t.TempDir()
	s := &story{clock: clock{T: t, ws: filepath.Join(dir, "ws")}}
	doudi(t, dir, []int{0}, "init", s.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	if err := os.WriteFile(filepath.Join(s.ws, "overlays", "330100.yaml"), []byte("document: 本县标准\nmonitor:\n  yinbing_fanpin: {line: 3000}\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	const unpaid = "账里没有这一项目的拨付，结转为全部应拨"

	// December 2022: ill, and on no list. Nothing is due.
	s.on(2023, 1, 5)
	s.pays("结算-2022-4.csv", "A1,2022-08-20,10000,5000,0", "A2,2022-09-10,20000,10000,0", "A3,2022-12-10,4000,2000,0")
	s.runs("2022-12")
	s.proposes()
	s.says("2022", "A1  false 0.00 5000.00", "A2  false 0.00 10000.00", "A3  false 0.00 2000.00")
	s.explains("从未列入任何名单")

	// March 2023: dibao by illness from 1 March. Six months before is 2022-09-01: A2,
	// A3 and A4 lie in the window, A1 before it. A5 is settled as dibao.
	//   A2 80 % × 10,000 = 8,000   A3 80 % × 2,000 = 1,600
	//   A4 80 % × 4,000 = 3,200    A5 80 % × 500 = 400       together 13,200
	s.on(2023, 3, 31)
	s.pays("结算-2023-1.csv", "A4,2023-02-15,8000,4000,0", "A5,2023-03-10,1000,500,0")
	s.lists("民政-2023-03.csv", "新增,低保,因病,2023-03-01,")
	s.runs("2023-03")
	s.proposes("A2 8000.00 0.00 0.00 8000.00 2022 false", "A3 1600.00 0.00 0.00 1600.00 2022 false",
		"A4 3200.00 0.00 0.00 3200.00 2023 false", "A5 400.00 0.00 0.00 400.00 2023 false")
	s.posts("2023-03", "13200.00 0.00 13200.00")
	s.says("2022", "A1  false 0.00 5000.00", "A2 dibao true 8000.00 2000.00", "A3 dibao true 1600.00 400.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00")
	s.explains("从2022年9月1日（含当日）到2023年2月28日（含当日）结算的费用一并救助", "10,000.00 × 80% = 8,000.00")

	// June: the platform has paid 1,000 of A6.
	//   A6 80 % × 5,000 − 1,000 = 3,000                       13,200 + 3,000 = 16,200
	s.on(2023, 6, 30)
	s.pays("结算-2023-2.csv", "A6,2023-05-10,10000,5000,1000")
	s.runs("2023-06")
	s.proposes("A6 4000.00 1000.00 0.00 3000.00 2023 false")
	s.posts("2023-06", "16200.00 0.00 16200.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00", "A6 dibao false 4000.00 1000.00")

	// September: tekun from 1 July, which the platform did not know: it paid 80 %.
	//   A7 6,000 − 4,800 = 1,200   A8 2,000 − 1,600 = 400     16,200 + 1,600 = 17,800
	s.on(2023, 9, 30)
	s.pays("结算-2023-3.csv", "A7,2023-08-15,12000,6000,4800", "A8,2023-09-20,4000,2000,1600")
	s.lists("民政-2023-07.csv", "变更,特困,,2023-07-01,")
	s.runs("2023-09")
	s.proposes("A7 6000.00 4800.00 0.00 1200.00 2023 false", "A8 2000.00 1600.00 0.00 400.00 2023 false")
	s.posts("2023-09", "17800.00 0.00 17800.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00", "A6 dibao false 4000.00 1000.00",
		"A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00")

	// December: A9 was not assisted, and A10 of April comes late; he was dibao then.
	//   A9 3,000   A10 80 % × 1,000 = 800                     17,800 + 3,800 = 21,600
	// His own so far: 800 + 100 + 200 + 1,000 = 2,100, below the line.
	s.on(2023, 12, 31)
	s.pays("结算-2023-4.csv", "A9,2023-11-05,6000,3000,0", "A10,2023-04-20,2000,1000,0")
	s.runs("2023-12")
	s.proposes("A10 800.00 0.00 0.00 800.00 2023 false", "A9 3000.00 0.00 0.00 3000.00 2023 false")
	s.posts("2023-12", "21600.00 0.00 21600.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00", "A10 dibao false 800.00 200.00",
		"A6 dibao false 4000.00 1000.00", "A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00", "A9 tekun false 3000.00 0.00")
	s.cases("2023")

	// 10 January 2024: he had left on 1 November. A9 comes back as it was posted.
	//   A9 0 − 3,000 = −3,000                                 21,600 − 3,000 = 18,600
	// His own: 2,100 + 3,000 = 5,100, over the line with A9; what was posted on 31
	// December is help after that.
	s.on(2024, 1, 10)
	s.lists("民政-2023-12.csv", "退出,特困,,,2023-11-01")
	s.runs("2023-12")
	s.proposes("A9 0.00 0.00 3000.00 -3000.00 2023 false")
	s.posts("2023-12", "21600.00 3000.00 18600.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00", "A10 dibao false 800.00 200.00",
		"A6 dibao false 4000.00 1000.00", "A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00", "A9  false 0.00 3000.00")
	s.cases("2023", "未清零 2023-11-05 A9  5100.00 0.00")

	// 12 January: A6 was refunded. The platform takes back its own 1,000; the 3,000
	// posted come back here, by a run by hand over him alone.
	//   A6 0 − 3,000 = −3,000                                 18,600 − 3,000 = 15,600
	// His own: 5,100 − 1,000 = 4,100.
	s.on(2024, 1, 12)
	s.bring("退费-2023-12.csv", claimHead+"R6,"+storyID+",张三,390,21,胃癌,H1,县医院,05,2023-12-28,-10000,-10000,-5000,0,-1000,1,,1,A6\n")
	var look struct{ Proposal string }
	if err := json.Unmarshal([]byte(s.do(0, "rerun", "--person", storyID, "--reason", "退费", "--dry-run", "--format", "json", "--by", "甲")), &look); err != nil {
		t.Fatal(err)
	}
	s.keep(s.do(0, "rerun", "--person", storyID, "--reason", "退费", "--proposal", look.Proposal, "--format", "json", "--by", "甲"))
	s.proposes("A6 0.00 0.00 3000.00 -3000.00 2023 false")
	s.posts("2023-12", "21600.00 6000.00 15600.00")
	s.says("2023", "A4 dibao true 3200.00 800.00", "A5 dibao false 400.00 100.00", "A10 dibao false 800.00 200.00",
		"A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00", "A9  false 0.00 3000.00")
	s.cases("2023", "未清零 2023-11-05 A9  4100.00 0.00")
	s.explains("结算 A6", "退费冲销")

	// 15 January: March's list is corrected; he was recognised on the 20th. The window
	// begins on 2022-09-20, after A2, whose money comes back; A3 and A4 stay in it, and
	// A5 of 10 March is now assisted through it.
	//   A2 0 − 8,000 = −8,000                                 15,600 − 8,000 = 7,600
	s.on(2024, 1, 15)
	s.lists("民政-2023-03-更正.csv", "新增,低保,因病,2023-03-20,")
	s.runs("2023-12")
	s.proposes("A2 0.00 0.00 8000.00 -8000.00 2022 false")
	s.posts("2023-12", "21600.00 14000.00 7600.00")
	s.says("2022", "A1  false 0.00 5000.00", "A2  false 0.00 10000.00", "A3 dibao true 1600.00 400.00")
	asClosed := []string{"A4 dibao true 3200.00 800.00", "A5 dibao true 400.00 100.00", "A10 dibao false 800.00 200.00",
		"A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00", "A9  false 0.00 3000.00"}
	s.says("2023", asClosed...)

	// 20 January: 2023 is closed, with the case as 未清零. Basic insurance of what
	// counts: 4,000 + 500 + 1,000 + 6,000 + 2,000 + 3,000 = 16,500. Assistance: the
	// platform's 4,800 + 1,600 = 6,400, and posted on settlements of 2023: 3,200 + 400 +
	// 3,000 + 1,200 + 400 + 3,000 + 800 − 3,000 − 3,000 = 6,000. The office begins to close
	// with 2023: what is on record of 2022, which the window reaches, is in its carry-over,
	// with 17,000 of basic insurance, and the 1,600 posted on A3.
	s.on(2024, 1, 20)
	hash := s.close("2023", "cases", "earlier")
	book := filepath.Join(s.ws, "out", "2023", "330100", "年度清算-2023.xlsx")
	sheet(t, book, "结转", [][]string{
		{"基本医保", "0.00", "16,500.00", "0.00", "0.00", "17,000.00", "33,500.00", "0.00", "0.00", "0"},
		{"医疗救助", "0.00", "6,400.00", "6,000.00", "1,600.00", "0.00", "0.00", "0.00", "14,000.00", "0", unpaid},
	})

	// March 2024: A11 of July 2023 comes late, as tekun; the platform paid 200. C1 is
	// settled on no list. What 2023 was stays what results say.
	//   A11 1,000 − 200 = 800, 以前年度调整                    7,600 + 800 = 8,400
	s.on(2024, 3, 31)
	s.pays("结算-2024-1.csv", "A11,2023-07-20,2000,1000,200", "C1,2024-03-10,4000,2000,0")
	s.runs("2024-03")
	s.proposes("A11 1000.00 200.00 0.00 800.00 2023 true")
	s.posts("2024-03", "22400.00 14000.00 8400.00")
	s.says("2023", asClosed...)
	s.says("2024", "C1  false 0.00 2000.00")

	// June: dibao by illness again, from 2024-02-01. Six months before is 2023-08-01:
	// A7 and A8 have more as tekun, A9 is assisted, in a closed year; A11 lies before.
	//   A9 80 % × 3,000 = 2,400, 以前年度调整   C1 80 % × 2,000 = 1,600
	//   C2 80 % × 500 = 400, which the platform paid          8,400 + 4,000 = 12,400
	s.on(2024, 6, 30)
	s.pays("结算-2024-2.csv", "C2,2024-05-10,1000,500,400")
	s.lists("民政-2024-02.csv", "新增,低保,因病,2024-02-01,")
	s.runs("2024-06")
	s.proposes("A9 2400.00 0.00 0.00 2400.00 2023 true", "C1 1600.00 0.00 0.00 1600.00 2024 false")
	s.posts("2024-06", "26400.00 14000.00 12400.00")
	s.says("2023", asClosed...)
	s.says("2024", "C1 dibao false 1600.00 400.00", "C2 dibao false 400.00 100.00")
	s.cases("2023", "未清零 2023-11-05 A9  4100.00 0.00")

	// September: 2023 is reopened by two. December's list is corrected: he left on 20
	// November only, so that A9 is settled as tekun. That is no 以前年度调整 any more.
	//   A9 3,000 − 2,400 = 600                                12,400 + 600 = 13,000
	//   C3 80 % × 4,000 = 3,200, which the platform paid
	// His own of 2023: 800 + 100 + 200 = 1,100: there never was a case.
	s.on(2024, 9, 30)
	s.do(0, "reopen", "2023", "--by", "丙", "--reason", "退出日期报错")
	s.do(5, "reopen", "2023", "--by", "丙", "--statement", hash)
	s.do(0, "reopen", "2023", "--by", "丁", "--statement", hash)
	s.pays("结算-2024-3.csv", "C3,2024-07-10,8000,4000,3200")
	s.lists("民政-2023-12-更正.csv", "退出,特困,,,2023-11-20")
	s.runs("2024-09")
	s.proposes("A9 3000.00 0.00 2400.00 600.00 2023 false")
	s.posts("2024-09", "27000.00 14000.00 13000.00")
	corrected := []string{"A4 dibao true 3200.00 800.00", "A5 dibao true 400.00 100.00", "A10 dibao false 800.00 200.00", "A11 tekun false 1000.00 0.00",
		"A7 tekun false 6000.00 0.00", "A8 tekun false 2000.00 0.00", "A9 tekun false 3000.00 0.00"}
	s.says("2023", corrected...)
	s.cases("2023")
	if again := s.close("2023", "earlier"); again == hash {
		t.Error("the year closed again has the statement that it had")
	}
	s.says("2023", corrected...)
	// With A11 basic insurance is 17,500, the platform's assistance 6,600. Of what was
	// posted, 6,000 + 600 are here; 800 + 2,400 stand in 2024 (以后年度已调整).
	sheet(t, book, "结转", [][]string{
		{"基本医保", "0.00", "17,500.00", "0.00", "0.00", "17,000.00", "34,500.00", "0.00", "0.00", "0"},
		{"医疗救助", "0.00", "6,600.00", "6,600.00", "1,600.00", "0.00", "0.00", "0.00", "14,800.00", "0", unpaid},
	})

	// December: one more, and 2024 is closed in its turn.
	//   C4 80 % × 1,000 = 800                                 13,000 + 800 = 13,800
	// Of all: due 1,600 + (3,200 + 400 + 800 + 1,000 + 6,000 + 2,000 + 3,000) + (1,600 +
	// 400 + 3,200 + 800) = 24,000; recorded 6,600 + 3,600 = 10,200; 13,800 is the rest.
	s.on(2025, 1, 10)
	s.pays("结算-2024-4.csv", "C4,2024-12-20,2000,1000,0")
	s.runs("2024-12")
	s.proposes("C4 800.00 0.00 0.00 800.00 2024 false")
	s.posts("2024-12", "27800.00 14000.00 13800.00")
	s.says("2022", "A1  false 0.00 5000.00", "A2  false 0.00 10000.00", "A3 dibao true 1600.00 400.00")
	s.says("2023", corrected...)
	s.says("2024", "C1 dibao false 1600.00 400.00", "C2 dibao false 400.00 100.00", "C3 dibao false 3200.00 800.00", "C4 dibao false 800.00 200.00")
	s.cases("2024")
	s.close("2024")
	// 2024 opens with 14,800, has 3,600 of the platform and 1,600 + 800 posted on its own
	// settlements, and 800 + 2,400 on those of 2023: 14,800 + 3,600 + 2,400 + 3,200 =
	// 24,000. That is all that was recorded and posted, 10,200 + 13,800.
	next := filepath.Join(s.ws, "out", "2024", "330100", "年度清算-2024.xlsx")
	sheet(t, next, "以前年度调整", [][]string{
		{"2023", "医疗救助基金", "杭州市", "县医院", "A11", "990001********001X", "2024-03-31", "16", "补发", "800.00"},
		{"2023", "医疗救助基金", "杭州市", "县医院", "A9", "990001********001X", "2024-06-30", "18", "补发", "2,400.00"},
	})
	sheet(t, next, "结转", [][]string{
		{"基本医保", "0.00", "7,500.00", "0.00", "0.00", "0.00", "7,500.00", "0.00", "0.00", "0"},
		{"医疗救助", "14,800.00", "3,600.00", "2,400.00", "3,200.00", "0.00", "0.00", "0.00", "24,000.00", "0", unpaid},
	})
	s.do(0, "verify")
}
