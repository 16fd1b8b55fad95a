package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/store/anchor"

	"github.com/spf13/cobra"
)

// verifyOptions say against what, beside itself, the ledger is held.
type verifyOptions struct {
	heads          []string // printed ones
	anchor         string   // a copy of the anchor file
	accept, format string
}

func (a *app) verifyCmd() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify [--head 链头]… [--anchor 文件] [--accept 链头 --by 姓名]",
		Short: "核对账本：链、记录、金额守恒、各文件的行数和金额、审计记录、锚",
		Long: "核对账本：每笔入账的记录与链一致；每笔结算各层之和等于总费用；每个文件的行数和金额都是读入 = 采纳 + 重复 + 退回，\n" +
			"且与在账的记录相符；审计记录没有被改动；账本与锚文件 " + anchorFile + " 一致。\n\n" +
			"锚文件在每次入账后记下链头：账本末尾被截掉、整本被换成旧的，都会在这里发现（退出码 6），此后也不能再写账。\n" +
			"--head 核对印在封面上的链头（可只写前 12 位以上）是不是在这本账里；--anchor 用另存在别处的锚文件核对。\n" +
			"有意恢复了较早的备份时，先查明缺了哪些入账，再用 --accept 写上现在的链头认可它；这会留下审计记录，缺的文件请重新导入。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			return a.verify(cmd.Context(), w, &o)
		},
	}
	c.Flags().StringArrayVar(&o.heads, "head", nil, "印在封面上的链头：证明它在这本账里（可多次）")
	c.Flags().StringVar(&o.anchor, "anchor", "", "另存的锚文件")
	c.Flags().StringVar(&o.accept, "accept", "", "认可有意恢复的备份：写现在的链头")
	formatFlag(c, &o.format, "text", "json")
	return c
}

var someHash = regexp.MustCompile(`^[0-9a-fA-F]{12,64}$`)

func (o *verifyOptions) check() error {
	for _, h := range append(o.heads[:len(o.heads):len(o.heads)], o.accept) {
		if h != "" && !someHash.MatchString(h) {
			return usage("链头 %q 应为十六进制数字，至少写前 12 位", h)
		}
	}
	return nil
}

// verified is what was found.
type verified struct {
	Entries ledger.Seq  `json:"entries"`
	Head    string      `json:"head"`
	Anchor  string      `json:"anchor"` // none, kept
	Behind  ledger.Seq  `json:"behind"` // entries that the anchor does not have yet
	Heads   []foundHead `json:"heads"`
}

// foundHead is the entry of a head that was asked for.
type foundHead struct {
	Head  string     `json:"head"`
	Entry ledger.Seq `json:"entry"`
	Kind  string     `json:"kind"`
	At    string     `json:"at"`
	After ledger.Seq `json:"after"` // entries since
}

func (a *app) verify(ctx context.Context, w *workspace, o *verifyOptions) error {
	last, err := w.store.Verify(ctx)
	if err != nil {
		return err
	}
	out := verified{Entries: last.Seq, Head: last.Hash.String(), Anchor: "none", Heads: []foundHead{}}
	for _, h := range o.heads {
		e, ok, err := w.store.EntryWith(ctx, h)
		if err != nil {
			return err
		}
		if !ok {
			return &problem{code: exitIntegrity, msg: fmt.Sprintf("链头 %s 不在这本账里（这本账自身完整，共 %d 笔入账）", h, last.Seq),
				hint: "先核对抄写有没有错；没有抄错，则账本被换过，或末尾被截掉后又另外入了账"}
		}
		out.Heads = append(out.Heads, foundHead{e.Hash.String(), e.Seq, string(e.Kind), e.At.In(shanghai).Format("2006-01-02 15:04:05"), last.Seq - e.Seq})
	}
	if o.anchor != "" {
		if _, _, err := w.store.AnchoredBy(ctx, w.anchorAt(o.anchor)); err != nil {
			return err
		}
	}
	if o.accept != "" {
		if !strings.HasPrefix(last.Hash.String(), strings.ToLower(o.accept)) {
			return &problem{code: exitConflict, msg: fmt.Sprintf("现在的链头是 %s，不是 %s", last.Hash, o.accept)}
		}
		if err := w.store.Accept(ctx, a.now(), a.user(), last.Hash); err != nil {
			return err
		}
	}
	m, kept, err := w.store.Anchored(ctx)
	if err != nil {
		return err
	}
	if kept {
		out.Anchor, out.Behind = "kept", max(0, last.Seq-m.Seq)
	}
	if o.format == "json" {
		return printJSON(a.out, out)
	}
	a.sayVerified(&out, o)
	return nil
}

var entryNames = map[string]string{"import": "导入", "run": "运行", "post": "过账", "close": "年度清算", "match": "人工勾对", "merge": "身份证号更正"}

func (a *app) sayVerified(v *verified, o *verifyOptions) {
	fmt.Fprintf(a.out, "账本完整：%d 笔入账，链头 %s\n", v.Entries, v.Head)
	for _, h := range v.Heads {
		fmt.Fprintf(a.out, "  链头 %s 在这本账里：第 %d 笔入账（%s，%s），其后又有 %d 笔\n", h.Head[:12], h.Entry, entryNames[h.Kind], h.At, h.After)
	}
	if o.anchor != "" {
		fmt.Fprintf(a.out, "  与另存的锚文件一致\n")
	}
	if o.accept != "" {
		fmt.Fprintf(a.out, "  已认可现在的账本，从这里接着记；已留下审计记录\n")
	}
	if v.Behind > 0 {
		fmt.Fprintf(a.out, "  锚比账本少 %d 笔：最后一次入账后被中断，下次写账时补记\n", v.Behind)
	}
}

// notAnchored says how a ledger differs from its anchor.
func notAnchored(e *anchor.Error) (msg, hint string) {
	marked := fmt.Sprintf("第 %d 笔（链头 %.12s，%s）", e.Mark.Seq, e.Mark.Hash, e.Mark.At.In(shanghai).Format("2006-01-02 15:04"))
	have := "现在的账本没有入账"
	if e.Last.Seq > 0 {
		have = fmt.Sprintf("现在的账本到第 %d 笔（链头 %s，%s）", e.Last.Seq, e.Last.Hash, e.Last.At.In(shanghai).Format("2006-01-02 15:04"))
	}
	hint = "保留现场，查明原因。若是有意恢复的备份，用 doudi verify --accept 现在的链头 --by 姓名 认可后再继续"
	switch e.Reason {
	case anchor.Missing:
		return "锚文件 " + anchorFile + " 不见了；" + have, "从备份取回它。取不回的，先用封面上的链头核对（doudi verify --head 链头），再用 --accept 现在的链头 --by 姓名 重新开始"
	case anchor.Damaged:
		return "锚文件 " + anchorFile + " 被改动，或不是用这本账的密钥写的；" + have, hint
	case anchor.Cut:
		return "账本的末尾不见了：锚记到" + marked + "，" + have, "是不是只拷了 doudi.db 而没有 doudi.db-wal，或恢复了较早的备份？" + hint
	case anchor.Replaced:
		return "账本被换过：锚记的" + marked + "不是账本里的这一笔；" + have, hint
	case anchor.LogCut:
		return "审计记录的末尾不见了；" + have, hint
	}
	return "审计记录被改动；" + have, hint
}
