package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// yearOf is an area of one pack with an overlay, and an empty year up to a month.
func yearOf(t *testing.T, id, overlay string, month civil.Month) (*facts, *duty) {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if l.Overlay, err = pack.ParseOverlay("overlay.yaml", []byte("document: none\n"+overlay)); err != nil {
		t.Fatal(err)
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{l})
	if err != nil {
		t.Fatal(err)
	}
	f := &facts{area: jobs.Area{Code: p.Area, Name: p.AreaName, Layers: []pack.Layered{l}, Policy: pol}, run: ledger.Run{No: 1, Month: month}, asOf: month.Last(),
		people: map[ledger.PersonNo]ledger.Person{}, homes: map[ledger.PersonNo][2]string{}, movers: &Movers{}}
	return f, &duty{year: month.Year(), month: month, prm: pol.At(f.asOf).Params, yearFacts: newYearFacts()}
}

// lives puts a person on the lists from a day on, with claims of the year, settled
// under the policy.
func lives(t *testing.T, f *facts, d *duty, no ledger.PersonNo, home homeOf, cats []rules.Category, since civil.Date, claims ...rules.Claim) {
	t.Helper()
	p := ledger.PersonData{Person: no, Claims: claims}
	for i, c := range cats {
		p.Events = append(p.Events, rules.Event{Ref: int64(i + 1), Op: rules.Add, Category: c, Date: since, County: home.county})
	}
	spells, _ := f.area.Policy.Spells(p.Events)
	windows := f.area.Policy.Windows(spells)
	for i := range claims {
		claims[i].Ref = int64(no)*100 + int64(i)
	}
	rules.SortClaims(claims)
	for i := 0; i < len(claims); {
		j := i
		for ; j < len(claims) && claims[j].At.Date().Year() == claims[i].At.Date().Year(); j++ {
		}
		rs, err := f.area.Policy.SettleYear(spells, windows, claims[i:j], nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range rs {
			p.Results = append(p.Results, ledger.Result{Person: no, Claim: claims[i+k].Ref, Year: claims[i].At.Date().Year(), Due: r, Category: r.Category, Recorded: claims[i+k].Recorded()})
		}
		i = j
	}
	d.homes2[no] = home
	f.people[no] = ledger.Person{No: no, Certno: fmt.Sprintf("99339919800101%04d", no), Name: "某人"}
	if held := rules.Held(spells, f.asOf); held != 0 {
		f.register = append(f.register, registered{Person: no, Held: held})
	}
	watched := slices.ContainsFunc(f.cases, func(c ledger.Case) bool { return c.Person == no })
	d.person(f, &p, home, 0, watched)
}

func stay(id string, day civil.Date, total, scope, basic int64) rules.Claim {
	return rules.Claim{ID: id, At: day.At(), Kind: rules.Inpatient, Total: money.Fen(total * 100), InScope: money.Fen(scope * 100), Basic: money.Fen(basic * 100), Level: 2,
		HospitalCode: "H1", HospitalName: "甲医院", DiseaseName: "肺癌"}
}

// show prints the rows of a sheet, a line each.
func show(t *testing.T, tables []workbook.Table, sheet string) string {
	t.Helper()
	for _, x := range tables {
		if x.Sheet != sheet {
			continue
		}
		var b strings.Builder
		for row := range x.Rows {
			if len(row) > len(x.Columns) {
				t.Fatalf("%s: a row of %d cells under %d columns", sheet, len(row), len(x.Columns))
			}
			for i, c := range row {
				if i > 0 {
					b.WriteString(" | ")
				}
				if c == nil {
					c = "–"
				}
				fmt.Fprint(&b, c)
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	t.Fatalf("no sheet %s", sheet)
	return ""
}

func expect(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
}

func opened(no ledger.PersonNo, level string, day civil.Date, state rules.CaseState, gross, relief money.Fen) ledger.Case {
	c := ledger.Case{Person: no, Level: level}
	c.Year, c.Monitor, c.Name, c.State, c.Line, c.Gross, c.Relief, c.Burden = day.Year(), "m", "高额费用监测", state, 2000_00, gross, relief, gross-relief
	c.Moves = []rules.Move{{To: rules.Watching, Date: day, By: rules.ByClaim}}
	if state == rules.Cleared {
		c.Moves = append(c.Moves, rules.Move{To: rules.Cleared, Date: day.Next(), By: rules.ByRelief})
	}
	return c
}

// Hangzhou, dibao 80 %: of 10,000 in scope the basic insurance paid 5,000, the
// assistance 4,000; the person bears 1,000 and the 2,000 out of scope: 3,000 of
// 12,000, 25 % — above the 20 % of 2023.
func TestIndicators_HZ1(t *testing.T) {
	f, d := yearOf(t, "hangzhou-2022-70", "", 202306)
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230101, stay("A", 20230310, 12000, 10000, 5000))
	tables := masked(t, f.indicatorTables(d, scope{}))
	expect(t, show(t, tables, "指标与目标"), "综合保障率 | 75% | 80% | 不低于 | 未达标", "个人负担率 | 25% | 20% | 不高于 | 未达标", "高额医疗费用化解率 | – | 100% | 不低于 | 不评价")
	detail := show(t, tables, "指标明细")
	expect(t, detail, "全统筹区 | 合计 | 困难群众 | 全部困难群众 | 1 | 1 | 12000.00 | 10000.00 | 9000.00 | 0.00 | 3000.00 | 75% | 25% | 3000.00", "甲县 | 东乡 | 困难群众 | 低保对象 | 1 | 1 |")
	if n := strings.Count(show(t, tables, "指标按月"), "\n"); n != 4 { // March to June
		t.Errorf("%d months, want 4", n)
	}
	// From 2025 on it is 85 % and 15 %.
	f, d = yearOf(t, "hangzhou-2022-70", "", 202501)
	expect(t, show(t, masked(t, f.indicatorTables(d, scope{})), "指标与目标"), "综合保障率 | – | 85% | 不低于 | 不评价", "个人负担率 | – | 15%")
}

// The old: 61 years in March; 6,000 of 10,000 are paid by the basic insurance;
// last year 5,000 of 10,000: up by 10 points. The target of 2023 is 5 points.
func TestElderChild_WZ1(t *testing.T) {
	f, d := yearOf(t, "wenzhou-2022-98", "", 202306)
	p := ledger.PersonData{Person: 7}
	for i, c := range []rules.Claim{stay("B", 20230310, 10000, 10000, 6000), stay("A", 20220310, 10000, 10000, 5000)} {
		c.Ref = int64(i + 1)
		p.Claims = append(p.Claims, c)
		p.Results = append(p.Results, ledger.Result{Person: 7, Claim: c.Ref, Due: rules.Result{Basic: c.Basic, Person: c.Total - c.Basic}})
	}
	d.person(f, &p, homeOf{"甲县", ""}, 19620101, false)
	got := show(t, masked(t, f.indicatorTables(d, scope{})), "指标与目标")
	// 2022 lies before the document, whose ages count for what it is compared with.
	expect(t, got, "“一老一小”综合保障率 | 60%", "“一老一小”综合保障率提升 | 10% | 5% | 不低于 | 达标")
}

func TestHotSpots_HZ15(t *testing.T) {
	f, d := yearOf(t, "hangzhou-2022-70", "", 202306)
	f.disease = []ledger.DiseaseYear{{Name: "肺癌（原发）"}}
	f.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230601, rules.Watching, 5000_00, 0), opened(2, ledger.LevelPerson, 20230501, rules.Cleared, 5000_00, 5000_00)}
	flu := stay("C", 20230401, 500, 500, 100)
	flu.DiseaseName = "流感"
	newer := flu
	newer.At = 20230602000000
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230101, stay("A", 20230520, 12000, 10000, 5000), flu, newer)
	lives(t, f, d, 2, homeOf{"甲县", "西乡"}, []rules.Category{rules.Dibao}, 20230101, stay("B", 20230310, 1000, 1000, 500))
	lives(t, f, d, 3, homeOf{"甲县", "西乡"}, []rules.Category{rules.Dibao}, 20230101, stay("D", 20230310, 9000, 9000, 500)) // not monitored
	tables := masked(t, f.hotTables(d, scope{}))
	// 肺癌: two people, two claims, 13,000; 流感: one person, two claims, 1,000. Of equal
	// frequency the name decides.
	expect(t, show(t, tables, "热点病种"), "肺癌 | 2 | 2 | 2 | 1 | 0 | -1 | 13000.00 | 1 |", "流感 | 1 | 2 | 1 | 0 | 1 | 1 | 1000.00 | 2 |")
	expect(t, show(t, tables, "热点医疗机构"), "H1 | 2 | 4 |")
	got := show(t, masked(t, f.mapTables(d, scope{})), "监测分布")
	// One of one listed in 东乡, new this month; one of two in 西乡, new last month, cleared.
	expect(t, got, "甲县 | 东乡 | 1 | 1 | 100% | 0 | 0 | 0 | 0 | 1 | 1", "甲县 | 西乡 | 2 | 1 | 50% | 0 | 1 | 0 | 1 | 0 | -1")
}

