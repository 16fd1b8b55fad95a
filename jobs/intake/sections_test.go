package intake

import (
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

// dated is a roster's header without 变动类型.
var dated = []any{"姓名", "身份证号", "困难类别", "认定日期", "退出日期"}

// TestStrangeHeader: rows below a header that can not be read are not read by
// that of the table above.
func TestStrangeHeader(t *testing.T) {
	o := testOptions(t)
	above := [][]any{{"一、2024年2月新增人员"}, dated, {name(1), id(1), "低保", "2024-02-01"}, {"二、2024年2月停发人员"}}
	strange := []any{"姓名", "身份证号", "原困难类别", "停发日期"}
	msg := refuse(t, putBook(t, table{"2月", append(slices.Clone(above), strange, []any{name(2), id(2), "低保", "2024-02-01"})}), o, "E-FILE-TABLE")
	for _, w := range []string{"2月", "第 6 行", "第 5 行", "缺少列：困难类别"} {
		if !strings.Contains(msg, w) {
			t.Errorf("%s does not say %s", msg, w)
		}
	}
	// A wrong ID is somebody's, too.
	refuse(t, putBook(t, table{"2月", append(slices.Clone(above), strange, []any{name(2), wrongID(2), "低保", "2024-02-01"})}), o, "E-FILE-TABLE")
	// A summary is nobody's.
	f, rep := take(t, newMemory(), putBook(t, table{"2月", append(slices.Clone(above[:3]), []any{"乡镇", "村", "困难类别", "人数"}, []any{"东镇", "东村", "低保", 1})}), o)
	wantTotals(t, f, 1, 1, 0, 0, 2)
	wantNote(t, rep, "第 4 行", "认不出")
	// A header that is known goes on below.
	m := newMemory()
	f, _ = take(t, m, putBook(t, table{"2月", append(slices.Clone(above), strange, []any{"二、2024年2月退出人员"}, dated, []any{name(2), id(2), "低保", nil, "2024-02-01"})}), o)
	wantTotals(t, f, 2, 2, 0, 0, 2)
}

// TestSections: the line of a section says what its rows do.
func TestSections(t *testing.T) {
	o := testOptions(t)
	seeded := func() *memory {
		m := newMemory()
		take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))), o)
		return m
	}
	add, remove := []any{name(3), id(3), "低保", "2024-02-01"}, []any{name(1), id(1), "低保", nil, "2024-02-10"}
	for _, line := range [][]any{{"二、2024年2月退出人员"}, {"退出人员"}, {"二", "2024年2月退出人员"}, {"二、退出人员", nil, "单位：人"}, {"（二）退出人员合计1人"}} {
		m := seeded()
		f, rep := take(t, m, putBook(t, table{"2月", [][]any{{"一、2024年2月新增人员"}, dated, add, line, remove}}), o)
		wantTotals(t, f, 2, 2, 0, 0, 1)
		wantErrors(t, rep)
		if last := m.events[len(m.events)-1]; last.Op.Chinese() != "退出" || last.Date != 20240210 || last.Month != 202402 {
			t.Errorf("%v: %+v", line, last)
		}
	}
	// Words that say nothing new, and remarks, begin none.
	m := seeded()
	f, _ := take(t, m, putBook(t, table{"2月", [][]any{{"2024年2月新增人员"}, dated, {"（一）低保新增"}, add, {"注：退出人员另报"}, {name(4), id(4), "低保", "2024-02-01"}}}), o)
	wantTotals(t, f, 2, 2, 0, 0, 2)
	for _, e := range m.events {
		if e.Op.Chinese() != "新增" {
			t.Errorf("%+v", e)
		}
	}
	refuse(t, putBook(t, table{"2月", [][]any{{"2024年2月新增人员"}, dated, add, {"二、退出及新增人员"}, remove}}), o, "E-ROSTER-NO-OP")
	// A column outweighs them.
	m = seeded()
	f, _ = take(t, m, putBook(t, table{"2月", [][]any{{"2024年2月新增人员"}, eventsHead, came(3, "低保", "2024-02-01"), {"二、退出人员"}, came(4, "低保", "2024-02-01")}}), o)
	wantTotals(t, f, 2, 2, 0, 0, 1)
}

