package reports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// priceMakers are the lists that are made of the lines of bills.
var priceMakers = map[string]listMaker{
	"child_prices": {needItems, (*facts).childPrices},
}

var itemPart = part{needItems, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.readItems(ctx, s, f) }}

// itemFacts is what the lists of bills' lines are made of.
type itemFacts struct {
	prices  []priceRow         // charged above what is allowed, by county, township, ID and line
	checked int                // lines of the year that could be checked
	undated int                // lines without a date, which could not
	items   map[string]*hotSum // by name: those of the people with a case of the year; hotSum.claims counts lines
}

type priceRow struct {
	person   ledger.PersonNo
	code     string
	hospital string // where the settlement is on record
	rules.PriceFinding
}

func (d *duty) readItems(ctx context.Context, s Source, f *facts) error {
	d.itemFacts = itemFacts{items: map[string]*hotSum{}}
	watched := map[ledger.PersonNo]bool{}
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year && c.Level != ledger.LevelHousehold {
			watched[c.Person] = true
		}
	}
	var part []ledger.Item
	people, last := 0, ledger.PersonNo(0)
	err := s.Items(ctx, f.area.Code, f.run.Seen, func(x *ledger.Item) error {
		if x.Date == 0 {
			d.undated++
			return nil
		}
		if x.Date.Year() != d.year || x.Date > f.asOf {
			return nil
		}
		if x.Person != last {
			if people++; people > chunkPeople || len(part) > 20*chunkPeople {
				if err := d.check(ctx, s, f, part); err != nil {
					return err
				}
				part, people = part[:0], 1
			}
			last = x.Person
		}
		if watched[x.Person] {
			d.itemHeat(x)
		}
		part = append(part, *x)
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.check(ctx, s, f, part); err != nil {
		return err
	}
	return d.hospitals(ctx, s, f)
}

// itemHeat counts a line of a monitored person's bill.
func (d *duty) itemHeat(x *ledger.Item) {
	name := cmp.Or(x.ItemName, x.Code)
	if name == "" {
		return
	}
	h := d.items[name]
	if h == nil {
		h = &hotSum{}
		d.items[name] = h
	}
	if h.last != x.Person {
		h.people++
		h.last = x.Person
	}
	h.claims++
	h.total += x.Amount
}

// check holds the lines of some people against the policy of their days. The age
// is in the ID.
func (d *duty) check(ctx context.Context, s Source, f *facts, items []ledger.Item) error {
	var people []ledger.PersonNo
	for i := range items {
		if n := len(people); n == 0 || people[n-1] != items[i].Person {
			people = append(people, items[i].Person)
		}
	}
	if len(people) == 0 {
		return nil
	}
	ids, err := s.Certnos(ctx, people)
	if err != nil {
		return err
	}
	for i := range items {
		x := &items[i]
		seg := f.area.Policy.At(x.Date)
		birth, err := rules.BirthOf(ids[x.Person])
		if seg == nil || err != nil {
			continue // IDs were checked when they came
		}
		d.checked++
		it := rules.Item{Ref: x.ID, SetlID: x.SetlID, Class: x.Class, Name: x.ItemName, Date: x.Date, Price: x.Price, BasePrice: x.BasePrice, Quantity: x.Quantity, Amount: x.Amount}
		if found, ok := rules.CheckPrice(&seg.Params.Duties, birth, it); ok {
			d.prices = append(d.prices, priceRow{person: x.Person, code: x.Code, PriceFinding: found})
		}
	}
	return nil
}

// hospitals names the hospitals of the settlements to which the lines belong.
func (d *duty) hospitals(ctx context.Context, s Source, f *facts) error {
	var people []ledger.PersonNo
	for i := range d.prices {
		people = append(people, d.prices[i].person)
	}
	if err := f.locate(ctx, s, people); err != nil {
		return err
	}
	slices.Sort(people)
	people = slices.Compact(people)
	names := map[string]string{}
	for part := range slices.Chunk(people, chunkPeople) {
		data, err := s.LoadPeople(ctx, f.area.Code, part, f.run.Seen, 0)
		if err != nil {
			return err
		}
		for i := range data {
			for _, c := range data[i].Claims {
				names[c.ID] = f.hospitalName(c.HospitalCode, c.HospitalName)
			}
		}
	}
	for i := range d.prices {
		d.prices[i].hospital = names[d.prices[i].Item.SetlID]
	}
	slices.SortFunc(d.prices, func(a, b priceRow) int {
		x, y := &a.Item, &b.Item
		return cmp.Or(f.whereThenID(a.person, b.person), cmp.Compare(x.Date, y.Date), cmp.Compare(x.SetlID, y.SetlID), cmp.Compare(a.code, b.code), cmp.Compare(x.Name, y.Name),
			cmp.Compare(x.Price, y.Price), cmp.Compare(x.Quantity, y.Quantity), cmp.Compare(x.Amount, y.Amount))
	})
	return nil
}

// childPrices: lines that are charged above the children's uplift, or with an
// uplift that is not theirs (WZ-10).
func (f *facts) childPrices(d *duty, s scope) []*table {
	x := &d.prm.Duties
	note := "用途：核对儿童诊疗项目的加收。"
	if x.PriceUplift != rules.Unset {
		note += fmt.Sprintf("%d 周岁及以下的儿童，%s在基准价（调整后的政府指导价）上加收 %s；其余的人和项目不加收。", x.PriceAge, strings.Join(x.PriceClasses, "、"), x.PriceUplift)
	}
	list := newTable("child_prices", f.title("收费高于基准价和儿童加收标准的项目"), "certno name county township age setl_id clinic charged_on item_code item_name item_class finding base_price allowed price unit_over quantity over",
		note,
		fmt.Sprintf("核对了本年 %d 行收费明细；另有 %d 行没有收费日期，不能核对。允许单价：可加收的为基准价×（1＋加收比例），其余为基准价；多收＝每单位多收×数量，数量为负的是退费。", d.checked, d.undated))
	type key struct {
		hospital string
		kind     rules.PriceKind
	}
	type sum struct {
		lines int
		over  money.Fen
	}
	sums := map[key]*sum{}
	var rows [][]any
	for i := range d.prices {
		r := &d.prices[i]
		if !s.shows(r.person) {
			continue
		}
		k := key{or(r.hospital, "（结算未读入）"), r.Kind}
		if sums[k] == nil {
			sums[k] = &sum{}
		}
		sums[k].lines++
		sums[k].over += r.Over
		rows = append(rows, append(f.who(r.person), r.Age, r.Item.SetlID, r.hospital, r.Item.Date, r.code, r.Item.Name, r.Item.Class, r.Kind.Chinese(),
			r.Item.BasePrice, r.Allowed, r.Item.Price, r.Unit, thousandths(r.Item.Quantity), r.Over))
	}
	list.rows = rows
	t := newTable("child_price_sums", f.title("多收项目按医疗机构汇总"), "clinic finding lines over")
	var lines [][]any
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return cmp.Or(cmp.Compare(a.hospital, b.hospital), cmp.Compare(a.kind, b.kind)) }) {
		lines = append(lines, []any{k.hospital, k.kind.Chinese(), sums[k].lines, sums[k].over})
	}
	t.rows = lines
	return []*table{list, t}
}

// hotItems: the drugs and items most frequent and most costly among the monitored
// (HZ-15), where lines of bills were read.
func (f *facts) hotItems(d *duty) *table {
	t := newTable("hot_items", f.title("监测人员高频高额药品耗材和诊疗项目"), "what people lines often amount rank",
		"按读入的收费明细统计本年进入过监测的人，退费明细已冲减金额；频次按明细行数排名，列出频次或金额在前50名的。没有读入收费明细的，本表为空。")
	hot := make(map[hotKey]*hotSum, len(d.items))
	for name, x := range d.items {
		hot[hotKey{name: name}] = x
	}
	for _, h := range rankHot(hot, 0) { // nobody says who bears a line
		t.rows = append(t.rows, []any{h.name, h.people, h.claims, h.often, h.total, h.rank})
	}
	return t
}

// thousandths prints a quantity: 1500 is 1.5; "" where none is given.
func thousandths(n int64) string {
	if n == 0 {
		return ""
	}
	s := fmt.Sprintf("%d.%03d", n/1000, max(n, -n)%1000)
	if n < 0 && n > -1000 {
		s = "-" + s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