// 2,000 of 12,000 out of scope is 16.67 %; at the other hospital of that level
// 1,000 of 4,000: 25 %. Both together 3,000 of 16,000: 18.75 %.
func TestOwnExpense_HZ17(t *testing.T) {
	f, d := yearOf(t, "hangzhou-2022-70", "", 202304)
	other := stay("B", 20230401, 4000, 3000, 1000)
	other.HospitalCode, other.HospitalName = "H2", "乙医院"
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230101, stay("A", 20230310, 12000, 10000, 5000), other)
	got := show(t, masked(t, f.ownExpense(d, scope{})), "医院自费占比")
	expect(t, got, "乙医院 | 二级 | 1 | 4000.00 | 1000.00 | 25% | 18.75% | 18.75% | 6.25% | – | – | – | 25%", "甲医院 | 二级 | 1 | 12000.00 | 2000.00 | 16.67% | 18.75% | 18.75% | -2.08% | – | – | 16.67% | –")
	if strings.Index(got, "乙医院") > strings.Index(got, "甲医院") {
		t.Error("the highest share comes first")
	}
}

// Kaifeng, level 2: 5 % of 10,000 is 500; 1,500 are out of scope, 1,000 are the
// hospital's, of which 300 are on record.
func TestHospitalShare_KF12(t *testing.T) {
	f, d := yearOf(t, "kaifeng-2022-draft", "", 202304)
	c := stay("A", 20230310, 10000, 8500, 5000)
	c.Hosp = 300_00
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Tekun}, 20230101, c)
	expect(t, show(t, masked(t, f.hospitalShare(d, scope{})), "医院承担汇总"), "H1 | 甲医院 | 二级 | 1 | 1 | 10000.00 | 1500.00 | 500.00 | 1000.00 | 300.00 | 700.00")
}

