package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"doudi/rules/pack"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"
)

func (a *app) rulesCmd() *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "查看和检查政策包：参数、日期、条款、清单、未配置项"}
	c.AddCommand(a.rulesListCmd(), a.rulesShowCmd(), a.rulesCheckCmd(), a.rulesSchemaCmd())
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

// showPack prints a pack for people: header, parameters, lists, what is not
// configured, clauses.
func (a *app) showPack(d pack.Description) {
	to, status := "现行", ""
	if d.Status == "draft" {
		to, status = "尚未正式印发", "（征求意见稿）"
	}
	if d.To != "" {
		to = "至 " + d.To
	}
	fmt.Fprintf(a.out, "%s  %s%s  %s\n适用 %s %s，自 %s 起，%s；%s 与原文核对；校验 %s\n", d.ID, d.Title, status, d.Number, d.Area, d.AreaName, d.From, to, d.CheckedOn, d.Digest[:16])
	if d.Extends != "" && d.Extends != "national" {
		fmt.Fprintf(a.out, "继承 %s\n", d.Extends)
	}
	for _, p := range d.Params {
		a.showParam(p, d.Number)
	}
	if len(d.Lists) > 0 {
		fmt.Fprintf(a.out, "\n清单\n")
	}
	for _, l := range d.Lists {
		a.wrapped("  ", fmt.Sprintf("%s %s（%s）：自 %s 起，送%s", l.Name, l.Title, source(l.Clause, l.Article, l.Document, d.Number), l.From, strings.Join(l.Departments, "、")))
		if l.To != "" {
			a.wrapped("    ", "到 "+l.To+" 为止")
		}
		if l.Choice != "" {
			a.wrapped("    ", "口径："+l.Choice)
		}
	}
	if len(d.Unset) > 0 {
		fmt.Fprintf(a.out, "\n未配置参数（按平台记录，不作推算）\n")
	}
	for _, u := range d.Unset {
		a.wrapped("  ", fmt.Sprintf("%s %s（%s）：%s", u.Path, u.Name, u.Clause, u.Reason))
	}
	fmt.Fprintf(a.out, "\n条款\n")
	for _, c := range d.Clauses {
		a.wrapped("  ", fmt.Sprintf("%s：%s", source(c.ID, c.Article, c.Number, d.Number), c.Text))
	}
}

// source is a clause; one that was inherited names its document.
func source(clause, article, document, own string) string {
	if document != own && document != "" {
		article = document + " " + article
	}
	return strings.TrimSpace(clause + " " + article)
}

func (a *app) showParam(p pack.ParamDescription, number string) {
	unit := ""
	if p.Unit != "" {
		unit = "，单位" + p.Unit
	}
	fmt.Fprintf(a.out, "\n%s  %s（%s%s）\n", p.Path, p.Name, source(p.Clause, p.Article, p.Document, number), unit)
	if p.Detail != "" {
		a.wrapped("  ", p.Detail)
	}
	for _, v := range p.Values {
		text, from := v.Value, "自 "+v.From
		if v.Short != "" {
			text = v.Short
		}
		if v.Unset != "" {
			text = "没有值（" + v.Unset + "）"
		}
		if v.From == "" {
			from = "不限日期"
		}
		if v.Overlay {
			text += "  ← 本地叠加"
		}
		a.wrapped("  ", from+"："+text)
	}
	if len(p.Values) == 0 {
		a.wrapped("  ", "未配置："+p.Unset)
	}
	if p.Choice != "" {
		a.wrapped("  ", "口径："+p.Choice)
	}
}

// lineWidth is what a terminal shows on one line; a Chinese character takes two.
const lineWidth = 100

// wrapped prints a text, broken after a separator where it is too long, the
// further lines indented under the first.
func (a *app) wrapped(indent, text string) {
	var line strings.Builder
	used := len(indent)
	line.WriteString(indent)
	for _, piece := range pieces(text) {
		if w := displayWidth(piece); used+w > lineWidth && used > len(indent)+2 {
			fmt.Fprintln(a.out, strings.TrimRight(line.String(), " "))
			line.Reset()
			line.WriteString(indent + "  ")
			used = len(indent) + 2
			piece = strings.TrimLeft(piece, " ")
		}
		line.WriteString(piece)
		used += displayWidth(piece)
	}
	fmt.Fprintln(a.out, strings.TrimRight(line.String(), " "))
}

// pieces cuts a text after each comma, stop and space.
func pieces(text string) []string {
	var out []string
	begin := 0
	for i, r := range text {
		if strings.ContainsRune("、，；。： ", r) {
			end := i + len(string(r))
			out = append(out, text[begin:end])
			begin = end
		}
	}
	return append(out, text[begin:])
}

func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth || k == width.EastAsianAmbiguous {
			n++
		}
	}
	return n
}

func (a *app) rulesSchemaCmd() *cobra.Command {
	var overlay bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "输出政策包（或叠加文件）的 JSON Schema，供编辑器提示和检查",
		Long: "输出 JSON Schema（2020-12）。编辑器装上 YAML 插件后，在政策包的第一行写\n" +
			"  # yaml-language-server: $schema=pack.schema.json\n就会提示可用的键、说明和取值，并标出写错的地方。",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if overlay {
				return printJSON(a.out, pack.OverlaySchema())
			}
			return printJSON(a.out, pack.Schema())
		},
	}
	c.Flags().BoolVar(&overlay, "overlay", false, "叠加文件的")
	return c
}
