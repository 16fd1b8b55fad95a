package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) mergeCmd() *cobra.Command {
	var reason, format string
	var dry, undo bool
	c := &cobra.Command{
		Use:   "merge 原身份证号 正确身份证号 --reason 理由 --by 经办人 [--dry-run] [--undo]",
		Short: "身份证号更正：原号名下的记录归另一人",
		Long: "身份证号更正：原号写错或已更换，它名下的名单、结算、帮扶、参保、拨付等自这笔入账起归正确的号，所有统筹区一并。\n" +
			"两个号的原始记录都保留，不改不删；此前的运行仍是当时的数。下次运行按一个人重算，如同一开始就写对；已过账的留在原来的结算上，只提出差额。\n" +
			"以后再来的表里仍写原号的，照常采纳，同样归正确的号。更正错了用 --undo 撤销，两人各归各的记录。\n" +
			"先用 --dry-run 看：有多少行归过去，哪些结算、监测的数会变、变多少，什么也不存。理由加密保存，请不要写身份证号。\n\n" + exitHelp,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var ids [2]string
			for i := range ids {
				var err error
				if ids[i], err = intake.ParseCertno(args[i], civil.FromTime(a.now())); err != nil {
					return usage("第 %d 个号：%v", i+1, err)
				}
			}
			if ids[0] == ids[1] {
				return usage("两个号是同一个人，不用更正")
			}
			if reason = strings.TrimSpace(reason); reason == "" {
				return usage("缺少 --reason（理由），如 --reason 民政来函更正")
			}
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer func() { w.close() }() // a dry run opens another ledger
			x := ledger.Merge{Reason: reason, By: a.user(), At: a.now()}
			for i, into := range []*ledger.PersonNo{&x.From, &x.To} {
				if *into, err = w.store.PersonByID(ctx, ids[i]); err != nil {
					return err
				}
				if *into == 0 {
					return &problem{code: exitUsage, msg: fmt.Sprintf("账里没有第 %d 个号 %s", i+1, reports.Mask(ids[i])),
						hint: "请核对身份证号；正确的号还没有来过的，先导入写有它的名单或结算，再更正"}
				}
			}
			if dry {
				if err := w.onCopy(ctx); err != nil {
					return err
				}
				defer os.RemoveAll(filepath.Dir(w.copied))
			}
			var on []ledger.Merge
			if err := w.store.Merge(ctx, &x, func(is []ledger.Merge) error { on = is; return ledger.CanMerge(&x, undo, is) }); err != nil {
				return w.mergeProblem(ctx, err, &x, on)
			}
			if err := a.cycle(w).Follow(ctx); err != nil {
				return err
			}
			rows, err := w.store.RowsOf(ctx, x.From, x.Seq)
			if err != nil {
				return err
			}
			said := map[string]any{"dry_run": dry, "undo": undo, "from": reports.Mask(ids[0]), "to": reports.Mask(ids[1]), "rows": rows}
			if !dry {
				said["entry"] = x.Seq
			}
			d, err := a.mergePreview(ctx, w, &x, dry)
			if err != nil {
				return err
			}
			if format == "json" {
				if d != nil {
					said["changes"] = d.JSON()
				}
				return printJSON(a.out, said)
			}
			a.sayMerge(ids, rows, &x, dry)
			if err := a.sayFurther(ctx, w, ids[1], &x, on); err != nil {
				return err
			}
			if d == nil {
				return nil
			}
			fmt.Fprintf(a.out, "与第 %d 次运行（%s）相比，重算后：\n", d.Before.No, d.Before.Month)
			return d.Text(a.out)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "理由（必填，加密保存）")
	c.Flags().BoolVar(&dry, "dry-run", false, "只看结果，什么也不存")
	c.Flags().BoolVar(&undo, "undo", false, "撤销这两个号之间的更正")
	formatFlag(c, &format, "text", "json")
	return c
}

