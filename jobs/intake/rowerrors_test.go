package intake

import (
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// TestRowErrors makes every code of a row, each by one bad row between two good
// ones, and looks at the cell that is blamed. Every code that the package knows
// must be made here.
func TestRowErrors(t *testing.T) {
	wrongCheck := func(n int) string {
		id := testID(19700102, n)
		if id[17] == '5' {
			return id[:17] + "6"
		}
		return id[:17] + "5"
	}
	type cells = map[string]any
	made := map[string]bool{}
	run := func(name string, head []any, line func(int) []any, base []any, cells cells, want ...string) {
		t.Run(name, func(t *testing.T) {
			rows := [][]any{head, line(1), change(base, cells), line(2)}
			m := newMemory()
			p, _ := m.Person(testID(19700102, 3))
			m.claims = append(m.claims, ledger.Claim{Claim: rules.Claim{ID: "S99"}, Area: "410200", Person: p})
			f, rep := take(t, m, putBook(t, table{"表", rows}), testOptions(t))
			wantTotals(t, f, 3, 2, 0, 1, 0)
			for i := range want {
				made[strings.Fields(want[i])[0]] = true
				want[i] += "3"
			}
			wantErrors(t, rep, want...)
			for _, e := range rep.Errors {
				if e.Sheet != "表" || e.Field != head[columnOf(e.Column)] {
					t.Errorf("sheet %s, column %s (%s)", e.Sheet, e.Column, e.Field)
				}
			}
		})
	}
	roster := func(name string, c cells, want ...string) {
		run("roster/"+name, rosterHead, rosterLine, rosterLine(3), c, want...)
	}
	claims := func(name string, c cells, want ...string) {
		run("claims/"+name, claimsHead, claimLine, claimLine(3), c, want...)
	}
	refund := func(name string, c cells, want ...string) {
		run("refund/"+name, claimsHead, claimLine, refundLine(3), c, want...)
	}
	relief := func(name string, c cells, want ...string) {
		run("relief/"+name, reliefHead, reliefLine, reliefLine(3), c, want...)
	}

	of := func(k Kind) func(string, cells, ...string) {
		return func(name string, c cells, want ...string) {
			run(string(k)+"/"+name, heads[k], lines[k], lines[k](3), c, want...)
		}
	}
	enrolment, contributions, births, items, transfers := of(Enrolment), of(Contributions), of(Births), of(Items), of(Transfers)

	roster("ID as number", cells{"D": 9.90001197001e17}, "E-ID-NUMERIC D")
	roster("no ID", cells{"D": nil}, "E-ID-MISSING D")
	roster("short ID", cells{"D": "99000119700102"}, "E-ID-FORMAT D")
	roster("ID of no day", cells{"D": testID(19700230, 3)}, "E-ID-DATE D")
	roster("wrong check character", cells{"D": wrongCheck(3)}, "E-ID-CHECKSUM D")
	roster("wrong head", cells{"I": wrongCheck(4)}, "E-ID-CHECKSUM I")
	roster("head in words", cells{"I": testNames[2]}, "E-ID-FORMAT I")
	roster("no op", cells{"B": nil}, "E-OP-MISSING B")
	roster("unknown op", cells{"B": "更新"}, "E-OP B")
	roster("no category", cells{"E": nil}, "E-CATEGORY-MISSING E")
	roster("a dash for a category", cells{"E": "/"}, "E-CATEGORY-MISSING E")
	roster("unknown category", cells{"E": "低保,甲类"}, "E-CATEGORY E")
	roster("支出型困难", cells{"E": "支出型困难"}, "E-CATEGORY-EXPENDITURE E")
	roster("impossible date", cells{"G": "2024-02-30"}, "E-DATE G")
	roster("serial number", cells{"G": 45300}, "E-DATE G")
	roster("January or October", cells{"G": 2023.1}, "E-DATE G")
	roster("future date", cells{"G": "2024-03-16"}, "E-DATE-FUTURE G")
	roster("no start", cells{"G": nil}, "E-DATE-MISSING G")
	roster("change without a date", cells{"B": "变更", "G": nil}, "E-DATE-MISSING G")
	roster("removal without end", cells{"B": "退出"}, "E-DATE-MISSING H")
	roster("end before start", cells{"H": "2023-12-31"}, "E-DATE-ORDER H")
	roster("removal before start", cells{"B": "退出", "H": "2023-12-31"}, "E-DATE-ORDER H")
	roster("end on the day of the start", cells{"H": "2024-01-04"}, "E-DATE-ORDER H")
	roster("certificate run out before", cells{"K": "2023-12-31"}, "E-DATE-ORDER K")
	roster("bad expiry", cells{"K": "2030-13-01"}, "E-DATE K")
	roster("bad level", cells{"J": "重"}, "E-LEVEL J")
	roster("no level", cells{"E": "低保,残疾"}, "E-LEVEL-MISSING J")
	roster("bad level of a disabled person", cells{"E": "残疾", "J": "重"}, "E-LEVEL J")
	roster("level against the category", cells{"E": "重残", "J": "三级"}, "E-LEVEL J")
	roster("formula", cells{"D": formula("A1&A2")}, "E-FORMULA D")
	roster("two formulas and a bad date", cells{"I": formula("A1"), "D": formula("A1"), "G": "x"}, "E-FORMULA D", "E-FORMULA I", "E-DATE G")
	roster("every cell", cells{"B": "x", "D": "x", "E": "x", "G": "x", "H": "x", "I": "x", "J": "x", "K": "x"},
		"E-ID-FORMAT D", "E-OP B", "E-CATEGORY E", "E-DATE G", "E-DATE H", "E-DATE K", "E-LEVEL J", "E-ID-FORMAT I")
	roster("shifted to the left", cells{"A": "新增", "B": testNames[0], "C": testID(19700102, 3), "D": "低保", "E": "因病", "F": "2024-01-01", "G": nil},
		"E-ID-FORMAT D", "E-OP B", "E-CATEGORY E")
	roster("shifted to the right", cells{"B": nil, "C": "新增", "D": testNames[0], "E": testID(19700102, 3), "G": testNames[1], "H": testID(19400102, 3)},
		"E-ID-FORMAT D", "E-OP-MISSING B", "E-CATEGORY E", "E-DATE G", "E-DATE H")
	roster("the name in another cell", cells{"E": testNames[1], "B": "新增" + testNames[1]}, "E-OP B", "E-CATEGORY E")

	claims("ID", cells{"B": wrongCheck(3)}, "E-ID-CHECKSUM B")
	claims("no setl_id", cells{"A": nil}, "E-SETL-ID A")
	claims("rounded setl_id", cells{"A": "3.30E+17"}, "E-SETL-ID A")
	claims("long numeric setl_id", cells{"A": 9.90001197001e17}, "E-SETL-ID A")
	claims("conflict", cells{"A": "S1"}, "E-CLAIM-CONFLICT A")
	claims("of another area", cells{"A": "S99"}, "E-CLAIM-AREA A")
	claims("no time", cells{"M": nil}, "E-DATE-MISSING M")
	claims("bad time", cells{"M": "2024-01-08 25:00:00"}, "E-DATE M")
	claims("future time", cells{"M": "2024-03-16 00:00:01"}, "E-DATE-FUTURE M")
	claims("future end", cells{"L": "2024-05-01"}, "E-DATE-FUTURE L")
	claims("end before begin", cells{"L": "2023-12-31"}, "E-DATE-ORDER L")
	claims("no total", cells{"N": nil}, "E-AMOUNT-MISSING N")
	claims("no scope", cells{"O": nil}, "E-AMOUNT-MISSING O")
	claims("words", cells{"U": "约五十"}, "E-AMOUNT U")
	claims("three decimals", cells{"S": 30.125}, "E-AMOUNT S")
	claims("negative", cells{"U": -50}, "E-AMOUNT-NEGATIVE U")
	claims("negative in a sum", cells{"R": -2}, "E-AMOUNT-NEGATIVE R")
	claims("all negative", cells{"N": -1003, "O": -800, "P": -400, "Q": nil, "R": nil, "S": nil, "T": nil, "U": nil, "V": nil},
		"E-AMOUNT-NEGATIVE N", "E-AMOUNT-NEGATIVE O", "E-AMOUNT-NEGATIVE P")
	claims("scope above total", cells{"O": 1003.01}, "E-AMOUNT-SCOPE O")
	claims("sum above total", cells{"P": 877.01}, "E-AMOUNT-SUM N")
	claims("no med_type", cells{"E": nil}, "E-CODE-MEDTYPE E")
	claims("unknown med_type", cells{"E": "99"}, "E-CODE-MEDTYPE E")
	claims("broken med_type", cells{"E": 21.5}, "E-CODE-MEDTYPE E")
	claims("unknown hosp_lv", cells{"J": "77"}, "E-CODE-HOSPLV J")
	claims("a level or a code", cells{"J": "2"}, "E-CODE-HOSPLV J")
	claims("unknown insutype", cells{"D": "999"}, "E-CODE-INSUTYPE D")
	claims("unknown pay_loc", cells{"Z": "9"}, "E-CODE-PAYLOC Z")
	claims("referral without a place", cells{"Z": nil, "AA": "1"}, "E-PAYLOC-MISSING Z")
	claims("no referral without a place", cells{"Z": nil, "AA": "0"}, "E-PAYLOC-MISSING Z")
	claims("no referral elsewhere", cells{"Z": "4"}, "E-REFERRAL-MISSING AA")
	claims("unknown referral", cells{"Z": "3", "AA": "2"}, "E-CODE-REFERRAL AA")
	claims("unknown in_province", cells{"Z": "3", "AA": "1", "AB": "浙江"}, "E-CODE-PROVINCE AB")
	claims("here and outside the province", cells{"AA": "1", "AB": "0"}, "E-CODE-PROVINCE AB")
	claims("unknown refund flag", cells{"X": "9"}, "E-CODE-REFUND X")
	claims("minus one is no flag", cells{"X": "-1"}, "E-CODE-REFUND X")
	claims("formula", cells{"N": formula("1+1")}, "E-FORMULA N")
	claims("the ID as a referral", cells{"Z": "4", "AA": testID(19700102, 3)}, "E-CODE-REFERRAL AA")
	claims("the ID as an amount", cells{"U": testID(19700102, 3)}, "E-AMOUNT U")
	claims("the ID in two parts as a date", cells{"K": "990001 19700102 0031"}, "E-DATE K")
	claims("the name as a code", cells{"E": testNames[1]}, "E-CODE-MEDTYPE E")
	claims("the ID as everything", cells{"D": testID(19700102, 3), "E": testID(19700102, 3), "J": testID(19700102, 3), "X": testID(19700102, 3), "Z": testID(19700102, 3)},
		"E-CODE-MEDTYPE E", "E-CODE-HOSPLV J", "E-CODE-INSUTYPE D", "E-CODE-PAYLOC Z", "E-CODE-REFUND X")

	refund("no original", cells{"Y": nil}, "E-REFUND-ORIGINAL Y")
	refund("rounded original", cells{"Y": "3.30E+17"}, "E-REFUND-ORIGINAL Y")
	refund("positive", cells{"N": 1003}, "E-REFUND-SIGN N")
	refund("positive part", cells{"V": 3}, "E-REFUND-SIGN V")
	refund("scope above total", cells{"O": -1004}, "E-AMOUNT-SCOPE O")

	relief("ID", cells{"A": nil}, "E-ID-MISSING A")
	relief("no date", cells{"C": nil}, "E-DATE-MISSING C")
	relief("bad date", cells{"C": "二月"}, "E-DATE C")
	relief("future date", cells{"C": "2024-04-01"}, "E-DATE-FUTURE C")
	relief("no source", cells{"D": nil}, "E-RELIEF-SOURCE D")
	relief("unknown source", cells{"D": "亲友"}, "E-RELIEF-SOURCE D")
	relief("the name as source", cells{"D": testNames[1]}, "E-RELIEF-SOURCE D")
	relief("no amount", cells{"E": nil}, "E-AMOUNT-MISSING E")
	relief("bad amount", cells{"E": "五百"}, "E-AMOUNT E")
	relief("negative amount", cells{"E": -500}, "E-AMOUNT-NEGATIVE E")

	roster("bad day of application", cells{"O": "2024-02-30"}, "E-DATE O")
	roster("application to come", cells{"O": "2024-03-16"}, "E-DATE-FUTURE O")
	roster("application of one who leaves", cells{"B": "退出", "H": "2024-02-01", "O": "去年"}, "E-DATE O")

	enrolment("ID", cells{"A": 9.90001197001e17}, "E-ID-NUMERIC A")
	enrolment("no year", cells{"C": nil}, "E-YEAR C")
	enrolment("a year in words", cells{"C": "今年"}, "E-YEAR C")
	enrolment("a year of two digits", cells{"C": "24"}, "E-YEAR C")
	enrolment("a date for a year", cells{"C": "2024-01-01"}, "E-YEAR C")
	enrolment("half a year", cells{"C": 2024.5}, "E-YEAR C")
	enrolment("a year before all", cells{"C": "1999"}, "E-YEAR C")
	enrolment("the year after the next", cells{"C": 2026}, "E-YEAR C")
	enrolment("no insurance", cells{"D": nil}, "E-CODE-INSUTYPE D")
	enrolment("unknown insurance", cells{"D": "999"}, "E-CODE-INSUTYPE D")
	enrolment("a pension", cells{"D": "城乡居民基本养老保险"}, "E-CODE-INSUTYPE D")
	enrolment("major illness insurance", cells{"D": "城乡居民大病医疗保险"}, "E-CODE-INSUTYPE D")
	enrolment("a union's mutual aid", cells{"D": "职工医疗互助"}, "E-CODE-INSUTYPE D")
	enrolment("bad date", cells{"F": "去年"}, "E-DATE F")
	enrolment("paid in the future", cells{"F": "2024-03-16"}, "E-DATE-FUTURE F")
	enrolment("words", cells{"G": "全免"}, "E-AMOUNT G")
	enrolment("negative", cells{"G": -1}, "E-AMOUNT-NEGATIVE G")
	enrolment("negative subsidy", cells{"H": "-280"}, "E-AMOUNT-NEGATIVE H")
	enrolment("negative and the sum is not", cells{"G": 300, "H": -1}, "E-AMOUNT-NEGATIVE H")
	enrolment("formula", cells{"H": formula("1+1")}, "E-FORMULA H")
	enrolment("the name as insurance", cells{"D": testNames[1]}, "E-CODE-INSUTYPE D")
	enrolment("shifted to the right", cells{"A": nil, "B": testID(19700102, 3), "C": testNames[1], "D": "2024", "E": "390"}, "E-ID-MISSING A", "E-YEAR C", "E-CODE-INSUTYPE D")

	contributions("ID", cells{"A": nil}, "E-ID-MISSING A")
	contributions("no month", cells{"C": nil}, "E-DATE-MISSING C")
	contributions("nothing but a mark", cells{"C": "\u200b"}, "E-DATE-MISSING C")
	contributions("bad month", cells{"C": "五月"}, "E-DATE C")
	contributions("month 13", cells{"C": "202313"}, "E-DATE C")
	contributions("month 0", cells{"C": 202300}, "E-DATE C")
	contributions("January or October", cells{"C": 2023.1}, "E-DATE C")
	contributions("the next month", cells{"C": "2024-04"}, "E-DATE-FUTURE C")
	contributions("no end", cells{"C": nil, "D": "2023-01"}, "E-DATE-MISSING E")
	contributions("no beginning", cells{"C": nil, "E": "2023-01"}, "E-DATE-MISSING D")
	contributions("bad end", cells{"C": nil, "D": "2023-01", "E": "年底"}, "E-DATE E")
	contributions("end before beginning", cells{"C": nil, "D": "2023-05", "E": "2023-04"}, "E-DATE-ORDER E")
	contributions("end before beginning in one cell", cells{"C": "202305-202304"}, "E-DATE-ORDER C")
	contributions("25 months", cells{"C": nil, "D": "2022-01", "E": "2024-01"}, "E-PERIOD E")
	contributions("25 months in one cell", cells{"C": "2022年1月至2024年1月"}, "E-PERIOD C")
	contributions("a month against the period", cells{"C": "2023-05", "D": "2023-04", "E": "2023-05"}, "E-PERIOD C")
	contributions("half a period in one cell", cells{"C": "2023年1月至12月"}, "E-DATE C")
	contributions("no base", cells{"F": nil}, "E-AMOUNT-MISSING F")
	contributions("bad base", cells{"F": "最低档"}, "E-AMOUNT F")
	contributions("negative base", cells{"F": -4500}, "E-AMOUNT-NEGATIVE F")
	contributions("negative payment", cells{"G": -45}, "E-AMOUNT-NEGATIVE G")
	contributions("unknown status", cells{"H": "学生"}, "E-INSURED H")
	contributions("the name as status", cells{"H": testNames[1]}, "E-INSURED H")
	contributions("every cell", cells{"A": "x", "C": "x", "F": "x", "G": "x", "H": "x"}, "E-ID-FORMAT A", "E-DATE C", "E-AMOUNT F", "E-AMOUNT G", "E-INSURED H")

	births("ID", cells{"A": wrongCheck(3)}, "E-ID-CHECKSUM A")
	births("no date", cells{"C": nil}, "E-DATE-MISSING C")
	births("bad date", cells{"C": "2024-02-30"}, "E-DATE C")
	births("a birth to come", cells{"C": "2024-03-16"}, "E-DATE-FUTURE C")
	births("no days", cells{"D": nil}, "E-DAYS D")
	births("no day", cells{"D": 0}, "E-DAYS D")
	births("more than a year", cells{"D": 367}, "E-DAYS D")
	births("half a day", cells{"D": 98.5}, "E-DAYS D")
	births("words", cells{"D": "三个月"}, "E-DAYS D")
	births("minus", cells{"D": "-98"}, "E-DAYS D")

	items("no setl_id", cells{"A": nil}, "E-SETL-ID A")
	items("rounded setl_id", cells{"A": "3.30E+17"}, "E-SETL-ID A")
	items("ID", cells{"B": "99000120200102"}, "E-ID-FORMAT B")
	items("no class", cells{"F": nil}, "E-CLASS F")
	items("bad date", cells{"G": "x"}, "E-DATE G")
	items("future date", cells{"G": "2024-03-16 08:00:00"}, "E-DATE-FUTURE G")
	items("no price", cells{"H": nil}, "E-AMOUNT-MISSING H")
	items("negative price", cells{"H": -130}, "E-AMOUNT-NEGATIVE H")
	items("three decimals", cells{"H": "130.125"}, "E-AMOUNT H")
	items("no base price", cells{"I": nil}, "E-AMOUNT-MISSING I")
	items("a base price of nothing", cells{"I": 0}, "E-AMOUNT-MISSING I")
	items("a dash for a base price", cells{"I": "-"}, "E-AMOUNT-MISSING I")
	items("negative base price", cells{"I": -100}, "E-AMOUNT-NEGATIVE I")
	items("a unit in the quantity", cells{"J": "2次"}, "E-QUANTITY J")
	items("four decimals", cells{"J": "0.1234"}, "E-QUANTITY J")
	items("too many", cells{"J": 1000001}, "E-QUANTITY J")
	items("too long", cells{"J": strings.Repeat("1", 50)}, "E-QUANTITY J")
	items("taken back, but paid", cells{"J": -2}, "E-QUANTITY J")
	items("used, but taken back", cells{"K": -260}, "E-AMOUNT-NEGATIVE K")
	items("words", cells{"K": "免"}, "E-AMOUNT K")
	items("the ID as a quantity", cells{"J": testID(20200102, 3)}, "E-QUANTITY J")

	transfers("ID", cells{"H": wrongCheck(3)}, "E-ID-CHECKSUM H")
	transfers("no date", cells{"B": nil}, "E-DATE-MISSING B")
	transfers("bad date", cells{"B": "二月"}, "E-DATE B")
	transfers("a day to come", cells{"B": "2024-03-16"}, "E-DATE-FUTURE B")
	transfers("no item", cells{"C": nil}, "E-ITEM C")
	transfers("to nobody", cells{"E": nil, "H": "/"}, "E-PAYEE E")
	transfers("to a wrong ID alone", cells{"E": nil, "H": "9900011970010200"}, "E-ID-FORMAT H")
	transfers("no amount", cells{"G": nil}, "E-AMOUNT-MISSING G")
	transfers("words", cells{"G": "叁仟元整"}, "E-AMOUNT G")
	transfers("a period in words", cells{"F": "本年度"}, "E-PERIOD F")
	transfers("a day or months", cells{"F": "2023-1-6"}, "E-PERIOD F")
	transfers("January or October", cells{"F": 2023.1}, "E-DATE F")
	transfers("a period that ends before it begins", cells{"F": "2023年6月至1月"}, "E-DATE-ORDER F")
	transfers("three years", cells{"F": "2021年至2023年"}, "E-PERIOD F")
	transfers("rounded setl_id", cells{"I": "3.30E+17"}, "E-SETL-ID I")
	transfers("the sum of the others", cells{"E": "农业银行城关支行", "G": 101 + 102, "H": nil}, "E-BATCH E")
	transfers("the name as a period", cells{"F": testNames[1]}, "E-PERIOD F")

	refund("refunds itself", cells{"Y": "R3"}, "E-REFUND-ORIGINAL Y")
	refund("refunds itself, without a flag", cells{"X": nil, "Y": "R3"}, "E-REFUND-ORIGINAL Y")
	claims("marked, with a negative part", cells{"X": "1", "U": -50}, "E-REFUND-SIGN U")
	claims("positive, of another", cells{"X": "1", "Y": "S1", "O": nil, "P": nil, "Q": nil, "R": nil, "S": nil, "T": nil, "U": nil, "V": nil}, "E-AMOUNT-MISSING O", "E-REFUND-SIGN N")
	claims("denied", cells{"N": -1003, "O": -800, "P": 0, "Q": nil, "R": nil, "S": nil, "T": nil, "U": nil, "V": nil, "Y": "S1"}, "E-AMOUNT-NEGATIVE N", "E-AMOUNT-NEGATIVE O")

	claimsTwice := append(slices.Clone(claimsHead), "证件号码", "退费标志", "结算日期")
	twice := func(n int) []any { return append(claimLine(n), testID(19700102, n), "否", "2024/1/8") }
	run("claims/two IDs, two flags, two days", claimsTwice, twice, twice(3), cells{"AC": testID(19700102, 9), "AD": "是", "AE": "2024-01-09"}, "E-TWICE B", "E-TWICE X", "E-TWICE M")
	dated := append(slices.Clone(rosterHead), "变更日期", "批准日期")
	days := func(n int) []any { return append(rosterLine(n), rosterLine(n)[6], nil) }
	run("roster/another day of the change", dated, days, days(3), cells{"Q": "2024-02-10"}, "E-TWICE Q")
	run("roster/another day of approval", dated, days, days(3), cells{"R": "2024-02-10"}, "E-TWICE G")

	for _, code := range codesInSource(t) {
		if isRowCode(code) && !made[code] {
			t.Errorf("no row here gives %s", code)
		}
	}
}

// TestMessagesShow: where a row's ID stands in its column, messages do say what
// was not understood.
func TestMessagesShow(t *testing.T) {
	bad := change(rosterLine(3), map[string]any{"B": "更新", "E": "低保,甲类", "G": "2024-02-30"})
	_, rep := take(t, newMemory(), putBook(t, table{"表", [][]any{rosterHead, bad}}), testOptions(t))
	wantErrors(t, rep, "E-OP B2", "E-CATEGORY E2", "E-DATE G2")
	for i, says := range []string{"“更新”", "“甲类”", "“2024-02-30”"} {
		if !strings.Contains(rep.Errors[i].Message, says) {
			t.Errorf("%s does not say %s", rep.Errors[i].Message, says)
		}
	}
}
