package yearend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/rules/money"
)

// ItemEarlier is what is on record of earlier years that nobody closed. It may be
// accepted while no year is closed: an office begins to close with some year.
const ItemEarlier = "earlier"

// earlier is what stands in a statement of earlier years that nobody closed, by year
// and kind.
type earlier map[earlierKey]earlierSum

type earlierKey struct {
	year int
	kind string // 结算, 过账, 资助参保, 财政拨付
}

type earlierSum struct {
	count  int
	amount money.Fen
}

// add counts something that is booked in a year, where that is an earlier one.
func (e earlier) add(m *maker, booked int, kind string, amount money.Fen) {
	if booked == m.st.Year || !m.stands(booked) {
		return
	}
	k := earlierKey{booked, kind}
	s := e[k]
	s.count++
	s.amount += amount
	e[k] = s
}

// group lists it; nothing where there is nothing.
func (e earlier) group(m *maker) (g Group, ok bool) {
	keys := slices.SortedFunc(maps.Keys(e), func(a, b earlierKey) int {
		if a.year != b.year {
			return a.year - b.year
		}
		return strings.Compare(a.kind, b.kind)
	})
	var names []string
	first := 0
	for _, k := range keys {
		if name := fmt.Sprint(k.year); !slices.Contains(names, name) {
			names = append(names, name)
		}
		if first == 0 {
			first = k.year
		}
		g.Details = append(g.Details, Detail{Ref: fmt.Sprintf("%d年度", k.year), What: fmt.Sprintf("%s %d 笔", k.kind, e[k].count), Amount: e[k].amount})
		g.Amount += e[k].amount
	}
	g.Item, g.Count = ItemEarlier, len(g.Details)
	g.What = fmt.Sprintf("%s 年度账上有记录而没有结账", strings.Join(names, "、"))
	g.Do = fmt.Sprintf("先结 %d 年度，再依次往后结", first)
	if m.before == 0 {
		g.May = true
		g.Do += fmt.Sprintf("；从 %d 年度起才用本系统结账的，用 --accept %s --reason 说明 接受：以前年度的过账作为以前年度调整，平台记录和财政拨付一并计入 %d 年度的结转",
			m.st.Year, ItemEarlier, m.st.Year)
	}
	return g, g.Count > 0
}
