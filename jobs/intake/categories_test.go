package intake

import (
	"slices"
	"strings"
	"testing"

	"doudi/rules"
)

func TestCategories(t *testing.T) {
	one := func(c rules.Category) []named { return []named{{cat: c}} }
	ill := func(c rules.Category) []named { return []named{{cat: c, cause: rules.Illness}} }
	level := func(n uint8) []named { return []named{{cat: rules.Canji, level: n}} }
	for _, tt := range []struct {
		cell string
		want []named
		code string
	}{
		// The synonyms that formats.md names.
		{"特困供养", one(rules.Tekun), ""},
		{"分散特困", one(rules.Tekun), ""},
		{"集中特困", one(rules.Tekun), ""},
		{"五保", one(rules.Tekun), ""},
		{"低保", one(rules.Dibao), ""},
		{"城市低保", one(rules.Dibao), ""},
		{"农村低保", one(rules.Dibao), ""},
		{"最低生活保障", one(rules.Dibao), ""},
		{"低边", one(rules.Dibian), ""},
		{"低保边缘户", one(rules.Dibian), ""},
		{"低收入", one(rules.Dibian), ""},
		{"重残", level(2), ""},
		{"一级残疾", level(1), ""},
		{"二级残疾", level(2), ""},
		{"防返贫监测对象", one(rules.Yifanpin), ""},
		{"防返贫监测对象（脱贫不稳定户）", one(rules.Yifanpin), ""},
		{"防返贫监测对象-边缘易致贫户", one(rules.Yifanpin), ""},
		{"防返贫监测对象：突发严重困难户", one(rules.Yifanpin), ""},
		{"脱贫不稳定户", one(rules.Yifanpin), ""},
		{"边缘易致贫户", one(rules.Yifanpin), ""},
		{"突发严重困难户", one(rules.Yifanpin), ""},

		// As people type them.
		{" 低 保 ", one(rules.Dibao), ""},
		{"低保\n对象", one(rules.Dibao), ""},
		{"dibao", one(rules.Dibao), ""},
		{"残疾", one(rules.Canji), ""},
		{"四级残疾", level(4), ""},
		{"脱贫户", one(rules.Tuopin), ""},
		{"其他特殊困难（甲类）", one(rules.Zhongbing), ""},
		{"特殊甲", one(rules.Zhongbing), ""},

		// Several in one cell.
		{"低保,残疾", []named{{cat: rules.Dibao}, {cat: rules.Canji}}, ""},
		{"低保，重残", []named{{cat: rules.Dibao}, {cat: rules.Canji, level: 2}}, ""},
		{"低保、残疾；脱贫户", []named{{cat: rules.Dibao}, {cat: rules.Canji}, {cat: rules.Tuopin}}, ""},
		{"低保／残疾", []named{{cat: rules.Dibao}, {cat: rules.Canji}}, ""},
		{"低保\n残疾", []named{{cat: rules.Dibao}, {cat: rules.Canji}}, ""},
		{"低保　残疾", []named{{cat: rules.Dibao}, {cat: rules.Canji}}, ""},
		{"低保,,残疾,", []named{{cat: rules.Dibao}, {cat: rules.Canji}}, ""},
		{"低保,低保户", one(rules.Dibao), ""},
		{"低保,因病纳入低保", ill(rules.Dibao), ""},
		{"残疾,一级残疾", level(1), ""},
		{"重残,一级残疾", level(1), ""},
		{"残疾,特殊甲", []named{{cat: rules.Canji}, {cat: rules.Zhongbing}}, ""},

		// 支出型困难 is never folded into a category.
		{"支出型困难", nil, "E-CATEGORY-EXPENDITURE"},
		{"支出型困难家庭", nil, "E-CATEGORY-EXPENDITURE"},
		{"支出型困难,残疾", nil, "E-CATEGORY-EXPENDITURE"},
		{"支出型困难,特困", nil, "E-CATEGORY-EXPENDITURE"},
		{"支出型困难,因病纳入低保", ill(rules.Dibao), ""},
		{"支出型困难（因病纳入低保）", ill(rules.Dibao), ""},
		{"因病纳入低保", ill(rules.Dibao), ""},
		{"因病纳入低边", ill(rules.Dibian), ""},
		{"支出型困难、低边", ill(rules.Dibian), ""},
		{"低保边缘家庭（支出型困难）", ill(rules.Dibian), ""},
		{"支出型困难,因病纳入低保,残疾", []named{{cat: rules.Dibao, cause: rules.Illness}, {cat: rules.Canji}}, ""},

		// Nothing, and unknown.
		{"", nil, ""},
		{"/", nil, ""},
		{"、", nil, ""},
		{"孤儿", nil, "E-CATEGORY"},
		{"低保,甲类", nil, "E-CATEGORY"},
		{"非低保", nil, "E-CATEGORY"},
		{"低保残疾", nil, "E-CATEGORY"},
	} {
		t.Run(tt.cell, func(t *testing.T) {
			extra := map[string][]string{"zhongbing": {"其他特殊困难（甲类）", "特殊甲", ""}, "nonsense": {"孤儿"}, "": {"甲类"}}
			got, err := categories(tt.cell, extra)
			switch {
			case tt.code == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.code != "" && (err == nil || err.code != tt.code):
				t.Errorf("%v, want %s", err, tt.code)
			case !slices.Equal(got, tt.want):
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestCategoryNames: every name stands for one category only, every category has
// one, and each is found as written, by its Chinese name and by its code.
func TestCategoryNames(t *testing.T) {
	seen := map[string]rules.Category{}
	for c, names := range categoryNames {
		for _, n := range append([]string{c.String(), c.Chinese()}, names...) {
			if was, ok := seen[rules.Fold(n)]; ok && was != c {
				t.Errorf("%s stands for %s and %s", n, was, c)
			}
			seen[rules.Fold(n)] = c
			got, err := categories(n, nil)
			if err != nil || len(got) != 1 || got[0].cat != c || got[0].cause != rules.NoCause {
				t.Errorf("%s: %v, %v", n, got, err)
			}
		}
	}
	for _, c := range rules.Categories() {
		if len(categoryNames[c]) == 0 {
			t.Errorf("%s has no name", c)
		}
	}
	for w := range expenditure {
		if _, ok := categoryIndex[rules.Fold(w)]; ok {
			t.Errorf("%s stands for a category", w)
		}
		if got, err := categories(w, nil); got != nil || err == nil || err.code != "E-CATEGORY-EXPENDITURE" {
			t.Errorf("%s: %v, %v", w, got, err)
		}
	}
}

func TestCause(t *testing.T) {
	for s, want := range map[string]rules.Cause{
		"因病": rules.Illness, "因病致贫": rules.Illness, "因残、因病": rules.Illness, "illness": rules.Illness, "重大疾病": rules.Illness, " 患 病 ": rules.Illness,
		"": rules.NoCause, "因残": rules.NoCause, "缺劳动力": rules.NoCause, "非因病": rules.NoCause, "无": rules.NoCause,
	} {
		if got := cause(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestLevel(t *testing.T) {
	for _, tt := range []struct {
		cell string
		want uint8
		code string
	}{
		{"", 0, ""}, {"无", 0, ""}, {"/", 0, ""},
		{"1", 1, ""}, {"一级", 1, ""}, {"壹级", 1, ""}, {"Ⅰ级", 1, ""}, {"ⅰ", 1, ""}, {"01", 1, ""}, {"１", 1, ""},
		{"2级", 2, ""}, {"Ⅱ", 2, ""}, {"贰", 2, ""}, {"三级", 3, ""}, {"Ⅲ", 3, ""}, {"4", 4, ""}, {"Ⅳ级", 4, ""},
		{"5", 0, "E-LEVEL"}, {"0", 0, "E-LEVEL"}, {"重度", 0, "E-LEVEL"}, {"一级、二级", 0, "E-LEVEL"}, {"11", 0, "E-LEVEL"},
	} {
		t.Run(tt.cell, func(t *testing.T) {
			got, err := level(tt.cell)
			wantCell(t, got, err, tt.want, tt.code)
		})
	}
	if _, err := level("重度"); err == nil || !strings.Contains(err.message, "“重度”") {
		t.Errorf("%v", err)
	}
}
