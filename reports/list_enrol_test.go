package reports

import (
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

const (
	residents = rules.PlanResidents
	employees = rules.PlanEmployees
	hui       = rules.PlanHuiminbao
)

var lankao = homeOf{"兰考县", "城关镇"}

// The premium of 2023 is 380; it was collected until 2022-12-31; tekun in full,
// dibao and fanpin 80.
const kaifeng2023 = "premium: {standard: {2023-01-01: 380}, collection_end: {2023-01-01: 2022-12-31}}\n"

func TestPremium_KF2(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", kaifeng2023, 202306)
	for no, c := range map[ledger.PersonNo]rules.Category{1: rules.Tekun, 2: rules.Dibao, 3: rules.Dibao, 4: rules.Tekun, 6: rules.Fanpin, 7: rules.Dibao, 8: rules.Dibao, 9: rules.Yifanpin, 10: rules.Dibao} {
		b.on(no, lankao, "民政", 20220601, c)
	}
	b.on(5, lankao, "民政", 20230201, rules.Dibao)               // after the collection: nothing that year
	b.insured(1, 2023, residents, "兰考县", 20221103, 0, 380)     // as it should be
	b.insured(2, 2023, residents, "兰考县", 20221103, 380, 0)     // nothing: 80 missing
	b.insured(3, 2023, residents, "410225", 20221103, 330, 50) // 30 missing
	b.insured(4, 2023, residents, "兰考县", 20221103, 100, 280)   // in full, and paid 100 himself
	b.insured(5, 2023, residents, "兰考县", 20230301, 300, 80)    // 80 not due
	b.insured(6, 2022, residents, "兰考县", 20211103, 240, 80)    // last year only
	b.insured(7, 2023, residents, "兰考县", 20221103, 280, 100)   // 20 too much
	b.insured(8, 2023, residents, "兰考县", 20221103, 300, 80)    // here
	b.insured(8, 2023, residents, "杞县", 20221201, 300, 80)     // and there
	b.insured(9, 2023, residents, "兰考县", 20221103, 380, 0)     // to be subsidised, nobody says how much
	b.insured(10, 2023, employees, "兰考县", 20221103, 0, 50)     // employees are not
	b.insured(11, 2023, residents, "兰考县", 20221103, 300, 80)   // on no list
	b.insured(12, 2023, residents, "兰考县", 20221103, 380, 0)    // neither, nor subsidised: nothing to say
	b.insured(13, 2023, residents, "郑州市", 20221103, 380, 0)    // on no list, twice without a subsidy
	b.insured(13, 2023, residents, "兰考县", 20221103, 380, 0)    //
	b.insured(14, 2023, residents, "兰考县", 20230801, 300, 80)   // paid after June: not known
	b.claims[6] = []rules.Claim{{Ref: 1, ID: "A", At: 20230301000000, Total: 10000, InScope: 9000, Basic: 5000}}
	tables := b.made(t, "premium")

	expect(t, show(t, tables, "未参保"), "9933991980010100"+"06 | 某某人 | 兰考县 | 城关镇 | 返贫致贫人口 | 未参保 | 返贫致贫人口：定额 80.00 | 80.00 | 本年有基本医保支付的结算")
	missing := show(t, tables, "应资助未资助")
	expect(t, missing, "0002 |", "应资助未资助 | 居民医保（兰考县，2022-11-03） | 低保对象：定额 80.00 | 80.00 | 0.00 | 80.00 |",
		"少资助 | 居民医保（410225，2022-11-03） | 低保对象：定额 80.00 | 80.00 | 50.00 | 30.00 |",
		"少资助 | 居民医保（兰考县，2022-11-03） | 特困人员：全额 380.00 | 380.00 | 280.00 | 100.00 |",
		"农村易返贫致贫人口：应资助，金额未配置 | – | 0.00 | – |")
	undue := show(t, tables, "不应资助已资助")
	expect(t, undue, "0005 | 某某人 | 兰考县 | 城关镇 | 低保对象 | 不应资助已资助 | 居民医保（兰考县，2023-03-01） |  | – | 80.00 | 80.00 | 低保对象在集中缴费期后认定，当年不资助；缴费日为低保对象",
		"超额资助 | 居民医保（兰考县，2022-11-03） | 低保对象：定额 80.00 |", "80.00 | 100.00 | 20.00", "职工医保（兰考县，2022-11-03）", "0011 | 某某人 | 开封市 |")
	expect(t, show(t, tables, "重复资助"), "0008 |", "80.00 | 160.00 | 80.00 |")
	double := show(t, tables, "重复或异地参保")
	expect(t, double, "0008 |", "0013 |")
	for sheet, n := range map[string]int{"未参保": 1, "应资助未资助": 4, "不应资助已资助": 4, "重复资助": 1, "重复或异地参保": 2, "资助待定": 0} {
		if got := lines(t, tables, sheet); got != n {
			t.Errorf("%s: %d rows, want %d\n%s", sheet, got, n, show(t, tables, sheet))
		}
	}
	// Due: tekun 2 × 380; dibao 2, 3, 7, 8 × 80; fanpin 1 × 80, who is not enrolled;
	// yifanpin 1, of whom the amount is open. 10 is in the employees' insurance: 50 are not
	// due. 5 and 11: 160.
	sums := show(t, tables, "资助汇总")
	expect(t, sums, "特困人员 | 全额 380.00 |  | 2 | 0 | 2 | 0 | 760.00 | 660.00 | 100.00 | 0.00 | 0.00 | 0",
		"低保对象 | 定额 80.00 |  | 4 | 0 | 3 | 0 | 320.00 | 360.00 | 110.00 | 70.00 | 80.00 | 0",
		"返贫致贫人口 | 定额 80.00 |  | 1 | 1 | 0 | 0 | 80.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0",
		"农村易返贫致贫人口 | 应资助，金额未配置 |  | 1 | 0 | 0 | 1 | 0.00 | 0.00 | 0.00 |", "无资助身份 |  |  | 0 | 0 | 0 | 0 | 0.00 | 160.00 | 0.00 | 160.00 | 0.00 | 0")
	expect(t, notes(tables), "依据：开封市实施方案（征求意见稿） 三（一）（KF-2）", "资助标准依据：开封市实施方案（征求意见稿） 三（一）。", "premium.subsidy，按巩固脱贫成果与乡村振兴衔接的政策另定")
}

// Until somebody says when the collection ended, who was recognised in the year
// is neither due nor undue.
func TestPremium_KF2_CollectionUnset(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", "", 202306)
	b.on(5, lankao, "民政", 20230201, rules.Dibao)
	b.on(6, lankao, "民政", 20220201, rules.Dibao)
	b.insured(5, 2023, residents, "兰考县", 20230301, 300, 80)
	b.insured(6, 2023, residents, "兰考县", 20221101, 300, 80)
	tables := b.made(t, "premium")
	expect(t, show(t, tables, "资助待定"), "0005 |", "年内认定，集中缴费期截止日未配置")
	if n := lines(t, tables, "资助待定") + lines(t, tables, "不应资助已资助"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	expect(t, notes(tables), "集中缴费期最后一日（premium.collection_end，集中缴费期由年度缴费文件规定）")
}

// Without an enrolment list nobody is called unenrolled.
func TestPremium_KF2_NoList(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", kaifeng2023, 202306)
	b.on(1, lankao, "民政", 20220601, rules.Tekun)
	b.insured(1, 2022, residents, "兰考县", 20211103, 0, 320)
	for _, name := range []string{"premium", "enrolment_rates", "huiminbao", "risk_enrolment"} {
		tables := b.made(t, name)
		expect(t, notes(tables), "没有 2023 年度的参保名单")
		if n := lines(t, tables, tables[0].Sheet); n != 0 || len(tables) != 1 {
			t.Errorf("%s: %d sheets, %d rows", name, len(tables), n)
		}
	}
	tables := b.made(t, "enrolment_ledger")
	expect(t, show(t, tables, "参保台账"), "特困人员 | 待核实", "没有本年度参保名单")
}

// Shenyang: full; 扶贫办 applies for jiandang, 医保 for tekun and dibao. Double
// enrolment and double subsidy are listed.
func TestPremium_SY2(t *testing.T) {
	b := shelfOf(t, "shenyang-2019-78", "", 201906)
	kangping := homeOf{"康平县", "东乡"}
	b.on(1, kangping, "扶贫办", 20180601, rules.Jiandang)
	b.on(2, kangping, "民政", 20180601, rules.Tekun)
	b.on(3, kangping, "民政", 20180601, rules.Dibao)
	b.on(4, kangping, "扶贫办", 20180601, rules.Jiandang)
	b.insured(1, 2019, residents, "康平县", 20181103, 220, 0)
	b.insured(2, 2019, residents, "康平县", 20181103, 0, 220)
	b.insured(3, 2019, residents, "康平县", 20181103, 100, 120)
	b.insured(4, 2019, residents, "康平县", 20181103, 0, 220)
	b.insured(4, 2019, employees, "沈阳市", 20181203, 0, 100)
	tables := b.made(t, "premium")
	expect(t, show(t, tables, "应资助未资助"), "建档立卡贫困人口：全额（缴费标准未配置） | – | 0.00 | 220.00 | 扶贫办 |", "低保对象：全额（缴费标准未配置） | – | 120.00 | 100.00 | 医保 |")
	expect(t, show(t, tables, "资助汇总"), "特困人员 | 全额（缴费标准未配置） | 医保 | 1 | 0 | 1 | 1 | 0.00 | 220.00 | 0.00 |", "建档立卡贫困人口 | 全额（缴费标准未配置） | 扶贫办 | 2 | 0 | 1 | 2 | 0.00 | 320.00 | 220.00 | 100.00 | 100.00 |")
	expect(t, show(t, tables, "重复或异地参保"), "0004 | 某某人 | 康平县 | 东乡 | 建档立卡贫困人口 | 重复参保 | 居民医保（康平县，2018-11-03）；职工医保（沈阳市，2018-12-03） |")
	expect(t, show(t, tables, "重复资助"), "| 320.00 | 100.00 | 扶贫办 |")
	expect(t, notes(tables), "居民医保个人缴费标准（premium.standard")
}

// Orphans and children in difficulty in full; of the others the amount is left
// to the province.
func TestPremium_WZ3_HZ5(t *testing.T) {
	for id, home := range map[string]homeOf{"wenzhou-2022-98": {"瑞安市", "东乡"}, "hangzhou-2022-70": {"临安区", "东乡"}} {
		b := shelfOf(t, id, "premium: {standard: {2023-01-01: 450}}\n", 202306)
		b.on(1, home, "民政", 20220601, rules.Kunjing)
		b.on(2, home, "民政", 20220601, rules.Dibao)
		b.insured(1, 2023, residents, "", 20221103, 450, 0)
		b.insured(2, 2023, residents, "", 20221103, 450, 0)
		tables := b.made(t, "premium")
		expect(t, show(t, tables, "应资助未资助"), "困境儿童：全额 450.00 |", "| 450.00 | 0.00 | 450.00 |", "低保对象：应资助，金额未配置 |", "| – | 0.00 | – |")
		expect(t, notes(tables), "premium.subsidy")
	}
}

// Xinjiang: yifanpin as dibao, 200; tuopin 100; bianyuan at most as tuopin.
func TestPremium_XJ2(t *testing.T) {
	b := shelfOf(t, "xinjiang-2023", "premium: {subsidy: {dibao: 200, tuopin: 100, bianyuan: 150}}\n", 202306)
	home := homeOf{"叶城县", "东乡"}
	for no, c := range map[ledger.PersonNo]rules.Category{1: rules.Yifanpin, 2: rules.Tuopin, 3: rules.Bianyuan} {
		b.on(no, home, "乡村振兴", 20220601, c)
		b.insured(no, 2023, residents, "叶城县", 20221103, 350, 0)
	}
	tables := b.made(t, "premium")
	expect(t, show(t, tables, "应资助未资助"), "农村易返贫致贫人口：定额 200.00 |", "稳定脱贫人口：定额 100.00 |", "边缘人群：定额 100.00，不高于稳定脱贫人口 |", "| 100.00 | 0.00 | 100.00 |")
}

// Xinjiang, at least 99 %: of 200 people 197 are 98.5 %, one more is 99 %.
func TestEnrolmentRates_XJ1(t *testing.T) {
	b := shelfOf(t, "xinjiang-2023", "", 202306)
	for no := ledger.PersonNo(1); no <= 200; no++ {
		home, cat := homeOf{"甲县", "东乡"}, rules.Tuopin
		if no > 100 {
			home, cat = homeOf{"乙县", "西乡"}, rules.Dibao
		}
		b.on(no, home, "乡村振兴", 20220601, cat)
		if no > 3 {
			b.insured(no, 2023, residents, home.county, 20221103, 350, 0)
		} else {
			b.insured(no, 2022, residents, home.county, 20211103, 350, 0)
		}
	}
	tables := b.made(t, "enrolment_rates")
	expect(t, show(t, tables, "参保率"), "全统筹区 | 全部困难群众 | 200 | 197 | 3 | 3 | 98.5% | 99% | 未达标 |", "甲县 | 稳定脱贫人口 | 100 | 97 | 3 | 3 | 97% | 99% | 未达标 |", "乙县 | 低保对象 | 100 | 100 | 0 | 0 | 100% | 99% | 达标 |")
	missed := show(t, tables, "未达标")
	expect(t, missed, "全统筹区 | 全部困难群众 | 参保率 | 200 | 197 | 98.5% | 99% | 1", "甲县 | 全部困难群众 | 参保率 | 100 | 97 | 97% | 99% | 2")
	if strings.Contains(missed, "乙县") {
		t.Errorf("乙县 reaches the target:\n%s", missed)
	}
	expect(t, notes(tables), "依据：新疆维吾尔自治区医保局等五部门通知（2023年2月9日） 一（XJ-1）")
}

// Kaifeng, Hangzhou, Wenzhou: all of them. One of two is enrolled and subsidised;
// the other is a latent-risk person, who is not among all the listed.
func TestEnrolmentRates_KF2_HZ1_WZ1(t *testing.T) {
	for _, id := range []string{"kaifeng-2022-draft", "hangzhou-2022-70", "wenzhou-2022-98"} {
		b := shelfOf(t, id, "", 202306)
		b.on(1, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Tekun)
		b.on(2, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Fengxian)
		b.insured(1, 2023, residents, "", 20221103, 0, 380)
		b.insured(1, 2023, hui, "", 20221103, 100, 0)
		tables := b.made(t, "enrolment_rates")
		row := "甲县 | 全部困难群众 | 1 | 1 | 0 | 0 | 100% | 100% | 达标 | 1 | 1 | 0 | 0 | 100% | "
		got := show(t, tables, "参保率")
		if id == "kaifeng-2022-draft" {
			// The document sets no target for the subsidy, and knows no latent-risk people.
			expect(t, got, row+"– | – | 1 | 100%")
			continue
		}
		expect(t, got, row+"100% | 达标 | 1 | 100%", "甲县 | 因病致贫返贫风险潜在对象 | 1 | 0 | 1 | 0 | 0% | 100% | 未达标 |")
		expect(t, show(t, tables, "未达标"), "甲县 | 因病致贫返贫风险潜在对象 | 参保率 | 1 | 0 | 0% | 100% | 1")
	}
}

// Who is enrolled, who is not, and of whom it is not known: somebody on no list
// had a claim paid by a basic insurance.
func TestEnrolmentLedger_SY11_XJ1(t *testing.T) {
	for id, year := range map[string]int{"shenyang-2019-78": 2019, "xinjiang-2023": 2023} {
		b := shelfOf(t, id, "", 0)
		b.month = monthIn(year, 6)
		for no := ledger.PersonNo(1); no <= 4; no++ {
			b.on(no, homeOf{"康平县", "东乡"}, "民政", dayIn(year-1, 601), rules.Dibao)
		}
		b.insured(1, year, residents, "康平县", dayIn(year-1, 1103), 0, 220)
		b.insured(2, year-1, residents, "康平县", dayIn(year-2, 1103), 0, 180)
		b.claims[3] = []rules.Claim{{Ref: 1, ID: "A", At: dayIn(year, 301).At(), Total: 10000, InScope: 9000, Basic: 5000}}
		tables := b.made(t, "enrolment_ledger")
		expect(t, show(t, tables, "参保台账汇总"), "全统筹区 | 全部困难群众 | 4 | 1 | 2 | 1 | 1 | 25%", "康平县 | 低保对象 | 4 | 1 | 2 | 1 | 1 | 25%")
		expect(t, show(t, tables, "参保台账"), "| 低保对象 | 已参保 | 居民医保（康平县，"+dayIn(year-1, 1103).String()+"） | 0.00 | 220.00 |", "上年参保，本年中断", "不在参保名单，但本年有基本医保支付的结算")
	}
}

// Hangzhou: latent-risk people are watched for their enrolment.
func TestRiskEnrolment_HZ3(t *testing.T) {
	b := shelfOf(t, "hangzhou-2022-70", "", 202306)
	home := homeOf{"临安区", "东乡"}
	for no := ledger.PersonNo(1); no <= 4; no++ {
		b.on(no, home, "农业农村", 20221001, rules.Fengxian)
	}
	b.on(4, home, "民政", 20230101, rules.Dibian)
	b.off(3, "农业农村", 20230501, rules.Fengxian) // no longer in the library
	b.insured(1, 2023, residents, "", 20221103, 450, 0)
	b.insured(2, 2022, residents, "", 20211103, 450, 0)
	b.insured(3, 2022, residents, "", 20211103, 450, 0)
	tables := b.made(t, "risk_enrolment")
	got := show(t, tables, "风险对象未参保")
	expect(t, got, "0002 | 某某人 | 临安区 | 东乡 | 中断参保 | 农业农村 | 2022-10-01 | 因病致贫返贫风险潜在对象 | 是 |", "0004 | 某某人 | 临安区 | 东乡 | 未参保 | 农业农村 | 2022-10-01 | 低保边缘家庭成员、因病致贫返贫风险潜在对象 | 否 |")
	if n := lines(t, tables, "风险对象未参保"); n != 2 {
		t.Errorf("%d rows:\n%s", n, got)
	}
	expect(t, show(t, tables, "风险对象参保汇总"), "临安区 | 3 | 1 | 2 | 1 | 33.33%")
	expect(t, notes(tables), "HZ-3", "参保率目标 100%")
}

// Wenzhou: the library with source, date and state; the burden of the year; what
// stands out.
func TestRiskLibrary_WZ6(t *testing.T) {
	b := shelfOf(t, "wenzhou-2022-98", "burden: {person: 3000}\n", 202306)
	home := homeOf{"瑞安市", "东乡"}
	b.on(1, home, "农业农村", 20230201, rules.Fengxian)
	b.on(2, home, "民政", 20230301, rules.Fengxian)
	b.off(2, "民政", 20230510, rules.Fengxian)
	b.on(2, home, "民政", 20230510, rules.Dibao)
	b.on(3, home, "残联", 20220301, rules.Fengxian)
	b.off(3, "残联", 20221101, rules.Fengxian) // left last year: not listed
	b.put(ledger.Event{Person: b.person(4, 19900101), Op: rules.Add, Category: rules.Fengxian, Date: 20230101, Expiry: 20230331, Dept: "总工会", County: "瑞安市", Township: "东乡"})
	b.insured(2, 2023, residents, "", 20221103, 0, 450)
	// 5,000 of 12,000 paid: 7,000 are the person's.
	b.claims[1] = []rules.Claim{{Ref: 1, ID: "A", At: 20230310000000, Kind: rules.Inpatient, Level: 2, Total: 12000_00, InScope: 10000_00, Basic: 5000_00}}
	b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 7000_00, 0)}
	tables := b.made(t, "risk_library")
	got := show(t, tables, "风险对象库")
	expect(t, got, "0001 | 某某人 | 瑞安市 | 东乡 | 在库 | 农业农村 | 2023-02-01 | – |  | 7000.00 | 0.00 | 7000.00 | 未参保；高额费用监测：监测；负担超过封顶线",
		"0002 | 某某人 | 瑞安市 | 东乡 | 已出库 | 民政 | 2023-03-01 | 2023-05-10 | 转为低保对象 | 0.00 | 0.00 | 0.00 | 已是低保对象",
		"0004 | 某某人 | 瑞安市 | 东乡 | 已出库 | 总工会 | 2023-01-01 | 2023-04-01 | 证件或期限到期 |")
	if n := lines(t, tables, "风险对象库"); n != 3 {
		t.Errorf("%d rows:\n%s", n, got)
	}
	expect(t, show(t, tables, "风险对象库汇总"), "瑞安市 | 农业农村 | 1 | 0 | 1 | 7000.00 | 7000.00", "瑞安市 | 民政 | 0 | 1 | 0 | 0.00 | –")
}