// TestUnread: people on a sheet without a header are counted and said.
func TestUnread(t *testing.T) {
	people := func(head ...any) [][]any {
		return [][]any{head, {name(4), id(4)}, {name(5), id(5)}, {name(6), wrongID(6)}}
	}
	far := make([][]any, 0, 40)
	for range 31 {
		far = append(far, []any{"说明"})
	}
	for _, tt := range []struct {
		name   string
		second []table
		want   string // of the warning
	}{
		{"a strange header", []table{{"农村", people("姓名", "身份证号", "类型")}}, "农村 2"},
		{"no header", []table{{"农村", people("甲", "乙")}}, "农村 2"},
		{"a header too far down", []table{{"农村", append(far, plainHead, plainLine(3))}}, "农村 33"},
		{"above a table", []table{{"农村", append(people("甲", "乙"), plainHead, plainLine(3))}}, "农村 2"},
		{"nobody", []table{{"说明", [][]any{{"甲", "乙"}, {"丙", "123456789012345678"}}}}, ""},
	} {
		im := &importer{stays: map[stay]string{}, named: map[ledger.PersonNo]int64{}, name: "书.xlsx", o: testOptions(t), file: &ledger.File{Seq: 5}, t: newMemory(),
			report: &Report{Tables: map[string]int{}, Parts: map[string]int{}}}
		book, err := OpenFile(putBook(t, append([]table{{"城市", [][]any{plainHead, plainLine(1)}}}, tt.second...)...))
		if err != nil {
			t.Fatal(err)
		}
		for i := range book.Sheets() {
			if err := im.sheet(t.Context(), book, i); err != nil {
				t.Fatal(err)
			}
		}
		book.Close()
		var said []string
		for _, w := range im.report.Warnings {
			if w.Code == "W-UNREAD" {
				said = append(said, w.Sheet+" "+strings.Fields(w.Message)[3])
				wantDiscreet(t, w.Message)
			}
		}
		if got := strings.Join(said, ","); got != tt.want || (len(im.unread) > 0) != (tt.want != "") {
			t.Errorf("%s: %q, %q; want %q", tt.name, got, im.unread, tt.want)
		}
	}
}

// TestAbreast: two people in a row are refused; a second column that is empty, or
// says the same, is not.
func TestAbreast(t *testing.T) {
	o := testOptions(t)
	head := slices.Concat(reliefHead, reliefHead)
	two := slices.Concat(reliefLine(1), reliefLine(2))
	if msg := refuse(t, putBook(t, table{"帮扶", [][]any{head, reliefLine(3), two}}), o, "E-FILE-TABLE"); !strings.Contains(msg, "第 3 行") || !strings.Contains(msg, "G 列") {
		t.Error(msg)
	}
	f, _ := take(t, newMemory(), putBook(t, table{"帮扶", [][]any{head, reliefLine(1), slices.Concat(reliefLine(2), reliefLine(2))}}), o)
	wantTotals(t, f, 2, 2, 0, 0, 0)
}

// TestUnitsSaid: whatever says the unit is heard, and not beyond its table.
func TestUnitsSaid(t *testing.T) {
	head := func(amount string) []any {
		return []any{"身份证号", "姓名", "帮扶日期", "帮扶来源", amount}
	}
	line := func(n int, v any) []any { r := reliefLine(n)[:5]; r[4] = v; return r }
	for _, tt := range []struct {
		name string
		rows [][]any
		want string
	}{
		{"in the title", [][]any{{"帮扶明细（万元）"}, head("帮扶金额"), line(1, 1.5)}, "15000.00"},
		{"in a cell", [][]any{{"帮扶明细"}, {nil, nil, "万元"}, head("帮扶金额"), line(1, 1.5)}, "15000.00"},
		{"among others", [][]any{{"单位：人、万元"}, head("帮扶金额"), line(1, 1.5)}, "15000.00"},
		{"below the header", [][]any{head("帮扶金额"), {nil, nil, nil, nil, "（万元）"}, line(1, 1.5)}, "15000.00"},
		{"below the header, of all", [][]any{head("帮扶金额"), {nil, nil, "（年月日）", nil, "万元"}, line(1, 1.5)}, "15000.00"},
		{"百万元", [][]any{head("帮扶金额（百万元）"), line(1, 1.5)}, "1500000.00"},
		{"亿元", [][]any{head("帮扶金额（亿元）"), line(1, 0.5)}, "50000000.00"},
		{"no unit", [][]any{{"帮扶明细（不足1万元的）"}, head("帮扶金额"), line(1, 1.5)}, "1.50"},
		{"of the table above", [][]any{{"一、慈善"}, {"单位：万元"}, head("帮扶金额"), line(1, 1.5), {"二、工会"}, head("帮扶金额"), line(2, 500)}, "15500.00"},
		{"once more", [][]any{{"慈善"}, {"单位：万元"}, head("帮扶金额"), line(1, 1.5), {"慈善"}, head("帮扶金额"), line(2, 0.5)}, "20000.00"},
	} {
		f, rep := take(t, newMemory(), putBook(t, table{"帮扶", tt.rows}), testOptions(t))
		if got := f.AmountTaken.String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if warned := slices.ContainsFunc(rep.Warnings, func(e RowError) bool { return e.Code == "W-UNIT" }); warned != (tt.name == "of the table above") {
			t.Errorf("%s: %+v", tt.name, rep.Warnings)
		}
	}
}

