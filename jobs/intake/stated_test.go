package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestStatedTotals: totals are left out and compared with the rows, wherever they
// stand. The table is helpHead: A number, B name, C ID, D date, E source, F amount.
func TestStatedTotals(t *testing.T) {
	sum := func(words string, amount any) []any { return []any{words, nil, nil, nil, nil, amount} }
	var three = [][]any{helpLine(1), helpLine(2), helpLine(3)} // 600
	for _, tt := range []struct {
		name    string
		rows    [][]any
		skipped int
		warned  string
		says    string // of the first warning, or of a note
	}{
		{"right", append(three[:3:3], sum("合计", 600)), 1, "", "合计与明细一致（1 列）"},
		{"too much", append(three[:3:3], sum("合计", "700.50")), 1, "W-TOTAL F5", "合计写的是 700.50 元，而明细 3 行相加为 600.00 元，相差 100.50 元"},
		{"too little", append(three[:3:3], sum("总  计", "¥500")), 1, "W-TOTAL F5", "相差 100.00 元"},
		{"with spaces and a colon", append(three[:3:3], sum(" 合 　计：", "600元")), 1, "", "一致"},
		{"behind the number", append(three[:3:3], []any{4, "合计", nil, nil, nil, 600}), 1, "", "一致"},
		{"in the column of the ID", append(three[:3:3], []any{nil, nil, "合计", nil, nil, 601}), 1, "W-TOTAL F5", "相差 1.00 元"},
		{"right below the header", append([][]any{sum("合计", 600)}, three...), 1, "", "一致"},
		{"below the header, and wrong", append([][]any{sum("合计", 500)}, three...), 1, "W-TOTAL F2", "相差 100.00 元"},
		{"in the middle", [][]any{helpLine(1), sum("合计", 600), helpLine(2), helpLine(3)}, 1, "", "一致"},
		{"rows were added below", [][]any{helpLine(1), helpLine(2), sum("合计", 300), helpLine(3)}, 1, "W-TOTAL F4", "明细 3 行"},
		{"parts and the whole", [][]any{helpLine(1), helpLine(2), sum("小计", 300), helpLine(3), sum("小计", 300), sum("合计", 600)}, 3, "", "一致"},
		{"a wrong part", [][]any{helpLine(1), helpLine(2), sum("小计", 310), helpLine(3), sum("小计", 300), sum("合计", 600)}, 3, "W-TOTAL F4", "小计写的是 310.00 元，而明细 2 行相加为 300.00 元"},
		{"parts above their rows", [][]any{sum("东村小计", 300), helpLine(1), helpLine(2), sum("西村小计", 300), helpLine(3), sum("合计", 600)}, 3, "", "一致"},
		{"a wrong part above its rows", [][]any{sum("东村小计", 300), helpLine(1), helpLine(2), sum("西村小计", 299), helpLine(3)}, 2, "W-TOTAL F5", "西村小计写的是 299.00 元，而明细 1 行"},
		{"parts within parts", [][]any{helpLine(1), sum("东村小计", 100), helpLine(2), sum("西村小计", 200), sum("城关镇小计", 300), helpLine(3), sum("南村小计", 300), sum("全县合计", 600)}, 5, "", "一致"},
		{"a part within parts that is wrong", [][]any{helpLine(1), sum("小计", 100), helpLine(2), sum("小计", 200), sum("城关镇小计", 301)}, 3, "W-TOTAL F6", "城关镇小计写的是 301.00 元"},
		{"pages with what came so far", [][]any{helpLine(1), sum("本页小计", 100), sum("累计", 100), helpHead, helpLine(2), sum("本页小计", 200), sum("累计", 300), helpHead, helpLine(3), sum("本页合计", 300), sum("累计", 600)},
			8, "", "一致"},
		{"so far, and wrong", [][]any{helpLine(1), sum("累计", 100), helpLine(2), sum("累计", 200), helpLine(3)}, 2, "W-TOTAL F5", "累计写的是 200.00 元，而明细 2 行相加为 300.00 元"},
		{"with months that are not in the file", append(three[:3:3], sum("合计", 600), sum("本年累计", 9000)), 2, "", "一致"},
		{"each part called 合计", [][]any{helpLine(1), sum("合计", 100), helpLine(2), helpLine(3), sum("合计", 500), sum("总计", 600)}, 3, "", "一致"},
		{"nothing stated", append(three[:3:3], sum("合计", nil)), 1, "", ""},
		{"a dash, in words", append(three[:3:3], sum("合计", "—"), sum("合计（大写）：陆佰元整", nil)), 2, "", ""},
		{"people, in the words", append(three[:3:3], sum("合计 3 人", 600)), 1, "", "一致（1 列、人数或行数）"},
		{"more people than rows", append(three[:3:3], sum("合计4人", 600)), 1, "W-TOTAL A5", "合计写的是 4 人，而明细共 3 行，相差 1"},
		{"fewer than the people", append(three[:3:3], sum("合计2人", 600)), 1, "W-TOTAL A5", "合计写的是 2 人，而明细共 3 行，相差 1"},
		{"rows, and too few", append(three[:3:3], sum("共2笔", nil)), 1, "W-TOTAL A5", "2 行（笔）"},
		{"households are not counted", append(three[:3:3], sum("共1户3人", nil)), 1, "", "一致"},
		{"one line of words", append(three[:3:3], []any{"以上共计3人，救助资金600元，其中低保1人"}), 1, "", "一致"},
		{"one line of words, and wrong", append(three[:3:3], []any{"共计3人，0.07万元"}), 1, "W-TOTAL A5", "700.00 元"},
		{"a number in a cell of its own", append(three[:3:3], []any{"合计", "3人", nil, nil, nil, 600}), 1, "", "人数"},
		{"a number below the names", append(three[:3:3], []any{"合计", 3, nil, nil, nil, 600}), 1, "", "人数"},
		{"too small a number below the names", append(three[:3:3], []any{"合计", 2, nil, nil, nil, 600}), 1, "W-TOTAL B5", ""},
		{"beside other words", append(three[:3:3], []any{"城关镇", nil, nil, "合计", nil, 600}), 1, "", "一致"},
		{"a total of an ID column", append(three[:3:3], []any{"合计", nil, 3.3e17, nil, nil, 600}), 1, "", "一致"},
		{"totals twice", append(three[:3:3], sum("合计", 600), sum("合计", 600)), 2, "", "一致"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{putRows(t, append([][]any{helpHead}, tt.rows...)...), putBook(t, table{"表", append([][]any{helpHead}, tt.rows...)})} {
				m := newMemory()
				f, rep := take(t, m, path, testOptions(t))
				if tt.name == "a total of an ID column" && strings.HasSuffix(path, "csv") {
					continue // there it is a text
				}
				wantErrors(t, rep)
				wantSaid(t, m, helped(1, 2, 3)[:len(m.reliefs)])
				wantWarnings(t, rep, split(tt.warned)...)
				if f.Skipped != tt.skipped || f.Taken != f.Read {
					t.Errorf("%+v %q", f, rep.Notes)
				}
				switch {
				case tt.says == "":
				case len(rep.Warnings) > 0 && strings.Contains(rep.Warnings[0].Message, tt.says):
				case len(rep.Warnings) > 0:
					t.Errorf("%q does not say %q", rep.Warnings[0].Message, tt.says)
				default:
					wantNote(t, rep, "表 的合计与明细", tt.says)
				}
			}
		})
	}
}

