package pack

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// rich is a pack with a parameter of every kind, in which nothing is wrong.
func rich(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/rich.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found is a mistake as a test expects it: where it stands, told by a piece of
// the text that begins there, and what it says.
type found struct{ at, says string }

// expect compares the mistakes of a text with those expected, in order, by line
// and column.
func expect(t *testing.T, text, file string, err error, want []found) {
	t.Helper()
	got := Mistakes(err)
	if len(got) != len(want) {
		t.Fatalf("%d mistakes, want %d:\n%v", len(got), len(want), err)
	}
	for i, w := range want {
		line, col := spot(t, text, w.at)
		e := got[i]
		if e.File != file || e.Line != line || e.Col != col {
			t.Errorf("stands at %s:%d:%d, want %d:%d: %s", e.File, e.Line, e.Col, line, col, e.Message)
		}
		if !strings.Contains(e.Message, w.says) {
			t.Errorf("%q does not say %q", e.Message, w.says)
		}
	}
}

// spot is the line and column at which a piece of text stands, without the
// spaces before it; or the mark ‸ in it.
func spot(t *testing.T, text, at string) (line, col int) {
	t.Helper()
	before, after, marked := strings.Cut(at, "‸")
	i := strings.Index(text, before+after)
	if i < 0 {
		t.Fatalf("%q is not there", at)
	}
	if marked {
		i += len(before)
	} else {
		i += len(at) - len(strings.TrimLeft(at, " \n"))
	}
	return lineCol(text, i)
}

// lineCol is the line and column of the i-th byte.
func lineCol(text string, i int) (line, col int) {
	before := text[:i]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
}

func one(at, says string) []found { return []found{{at, says}} }

// TestChecks: what no day could be settled under, and what could never take
// effect, is refused at its place.
func TestChecks(t *testing.T) {
	if _, err := Parse("p.yaml", []byte(rich(t))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, new string
		want           []found
	}{
		// Days.
		{"a gap before the first value", "      values: {2023-01-01: 6}\n    earliest", "      values: {2023-06-01: 6}\n    earliest",
			[]found{{"‸[dibao, dibian]}}\n    months", "retro.months（回溯月数）的值"}, {"2023-06-01: 6", "政策自 2023-01-01 起施行"}}},
		{"a value after the end", "{2023-01-01: 80%, 2024-01-01: 85%}", "{2023-01-01: 80%, 2025-01-01: 85%}", one("2025-01-01: 85%", "不会生效")},
		{"a line after the end", "line: {2023-01-01: 10000}", "line: {2023-01-01: 10000, 2025-06-01: 1}", one("2025-06-01: 1", "不会生效")},
		{"a line that begins late", "line: {2023-01-01: 10000}", "line: {2023-03-01: 10000}", one("2023-03-01: 10000", "2023-03-01 才有值")},
		{"a list after the end", "from: 2023-01-01, departments: [民政]", "from: 2025-01-01, departments: [民政]", one("clearance:", "不在政策的施行期内")},
		{"a date twice", "{2023-01-01: 80%, 2024-01-01: 85%}", "{2023-01-01: 80%, 2023-01-01: 85%}", one("2023-01-01: 85%", "重复")},
		{"dates out of order", "{2023-01-01: 80%, 2024-01-01: 85%}", "{2023-01-01: 80%, 2022-01-01: 85%}", one("2022-01-01: 85%", "由早到晚")},

		// Ratios, tiers, limits.
		{"points that lead above everything", "others: 5%}", "others: 31%}",
			[]found{{"others: 31%}", "dibao（低保对象） 的大病保险比例提高 31% 之后超过 100%"}, {"others: 31%}", "dibian"}, {"others: 31%}", "jiandang"}}},
		{"points of one", "points:\n      clause: R-1\n      values: {2023-01-01: {tekun: 30%,", "points:\n      clause: R-1\n      values: {2023-01-01: {tekun: 30.01%,", one("tekun: 30.01%", "超过 100%")},
		{"a cut above everything", "{tekun: 50%, dibao: 50%}", "{tekun: 50%, dibao: 150%}", one("150%", "0% 到 100%")},
		{"a ceiling of nothing", "2023-01-01: 95%", "2023-01-01: 0%", one("‸0%}}\n    categories", "不能为 0%")},
		{"falling ratios", "{to: 200000, ratio: 65%}", "{to: 200000, ratio: 55%}", one("55%", "逐段不降，上一段已是 60%")},
		{"falling limits", "{to: 200000, ratio: 65%}", "{to: 90000, ratio: 65%}", one("90000", "逐段增大")},
		{"a cap of nothing", "dibian: 100000}", "dibian: 0}", one("dibian: 0}", "限额为 0")},
		{"no nested cap for one", "{tekun: none, others: 20000}", "{tekun: none, dibao: 20000}", one("{tekun: none, dibao: 20000}", "dibian（低保边缘家庭成员） 没有普通门诊年度限额")},
		{"no outpatient ratio for one", "{others: 50%}", "{tekun: 50%, dibao: 50%}", one("{tekun: 50%, dibao: 50%}}\n    deductible:", "没有门诊救助比例")},
		{"no tilt for one", "{tekun: 90%, others: 80%}", "{tekun: 90%, dibao: 80%}", one("{tekun: 90%, dibao: 80%}", "倾斜救助比例（没有的写 0%）")},
		{"ages the wrong way round", "2023-01-01: 18", "2023-01-01: 80", one("‸80}}\n    protection", "写反")},
		{"no months", "      values: {2023-01-01: 6}\n    earliest", "      values: {2023-01-01: 0}\n    earliest", one("0}\n    earliest", "回溯月数不能为 0")},

		// Categories.
		{"a ratio for somebody who is not assisted", "{tekun: 100%, dibao: 80%, dibian: 70%}", "{tekun: 100%, dibao: 80%, dibian: 70%, canji: 60%}", one("canji: 60%", "补进 assist.categories")},
		{"a deductible likewise", "{tekun: 0, others: 2000}", "{tekun: 0, canji: 1, others: 2000}", one("canji: 1", "assist.deductible")},
		{"reaching back likewise", "[dibao, dibian]}}\n    months", "[dibao, canji]}}\n    months", one("canji]}}\n    months", "retro.categories")},
		{"on application likewise", "{2023-01-01: [dibian]}", "{2023-01-01: [dibian, kunjing]}", one("kunjing", "assist.by_application")},
		{"special likewise", "{tekun: 60%, others: 50%}", "{fanpin: 60%, others: 50%}", one("fanpin: 60%", "special.ratio")},
		{"tilt likewise", "{tekun: 90%, others: 80%}", "{fanpin: 90%, others: 80%}", one("fanpin: 90%", "tilt.ratio")},
		{"points for somebody without a place in the order", "points:\n      clause: R-1\n      values: {2023-01-01: {tekun: 30%,", "points:\n      clause: R-1\n      values: {2023-01-01: {fanpin: 30%,", one("fanpin: 30%", "order（类别次序）")},
		{"a ceiling likewise", "{2023-01-01: [tekun, dibao]}}\n    kinds", "{2023-01-01: [tekun, fanpin]}}\n    kinds", one("fanpin]}}\n    kinds", "ceiling.categories")},
		{"targeted likewise", "{2023-01-01: [jiandang]}", "{2023-01-01: [jiandang, fanpin]}", one("fanpin]}}\n    counties", "targeted.categories")},
		{"assisted without a place in the order", "[tekun, dibao, dibian]}\n    base", "[tekun, dibao, dibian, canji]}\n    base",
			[]found{{"canji]}\n    base", "加进 order"}, {"{tekun: 100%, dibao: 80%, dibian: 70%}", "没有救助比例"}}},
		{"a place that nobody uses", "order: [tekun, dibao, dibian, jiandang]", "order: [tekun, dibao, dibian, jiandang, kunjing]", one("kunjing]", "没有任何参数或监测线用到")},

		// What belongs together.
		{"a ratio without a cap", "    cap:\n      clause: R-1\n      values: {2023-01-01: {tekun: none, dibao: 150000, dibian: 100000}}\n", "", one("    ratio:", "没有 assist.cap（年度救助限额）")},
		{"a ratio without kinds", "    kinds:\n      clause: R-1\n      values: {2023-01-01: [inpatient, outpatient]}\n", "", one("    ratio:", "没有 assist.kinds")},
		{"tilt without a threshold", "    threshold: {clause: R-2, values: {2023-01-01: 10000}}\n    cap: {clause: R-2, unset: 另定}\n", "    cap: {clause: R-2, unset: 另定}\n", one("    ratio: {clause: R-2, values: {2023-01-01: {tekun: 90%", "tilt.threshold")},
		{"tilt without a cap", "    cap: {clause: R-2, unset: 另定}\n", "", one("    ratio: {clause: R-2, values: {2023-01-01: {tekun: 90%", "tilt.cap")},
		{"a threshold without tilt", "    ratio: {clause: R-2, values: {2023-01-01: {tekun: 90%, others: 80%}}}\n", "", one("    threshold: {clause: R-2, values", "tilt.ratio")},
		{"a nested cap without kinds", "    outpatient_cap_kinds: {clause: R-1, values: {2023-01-01: [outpatient]}}\n", "", one("    outpatient_cap:", "outpatient_cap_kinds")},
		{"kinds of a nested cap without one", "    outpatient_cap: {clause: R-1, values: {2023-01-01: {tekun: none, others: 20000}}}\n", "", one("    outpatient_cap_kinds:", "assist.outpatient_cap（")},
		{"a deductible of no kinds", "    deductible_kinds: {clause: R-1, values: {2023-01-01: [inpatient]}}\n", "", one("    deductible:\n      clause: R-1\n      values: {2023-01-01: {tekun: 0", "deductible_kinds")},
		{"limited to diseases that are not listed", "    diseases: {clause: R-1, values: {2023-01-01: {ESRD: {name: 终末期肾病}}}}\n", "", one("    disease_kinds:", "assist.diseases")},
		{"diseases that limit nothing", "    disease_kinds: {clause: R-1, values: {2023-01-01: [outpatient]}}\n", "", one("    diseases: {clause: R-1, values: {2023-01-01: {ESRD", "assist.disease_kinds")},
		{"diseases that have no value", "    diseases: {clause: R-1, values: {2023-01-01: {ESRD: {name: 终末期肾病}}}}\n", "    diseases: {clause: R-1, unset: 另定}\n", one("[outpatient]}}\n    diseases", "两者都写作 unset")},
		{"hospitals of a class without a ratio", "{county: 80%, municipal: 60%}", "{county: 80%}", one("municipal: [", `医院类别 "municipal"`)},
		{"a ratio of a class without hospitals", "{county: 80%, municipal: 60%}", "{county: 80%, municipal: 60%, provincial: 50%}", one("provincial: 50%", "没有医院")},
		{"hospitals without ratios", "    inpatient_ratio: {clause: R-3, values: {2023-01-01: {county: 80%, municipal: 60%}}}\n", "", one("    hospitals:", "basic.inpatient_ratio")},
		{"supplement and the like for nobody", "    categories: {clause: R-3, values: {2023-01-01: [jiandang]}}\n    counties", "    counties",
			[]found{{"order: [tekun, dibao, dibian, ‸jiandang]", "没有任何参数"}, {"    direct:", "targeted.categories"}, {"    counties:", "targeted.categories"},
				{"    outpatient_ratio: {clause: R-3", "targeted.categories"}, {"    inpatient_ratio: {clause: R-3", "targeted.categories"}, {"  supplement:\n    ‸ratio", "targeted.categories"}}},
		{"a ceiling for nobody", "    categories: {clause: R-2, values: {2023-01-01: [tekun, dibao]}}\n    kinds", "    kinds", one("  ceiling:\n    ‸ratio:", "ceiling.categories")},
		{"a ceiling of no kinds", "    kinds: {clause: R-2, values: {2023-01-01: [inpatient]}}\n", "", one("  ceiling:\n    ‸ratio:", "ceiling.kinds")},
		{"at most what nobody gets", "{bianyuan: tuopin}", "{bianyuan: kunjing}", one("bianyuan: kunjing", "kunjing（困境儿童） 在 premium.subsidy 里没有资助标准")},
		{"nobody gets at most that", "{bianyuan: tuopin}", "{kunjing: tuopin}", one("kunjing: tuopin", "kunjing")},
		{"as somebody without a rule", "bianyuan: as tuopin", "bianyuan: as kunjing", one("as kunjing", "先写明 kunjing")},
		{"as each other", "tuopin: unset", "tuopin: as bianyuan", []found{{"as bianyuan", "互相参照"}, {"as tuopin", "互相参照"}}},
		{"reaching back without months", "    months:\n      clause: R-2\n      values: {2023-01-01: 6}\n", "", []found{{"    categories: {clause: R-2, values: {2023-01-01: [dibao, dibian]}}", "retro.months"}}},
		{"adjustable that is no parameter", "[assist.cap, tilt]", "[assist.cap, tild.cap]", one("tild.cap", `"tild.cap"`)},

		// Clauses, monitors, lists.
		{"a clause that nobody cites", "  R-3: {", "  R-9: {article: 九, text: 无用}\n  R-3: {", one("R-9:", "没有任何参数、监测线或清单引用")},
		{"a monitor that watches nobody", "    categories: [dibian]\n", "", one("    clause: R-2\n    name: 高额费用", "没有说监测谁")},
		{"a monitor that watches two ways", "    who: categories\n", "    who: with_assisted\n", one("[dibian]\n    level", "不起作用")},
		{"a monitor of a strange level", "level: household", "level: village", one("village", "household、person")},
		{"an unknown list", "  clearance:", "  clearances:", one("clearances:", "可用的有：applications、assessment、")},
		{"a list without a clause", "{clause: R-2, from: 2023-01-01, departments: [民政]", "{from: 2023-01-01, departments: [民政]", one("{from: 2023-01-01, departments: [民政]", "没有注明条款")},
		{"a list of a clause that is not there", "{clause: R-2, from: 2023-01-01, departments: [民政]", "{clause: R-8, from: 2023-01-01, departments: [民政]", one("R-8,", `"R-8"`)},
		{"a list for nobody", "departments: [民政]", "departments: []", one("[], choice", "至少写一个部门")},
		{"a list for somebody twice", "departments: [民政]", "departments: [民政, 民政]", one("民政], choice", "重复")},
		{"a list without departments", ", departments: [民政]", "", one("{clause: R-2, from: 2023-01-01, choice", "没有 departments")},
		{"a list without a beginning", "from: 2023-01-01, departments: [民政]", "departments: [民政]", one("{clause: R-2, departments", "缺少 from")},
		{"a list that ends before it begins", "from: 2023-01-01, departments: [民政]", "from: 2023-02-01, to: 2023-01-01, departments: [民政]", one("2023-01-01, departments: [民政]", "早于")},
		{"a gap without a reason", "{2023-01-01: 80%, 2024-01-01: 85%}", "{2023-01-01: 80%, 2024-01-01: {unset: \"\"}}", one(`""}`, "不能为空")},
		{"extends itself", "extends: national", "extends: rich", one("rich\norder", "绕成了圈：rich → rich")},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := rich(t)
			if strings.Count(text, c.old) != 1 {
				t.Fatalf("%q stands there %d times", c.old, strings.Count(text, c.old))
			}
			text = strings.Replace(text, c.old, c.new, 1)
			_, err := Parse("p.yaml", []byte(text))
			expect(t, text, "p.yaml", err, c.want)
		})
	}
}
