package main

import (
	"fmt"
	"os"
	"path/filepath"

	"doudi/rules/pack"

	"github.com/spf13/cobra"
)

func (a *app) rulesCmd() *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "查看政策包：参数、日期、条款、未配置项"}
	c.AddCommand(a.rulesListCmd(), a.rulesShowCmd())
	return c
}

func (a *app) rulesListCmd() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "列出政策包",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t, err := newTable(a.out, format, "id", "title", "number", "status", "area", "from", "to", "parameters", "unset", "digest")
			if err != nil {
				return err
			}
			for _, id := range pack.Builtin() {
				p, err := pack.Load(id)
				if err != nil {
					return err
				}
				s := p.Describe()
				if err := t.row(p.ID, p.Title, p.Number, p.Status, p.Area+" "+p.AreaName, s.From, s.To, fmt.Sprint(len(s.Params)), fmt.Sprint(len(pack.Layered{Pack: p}.Unset())), p.Digest[:16]); err != nil {
					return err
				}
			}
			return t.close()
		},
	}
	formatFlag(c, &format, "csv", "json")
	return c
}

func (a *app) rulesShowCmd() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "show [政策包]",
		Short: "显示政策包的每个参数、日期和条款；在工作目录里不写名字则显示所用的全部，连同本地叠加",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			layers, err := a.layersToShow(args)
			if err != nil {
				return err
			}
			if format == "json" {
				out := []pack.Description{}
				for _, l := range layers {
					out = append(out, l.Describe())
				}
				return printJSON(a.out, map[string]any{"packs": out})
			}
			for i, l := range layers {
				if i > 0 {
					fmt.Fprintln(a.out)
				}
				a.showPack(l.Describe())
			}
			return nil
		},
	}
	formatFlag(c, &format, "text", "json")
	return c
}

// layersToShow: a pack as embedded, or what the workspace uses, with its
// overlays.
func (a *app) layersToShow(args []string) ([]pack.Layered, error) {
	w := &workspace{dir: a.dir}
	_, statErr := os.Stat(filepath.Join(a.dir, configFile))
	if statErr == nil {
		if err := w.configure(); err != nil {
			return nil, err
		}
	}
	var out []pack.Layered
	for _, ar := range w.areas {
		for _, l := range ar.Layers {
			if len(args) == 0 || args[0] == l.ID {
				out = append(out, l)
			}
		}
	}
	if len(args) == 0 && statErr != nil {
		return nil, usage("请写政策包的名字，用 doudi rules list 查看")
	}
	if len(out) == 0 && len(args) == 1 {
		p, err := pack.Load(args[0])
		if err != nil {
			return nil, usage("%v", err)
		}
		out = append(out, pack.Layered{Pack: p})
	}
	return out, nil
}

func (a *app) showPack(d pack.Description) {
	to := "现行"
	if d.Status == "draft" {
		to = "尚未正式印发"
	}
	if d.To != "" {
		to = "至 " + d.To
	}
	status := ""
	if d.Status == "draft" {
		status = "（征求意见稿）"
	}
	fmt.Fprintf(a.out, "%s  %s%s  %s\n适用 %s %s，自 %s 起，%s；%s 与原文核对；校验 %s\n", d.ID, d.Title, status, d.Number, d.Area, d.AreaName, d.From, to, d.CheckedOn, d.Digest[:16])
	for _, p := range d.Params {
		unit := ""
		if p.Unit != "" {
			unit = "，单位" + p.Unit
		}
		fmt.Fprintf(a.out, "\n%s  %s（%s %s%s）\n", p.Path, p.Name, p.Clause, p.Article, unit)
		for _, v := range p.Values {
			mark := ""
			if v.Overlay {
				mark = "  ← 本地叠加"
			}
			from := "自 " + v.From
			if v.From == "" {
				from = "不限日期"
			}
			fmt.Fprintf(a.out, "  %s：%s%s\n", from, v.Value, mark)
		}
		if len(p.Values) == 0 {
			fmt.Fprintf(a.out, "  未配置：%s\n", p.Unset)
		}
		if p.Choice != "" {
			fmt.Fprintf(a.out, "  口径：%s\n", p.Choice)
		}
	}
	fmt.Fprintf(a.out, "\n条款\n")
	for _, c := range d.Clauses {
		fmt.Fprintf(a.out, "  %s %s：%s\n", c.ID, c.Article, c.Text)
	}
}