// TestStatedPeople: a roster's totals are of people.
func TestStatedPeople(t *testing.T) {
	again := change(plainLine(1), map[string]any{"D": "特困"})
	for _, tt := range []struct {
		words  string
		warned string
	}{{"合计2人", ""}, {"合计3人", ""}, {"合计：1人", "W-TOTAL A5"}, {"合计4人", "W-TOTAL A5"}, {"共3条", ""}, {"共 2 条", "W-TOTAL A5"}} {
		_, rep := take(t, newMemory(), putRows(t, plainHead, plainLine(1), again, plainLine(2), []any{tt.words}), testOptions(t))
		wantErrors(t, rep)
		wantWarnings(t, rep, split(tt.warned)...)
	}
}

// TestStatedColumns: of a settlement all amounts are compared, in the unit of
// their columns; rows that are given back count if they can be read.
func TestStatedColumns(t *testing.T) {
	total := make([]any, len(claimsHead))
	total[0], total[13], total[14], total[15], total[20] = "合计", 2003, 1600, 801, 100
	bad := change(claimLine(2), map[string]any{"M": "x"}) // returned, but its amounts are good
	_, rep := take(t, newMemory(), putRows(t, claimsHead, claimLine(1), bad, total), testOptions(t))
	wantErrors(t, rep, "E-DATE M3")
	wantWarnings(t, rep, "W-TOTAL P4")
	if w := rep.Warnings[0]; w.Field != "hifp_pay" || !strings.Contains(w.Message, "相差 1.00 元") {
		t.Errorf("%+v", w)
	}
	// A refund counts with its sign.
	total[13], total[14], total[15], total[20] = 1002, 800, 400, 50
	_, rep = take(t, newMemory(), putRows(t, claimsHead, claimLine(1), refundLine(1), claimLine(2), total), testOptions(t))
	wantWarnings(t, rep)
	wantNote(t, rep, "一致（4 列）")
	// An amount that can not be read.
	dark := change(claimLine(2), map[string]any{"O": "八百", "N": formula("1+1")})
	total[13], total[14], total[15], total[20] = 9, 9, 800, 100
	_, rep = take(t, newMemory(), putBook(t, table{"表", [][]any{claimsHead, claimLine(1), dark, total}}), testOptions(t))
	wantErrors(t, rep, "E-FORMULA N3", "E-AMOUNT O3")
	wantWarnings(t, rep, "W-TOTAL N4", "W-TOTAL O4")
	for _, w := range rep.Warnings {
		if !strings.Contains(w.Message, "有 1 行金额读不出，无法核对") {
			t.Error(w.Message)
		}
	}
	// In 万元, beyond what one amount may be.
	head := []any{"身份证号", "帮扶日期", "帮扶来源", "帮扶金额（万元）"}
	line := func(n int) []any { return []any{id(n), "2024-02-02", "慈善", 9000} }
	_, rep = take(t, newMemory(), putRows(t, head, line(1), line(2), []any{"合计", nil, nil, "18,000"}), testOptions(t))
	wantErrors(t, rep)
	wantWarnings(t, rep)
	wantNote(t, rep, "一致（1 列）")
}

