package catalogue

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"doudi/rules/pack"
)

// What is wrong with a catalogue is said with its line.
func TestParse_Errors(t *testing.T) {
	columns, departments := Texts()
	if _, err := Parse(columns, departments); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		of       []byte
		from, to string
		want     string
	}{
		{columns, "sheet: 补发追回\n", "sheet: 补发追回\n    colour: red\n", `unknown field "colour"`},
		{columns, "columns: [fund, category, items", "columns: [fund, category, salary, items", "columns.yaml 第 "},
		{columns, "columns: [fund, category, items", "columns: [fund, category, fund, items", "表 adjustment_sums 的列 fund 出现两次"},
		{columns, "    others: [certno, name, expiry]\n", "", "表 certificates 列出个人，须写明别的部门可见的列"},
		{columns, "    others: [certno, name, expiry]\n", "    others: [certno, cause]\n", "表 certificates 的 others 里有它没有的列 cause"},
		{columns, "kind: count, total: true, meaning: 补发和追回的笔数。", "kind: number, meaning: 补发和追回的笔数。", `kind "number" 应为`},
		{columns, "kind: count, total: true, meaning: 补发和追回的笔数。", "kind: ratio, total: true, meaning: 补发和追回的笔数。", "列 items 不能合计"},
		{columns, "tones: {已参保: good,", "tones: {已参保: pink,", `颜色 "pink" 应为`},
		{columns, "private: payee", "private: secret", `private "secret" 应为`},
		{columns, "  feedback: [feedback]", "  feedback: [feedback, nothing]", "清单 feedback 里没有表 nothing"},
		{departments, "  - name: 税务\n", "  - name: 税务\n    colour: red\n", `unknown field "colour"`},
		{departments, "      - table: diseases\n      - table: hospital_rank\n      - table: township_months\n", "      - table: illnesses\n", `没有表 "illnesses"`},
		{departments, "      - table: diseases\n      - table: hospital_rank\n      - table: township_months\n", "      - {table: diseases, columns: [certno]}\n", `表 diseases 没有列 "certno"，可用的：disease、people、`},
		{departments, "      - table: diseases\n      - table: hospital_rank\n      - table: township_months\n", "      - {table: diseases, people: [some]}\n", `people 里的 "some" 应为`},
		{departments, "      - table: diseases\n      - table: hospital_rank\n      - table: township_months\n", "      - {table: diseases, ids: half}\n", `ids "half" 应为`},
		{departments, "    otherwise: [enrolment_rates, premium]", "    otherwise: [enrolment]", "otherwise 里没有清单 enrolment"},
		{departments, "    aliases: [工会]", "    aliases: [工会, 税务局]", "名称 税务局 既是 税务 又是 总工会"},
		{departments, "    categories: [canji]", "    categories: [kanji]", `没有困难类别代码 "kanji"`},
		{departments, "  - name: 红十字会\n    purpose: 开展人道救助，参与化解高额费用。\n", "  - name: 红十字会\n", `部门 "红十字会" 须写明 name、purpose`},
	} {
		if n := bytes.Count(x.of, []byte(x.from)); n != 1 {
			t.Fatalf("%q stands %d times", x.from, n)
		}
		text := bytes.Replace(x.of, []byte(x.from), []byte(x.to), 1)
		c, d := columns, departments
		if bytes.Equal(x.of, columns) {
			c = text
		} else {
			d = text
		}
		_, err := Parse(c, d)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q: %v, want %s", x.to, err, x.want)
		}
	}
	// The line is the one.
	at := bytes.Index(departments, []byte("      - table: diseases\n"))
	line := bytes.Count(departments[:at], []byte("\n")) + 1
	_, err := Parse(columns, bytes.Replace(departments, []byte("- table: diseases"), []byte("- table: illnesses"), 1))
	if want := "departments.yaml 第 " + itoa(line) + " 行："; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// The duties are of the documents of the packs, and of every document that names