// tekun 90 %: of 5,000 left in January and February 4,500 each. The mean goes on
// for ten months: 54,000 of the budget of 50,000, used up in December.
func TestBudget_KF14(t *testing.T) {
	f, d := yearOf(t, "kaifeng-2022-draft", "budget: {assistance: {2023-01-01: 50000}}\n", 202302)
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Tekun}, 20230101, stay("A", 20230110, 10000, 10000, 5000), stay("B", 20230210, 10000, 10000, 5000))
	tables := masked(t, f.budgetTables(d, scope{}))
	expect(t, show(t, tables, "全年预测"), "已发生应付 | 9000.00 | 18%", "预测全年 | 54000.00 | 108%", "全年预算 | 50000.00 | – | 预计 2023-12 用完")
	expect(t, show(t, tables, "基金预算执行"), "2023-02 | 已发生 | 4500.00 | 9000.00 | 50000.00 | 18%", "2023-12 | 预测 | 4500.00 | 54000.00 | 50000.00 | 108%")
	f, d = yearOf(t, "kaifeng-2022-draft", "", 202302)
	expect(t, show(t, masked(t, f.budgetTables(d, scope{})), "全年预测"), "预算未配置")
}

// A resident's special claims stop at exactly 1,500 in February, the next gets
// nothing. At 70 %: 2,000 × 70 % − 500 = 900, and 1,000 × 70 % = 700 are missing.
func TestSpecialLimit_WZ2(t *testing.T) {
	special := func(id string, day civil.Date, scope, basic int64) rules.Claim {
		c := stay(id, day, scope, scope, basic)
		c.Kind, c.Insurance = rules.OutpatientSpecial, rules.Residents
		return c
	}
	for overlay, want := range map[string][]string{
		"special_outpatient: {ratio: {residents: 70%}}\n": {"B | 2023-02-01 | 居民医保 | 1500.00 | 1000.00 | 500.00 | 1400.00 | 900.00 |", "C | 2023-03-01 | 居民医保 | 1500.00 | 1500.00 | 0.00 | 700.00 | 700.00 |"},
		"": {"B | 2023-02-01 | 居民医保 | 1500.00 | 1000.00 | 500.00 | – | – | 住院比例未配置，应补金额待核定"},
	} {
		f, d := yearOf(t, "wenzhou-2022-98", overlay, 202306)
		lives(t, f, d, 1, homeOf{"甲县", "东乡"}, nil, 0, special("A", 20230101, 1429, 1000), special("B", 20230201, 2000, 500), special("C", 20230301, 1000, 0))
		expect(t, show(t, masked(t, f.specialLimit(d, scope{})), "门诊特病旧限额"), want...)
	}
}

