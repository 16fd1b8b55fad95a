package yearend

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
)

// The kinds of what may be open, as --accept names them. A refund is named with its
// ID: refund:R5.
const (
	ItemProposals = "proposals"
	ItemCases     = "cases"
	ItemTransfers = "transfers"
	ItemRefund    = "refund:"
)

// unsettled lists what of the year is not settled.
func (m *maker) unsettled(ctx context.Context, cases []ledger.Case, transfers []transfer) error {
	st := m.st
	if g, ok := m.earlier.group(m); ok {
		st.Open = append(st.Open, g)
	}
	if len(m.open) > 0 {
		slices.SortFunc(m.open, func(a, b Detail) int {
			return strings.Compare(a.Ref+"\x00"+a.What, b.Ref+"\x00"+b.What)
		})
		st.Open = append(st.Open, Group{Item: ItemProposals, Count: len(m.open), Amount: m.openSum, Details: m.open,
			What: "补发、追回方案未过账", Do: "请复核人用 doudi post 过账，再运行一次"})
	}
	if err := m.refunds(ctx); err != nil {
		return err
	}
	m.cases(cases)
	m.unmatched(transfers)
	return nil
}

// refunds are those of the year that agree with no settlement on record.
func (m *maker) refunds(ctx context.Context) error {
	waiting, err := m.s.WaitingRefunds(ctx, m.a.Code, m.run.Seen)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.At.Date().Year() != m.st.Year {
			continue
		}
		g := Group{Item: ItemRefund + w.SetlID, Count: 1, Amount: -w.Total, May: true,
			Do: "核对后用 --accept " + ItemRefund + w.SetlID + " --reason 说明 接受"}
		switch {
		case !w.Found:
			g.What = fmt.Sprintf("退费 %s 的原结算 %s 未读入（待冲销）", w.SetlID, w.Original)
			g.Do = "读入原结算后再运行；确实没有的，" + g.Do
		case w.Before != "":
			g.What = fmt.Sprintf("退费 %s 与先前的退费 %s 冲销同一结算 %s", w.SetlID, w.Before, w.Original)
		default:
			g.What = fmt.Sprintf("退费 %s 与原结算 %s 的金额（%s 元）不符", w.SetlID, w.Original, w.OriginalTotal)
		}
		g.Details = []Detail{{w.Person, w.SetlID, "退费 " + w.At.Date().String(), -w.Total}}
		m.st.Open = append(m.st.Open, g)
	}
	return nil
}

// cases are those that the year leaves 未清零.
func (m *maker) cases(cases []ledger.Case) {
	g := Group{Item: ItemCases, May: true, What: "监测对象未清零，年终列为未清零", Do: "登记帮扶后再运行；确不能清零的，用 --accept " + ItemCases + " --reason 说明 接受"}
	for i := range cases {
		c := &cases[i]
		if c.State == rules.Cleared {
			continue
		}
		who := ""
		if c.Level == ledger.LevelHousehold {
			who = "（家庭）"
		}
		g.Details = append(g.Details, Detail{c.Person, c.Monitor, c.Name + who, c.Burden})
		g.Amount += c.Burden
	}
	if g.Count = len(g.Details); g.Count > 0 {
		m.st.Open = append(m.st.Open, g)
	}
}

// unmatched are the transfers that pay nothing that is due, those that a user matched
// with another sum, and those of which nobody can tell.
func (m *maker) unmatched(transfers []transfer) {
	g := Group{Item: ItemTransfers, May: true, What: "财政拨付对不上应拨", Do: "用 doudi reconcile 核对；确需结转的，用 --accept " + ItemTransfers + " --reason 说明 接受"}
	for i := range transfers {
		x := &transfers[i]
		if x.Class == "" {
			continue
		}
		g.Details = append(g.Details, Detail{x.Person, reconcile.TransferKey(x.ID), x.Class + " " + x.Date.String() + " " + x.Transfer.Item, x.Excess})
		g.Amount += x.Excess
	}
	if g.Count = len(g.Details); g.Count > 0 {
		m.st.Open = append(m.st.Open, g)
	}
}
