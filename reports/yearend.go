package reports

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/jobs/yearend"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/money"
)

// YearSource is what the workbook of a year's clearance reads of a store.
type YearSource interface {
	IdentitiesAt(ctx context.Context, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]ledger.Person, error)
	Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error)
}

// The sheets to which the cover leads.
const (
	sheetByFund    = "分基金"
	sheetByItem    = "分项目"
	sheetPremiums  = "资助参保"
	sheetCarried   = "结转"
	sheetUnsettled = "未办结事项"
	sheetPriors    = "以前年度调整"
)

// yearBook is a statement with its signatures.
type yearBook struct {
	*yearend.Statement
	state  yearend.State
	people map[ledger.PersonNo]ledger.Person
	entry  ledger.Entry // of the second signature
}

// draft reports whether the year is not closed.
func (y *yearBook) draft() bool { return !y.state.Locked() }

// WriteYear writes the workbook of a statement that was signed to dir/<year>/<area>/ and gives
// its path: 年度清算-2023.xlsx of a closed year; before that a draft, which the closing
// takes away.
func WriteYear(ctx context.Context, s YearSource, st *yearend.Statement, state yearend.State, dir string) (string, error) {
	y := &yearBook{Statement: st, state: state}
	var err error
	if y.people, err = s.IdentitiesAt(ctx, y.named(), st.From.Seen); err != nil {
		return "", err
	}
	if !y.draft() {
		if y.entry, err = s.Entry(ctx, state.Second.Seq); err != nil {
			return "", err
		}
	}
	folder := filepath.Join(dir, fmt.Sprint(st.Year), st.Area)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	final := filepath.Join(folder, fmt.Sprintf("年度清算-%d.xlsx", st.Year))
	draft := filepath.Join(folder, fmt.Sprintf("年度清算-%d-草稿.xlsx", st.Year))
	if y.draft() {
		return draft, workbook.Write(draft, y.book())
	}
	if err := workbook.Write(final, y.book()); err != nil {
		return "", err
	}
	if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return final, nil
}

