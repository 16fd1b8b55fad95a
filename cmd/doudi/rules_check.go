package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"doudi/rules/pack"

	"github.com/spf13/cobra"
)

func (a *app) rulesCheckCmd() *cobra.Command {
	k := &ruleCheck{app: a}
	c := &cobra.Command{
		Use:   "check [政策包.yaml…] [--pack 内置政策包] [--overlay 叠加.yaml] [--case 样例.yaml]",
		Short: "检查政策包、叠加文件和样例，逐条列出错误的文件、行、列",
		Long: "检查政策包文件。每处错误一行：文件:行:列: 怎样改。没有错误的，列出参数、未配置项、条款、清单的数目和施行期。\n" +
			"几份政策包属于同一地区的，另外指出同时施行的日子和没有政策的空档。\n" +
			"--overlay 检查叠加文件，叠加在 --pack 的内置政策包或所写的一份政策包之上；--case 按它结算样例并核对金额。\n\n" + exitHelp,
		RunE: func(_ *cobra.Command, files []string) error { return k.run(files) },
	}
	c.Flags().StringVar(&k.pack, "pack", "", "内置政策包的名字")
	c.Flags().StringVar(&k.overlay, "overlay", "", "叠加文件")
	c.Flags().StringArrayVar(&k.cases, "case", nil, "样例文件（可多次）")
	return c
}

// ruleCheck is one call of `rules check`.
type ruleCheck struct {
	*app
	pack, overlay string
	cases         []string
	mistakes      int
}

func (k *ruleCheck) run(files []string) error {
	if len(files) == 0 && k.pack == "" {
		return usage("请写要检查的政策包文件；检查叠加文件的，写 --overlay 文件 --pack 政策包")
	}
	onOne := k.overlay != "" || len(k.cases) > 0
	if onOne && len(files) > 1 || onOne && len(files) == 1 && k.pack != "" {
		return usage("--overlay 和 --case 只能配一份政策包：写一个文件，或写 --pack")
	}
	packs, err := k.packs(files)
	if err != nil {
		return err
	}
	if onOne && len(packs) == 1 {
		if err := k.onTop(packs[0]); err != nil {
			return err
		}
	}
	if k.mistakes > 0 {
		return &problem{code: exitUsage, msg: fmt.Sprintf("共 %d 处错误", k.mistakes)}
	}
	k.succession(packs)
	return nil
}

// packs reads the packs and reports on each.
func (k *ruleCheck) packs(files []string) ([]*pack.Pack, error) {
	var out []*pack.Pack
	if k.pack != "" {
		p, err := pack.Load(k.pack)
		if err != nil {
			return nil, usage("%v", err)
		}
		out = append(out, p)
	}
	for _, file := range files {
		data, err := readNamed(file)
		if err != nil {
			return nil, err
		}
		p, err := pack.Parse(file, data)
		if k.report(err) {
			continue
		}
		k.summary(file, pack.Layered{Pack: p})
		out = append(out, p)
	}
	return out, nil
}

// onTop checks the overlay and the cases on one pack.
func (k *ruleCheck) onTop(p *pack.Pack) error {
	l := pack.Layered{Pack: p}
	if k.overlay != "" {
		data, err := readNamed(k.overlay)
		if err != nil {
			return err
		}
		o, err := pack.ParseOverlay(k.overlay, data)
		if err == nil {
			l.Overlay = o
			err = l.Check()
		}
		if k.report(err) {
			return nil // what stands on a wrong overlay says nothing
		}
		k.summary(k.overlay, l)
	}
	for _, file := range k.cases {
		if err := k.settle(l, file); err != nil {
			return err
		}
	}
	return nil
}

// settle works a case out under the pack and compares.
func (k *ruleCheck) settle(l pack.Layered, file string) error {
	data, err := readNamed(file)
	if err != nil {
		return err
	}
	c, err := pack.ParseCase(file, data)
	if k.report(err) {
		return nil
	}
	l.Overlay = c.Overlay.Over(l.Overlay)
	pol, err := pack.Compile(l.Area, []pack.Layered{l})
	if err == nil {
		err = c.Check(pol)
	}
	if !k.report(err) {
		fmt.Fprintf(k.out, "%s：%d 笔结算与预期一致\n", file, len(c.Expect))
	}
	return nil
}

// report prints the mistakes of an error and tells whether there are any.
func (k *ruleCheck) report(err error) bool {
	all := pack.Mistakes(err)
	for _, m := range all {
		fmt.Fprintln(k.out, m)
	}
	k.mistakes += len(all)
	return len(all) > 0
}

func (k *ruleCheck) summary(file string, l pack.Layered) {
	d := l.Describe()
	if d.From == "" {
		fmt.Fprintf(k.out, "%s：没有发现错误，只有平台代码\n", file)
		return
	}
	to := "起"
	if d.To != "" {
		to = "至 " + d.To + " "
	}
	params := slices.DeleteFunc(slices.Clone(d.Params), func(p pack.ParamDescription) bool { return strings.HasPrefix(p.Path, "monitor.") })
	fmt.Fprintf(k.out, "%s：没有发现错误\n  %s %s（%s），自 %s %s施行\n", file, d.ID, d.Title, d.Number, d.From, to)
	fmt.Fprintf(k.out, "  参数 %d 个，监测线 %d 条，清单 %d 份，条款 %d 条，未配置 %d 项\n", len(params), len(d.Params)-len(params), len(d.Lists), len(d.Clauses), len(d.Unset))
	for _, u := range d.Unset {
		k.wrapped("    ", fmt.Sprintf("未配置：%s %s", u.Path, u.Name))
	}
}

// succession prints notes on packs of one area.
func (k *ruleCheck) succession(packs []*pack.Pack) {
	byArea := map[string][]*pack.Pack{}
	var areas []string
	for _, p := range packs {
		if byArea[p.Area] == nil {
			areas = append(areas, p.Area)
		}
		byArea[p.Area] = append(byArea[p.Area], p)
	}
	for _, area := range areas {
		for _, note := range pack.Succession(byArea[area]) {
			k.wrapped("", "注意："+area+" "+note)
		}
	}
}

func readNamed(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("读不到文件 %s", file)
	}
	return data, nil
}
