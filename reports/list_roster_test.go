package reports

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

func monthIn(year, m int) civil.Month { return civil.Month(year*100 + m) }
func dayIn(year, md int) civil.Date   { return civil.Date(year*10000 + md) }

// Kaifeng and Xinjiang: who came and who left in the month, by department and
// category, against what was known at the end of the month before.
func TestRosterChanges_KF10_XJ9(t *testing.T) {
	for _, id := range []string{"kaifeng-2022-draft", "xinjiang-2023"} {
		b := shelfOf(t, id, "", 202306)
		home := homeOf{"甲县", "东乡"}
		for no := ledger.PersonNo(1); no <= 3; no++ {
			b.on(no, home, "民政", 20230101, rules.Dibao)
		}
		b.off(3, "民政", 20230601, rules.Dibao) // told in May already
		b.put(ledger.Event{Person: b.person(7, 19900101), Op: rules.Add, Category: rules.Canji, Level: 1, Date: 20230101, Expiry: 20230615, Dept: "残联", County: "甲县"})
		b.prev = ledger.Run{No: 5, Month: 202305, Seen: 1}
		b.seq = 2
		b.on(4, home, "民政", 20230201, rules.Tekun) // since February, but heard of in June
		b.on(5, home, "乡村振兴", 20230610, rules.Yifanpin)
		b.on(1, home, "民政", 20230101, rules.Dibao) // known
		b.off(2, "民政", 20230610, rules.Dibao)      // left, and came again
		b.on(2, home, "民政", 20230620, rules.Dibao)
		b.on(6, home, "民政", 20230701, rules.Dibao) // not before July
		tables := b.made(t, "roster_changes")
		expect(t, show(t, tables, "变动汇总"), "民政 | 特困人员 | 1 | 0 | 0 | 1", "民政 | 低保对象 | 0 | 1 | 0 | -1", "乡村振兴 | 农村易返贫致贫人口 | 1 | 0 | 0 | 1", "残联 | 二级及以上残疾人 | 0 | 1 | 1 | -1")
		got := show(t, tables, "新增退出名单")
		expect(t, got, "新增 | 民政 | 特困人员 | 993399198001010004 | 某某人 | 甲县 | 东乡 | 2023-02-01 |", "退出 | 民政 | 低保对象 | 993399198001010003 | 某某人 | 甲县 | 东乡 | 2023-06-01 |",
			"退出 | 残联 | 二级及以上残疾人 | 993399199001010007 | 某某人 | 甲县 |  | 2023-06-16 | 证件到期")
		if n := lines(t, tables, "新增退出名单"); n != 4 {
			t.Errorf("%d rows:\n%s", n, got)
		}
		expect(t, show(t, tables, "在册核对"), "低保对象 | 3 | 0 | 1 | 2", "特困人员 | 0 | 1 | 0 | 1")
		expect(t, notes(tables), "与上次运行所知的 2023-05-31 在册情况比较")
		// Of a first run the dates speak.
		b.prev = ledger.Run{}
		tables = b.made(t, "roster_changes")
		expect(t, notes(tables), "没有更早月份的运行")
		if n := lines(t, tables, "新增退出名单"); n != 3 { // 5 came; 3 and 7 left; 4 was there since February
			t.Errorf("%d rows:\n%s", n, show(t, tables, "新增退出名单"))
		}
	}
}

// What a corrected roster lists no more is compared with what the run before
// knew: it left the lists without a day.
func TestRosterChangesCorrected(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", "", 202306)
	home := homeOf{"甲县", "东乡"}
	b.on(1, home, "民政", 20230101, rules.Dibao)
	b.on(2, home, "民政", 20230101, rules.Dibao, rules.Yifanpin)
	b.prev = ledger.Run{No: 5, Month: 202305, Seen: 1}
	b.seq = 2
	for _, e := range b.events[:2] { // 1 by mistake, and of 2 the day
		b.withdrawn = append(b.withdrawn, ledger.Withdrawn{Event: e, By: ledger.Withdrawal{Event: e.ID, Last: true, Src: ledger.Source{Seq: 2, Sheet: "更正"}}})
	}
	b.events = b.events[2:]
	b.on(2, home, "民政", 20230201, rules.Dibao)
	tables := b.made(t, "roster_changes")
	expect(t, show(t, tables, "新增退出名单"), "退出 | 民政 | 低保对象 | 993399198001010001 | 某某人 | 开封市 |  | – | 名单更正")
	if n := lines(t, tables, "新增退出名单"); n != 1 {
		t.Errorf("%d rows:\n%s", n, show(t, tables, "新增退出名单"))
	}
	expect(t, show(t, tables, "在册核对"), "低保对象 | 2 | 0 | 1 | 1")
}
