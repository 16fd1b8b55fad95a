package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/yearend"
	"doudi/reports"
	"doudi/rules/money"

	"github.com/spf13/cobra"
)

func (a *app) closeCmd() *cobra.Command {
	var o yearend.CloseOptions
	var area, format string
	c := &cobra.Command{
		Use:   "close 年度 [--area 330100] [--accept 事项]… [--reason 说明] [--statement 校验码] [--dry-run] --by 签署人",
		Short: "年度清算：核对、两人签署、结账",
		Long: "年度清算。先核对是否都已办结：未过账的补发追回、待冲销的退费、未清零的监测对象、对不上的财政拨付；有未办结的列出来，不结账（退出码 5）。\n" +
			"都办结后，给出清算表（按资金、县区、医院、承办机构、项目）和它的校验码，记下第一人的签署，写出草稿；\n" +
			"另一人核对后用同一命令加 --statement 校验码 签署，年度即结账。其间本年度的数据、政策、结果、过账有任何变动，校验码就不再相符（退出码 5）。\n\n" +
			"可以说明理由后接受而不办结的（--accept，可多次，理由写进清算表）：\n" +
			"  cases        未清零的监测对象，年终列为未清零\n" +
			"  transfers    对不上应拨的财政拨付、未参加对账的拨付、人工勾对留下的差额，差额结转下年\n" +
			"  refund:ID    某一笔待冲销或金额不符的退费（逐笔写明退费的结算ID）\n" +
			"  earlier      本单位首次结账：以前各年度账上有记录而不单独结账，过账作为以前年度调整，平台记录和拨付计入结转\n" +
			"  @文件        文件里每行一项\n" +
			"未过账的补发追回不能接受：它们就是本年度该付的，请先过账。\n" +
			"年度依次结账：以前年度有记录而未结的，先结以前年度；以后年度已结的，先重开以后年度。\n\n" +
			"结账后任何导入和运行都不改动本年度的数字：results、cases 给出结账时的数，迟到的名单、结算、退费照常重算，差额作为以前年度调整在未结的年度过账。\n" +
			"已结的年度再执行一次，只重写工作簿。重开用 doudi reopen。\n\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			year, err := parseYear(args[0])
			if err != nil {
				return err
			}
			if o.Accept, err = listed(o.Accept); err != nil {
				return err
			}
			return a.clearance(cmd.Context(), area, func(ctx context.Context, w *workspace, ar *jobs.Area, cl *yearend.Clearance) error {
				out, err := cl.Close(ctx, year, o)
				return a.sayClose(ctx, w, ar, out, err, o, format)
			})
		},
	}
	c.Flags().StringVar(&area, "area", "", "统筹区代码（只有一个时可省略）")
	c.Flags().StringArrayVar(&o.Accept, "accept", nil, "接受而不办结的事项：cases、transfers、refund:结算ID、earlier（可多次）")
	c.Flags().StringVar(&o.Reason, "reason", "", "接受的理由")
	c.Flags().StringVar(&o.Statement, "statement", "", "第二人签署：清算表的校验码")
	c.Flags().BoolVar(&o.Dry, "dry-run", false, "只核对，不签署")
	formatFlag(c, &format, "text", "json")
	return c
}

func (a *app) reopenCmd() *cobra.Command {
	var o yearend.ReopenOptions
	var area, format string
	c := &cobra.Command{
		Use:   "reopen 年度 [--area 330100] --reason 说明 [--statement 校验码] --by 签署人",
		Short: "重开已结的年度（两人签署，记录在案）",
		Long: "重开已结的年度：一人说明理由提出，另一人用 --statement 加上已结清算表的校验码确认。两次签署和理由都记录在案，先前的清算表仍保留。\n" +
			"以后年度已结的，先重开以后年度。重开后的下一次运行重算所有人；期间已过账的以前年度调整留在过账的年度，不再重复。\n\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			year, err := parseYear(args[0])
			if err != nil {
				return err
			}
			return a.clearance(cmd.Context(), area, func(ctx context.Context, _ *workspace, ar *jobs.Area, cl *yearend.Clearance) error {
				out, err := cl.Reopen(ctx, year, o)
				return a.sayReopen(ar, out, err, format)
			})
		},
	}
	c.Flags().StringVar(&area, "area", "", "统筹区代码（只有一个时可省略）")
	c.Flags().StringVar(&o.Reason, "reason", "", "重开的理由")
	c.Flags().StringVar(&o.Statement, "statement", "", "第二人确认：已结清算表的校验码")
	formatFlag(c, &format, "text", "json")
	return c
}