// named are the people whom a sheet names.
func (y *yearBook) named() []ledger.PersonNo {
	var out []ledger.PersonNo
	for _, p := range y.Prior {
		out = append(out, p.Person)
	}
	for _, g := range y.Open {
		for _, d := range g.Details {
			if d.Person != 0 {
				out = append(out, d.Person)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (y *yearBook) book() workbook.Book {
	tables := []workbook.Table{
		y.cut(sheetByFund, "按资金分", []workbook.Column{{Title: "资金", Width: 18}}, func(c *yearend.Cut) []any { return []any{or(c.Keys[0], "（其他项目）")} }, yearend.ByFund),
		y.cut("分县区", "按县区、资金分", []workbook.Column{{Title: "县区", Width: 18}, {Title: "资金", Width: 18}}, func(c *yearend.Cut) []any {
			return []any{or(c.Keys[0], "（拨付未写明）"), or(c.Keys[1], "（其他项目）")}
		}, yearend.ByCounty, yearend.ByFund),
		y.cut("分医院", "按医疗机构、资金分", []workbook.Column{{Title: "机构编号"}, {Title: "机构名称", Width: 26}, {Title: "资金", Width: 18}}, func(c *yearend.Cut) []any {
			return []any{or(c.Keys[0], "（未写明）"), c.Name, or(c.Keys[1], "（其他项目）")}
		}, yearend.ByHospital, yearend.ByFund),
		y.cut("分承办机构", "按承办机构、资金分", []workbook.Column{{Title: "承办机构", Width: 26}, {Title: "资金", Width: 18}}, func(c *yearend.Cut) []any {
			return []any{or(c.Keys[0], "（不经承办机构）"), or(c.Keys[1], "（其他项目）")}
		}, yearend.ByInsurer, yearend.ByFund),
		y.cut(sheetByItem, "按资金项目分", []workbook.Column{{Title: "资金项目", Width: 18}}, func(c *yearend.Cut) []any { return []any{c.Keys[0]} }, yearend.ByItem),
		y.hospitals(), y.premiums(), y.carried(), y.unsettled(), y.priors(), y.moves(),
	}
	for i := range tables {
		tables[i].Empty = "本年度没有内容"
		tables[i].Columns = catalogue.Statement(tables[i].Columns)
	}
	sheets := append([]workbook.Sheet{y.cover(tables)}, workbook.Sheets(append(tables, y.legend(tables))...)...)
	return workbook.Book{Title: y.heading(), Header: y.heading(), Sheets: sheets}
}

// legend says what each column of the statement means.
func (y *yearBook) legend(tables []workbook.Table) workbook.Table {
	t := workbook.Table{Sheet: legendSheet, Title: y.title("各列的含义"), Notes: []string{"身份证号一律遮掩；本册不列姓名和住址。"},
		Columns: []workbook.Column{{Key: "sheet", Title: "工作表", Width: 18}, {Key: "column", Title: "列", Width: 24}, {Key: "meaning", Title: "含义", Width: 60}}}
	var rows [][]any
	for _, x := range tables {
		for _, c := range x.Columns {
			rows = append(rows, []any{workbook.Cell{Value: x.Sheet, Link: x.Sheet + "!A1"}, c.Title, c.Meaning})
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) title(what string) string {
	mark := ""
	if y.draft() {
		mark = "【草稿】"
	}
	return fmt.Sprintf("%s%s %d 年度清算：%s", mark, y.Name, y.Year, what)
}

func yuanColumn(title string) workbook.Column {
	return workbook.Column{Title: title, Kind: workbook.Money, Total: true}
}

// cut is a sheet of the year's sums by some dimensions.
func (y *yearBook) cut(sheet, what string, heads []workbook.Column, keys func(*yearend.Cut) []any, by ...yearend.Dimension) workbook.Table {
	t := workbook.Table{Sheet: sheet, Title: y.title(what),
		Notes: []string{"单位元。应付＝平台已付＋已过账＋以后年度已调整＋未过账＋名单外不追回；应拨＝已过账，加大病保险、医疗救助由平台先付的（基本医保和医院已承担的在平台结清，不经财政拨付）；差额＝应拨－财政已拨付。",
			"“定点医院”一行是应由医院承担的，应拨、已拨付两列为医院应缴、已缴。各表合计相等。"},
		Columns: append(heads, workbook.Column{Title: "笔数", Kind: workbook.Count, Total: true}, yuanColumn("平台已付"), yuanColumn("应付"), yuanColumn("应调整"), yuanColumn("已过账"),
			yuanColumn("以后年度已调整"), yuanColumn("未过账"), yuanColumn("名单外不追回"), yuanColumn("应拨"), yuanColumn("财政已拨付"), yuanColumn("差额"))}
	var rows [][]any
	for _, c := range y.Cut(by...) {
		rows = append(rows, append(keys(&c), c.Claims, c.Recorded, c.Due, c.Adjust(), c.Posted, c.Later, c.Sum.Open, c.Waived, c.Payable, c.Paid, c.Payable-c.Paid))
	}
	t.Rows = rowsOf(rows)
	return t
}

// hospitals: what each hospital bears.
func (y *yearBook) hospitals() workbook.Table {
	t := workbook.Table{Sheet: "医院承担", Title: y.title("应由医院承担的范围外费用"),
		Notes: []string{"应承担＝各次住院超过上限的部分；平台已记为结算时已由医院承担的；已过账为本年度结账前确认应由医院补承担的。"},
		Columns: []workbook.Column{{Title: "机构编号"}, {Title: "机构名称", Width: 26}, {Title: "笔数", Kind: workbook.Count, Total: true}, yuanColumn("应承担"), yuanColumn("平台已记"),
			yuanColumn("已过账"), yuanColumn("以后年度已调整"), yuanColumn("已缴回"), yuanColumn("尚欠")}}
	var rows [][]any
	for _, c := range y.Cut(yearend.ByHospital, yearend.ByFund) {
		if c.Keys[1] != rules.FundHospital.Chinese() {
			continue
		}
		rows = append(rows, []any{or(c.Keys[0], "（未写明）"), c.Name, c.Claims, c.Due, c.Recorded, c.Posted, c.Later, c.Paid, c.Posted - c.Paid})
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) premiums() workbook.Table {
	t := workbook.Table{Sheet: sheetPremiums, Title: y.title("资助参保"),
		Notes:   []string{"按年末应资助的身份；没有应资助身份而得到资助的列为“无资助身份”。个人缴费、资助金额为参保名单所载；应拨与财政拨付对账所列的一致：政策定了标准的按标准，全额资助而未定标准的按名单所载保费，政策未定的按名单所载资助。"},
		Columns: []workbook.Column{{Title: "县区", Width: 18}, {Title: "资助身份", Width: 24}, {Title: "人数", Kind: workbook.Count, Total: true}, yuanColumn("个人缴费"), yuanColumn("资助金额"), yuanColumn("应拨")}}
	var rows [][]any
	for _, p := range y.Premiums {
		name := p.Category.Chinese()
		if p.Category == rules.NoCategory {
			name = "无资助身份"
		}
		rows = append(rows, []any{p.County, name, p.People, p.Own, p.Subsidy, p.Due})
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) carried() workbook.Table {
	t := workbook.Table{Sheet: sheetCarried, Title: y.title("各项目结转下年"),
		Notes: []string{"结转下年＝上年结转＋平台已付＋已过账＋以前年度调整＋以前年度平台记录变动－平台已结清－财政已拨付；正数为尚未拨付，负数为多拨。",
			"平台已付是结算时直接支付的；资助参保为应拨给税务机关的资助。平台已结清的不经财政拨付：基本医保由基金直接结算，医院承担的由医院在结算时承担。"},
		Columns: []workbook.Column{{Title: "资金项目", Width: 18}, yuanColumn("上年结转"), yuanColumn("平台已付"), yuanColumn("已过账"), yuanColumn("以前年度调整"), yuanColumn("以前年度平台记录变动"),
			yuanColumn("平台已结清"), yuanColumn("财政已拨付"), yuanColumn("结转下年"), {Title: "拨付笔数", Kind: workbook.Count, Total: true}, {Title: "说明", Width: 40}}}
	var rows [][]any
	for _, r := range y.Carry {
		why := ""
		if r.Count == 0 && r.Carried != 0 {
			why = "账里没有这一项目的拨付，结转为全部应拨"
		}
		if i := slices.IndexFunc(y.Reread, func(x yearend.RereadRow) bool { return x.Item == r.Item }); i >= 0 {
			why = fmt.Sprintf("财政已拨付含已结年度拨付的重新认定 %s 元（项目或付款人后来才明确）", y.Reread[i].Amount)
		}
		rows = append(rows, []any{r.Item, r.Opening, r.Recorded, r.Posted, r.Prior, r.Moved, r.Outside, r.Paid, r.Carried, r.Count, why})
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) masked(p ledger.PersonNo) any {
	if p == 0 {
		return nil
	}
	return Mask(y.people[p].Certno)
}

func (y *yearBook) unsettled() workbook.Table {
	t := workbook.Table{Sheet: sheetUnsettled, Title: y.title("未办结而经核实接受的事项"),
		Notes: []string{"结账时仍未办结、经签署人说明理由后接受的事项。监测对象年终列为未清零，此后不再变动。"},
		Columns: []workbook.Column{{Title: "事项", Width: 60}, {Title: "身份证号", Width: 21}, {Title: "编号", Width: 22}, {Title: "内容", Width: 34}, {Title: "金额", Kind: workbook.Money},
			{Title: "接受的理由", Width: 40}}}
	var rows [][]any
	for _, g := range y.Open {
		for _, d := range g.Details {
			rows = append(rows, []any{g.What, y.masked(d.Person), d.Ref, d.What, d.Amount, g.Reason})
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) priors() workbook.Table {
	t := workbook.Table{Sheet: sheetPriors, Title: y.title("以前年度调整"),
		Notes: []string{"已结年度的结算，因迟到的名单、结算或退费重算后在本年过账的补发、追回。已结年度的清算表不因此改动。",
			"首次结账的，以前年度不单独结账，在此之前过账的也列在这里。"},
		Columns: []workbook.Column{{Title: "所属年度", Width: 10}, {Title: "资金", Width: 18}, {Title: "县区"}, {Title: "机构名称", Width: 26}, {Title: "结算ID"}, {Title: "身份证号", Width: 21},
			{Title: "过账日期", Kind: workbook.Date}, {Title: "运行", Kind: workbook.Count}, {Title: "类型", Width: 8}, yuanColumn("金额")}}
	var rows [][]any
	for _, p := range y.Prior {
		kind := "补发"
		if p.Amount < 0 {
			kind = "追回"
		}
		rows = append(rows, []any{fmt.Sprint(p.Year), p.Fund.Chinese(), p.County, p.Name, p.SetlID, y.masked(p.Person), p.Date, p.Run, kind, p.Amount})
	}
	t.Rows = rowsOf(rows)
	return t
}

func (y *yearBook) moves() workbook.Table {
	t := workbook.Table{Sheet: "以前年度平台记录", Title: y.title("以前年度平台记录的变动"),
		Notes:   []string{"已结年度的结算，上次清算之后迟到的，平台已付计入本年；已退费的，从本年减去。资助参保一项，是迟到的参保、认定等使以前年度应拨变动的部分。首次结账的，以前年度的平台已付和应拨的资助参保全部计入。"},
		Columns: []workbook.Column{{Title: "所属年度", Width: 10}, {Title: "资金", Width: 18}, {Title: "县区"}, {Title: "机构编号"}, {Title: "机构名称", Width: 26}, yuanColumn("变动")}}
	var rows [][]any
	for _, m := range y.Moved {
		rows = append(rows, []any{fmt.Sprint(m.Year), m.Fund.Chinese(), m.County, m.Hospital, m.Name, m.Amount})
	}
	for _, m := range y.MovedPremiums {
		rows = append(rows, []any{fmt.Sprint(m.Year), reconcile.ItemPremium, m.County, nil, nil, m.Amount})
	}
	t.Rows = rowsOf(rows)
	return t
}

// carriedOf is what is carried of an item: what hospitals owe, or all else.
func carriedOf(r yearend.CarryRow, hospital bool) money.Fen {
	if (r.Item == reconcile.ItemHospital) != hospital {
		return 0
	}
	return r.Carried
}

func addUp[T any](rows []T, of func(T) money.Fen) (sum money.Fen) {
	for _, r := range rows {
		sum += of(r)
	}
	return sum
}
