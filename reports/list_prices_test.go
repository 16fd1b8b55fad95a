package reports

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

func (b *shelf) charged(no ledger.PersonNo, setl string, day civil.Date, class string, base, price, thousandths int64) {
	b.items = append(b.items, ledger.Item{ID: int64(len(b.items) + 1), Person: no, SetlID: setl, Code: "0033", ItemName: "小儿脑室穿刺术", Class: class, Date: day, BasePrice: money.Fen(base * 100),
		Price: money.Fen(price * 100), Quantity: thousandths, Amount: money.Fen(price * 100), Src: ledger.Source{Seq: 1}})
}

// Wenzhou: 30 % on the named classes for children up to six: 130.00 on 100.00.
func TestChildPrices_WZ10(t *testing.T) {
	b := shelfOf(t, "wenzhou-2022-98", "", 202306)
	b.person(1, 20180601)                                  // 5
	b.person(2, 20160301)                                  // 7 since 1 March
	b.charged(1, "A", 20230501, "临床手术类项目", 100, 130, 1000) // as allowed
	b.charged(1, "A", 20230501, "临床手术类项目", 100, 150, 1500) // 20.00 too much, one and a half
	b.charged(1, "A", 20230501, "化验", 100, 130, 1000)      // of another class
	b.charged(2, "B", 20230501, "临床手术类项目", 100, 130, 1000) // too old
	b.charged(2, "B", 20230228, "临床手术类项目", 100, 130, 1000) // six on that day
	b.charged(1, "C", 0, "临床手术类项目", 100, 150, 1000)        // without a day
	b.charged(1, "D", 20220501, "临床手术类项目", 100, 150, 1000) // before the document
	b.claims[1] = []rules.Claim{{Ref: 1, ID: "A", HospitalCode: "H1", HospitalName: "甲医院"}}
	b.claims[1][0].At = 20230501000000
	tables := b.made(t, "child_prices")
	got := show(t, tables, "儿童项目价格")
	expect(t, got, "0001 | 某某人 | 温州市 |  | 4 | A | 甲医院 | 2023-05-01 | 0033 | 小儿脑室穿刺术 | 临床手术类项目 | 超过儿童加收标准 | 100.00 | 130.00 | 150.00 | 20.00 | 1.5 | 30.00\n",
		"化验 | 不属加收类别而加收 | 100.00 | 100.00 | 130.00 | 30.00 | 1 | 30.00\n", "0002 | 某某人 | 温州市 |  | 7 | B |  | 2023-05-01 |", "超过加收年龄仍加收 | 100.00 | 100.00 | 130.00 | 30.00 | 1 | 30.00\n")
	if lines(t, tables, "儿童项目价格") != 3 {
		t.Error(got)
	}
	expect(t, show(t, tables, "儿童价格汇总"), "甲医院 | 超过儿童加收标准 | 1 | 30.00", "甲医院 | 不属加收类别而加收 | 1 | 30.00", "（结算未读入） | 超过加收年龄仍加收 | 1 | 30.00")
	expect(t, notes(tables), "WZ-10", "核对了本年 5 行收费明细；另有 1 行没有收费日期", "6 周岁及以下的儿童")
}

// Hangzhou: the items most frequent and most costly among the monitored, where
// lines of bills were read.
func TestHotItems_HZ15(t *testing.T) {
	b := shelfOf(t, "hangzhou-2022-70", "", 202306)
	b.person(1, 19800101)
	b.person(2, 19800101)
	b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230501, rules.Watching, 5000_00, 0)}
	b.charged(1, "A", 20230501, "化验", 100, 130, 1000)
	b.charged(1, "A", 20230502, "化验", 100, 130, 1000)
	b.items[1].ItemName = "靶向药"
	b.items[1].Amount = 900_00
	b.charged(1, "A", 20230503, "化验", 100, 130, 1000)
	b.charged(2, "B", 20230503, "化验", 100, 130, 1000) // not monitored
	expect(t, show(t, b.made(t, "hot_spots"), "热点项目"), "靶向药 | 1 | 1 | 2 | 900.00 | 1\n", "小儿脑室穿刺术 | 1 | 2 | 1 | 260.00 | 2\n")
}