// TestWhoseID: the ID after the person's name is the person's.
func TestWhoseID(t *testing.T) {
	o := testOptions(t)
	for _, w := range []string{"照料人", "照料护理人", "帮扶干部", "子女", "户主或联系人", "代理人", "监护人", "联络员"} {
		m := newMemory()
		_, rep := take(t, m, putRows(t, []any{"变动类型", w, "身份证号", "对象姓名", "身份证号", "困难类别", "认定日期"}, []any{"新增", name(1), id(1), name(2), id(2), "低保", "2024-01-02"}), o)
		wantErrors(t, rep)
		wantSaid(t, m, people(2))
	}
	for _, group := range []string{"照料护理人", "帮扶干部信息"} {
		m := newMemory()
		take(t, m, putRows(t, []any{"变动类型", group, nil, "保障对象", nil, "困难类别", "认定日期"}, []any{nil, "姓名", "身份证号", "姓名", "身份证号"},
			[]any{"新增", name(1), id(1), name(2), id(2), "低保", "2024-01-02"}), o)
		wantSaid(t, m, people(2))
	}
	for _, head := range [][]any{
		{"变动类型", "户主姓名", "身份证号", "姓名", "困难类别", "认定日期"},
		{"变动类型", "甲方", "身份证号", "乙方", "身份证号", "困难类别", "认定日期"},
	} {
		if msg := refuse(t, putRows(t, head, []any{"新增", name(1), id(1), name(2), id(2), "低保", "2024-01-02"}), o, "E-FILE-TABLE"); !strings.Contains(msg, "C 列") {
			t.Error(msg)
		}
	}
}

// TestExpiryOfCard: that of the identity card says nothing of a disability.
func TestExpiryOfCard(t *testing.T) {
	for _, rows := range [][][]any{
		{{"变动类型", "姓名", "身份证", nil, "困难类别", "认定日期"}, {nil, nil, "号码", "有效期"}},
		{{"变动类型", "姓名", "身份证号", "有效期", "困难类别", "认定日期"}},
	} {
		m := newMemory()
		f, _ := take(t, m, putBook(t, table{"表", append(rows, []any{"新增", name(1), id(1), "2024-03-01", "低保", "2024-01-01"})}), testOptions(t))
		if f.Taken != 1 || m.events[0].Expiry != 0 {
			t.Errorf("%+v", m.events)
		}
	}
}

// TestAmountOfNobody: an amount alone in its row is no note.
func TestAmountOfNobody(t *testing.T) {
	f, rep := take(t, newMemory(), putBook(t, table{"帮扶", [][]any{reliefHead, reliefLine(1), {nil, nil, nil, nil, 300}, reliefLine(2), {nil, nil, nil, nil, nil, "以下空白"}}}), testOptions(t))
	wantTotals(t, f, 3, 2, 0, 1, 1)
	if rep.Errors[0].Code != "E-ID-MISSING" || f.AmountReturned != 300_00 {
		t.Errorf("%+v, %s", rep.Errors, f.AmountReturned)
	}
}

// TestCheckNames: a word with two meanings is found, and read one way in any case.
func TestCheckNames(t *testing.T) {
	words := func(kv ...string) map[string][]string {
		out := map[string][]string{}
		for i := 0; i < len(kv); i += 2 {
			out[kv[i]] = append(out[kv[i]], kv[i+1])
		}
		return out
	}
	for _, tt := range []struct {
		columns, categories map[string][]string
		want                []string
	}{
		{words("start", "办理日期", "end", "停止享受"), words("dibao", "城乡困难"), nil},
		{words("start", "办理日期", "date", "办理日期"), nil, nil}, // of a roster, and of relief
		{words("start", "办理日期", "end", "办理 日期"), nil, []string{"columns", "办理", "start", "end"}},
		{nil, words("dibao", "城乡困难", "tekun", "城乡困难"), []string{"categories", "城乡困难", "dibao", "tekun"}},
	} {
		err := CheckNames(tt.columns, tt.categories)
		if (err != nil) != (tt.want != nil) {
			t.Errorf("%v %v: %v", tt.columns, tt.categories, err)
		}
		for _, w := range tt.want {
			if err != nil && !strings.Contains(err.Error(), w) {
				t.Errorf("%v does not say %s", err, w)
			}
		}
	}
	for range 30 {
		n, _ := findCategory("城乡困难", words("tekun", "城乡困难", "dibao", "城乡困难"))
		m := newMatcher(words("start", "办理日期", "end", "办理日期"))
		if f, _ := m.kinds[len(m.kinds)-1].look("办理日期"); n.cat.String() != "dibao" || f != "start" {
			t.Fatalf("%s, %s", n.cat, f)
		}
	}
}

// wrongID is an ID whose check character is not right.
func wrongID(n int) string {
	if s := id(n); !strings.HasSuffix(s, "1") {
		return s[:17] + "1"
	}
	return id(n)[:17] + "2"
}