// listed reads the files among items: @FILE, an item a line.
func listed(items []string) ([]string, error) {
	var out []string
	for _, x := range items {
		path, isFile := strings.CutPrefix(x, "@")
		if !isFile {
			out = append(out, x)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, usage("读不到 --accept 的文件 %s", path)
		}
		out = append(out, strings.Fields(string(data))...)
	}
	return out, nil
}

func parseYear(s string) (int, error) {
	y, err := strconv.Atoi(s)
	if err != nil || y < 1900 || y > 9999 {
		return 0, usage("%q 不是年度，应写作 2023", s)
	}
	return y, nil
}

// clearance opens the workspace for the clearance of one area.
func (a *app) clearance(ctx context.Context, area string, do func(context.Context, *workspace, *jobs.Area, *yearend.Clearance) error) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	ar, err := w.area(area, "")
	if err != nil {
		return err
	}
	return do(ctx, w, ar, &yearend.Clearance{Store: w.store, By: a.user(), Now: a.now, Reconciler: yearend.Reconciling(w.store, ar.Finance()),
		Area: yearend.Area{Code: ar.Code, Name: ar.Name, Policy: ar.Policy, Insurers: ar.Insurers}})
}

type blockingJSON struct {
	Item       string        `json:"item"`
	Count      int           `json:"count"`
	Amount     string        `json:"amount"`
	What       string        `json:"what"`
	Do         string        `json:"do"`
	Acceptable bool          `json:"acceptable"`
	Details    []blockDetail `json:"details"`
}

type blockDetail struct {
	Certno string `json:"certno"`
	Ref    string `json:"ref"`
	What   string `json:"what"`
	Amount string `json:"amount"`
}

func (a *app) blocking(ctx context.Context, w *workspace, groups []yearend.Group) ([]blockingJSON, error) {
	var people []ledger.PersonNo
	for _, g := range groups {
		for _, d := range g.Details {
			people = append(people, d.Person)
		}
	}
	ids, err := w.store.Certnos(ctx, people)
	if err != nil {
		return nil, err
	}
	out := []blockingJSON{}
	for _, g := range groups {
		j := blockingJSON{g.Item, g.Count, g.Amount.String(), g.What, g.Do, g.May, []blockDetail{}}
		for _, d := range g.Details {
			id := ""
			if d.Person != 0 {
				id = reports.Mask(ids[d.Person])
			}
			j.Details = append(j.Details, blockDetail{id, d.Ref, d.What, d.Amount.String()})
		}
		out = append(out, j)
	}
	return out, nil
}

// sayClose tells where the year stands, and writes the workbook of what was signed.
func (a *app) sayClose(ctx context.Context, w *workspace, ar *jobs.Area, out yearend.Outcome, failed error, o yearend.CloseOptions, format string) error {
	if failed != nil && !errors.Is(failed, yearend.ErrBlocked) {
		return whyNot(failed, out)
	}
	blocking, err := a.blocking(ctx, w, out.Blocking)
	if err != nil {
		return err
	}
	book := ""
	if failed == nil && !o.Dry && out.Statement != nil {
		if book, err = reports.WriteYear(ctx, w.store, out.Statement, out.State, w.out()); err != nil {
			return fmt.Errorf("签署已记录，但工作簿未写成（再次执行 doudi close %d 即可重写）：%w", out.Year, err)
		}
	}
	if len(blocking) > 0 {
		a.code = exitConflict
	}
	if format == "json" {
		j := map[string]any{"area": ar.Code, "year": out.Year, "closed": out.State.Locked(), "state": out.State.Phase.String(), "statement": out.Hash, "blocking": blocking, "workbook": book}
		return printJSON(a.out, j)
	}
	a.sayFigures(ar, out)
	refunds := 0
	for _, g := range blocking {
		if strings.HasPrefix(g.Item, yearend.ItemRefund) {
			if refunds++; refunds > 3 {
				continue
			}
		}
		fmt.Fprintf(a.out, "  未办结：%s", g.What)
		if len(g.Details) > 0 {
			fmt.Fprintf(a.out, "（%d 项，%s 元）", g.Count, g.Amount)
		}
		fmt.Fprintf(a.out, "\n    %s\n", g.Do)
		for i, d := range g.Details {
			if i == 5 {
				fmt.Fprintf(a.out, "    …… 另有 %d 项（--format json 列出全部）\n", len(g.Details)-i)
				break
			}
			fmt.Fprintf(a.out, "    %s %s %s %s 元\n", d.Certno, d.Ref, d.What, d.Amount)
		}
	}
	if refunds > 3 {
		fmt.Fprintf(a.out, "  …… 另有 %d 笔退费待核对（--format json 列出全部）\n", refunds-3)
	}
	if len(blocking) > 0 {
		fmt.Fprintf(a.out, "%d 年度没有结账：有 %d 项未办结\n", out.Year, len(blocking))
		return nil
	}
	a.sayWhere(out, o)
	if book != "" {
		fmt.Fprintf(a.out, "  工作簿 %s\n", book)
	}
	return nil
}

