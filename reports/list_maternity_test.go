package reports

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
	"doudi/rules/money"
)

func (b *shelf) paid(no ledger.PersonNo, from, to civil.Month, base int64) {
	if b.people[no] == "" {
		b.person(no, 19920101)
	}
	for m := from; m <= to; m = m.Next() {
		b.contributions = append(b.contributions, ledger.Contribution{ID: int64(len(b.contributions) + 1), Area: b.area.Code, Person: no, Month: m, Base: money.Fen(base * 100), Src: ledger.Source{Seq: b.seq}})
	}
}

func (b *shelf) born(no ledger.PersonNo, day civil.Date, days int) {
	b.births = append(b.births, ledger.Birth{ID: int64(len(b.births) + 1), Area: b.area.Code, Person: no, Date: day, Days: days, Src: ledger.Source{Seq: b.seq}})
}

// Wenzhou: six unbroken months. The base is last year's average, else that of
// the month of birth: 6,000 / 30 × 128 = 25,600.
func TestMaternity_WZ4(t *testing.T) {
	b := shelfOf(t, "wenzhou-2022-98", "", 202306)
	b.paid(1, 202301, 202306, 6000) // born in March with three months: due in June
	b.born(1, 20230310, 128)
	b.paid(2, 202210, 202306, 6000) // nine months in June: at once
	b.born(2, 20230610, 128)
	b.paid(3, 202303, 202306, 6000) // two more months: in August
	b.born(3, 20230401, 128)
	b.paid(4, 202301, 202302, 6000) // broken in March
	b.born(4, 20230201, 128)
	b.paid(5, 202210, 202304, 5000) // at once in April, told in time
	b.born(5, 20230401, 98)
	b.born(6, 20230501, 98) // without a contribution
	b.person(6, 19920101)
	b.born(7, 20221101, 98) // before the document
	b.person(7, 19920101)
	tables := b.made(t, "maternity")
	// Without an earlier run everything that is due is due now: 5 as well. The base of 2 and 5
	// is the average of 2022.
	now := show(t, tables, "津贴本月应付")
	expect(t, now, "0001 | 某某人 | 温州市 |  | 2023-03-10 | 128 | 3 | 回溯支付 | 2023-06 | 25600.00 | 0.00 | 25600.00 | 生育当月缴费基数（6000.00）÷ 30 × 128 天 = 25600.00",
		"0002 | 某某人 | 温州市 |  | 2023-06-10 | 128 | 9 | 即时支付 | 2023-06 | 25600.00 | 0.00 | 25600.00 | 上年度月平均缴费基数（18000.00 ÷ 3）÷ 30 × 128 天 = 25600.00", "16333.33 | 0.00 | 16333.33")
	expect(t, show(t, tables, "津贴等待中"), "0003 | 某某人 | 温州市 |  | 2023-04-01 | 128 | 2 | 4 | 2 | 2023-08 | 25600.00 |")
	none := show(t, tables, "津贴不予支付")
	expect(t, none, "0004 | 某某人 | 温州市 |  | 2023-02-01 | 128 | 2 | 中断缴费，不予支付 | 6 | 0.00 |", "0006 | 某某人 | 温州市 |  | 2023-05-01 | 98 | 0 | 生育当月未缴费，不予支付 | 6 | 0.00 |")
	expect(t, notes(tables), "WZ-4", "政策施行日之外的生育 1 例")

	// After a run of May, only what is new is due: 5 was listed then. The base of 5's month is
	// corrected, 4's March arrives late and with it June.
	b.prev = ledger.Run{No: 5, Month: 202305, Seen: 1}
	b.seq = 2
	b.paid(4, 202303, 202306, 6000)
	tables = b.made(t, "maternity")
	now = show(t, tables, "津贴本月应付")
	expect(t, now, "0001 |", "0002 |", "0004 | 某某人 | 温州市 |  | 2023-02-01 | 128 | 2 | 回溯支付 | 2023-06 | 25600.00 | 0.00 | 25600.00 |")
	if lines(t, tables, "津贴本月应付") != 3 || lines(t, tables, "津贴此前已列") != 1 {
		t.Error(now, show(t, tables, "津贴此前已列"))
	}
	expect(t, show(t, tables, "津贴此前已列"), "0005 |", "即时支付 | 2023-04 | 16333.33 |")
	b.paid(5, 202212, 202212, 8000) // a second row for December: the larger base counts
	expect(t, show(t, b.made(t, "maternity"), "津贴本月应付"), "0005 | 某某人 | 温州市 |  | 2023-04-01 | 98 | 7 | 即时支付 | 2023-04 | 19600.00 | 16333.33 | 3266.67 | 上年度月平均缴费基数（18000.00 ÷ 3）÷ 30 × 98 天 = 19600.00 | 2022-12有两笔缴费，计一个月，取较高基数")
	b.born(5, 20230401, 128) // other days for the same birth: one allowance, by the later row
	got := show(t, b.made(t, "maternity"), "津贴本月应付")
	expect(t, got, "| 128 | 7 | 即时支付 | 2023-04 | 25600.00 | 16333.33 | 9266.67 |", "同一生育日期报送过不同天数")
}

// Flexible workers pay 1 % of the base: 45.00 of 4,500.
func TestFlexibleMaternity_WZ5(t *testing.T) {
	b := shelfOf(t, "wenzhou-2022-98", "", 202306)
	put := func(no ledger.PersonNo, m civil.Month, base, fen int64, flexible bool) {
		b.person(no, 19920101)
		b.contributions = append(b.contributions, ledger.Contribution{ID: int64(len(b.contributions) + 1), Person: no, Month: m, Base: money.Fen(base * 100), Paid: money.Fen(fen), Flexible: flexible, Src: ledger.Source{Seq: 1}})
	}
	put(1, 202304, 4500, 4500, true) // right
	put(2, 202305, 4500, 4000, true) // 5.00 too little
	put(3, 202305, 4500, 2000, true) // two rows of one month
	put(3, 202305, 4500, 2600, true) // together 1.00 too much
	put(4, 202305, 4500, 0, false)   // insured by an employer
	put(5, 202206, 4500, 4000, true) // more than a year ago
	put(6, 202307, 4500, 4000, true) // later than the month
	tables := b.made(t, "flexible_maternity")
	got := show(t, tables, "灵活就业生育保险")
	expect(t, got, "0002 | 某某人 | 温州市 |  | 2023-05 | 4500.00 | 1% | 45.00 | 40.00 | -5.00 | 4500.00 × 1% = 45.00，实缴 40.00，少缴 5.00", "0003 | 某某人 | 温州市 |  | 2023-05 | 4500.00 | 1% | 45.00 | 46.00 | 1.00 |")
	if lines(t, tables, "灵活就业生育保险") != 2 {
		t.Error(got)
	}
	expect(t, notes(tables), "WZ-5", "2022-07 至 2023-06 的 4 笔")
}