// Hangzhou: tekun, dibao and dibian as the government subsidises the basic
// insurance they are in, at most the premium.
func TestHuiminbao_HZ13(t *testing.T) {
	b := shelfOf(t, "hangzhou-2022-70", "huiminbao: {subsidy: {residents: 120, employees: 100}}\n", 202306)
	home := homeOf{"临安区", "东乡"}
	for no := ledger.PersonNo(1); no <= 5; no++ {
		b.on(no, home, "民政", 20221001, rules.Dibao)
		b.insured(no, 2023, residents, "", 20221103, 450, 0)
	}
	b.on(6, home, "残联", 20221001, rules.Canji)
	b.insured(6, 2023, residents, "", 20221103, 450, 0)
	b.insured(1, 2023, hui, "", 20221103, 150, 0)  // 120 missing
	b.insured(2, 2023, hui, "", 20221103, 50, 100) // 20
	b.insured(3, 2023, hui, "", 20221103, 30, 120) // nothing
	b.insured(4, 2023, hui, "", 20221103, 99, 0)   // the premium is 99
	b.insured(6, 2023, hui, "", 20221103, 150, 0)  // not due
	tables := b.made(t, "huiminbao")
	got := show(t, tables, "惠民保补助")
	expect(t, got, "0001 | 某某人 | 临安区 | 东乡 | 低保对象 | 居民医保 | 惠民保应资助未资助 | 120.00 | 0.00 | 120.00", "惠民保少资助 | 120.00 | 100.00 | 20.00", "惠民保应资助未资助 | 99.00 | 0.00 | 99.00")
	if lines(t, tables, "惠民保补助") != 3 || lines(t, tables, "未参加惠民保") != 1 {
		t.Error(got, show(t, tables, "未参加惠民保"))
	}
	expect(t, show(t, tables, "未参加惠民保"), "0005 | 某某人 | 临安区 | 东乡 | 低保对象 | 居民医保")
	expect(t, show(t, tables, "惠民保参保率"), "全统筹区 | 全体参保人 | 6 | 5 | 83.33% | – | –", "临安区 | 低保对象 | 5 | 4 | 80% |")
	// The amount is not configured: the missing subsidy is listed without one.
	b.area = shelfOf(t, "hangzhou-2022-70", "", 202306).area
	tables = b.made(t, "huiminbao")
	expect(t, show(t, tables, "惠民保补助"), "惠民保应资助未资助 | – | 0.00 | –")
	expect(t, notes(tables), "惠民保资助标准（huiminbao.subsidy")
}