// sayFigures prints what the statement comes to.
func (a *app) sayFigures(ar *jobs.Area, out yearend.Outcome) {
	fmt.Fprintf(a.out, "%s %s %d 年度清算（%s）\n", ar.Code, ar.Name, out.Year, out.State.Phase.Chinese())
	st := out.Statement
	if st == nil {
		return
	}
	n := &st.Counts
	fmt.Fprintf(a.out, "  第 %d 次运行（%s）：%d 人 %d 笔结算，退费冲销 %d 笔，监测 %d 个、已清零 %d\n", st.From.Run, st.From.Month, n.People, n.Claims, n.Cancelled, n.Cases, n.Cleared)
	for _, c := range st.Cut(yearend.ByItem) {
		fmt.Fprintf(a.out, "  %s：应付 %s，平台已付 %s，已过账 %s，财政已拨付 %s\n", c.Keys[0], c.Due, c.Recorded, c.Posted, c.Paid)
	}
	if len(st.Prior) > 0 {
		var sum money.Fen
		for _, p := range st.Prior {
			sum += p.Amount
		}
		fmt.Fprintf(a.out, "  以前年度调整：%d 笔，净额 %s 元\n", len(st.Prior), sum)
	}
	for _, g := range st.Open {
		if g.Accept {
			fmt.Fprintf(a.out, "  已接受：%s（%d 项，%s 元）：%s\n", g.What, g.Count, g.Amount, g.Reason)
		}
	}
	fmt.Fprintf(a.out, "  清算表校验码 %s\n", out.Hash)
}

// sayWhere tells what was done and what comes next.
func (a *app) sayWhere(out yearend.Outcome, o yearend.CloseOptions) {
	s := &out.State
	switch {
	case s.Locked():
		fmt.Fprintf(a.out, "%d 年度已结账：%s、%s 签署\n", out.Year, s.First.By, s.Second.By)
	case o.Dry:
		fmt.Fprintf(a.out, "%d 年度已可结账（试核对，未签署）\n", out.Year)
	default:
		fmt.Fprintf(a.out, "%s 已签署，待另一人核对后签署：doudi close %d --statement %s --by 另一人\n", s.First.By, out.Year, out.Hash)
	}
}

func (a *app) sayReopen(ar *jobs.Area, out yearend.Outcome, failed error, format string) error {
	if failed != nil {
		return whyNot(failed, out)
	}
	if format == "json" {
		return printJSON(a.out, map[string]any{"area": ar.Code, "year": out.Year, "closed": out.State.Locked(), "state": out.State.Phase.String(), "statement": out.Hash})
	}
	if out.State.Locked() {
		fmt.Fprintf(a.out, "%s %s %d 年度：%s 已提出重开（%s），待另一人确认：doudi reopen %d --statement %s --by 另一人\n", ar.Code, ar.Name, out.Year,
			out.State.Reopen.By, out.State.Reopen.Reason, out.Year, out.Hash)
		return nil
	}
	fmt.Fprintf(a.out, "%s %s %d 年度已重开；先前的清算表 %s 仍在案。请再运行一次 doudi run，核对后重新结账\n", ar.Code, ar.Name, out.Year, out.Hash)
	return nil
}