func TestBurdenCaps_HZ14_WZ8(t *testing.T) {
	f, d := yearOf(t, "hangzhou-2022-70", "burden: {person: 2999.99, household: 5000}\n", 202306)
	for no := range ledger.PersonNo(2) {
		// 3,000 each, as in TestIndicators_HZ1: a fen above the line; 6,000 together.
		lives(t, f, d, no+1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230101, stay("A", 20230310, 12000, 10000, 5000))
	}
	d.houses = map[ledger.PersonNo]money.Fen{1: 6000_00}
	tables := masked(t, f.burdenCaps(d, scope{}))
	expect(t, show(t, tables, "负担封顶测算"), "个人 | 2999.99 | 2 | 2 | 6000.00 | 0.02 | 3000.00", "家庭 | 5000.00 | 1 | 1 | 6000.00 | 1000.00 | 6000.00")
	expect(t, show(t, tables, "超封顶线名单"), "个人 | 993399********0001 |", "家庭 | 993399********0001 | 某* | 甲县 | 东乡 | 6000.00 | 5000.00 | 1000.00")
	f, d = yearOf(t, "wenzhou-2022-98", "", 202306)
	expect(t, show(t, masked(t, f.burdenCaps(d, scope{})), "负担封顶测算"), "封顶线未配置（burden.person）")
}

// Two of three are cleared: 66.67 % of 100 %.
func TestClearance_WZ7_XJ4(t *testing.T) {
	f, d := yearOf(t, "wenzhou-2022-98", "", 202306)
	for no, state := range []rules.CaseState{rules.Cleared, rules.Cleared, rules.Relapsed} {
		p := ledger.PersonNo(no + 1)
		d.homes2[p] = homeOf{"甲县", "东乡"}
		f.people[p] = ledger.Person{Certno: fmt.Sprintf("99339919800101%04d", p), Name: "某人"}
		level := ledger.LevelPerson
		if no == 2 {
			level = ledger.LevelHousehold
		}
		f.cases = append(f.cases, opened(p, level, 20230310, state, 5000_00, 1000_00))
	}
	tables := masked(t, f.clearanceTables(d, scope{}))
	expect(t, show(t, tables, "清零进度"), "甲县 | 东乡 | 高额费用监测 | 3 | 0 | 0 | 2 | 1 | 66.67%")
	if note := tables[0].Notes[0]; !strings.Contains(note, "66.67%，目标 100%，未达标") {
		t.Error(note)
	}
	expect(t, show(t, tables, "监测清零"), "| 家庭 |", "| 个人 |")
}