// Wenzhou: at least half of all who are insured, also those on no list.
func TestHuiminbao_WZ9(t *testing.T) {
	b := shelfOf(t, "wenzhou-2022-98", "", 202306)
	b.on(1, homeOf{"瑞安市", "东乡"}, "民政", 20221001, rules.Dibao)
	for no := ledger.PersonNo(1); no <= 5; no++ {
		b.insured(no, 2023, residents, "", 20221103, 450, 0)
	}
	b.insured(1, 2023, hui, "", 20221103, 150, 0)
	b.insured(2, 2023, hui, "", 20221103, 150, 0)
	b.insured(9, 2023, hui, "", 20221103, 150, 0) // in no basic insurance
	tables := b.made(t, "huiminbao")
	expect(t, show(t, tables, "惠民保参保率"), "全统筹区 | 全体参保人 | 5 | 2 | 40% | 50% | 未达标", "瑞安市 | 低保对象 | 1 | 1 | 100% |")
	expect(t, notes(tables), "WZ-9", "资助参加惠民保的类别（huiminbao.categories")
}

// Kaifeng: dibian had not applied; with an application required nothing would be
// paid: 65 % of 8,000 − 2,000 are 3,900.
func TestApplications_KF11(t *testing.T) {
	claim := func(ref int64) rules.Claim {
		return rules.Claim{Ref: ref, ID: "A", At: 20230310000000, Kind: rules.Inpatient, Level: 2, Total: 15000_00, InScope: 14500_00, Basic: 6500_00}
	}
	for _, required := range []bool{false, true} {
		overlay := ""
		if required {
			overlay = "assist: {application_required: true}\n"
		}
		b := shelfOf(t, "kaifeng-2022-draft", overlay, 202306)
		b.on(1, lankao, "民政", 20230101, rules.Dibian)
		b.on(2, lankao, "民政", 20230101, rules.Dibian, rules.Dibao)                                                                                                  // directly
		b.put(ledger.Event{Person: b.person(3, 19800101), Op: rules.Add, Category: rules.Yifanpin, Date: 20230101, Applied: 20230201, Dept: "乡村振兴", County: "兰考县"}) // applied
		b.put(ledger.Event{Person: b.person(4, 19800101), Op: rules.Add, Category: rules.Zhongbing, Date: 20230101, Applied: 20230401, Dept: "民政", County: "兰考县"})  // too late
		b.on(5, lankao, "民政", 20230101, rules.Dibian)                                                                                                               // without a claim
		for no := ledger.PersonNo(1); no <= 4; no++ {
			b.claims[no] = []rules.Claim{claim(int64(no))}
		}
		tables := b.made(t, "applications")
		got := show(t, tables, "待申请救助")
		// zhongbing: 65 % of 8,000 − 5,000.
		expect(t, got, "0001 | 某某人 | 兰考县 | 城关镇 | 低保边缘家庭成员 | 2023-01-01 | – | 2023-03-10 | 1 | 15000.00 | 3900.00 | 0.00 | 3900.00",
			"0004 | 某某人 | 兰考县 |  | 因病致贫重病患者 | 2023-01-01 | 2023-04-01 | 2023-03-10 | 1 | 15000.00 | 1950.00 | 0.00 | 1950.00")
		if n := lines(t, tables, "待申请救助"); n != 2 {
			t.Errorf("%d rows:\n%s", n, got)
		}
		want := "现在不以申请为前提"
		if required {
			want = "现在以申请为前提"
		}
		expect(t, notes(tables), want, "KF-11")
	}
	b := shelfOf(t, "hangzhou-2022-70", "", 202306)
	expect(t, notes(b.made(t, "applications")), "没有要求编制这份清单", "没有规定依申请救助的类别")
}