// whyNot explains why a year was neither closed nor reopened.
func whyNot(err error, out yearend.Outcome) error {
	say := func(code int, hint, format string, args ...any) error {
		return &problem{code: code, msg: fmt.Sprintf(format, args...), hint: hint, err: nil}
	}
	first, reopen := out.State.First.By, out.State.Reopen.By
	switch {
	case errors.Is(err, yearend.ErrSamePerson):
		return say(exitConflict, "请另一人用 --by 姓名 --statement 校验码 签署", "两次签署须是两个人")
	case errors.Is(err, yearend.ErrNobody):
		return say(exitUsage, "", "缺少签署人，请用 --by 姓名")
	case errors.Is(err, yearend.ErrConfirm) && out.State.Locked():
		return say(exitUsage, "核对理由后执行：doudi reopen "+strconv.Itoa(out.Year)+" --statement "+out.Hash+" --by 姓名", "%s 已提出重开 %d 年度（%s），确认须写明 --statement", reopen, out.Year, out.State.Reopen.Reason)
	case errors.Is(err, yearend.ErrConfirm):
		return say(exitUsage, "核对草稿后执行：doudi close "+strconv.Itoa(out.Year)+" --statement "+out.Hash+" --by 姓名", "%s 已签署 %d 年度清算表，第二人签署须写明 --statement", first, out.Year)
	case errors.Is(err, yearend.ErrUnsigned) && out.State.Locked():
		return say(exitConflict, "先执行 doudi reopen "+strconv.Itoa(out.Year)+" --reason 理由 --by 姓名", "还没有人提出重开 %d 年度，无从确认", out.Year)
	case errors.Is(err, yearend.ErrUnsigned):
		return say(exitConflict, "先执行 doudi close "+strconv.Itoa(out.Year)+"（不带 --statement），由第一人签署", "%d 年度还没有人签署", out.Year)
	case errors.Is(err, yearend.ErrStatement):
		return say(exitConflict, "校验码在 doudi close 的输出里，也在工作簿封面上", "校验码不是 %d 年度所签清算表的", out.Year)
	case errors.Is(err, yearend.ErrClosed):
		return say(exitConflict, "用 doudi close "+strconv.Itoa(out.Year)+" 查看", "%d 年度刚刚由他人结账", out.Year)
	case errors.Is(err, ledger.ErrStale):
		return say(exitConflict, "等它完成后再执行一次", "核对期间又有数据入账，没有签署")
	case errors.Is(err, yearend.ErrMoved):
		return say(exitConflict, "核对后重新由第一人签署：doudi close "+strconv.Itoa(out.Year)+" --by 姓名",
			"%s 签署之后，%d 年度的数据、政策、结果或过账有变动，清算表已不是当时的（现为 %s）；没有结账", first, out.Year, out.Hash)
	case errors.Is(err, yearend.ErrNoItem):
		return say(exitUsage, "先用 --dry-run 看有哪些事项", "没有这样的未办结事项：%s", itemOf(err, yearend.ErrNoItem))
	case errors.Is(err, yearend.ErrAccept):
		return say(exitConflict, "能接受的是 cases、transfers、逐笔的 refund:结算ID，首次结账时还有 earlier", "%s 不能接受，必须办结", itemOf(err, yearend.ErrAccept))
	case errors.Is(err, yearend.ErrReason):
		return say(exitUsage, "", "缺少 --reason（理由写进记录）")
	case errors.Is(err, yearend.ErrNotClosed):
		return say(exitConflict, "", "%d 年度没有结账，无须重开", out.Year)
	case errors.Is(err, yearend.ErrLaterYear):
		return say(exitConflict, "先重开以后年度：它的上年结转来自 "+strconv.Itoa(out.Year)+" 年度", "以后年度%s已结，不能重开 %d 年度", itemOf(err, yearend.ErrLaterYear), out.Year)
	}
	return err
}

// itemOf is what an error names beside its cause.
func itemOf(err, cause error) string {
	_, item, _ := strings.Cut(err.Error(), cause.Error()+": ")
	return item
}

// asClosed gives, by area, the run as of which a year is listed: of a closed year the
// one whose figures were signed, unless a run is asked for.
func (a *app) asClosed(ctx context.Context, w *workspace, r ledger.Run, o listOptions) (map[string]ledger.Run, error) {
	out := map[string]ledger.Run{}
	for _, ra := range r.Areas {
		out[ra.Area] = r
		if o.run != 0 {
			continue
		}
		steps, err := w.store.YearSteps(ctx, ra.Area, everything)
		if err != nil {
			return nil, err
		}
		s := yearend.NewCalendar(steps).Now(o.year)
		if !s.Locked() {
			continue
		}
		if out[ra.Area], err = w.store.Run(ctx, s.First.Run); err != nil {
			return nil, err
		}
		if s.First.Run != r.No {
			fmt.Fprintf(a.err, "注意：%s %s %d 年度已结账，给出的是结账时（第 %d 次运行）的数；其后的以前年度调整用 --run %d 看\n", ra.Area, ra.Name, o.year, s.First.Run, r.No)
		}
	}
	return out, nil
}