// mergePreview is what the next run would find otherwise, of a correction in the
// copy of a dry run; nil where nothing was ever run.
func (a *app) mergePreview(ctx context.Context, w *workspace, x *ledger.Merge, dry bool) (*reports.Diff, error) {
	if !dry {
		return nil, nil
	}
	last, err := w.store.Run(ctx, 0)
	if errors.Is(err, ledger.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := a.cycle(w).Rerun(ctx, jobs.RerunOptions{Scope: ledger.Scope{Person: x.To}, Reason: x.Reason, Dry: true})
	if err != nil {
		return nil, err
	}
	return reports.NewDiff(ctx, w.store, w.areas, last, out.Run, out.Preview, false)
}

// mergeProblem gives a refusal its exit code. IDs are masked: errors are copied
// into messages.
func (w *workspace) mergeProblem(ctx context.Context, err error, x *ledger.Merge, on []ledger.Merge) error {
	hint := ""
	if was, moved := ledger.Merged(on)[x.From]; moved {
		ids, err := w.store.Certnos(ctx, []ledger.PersonNo{was.To})
		if err != nil {
			return err
		}
		hint = fmt.Sprintf("第 %d 笔入账已把它更正为 %s；要改对，先用 --undo 撤销那一次", was.Seq, reports.Mask(ids[was.To]))
	}
	switch {
	case errors.Is(err, ledger.ErrSamePerson):
		return usage("两个号是同一个人，不用更正")
	case errors.Is(err, ledger.ErrMerged):
		return &problem{code: exitConflict, msg: "原号此前已经更正过", hint: hint}
	case errors.Is(err, ledger.ErrCircle):
		return &problem{code: exitConflict, msg: "第二个号此前已更正为第一个号，不能再反过来", hint: "先用 --undo 撤销那一次更正"}
	case errors.Is(err, ledger.ErrNotMerged):
		return &problem{code: exitConflict, msg: "这两个号之间没有可撤销的更正", hint: hint}
	}
	return err
}

func (a *app) sayMerge(ids [2]string, rows map[string]int, x *ledger.Merge, dry bool) {
	from, to := reports.Mask(ids[0]), reports.Mask(ids[1])
	switch {
	case dry && x.Undo != 0:
		fmt.Fprintf(a.out, "试算（什么也没有存）：撤销后，%s 的记录不再归 %s：%s\n", from, to, rowsText(rows))
	case dry:
		fmt.Fprintf(a.out, "试算（什么也没有存）：%s 的记录将归 %s：%s\n", from, to, rowsText(rows))
	case x.Undo != 0:
		fmt.Fprintf(a.out, "已撤销更正（第 %d 笔入账）：%s 的记录不再归 %s：%s\n", x.Seq, from, to, rowsText(rows))
	default:
		fmt.Fprintf(a.out, "已更正（第 %d 笔入账）：%s 的记录归 %s：%s\n", x.Seq, from, to, rowsText(rows))
	}
	if !dry {
		fmt.Fprintln(a.out, "下次运行按更正后的人重算；要马上重算，用 doudi rerun --person 正确身份证号 --reason 理由 --dry-run")
	}
}

// sayFurther says where the records go on to if the second ID was itself corrected.
func (a *app) sayFurther(ctx context.Context, w *workspace, certno string, x *ledger.Merge, on []ledger.Merge) error {
	to := ledger.Now(ledger.Merged(on), x.To)
	if to == x.To || x.Undo != 0 {
		return nil
	}
	ids, err := w.store.Certnos(ctx, []ledger.PersonNo{to})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s 此前已更正为 %s，记录一并归 %s\n", reports.Mask(certno), reports.Mask(ids[to]), reports.Mask(ids[to]))
	return nil
}

// saidMerged are so many corrections of IDs that a list names one by one.
const saidMerged = 5

// sayMerged says beside a list under which IDs it has those that were corrected, and
// which corrections its run did not know yet.
func (a *app) sayMerged(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
	on, err := w.store.Merges(ctx, everything)
	if err != nil || len(on) == 0 {
		return err
	}
	i := slices.IndexFunc(on, func(m ledger.Merge) bool { return m.Seq > r.Seen })
	if i < 0 {
		i = len(on)
	}
	if n := len(on) - i; n > 0 {
		fmt.Fprintf(a.err, "注意：第 %d 次运行之后有 %d 笔身份证号更正或撤销，下次运行起按更正后的人列出\n", r.No, n)
	}
	stand := ledger.Merged(on[:i])
	from := slices.SortedFunc(maps.Keys(stand), func(x, y ledger.PersonNo) int { return cmp.Compare(stand[y].ID, stand[x].ID) }) // the last first
	if len(from) == 0 {
		return nil
	}
	shown := from[:min(len(from), saidMerged)]
	var people []ledger.PersonNo
	for _, p := range shown {
		people = append(people, p, ledger.Now(stand, p))
	}
	ids, err := w.store.Certnos(ctx, people)
	if err != nil {
		return err
	}
	var says []string
	for _, p := range shown {
		says = append(says, fmt.Sprintf("%s 的记录列在 %s 名下", o.id(ids[p]), o.id(ids[ledger.Now(stand, p)])))
	}
	more := ""
	if len(from) > len(shown) {
		more = fmt.Sprintf("；此前更正的另有 %d 个号，可用 doudi explain 原号 查看归谁", len(from)-len(shown))
	}
	fmt.Fprintf(a.err, "身份证号更正：%s%s\n", strings.Join(says, "；"), more)
	return nil
}

// rowsText counts what is on record under a number.
func rowsText(rows map[string]int) string {
	var parts []string
	for _, x := range []struct{ table, text string }{{"event", "名单 %d 行"}, {"claim", "结算 %d 笔"}, {"relief", "帮扶 %d 笔"}, {"enrolment", "参保 %d 条"},
		{"contribution", "缴费 %d 个月"}, {"birth", "生育 %d 次"}, {"item", "费用明细 %d 行"}, {"transfer", "财政拨付 %d 笔"}, {"head", "以此人为户主的名单 %d 行"}} {
		if n := rows[x.table]; n > 0 {
			parts = append(parts, fmt.Sprintf(x.text, n))
		}
	}
	if len(parts) == 0 {
		return "没有记录"
	}
	return strings.Join(parts, "、")
}

// mergedOf says what of a person came by corrections, as known at seen, and where a
// corrected ID went: gone is true if it did.
func (w *workspace) mergedOf(ctx context.Context, p ledger.PersonNo, seen ledger.Seq) (lines []string, gone bool, err error) {
	on, err := w.store.Merges(ctx, seen)
	if err != nil || len(on) == 0 {
		return nil, false, err
	}
	stand := ledger.Merged(on)
	if m, moved := stand[p]; moved {
		to := ledger.Now(stand, p)
		ids, err := w.store.Certnos(ctx, []ledger.PersonNo{to})
		return []string{fmt.Sprintf("此身份证号已更正，名下记录归 %s（第 %d 笔入账，%s，经办人 %s，理由：%s）", reports.Mask(ids[to]), m.Seq, civil.FromTime(m.At.In(shanghai)), m.By, m.Reason)}, true, err
	}
	for _, m := range on { // in their order
		if stand[m.From].ID != m.ID || ledger.Now(stand, m.From) != p {
			continue
		}
		rows, err := w.store.RowsOf(ctx, m.From, seen)
		if err != nil {
			return nil, false, err
		}
		ids, err := w.store.Certnos(ctx, []ledger.PersonNo{m.From})
		if err != nil {
			return nil, false, err
		}
		lines = append(lines, fmt.Sprintf("其中 %s 名下的记录（%s）由身份证号更正并入（第 %d 笔入账，理由：%s）", reports.Mask(ids[m.From]), rowsText(rows), m.Seq, m.Reason))
	}
	return lines, false, nil
}