// Enrolment and premiums are risk points, targets of the assessment and of the
// indicators too.
func TestEnrolment_XJ10_WZ11_WZ1(t *testing.T) {
	home := homeOf{"甲县", "东乡"}
	for _, id := range []string{"xinjiang-2023", "wenzhou-2022-98"} {
		b := shelfOf(t, id, "premium: {subsidy: {dibao: 200}}\n", 202306)
		for no := ledger.PersonNo(1); no <= 4; no++ {
			b.on(no, home, "民政", 20220601, rules.Dibao)
		}
		b.insured(1, 2023, residents, "甲县", 20221103, 350, 0)   // 200 missing
		b.insured(2, 2023, residents, "甲县", 20221103, 100, 250) // 50 too much
		b.insured(3, 2023, residents, "甲县", 20221103, 150, 200)
		b.claims[1] = []rules.Claim{{Ref: 1, ID: "A", At: 20230310000000, Kind: rules.Inpatient, Level: 2, Total: 1000_00, InScope: 1000_00, Basic: 500_00}}
		if id == "xinjiang-2023" {
			expect(t, show(t, b.made(t, "risk_review"), "风险排查"), "参保 | 困难群众未参保、中断参保 | 1 | – | – | 2023-07-31", "资助参保 | 应资助未资助、少资助（金额为已知部分） | 1 | 200.00 | – | 2023-07-31",
				"资助参保 | 不应资助已资助、超额资助、重复资助 | 1 | 50.00 | – | 2023-07-31", "参保 | 重复参保、异地参保 | 0 | – | – | –")
			continue
		}
		// 4 would be subsidised, too, if enrolled: two of four.
		expect(t, show(t, b.made(t, "assessment"), "考核指标"), "甲县 | 参保率 | 75% | 100% | 不低于 | 未达标", "甲县 | 资助参保率 | 50% | 100% | 不低于 | 未达标")
		expect(t, show(t, b.made(t, "indicators"), "指标与目标"), "参保率 | 75% | 100% | 不低于 | 未达标", "资助参保率 | 50% | 100% | 不低于 | 未达标")
	}
}