// TestStatedOverBlocks: a total below several blocks may be of all of them.
func TestStatedOverBlocks(t *testing.T) {
	rows := func(total int) string {
		return putRows(t, []any{"一月帮扶"}, helpHead, helpLine(1), []any{"小计", nil, nil, nil, nil, 100}, []any{"二月帮扶"}, helpHead, helpLine(2), []any{"小计", nil, nil, nil, nil, 200}, []any{"合计", nil, nil, nil, nil, total})
	}
	_, rep := take(t, newMemory(), rows(300), testOptions(t))
	wantWarnings(t, rep)
	wantNote(t, rep, "一致")
	_, rep = take(t, newMemory(), rows(400), testOptions(t))
	wantWarnings(t, rep, "W-TOTAL F9")
}

// TestManyWrongTotals: wrong totals do not flood the report.
func TestManyWrongTotals(t *testing.T) {
	rows := [][]any{helpHead}
	for n := range 50 {
		rows = append(rows, helpLine(n%9+1), []any{"小计", nil, nil, nil, nil, 1000 + n})
	}
	_, rep := take(t, newMemory(), putRows(t, rows...), testOptions(t))
	if len(rep.Warnings) != totalWarnings {
		t.Errorf("%d warnings", len(rep.Warnings))
	}
	wantNote(t, rep, "另有 30 处")
}