// Who is not cleared goes to the monitoring platform.
func TestFeedback_XJ8(t *testing.T) {
	f, d := yearOf(t, "xinjiang-2023", "", 202306)
	for no, state := range []rules.CaseState{rules.Cleared, rules.Relapsed} {
		p := ledger.PersonNo(no + 1)
		d.homes2[p] = homeOf{"甲县", "东乡"}
		f.people[p] = ledger.Person{Certno: fmt.Sprintf("99339919800101%04d", p), Name: "某人"}
		f.cases = append(f.cases, opened(p, ledger.LevelHousehold, 20230310, state, 5000_00, 1000_00))
	}
	got := show(t, masked(t, f.feedback(d, scope{})), "负担仍重反馈")
	expect(t, got, "家庭 | 993399********0002 | 某* | 甲县 |", "5000.00 | 1000.00 | 4000.00 | 复发")
	if strings.Count(got, "\n") != 1 {
		t.Errorf("the cleared are not reported:\n%s", got)
	}
}

// Assessment: each target by county, and the cases that are crossed off.
func TestAssessment_WZ11(t *testing.T) {
	f, d := yearOf(t, "wenzhou-2022-98", "assist: {ratio: {dibao: 80%}, cap: {dibao: none}}\n", 202306)
	f.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Cleared, 3000_00, 3000_00)}
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230101, stay("A", 20230310, 12000, 10000, 5000))
	tables := masked(t, f.assessment(d, scope{}))
	expect(t, show(t, tables, "考核指标"), "甲县 | 综合保障率 | 75% | 80% | 不低于 | 未达标", "甲县 | 高额医疗费用化解率 | 100% | 100% | 不低于 | 达标")
	expect(t, show(t, tables, "销号清单"), "| 已销号 | 2023-03-11")
}

// What is still to be paid out is a risk point with a day by which it is to be
// cleared: the end of the next month.
func TestRiskReview_XJ10(t *testing.T) {
	f, d := yearOf(t, "xinjiang-2023", "assist: {ratio: {dibao: 75%}, cap: {dibao: none}}\n", 202306)
	f.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230401, rules.Watching, 3000_00, 0)}
	// 75 % of 5,000 are due, 1,000 on record.
	c := stay("A", 20230310, 10000, 10000, 5000)
	c.Assist = 1000_00
	lives(t, f, d, 1, homeOf{"甲县", "东乡"}, []rules.Category{rules.Dibao}, 20230201, c)
	tables := masked(t, f.riskReview(d, scope{}))
	expect(t, show(t, tables, "风险排查"), "尚未补发 | 1 | 2750.00 | 2023-03-10 | 2023-07-31", "尚未清零的个人和家庭 | 1 | 3000.00 | 2023-04-01 | 2023-07-31")
	expect(t, show(t, tables, "待补发明细"), "| A | 2023-03-10 | 2750.00 | 2023-07-31")
}

// Shenyang, 康平: county hospital 80 % of 10,000 = 8,000, major 70 % of 2,000 = 1,400,
// assistance as recorded 0, supplement 80 % of what is left of 11,000: 1,280.
func TestCountyReport_SY12(t *testing.T) {
	f, d := yearOf(t, "shenyang-2019-78", "", 201906)
	c := stay("A", 20190310, 11000, 10000, 5000)
	c.HospitalCode, c.HospitalName = "", rules.Fold("康平县人民医院")
	lives(t, f, d, 1, homeOf{"康平县", "东乡"}, []rules.Category{rules.Jiandang}, 20190101, c)
	expect(t, show(t, masked(t, f.countyReport(d, scope{})), "分区县报表"), "康平县 | 建档立卡贫困人口 | 1 | 1 | 11000.00 | 8000.00 | 0.00 | 1400.00 | 0.00 | 0.00 | 0.00 | 1280.00 | 0.00 | 320.00 | 97.09%",
		"康平县 | 全部困难群众 | 1 | 1 |")
}