// a department.
func TestDuties(t *testing.T) {
	numbers := map[string]bool{}
	for _, id := range []string{"hangzhou-2022-70", "kaifeng-2022-draft", "wenzhou-2022-98", "xinjiang-2023", "shenyang-2019-78"} {
		p, err := pack.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		numbers[p.Number] = true
		for _, l := range p.Describe().Lists {
			for _, n := range l.Departments {
				if Default().Find(n) == nil {
					t.Errorf("%s orders %s for %s, which the catalogue does not know", id, l.Name, n)
				}
			}
		}
	}
	for _, want := range []string{"医保", "民政", "财政", "卫健", "农业农村", "乡村振兴", "残联", "税务", "退役军人", "总工会", "红十字会", "慈善", "数据资源", "市场监管"} {
		if Default().Find(want) == nil {
			t.Errorf("no department %s", want)
		}
	}
	for _, d := range Default().Departments {
		for _, x := range d.Duties {
			if !numbers[x.Document] {
				t.Errorf("%s: no pack has the number %s", d.Name, x.Document)
			}
		}
	}
}

// What no duty asks for: who does not pay sees no number of a settlement beside a
// person, who does not recognise people sees nobody's village, and so on.
func TestNobodyNeeds(t *testing.T) {
	c := Default()
	for _, d := range c.Departments {
		for name := range c.Tables {
			v := c.View(&d, name)
			person := Has(v.Columns, "certno") || Has(v.Columns, "name")
			has := func(key string) bool { return Has(v.Columns, key) && Has(c.Tables[name].Columns, key) }
			switch {
			case d.Name == "医保":
			case person && (has("setl_id") || has("opened_by")) && d.Name != "财政":
				t.Errorf("%s: %s has the numbers of somebody's settlements", d.Name, name)
			case person && has("item_name"):
				t.Errorf("%s: %s says what somebody was treated with", d.Name, name)
			}
			if v.IDs == Whole && slices.Contains([]string{"财政", "卫健", "退役军人", "总工会", "红十字会", "慈善", "数据资源", "市场监管"}, d.Name) {
				t.Errorf("%s sees the IDs of %s whole", d.Name, name)
			}
			if d.Name == "财政" && has("home") && v.Columns[0] != "dept" && name != "feedback" {
				t.Errorf("财政: %s says where somebody lives", name)
			}
		}
	}
}

func TestMatches(t *testing.T) {
	for _, x := range []struct {
		pattern, key string
		want         bool
	}{{"held.*", "held.dibao", true}, {"held.*", "held", false}, {"due", "due", true}, {"due", "due_count", false}, {"of.*", "off.x", false}} {
		if Matches(x.pattern, x.key) != x.want {
			t.Error(x)
		}
	}
}

// An office's department takes the place of the one that it is like; a second one
// like it stands beside it.
func TestRecipients(t *testing.T) {
	no := false
	names := func(offices ...Office) string {
		var out []string
		for _, r := range Default().Recipients("330100", []string{"医保", "税务", "妇联"}, offices) {
			out = append(out, r.Name)
		}
		return strings.Join(out, " ")
	}
	for _, x := range []struct {
		offices []Office
		want    string
	}{
		{nil, "医保 民政 财政 卫健 农业农村 残联 领导 税务 妇联"},
		{[]Office{{Name: "市民政局", Like: "民政"}}, "医保 市民政局 财政 卫健 农业农村 残联 领导 税务 妇联"},
		{[]Office{{Name: "市民政局", Like: "民政"}, {Name: "县民政局", Like: "民政"}}, "医保 市民政局 财政 卫健 农业农村 残联 领导 税务 妇联 县民政局"},
		{[]Office{{Name: "卫健", Workbook: &no}, {Name: "慈善"}}, "医保 民政 财政 农业农村 残联 领导 税务 妇联 慈善"},
		{[]Office{{Name: "妇联", Duty: "函"}}, "医保 民政 财政 卫健 农业农村 残联 领导 税务 妇联"},
		{[]Office{{Name: "乡村振兴"}}, "医保 民政 财政 卫健 乡村振兴 残联 领导 税务 妇联"},
	} {
		if got := names(x.offices...); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
}

func TestTerms(t *testing.T) {
	for file, text := range map[string][]byte{"statement.yaml": statementYAML, "simulation.yaml": simulationYAML} {
		if _, err := parseTerms(file, text); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{"应付: {key: due}\n": "没有 key 或 meaning", "应付: {key: due, meaning: 甲。}\n已付: {key: due, meaning: 乙。}\n": "同为 due",
		"应付: {key: due, meaning: 甲。, colour: red}\n": "unknown field", "应付: {key: due, meaning: 甲。, tones: {补: pink}}\n": "颜色"} {
		if _, err := parseTerms("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