// TestNoTotal: rows that look a little like totals and are somebody's.
func TestNoTotal(t *testing.T) {
	for name, row := range map[string][]any{
		"a valid ID":               {"合计", name(1), id(1), "2024-02-01", "慈善", 100},
		"a broken ID":              {"合计", name(1), id(1)[:17], "2024-02-01", "慈善", 100},
		"a word in a remark":       {4, name(1), nil, "2024-02-01", "慈善", 100, "累计3次"},
		"a village of that name":   {"共计村", name(1), nil, "2024-02-01", "慈善", 100},
		"words before the amount":  {4, name(1), nil, "2024-02-01", "合计中", 100},
		"no word":                  {nil, nil, nil, nil, nil, 600, "核"},
		"a name and a part's word": {"东村小计", name(1), nil, nil, nil, 100},
	} {
		t.Run(name, func(t *testing.T) {
			f, rep := take(t, newMemory(), putRows(t, append(helpHead[:6:6], "备注"), row, helpLine(2)), testOptions(t))
			if f.Read != 2 || f.Skipped != 0 {
				t.Errorf("%+v %q", f, rep.Notes)
			}
		})
	}
	// What a payment to many is called is no total, where it has a date.
	f, _ := take(t, newMemory(), putRows(t, transfersHead, change(transferLine(1), map[string]any{"E": "合计", "H": nil, "I": nil})), testOptions(t))
	if f.Read != 1 {
		t.Errorf("%+v", f)
	}
}

func TestReadTotal(t *testing.T) {
	for _, tt := range []struct {
		text         string
		word         string
		scope        scope
		first, else_ bool
	}{
		{"合计", "合计", whole, true, true}, {"小 计", "小计", group, true, true}, {"总 合 计", "总合计", whole, true, true}, {"本页合计", "本页合计", group, true, true},
		{"合计：35人", "合计", whole, true, true}, {"合计（元）", "合计", whole, true, true}, {"全县总计", "全县总计", whole, true, true}, {"城关镇合计", "城关镇合计", group, true, true},
		{"累计", "累计", soFar, true, true}, {"合计（累计）", "合计", soFar, true, false}, {"共35人", "合计", whole, true, true}, {"本页共 5 笔", "合计", group, true, true},
		{"合计金额", "合计", whole, true, true}, {"共计人数", "共计", whole, true, true}, {"合计救助三次", "合计", whole, true, false},
		{"张三", "", 0, false, false}, {"共同生活", "", 0, false, false}, {"在困难群众医疗救助中资金使用情况的合计", "", 0, false, false}, {"低保", "", 0, false, false}, {"", "", 0, false, false},
	} {
		for _, first := range []bool{true, false} {
			want := map[bool]bool{true: tt.first, false: tt.else_}[first]
			word, sc, ok := readTotal(tt.text, first)
			if ok != want || ok && (word != tt.word || sc != tt.scope) {
				t.Errorf("%q, first %t: %q %d %t", tt.text, first, word, sc, ok)
			}
		}
	}
}

// TestKindsAreSummed: the readers of every kind tell the sums what they read.
func TestKindsAreSummed(t *testing.T) {
	for k, fields := range summed {
		for _, f := range fields {
			i := columnFor(t, k, f)
			total := make([]any, len(heads[k]))
			total[0], total[i] = "合计", "123456.78"
			_, rep := take(t, newMemory(), putRows(t, heads[k], lines[k](1), lines[k](2), total), testOptions(t))
			if len(rep.Warnings) == 0 || rep.Warnings[len(rep.Warnings)-1].Code != "W-TOTAL" {
				t.Errorf("%s %s: %+v", k, f, rep.Warnings)
				continue
			}
			var sum float64
			for n := 1; n <= 2; n++ {
				v, err := strconv.ParseFloat(fmt.Sprint(lines[k](n)[i]), 64)
				if err != nil && lines[k](n)[i] != nil {
					t.Fatal(err)
				}
				sum += v
			}
			if s := rep.Warnings[len(rep.Warnings)-1].Message; !strings.Contains(s, fmt.Sprintf("相加为 %.2f 元", sum)) {
				t.Errorf("%s %s: %s", k, f, s)
			}
		}
	}
}

// columnFor is where a field stands in a kind's header.
func columnFor(t *testing.T, k Kind, f field) int {
	t.Helper()
	line := make([]string, len(heads[k]))
	for i, v := range heads[k] {
		line[i] = v.(string)
	}
	h, ok := newMatcher(nil).read([][]string{line}, k)
	i, has := h.at[f]
	if !ok || !has || !slices.Contains(summed[k], f) {
		t.Fatalf("%s has no %s", k, f)
	}
	return i
}
