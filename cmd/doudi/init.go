package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
	"doudi/rules/pack"

	"github.com/spf13/cobra"
)

func (a *app) initCmd() *cobra.Command {
	var areas, packs, names []string
	c := &cobra.Command{
		Use:   "init 目录 --area 330100 --pack hangzhou-2022-70",
		Short: "建立工作目录",
		Long: "建立工作目录：配置 doudi.yaml、收件箱 inbox/、输出 out/、存档 archive/、账本 doudi.db 和密钥 doudi.key。\n" +
			"几个统筹区就写几对 --area 和 --pack。已有工作目录不会被覆盖。\n\n可用的政策包：" + strings.Join(pack.Builtin(), "、"),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(areas) == 0 || len(areas) != len(packs) {
				return usage("请成对写 --area 和 --pack，如 --area 330100 --pack hangzhou-2022-70")
			}
			if len(names) > 0 && len(names) != len(areas) {
				return usage("--name 的个数应与 --area 相同")
			}
			dir := args[0]
			if _, err := os.Stat(filepath.Join(dir, configFile)); err == nil {
				return &problem{code: exitUsage, msg: dir + " 已是工作目录，未作改动"}
			}
			for i, id := range packs {
				if !areaCode.MatchString(areas[i]) {
					return usage("--area %q 应为六位行政区划代码", areas[i])
				}
				for _, other := range areas[:i] {
					if other == areas[i] {
						return usage("统筹区 %s 写了两次", other)
					}
				}
				if _, err := pack.Load(id); err != nil {
					return usage("%v", err)
				}
			}
			for _, name := range []string{ledgerFile, anchorFile} { // of a workspace that lost its key
				if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
					return &problem{code: exitUsage, msg: dir + " 里已有 " + name + "，未作改动"}
				}
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			if err := vault.Create(filepath.Join(dir, keyFile)); err != nil {
				if errors.Is(err, os.ErrExist) {
					return &problem{code: exitUsage, msg: dir + " 里已有密钥 " + keyFile + "，未作改动"}
				}
				return err
			}
			var b strings.Builder
			b.WriteString("# 兜底工作目录的配置；不认识的键会报错。\nareas:\n")
			for i, code := range areas {
				p, err := pack.Load(packs[i])
				if err != nil {
					return err
				}
				name := p.AreaName
				if len(names) > 0 {
					name = names[i]
				}
				fmt.Fprintf(&b, "  - code: %q\n    name: %s\n    inbox: inbox/%s\n    packs:\n      - id: %s\n        overlay: overlays/%s.yaml   # 本地参数：文件未定的标准写在这里\n", code, name, code, packs[i], code)
				if err := os.MkdirAll(filepath.Join(dir, "inbox", code), 0o700); err != nil {
					return err
				}
			}
			b.WriteString("\n# 本地常用的列名和困难类别写法，可在此补充：\n# columns:\n#   certno: [居民证件号]\n# categories:\n#   dibao: [城乡低保户]\n\n# 各部门工作簿按部门目录给出；要另定名称、工作表、列或密码的，写在统筹区之下（见 README）：\n#     departments:\n#       - name: 市民政局\n#         like: 民政\n")
			for _, d := range []string{"out", "archive", "overlays"} {
				if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
					return err
				}
			}
			for i, code := range areas {
				text, err := overlayTemplate(packs[i])
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(dir, "overlays", code+".yaml"), []byte(text), 0o644); err != nil {
					return err
				}
			}
			v, err := vault.Open(filepath.Join(dir, keyFile))
			if err != nil {
				return err
			}
			s, err := sqlite.Open(cmd.Context(), filepath.Join(dir, ledgerFile), v)
			if err != nil {
				return err
			}
			// The configuration last: with it, the folder is a workspace.
			if err := errors.Join(s.Close(), os.Chmod(filepath.Join(dir, ledgerFile), 0o600), os.WriteFile(filepath.Join(dir, configFile), []byte(b.String()), 0o644)); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "已建立工作目录 %s\n", dir)
			for i, code := range areas {
				if p, err := pack.Load(packs[i]); err == nil && !inside(code, p.Area) {
					fmt.Fprintf(a.out, "注意：政策 %s 是%s的，而统筹区 %s 不在该地\n", packs[i], p.AreaName, code)
				}
				fmt.Fprintf(a.out, "  统筹区 %s，政策 %s，收件箱 %s\n", code, packs[i], filepath.Join(dir, "inbox", code))
			}
			fmt.Fprintf(a.out, "请把 %s 另存一份到安全的地方：没有它，账里的身份信息无法读出。\n", filepath.Join(dir, keyFile))
			return nil
		},
	}
	c.Flags().StringArrayVar(&areas, "area", nil, "统筹区的六位行政区划代码（可多次）")
	c.Flags().StringArrayVar(&packs, "pack", nil, "该统筹区的政策包（与 --area 成对）")
	c.Flags().StringArrayVar(&names, "name", nil, "统筹区名称（默认取政策包的地区名）")
	return c
}

// form shows what is to be written for a parameter, in the form of its type.
func form(p *pack.Pack, m pack.Missing) string {
	i := slices.IndexFunc(pack.Specs, func(s pack.Spec) bool { return string(s.Path) == m.Path })
	if i < 0 { // a monitor's line
		return "金额"
	}
	cats := m.Categories.List()
	if len(cats) == 0 {
		cats = p.Order
	}
	table := func(of string) string {
		var parts []string
		for _, c := range cats {
			parts = append(parts, c.String()+": "+of)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	switch pack.Specs[i].Type {
	case pack.Ratio:
		return "比例%"
	case pack.AmountBy, pack.PremiumBy:
		return table("金额")
	case pack.RatioBy:
		return table("比例%")
	case pack.Tiers:
		return "[{to: 金额, ratio: 比例%}, {ratio: 比例%}]"
	case pack.Categories:
		return "[类别代码]"
	case pack.DateType:
		return "日期"
	case pack.AmountByInsurance:
		return "{employees: 金额, residents: 金额}"
	case pack.RatioByInsurance:
		return "{employees: 比例%, residents: 比例%}"
	case pack.Amount:
		return "金额"
	}
	return "值"
}

// overlayTemplate is an overlay with everything that a pack leaves open, each
// line a comment until the office fills it in.
func overlayTemplate(id string) (string, error) {
	p, err := pack.Load(id)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# 本地参数，叠加在政策包 %s 之上。去掉行首的 # 并填上本地标准即生效；不填的按平台记录，不作推算。\n", id)
	b.WriteString("# 填好后可用 doudi rules check --overlay 本文件 --pack " + id + " 检查。\n# document: 本地文件的文号\n")
	group := ""
	for _, m := range openOnce(p) {
		top, rest, _ := strings.Cut(m.Path, ".")
		if top != group {
			fmt.Fprintf(&b, "#\n# %s:\n", top)
			group = top
		}
		parts := strings.Split(rest, ".")
		fmt.Fprintf(&b, "#   %s: %s%s   # %s：%s\n", strings.Join(parts, ": {"), form(p, m), strings.Repeat("}", len(parts)-1), m.Name, m.Reason)
	}
	return b.String(), nil
}

// openOnce has each parameter once, though it may be open at several times or
// for several categories: a key may stand only once in the file.
func openOnce(p *pack.Pack) []pack.Missing {
	var out []pack.Missing
	for _, m := range (pack.Layered{Pack: p}).Unset() {
		if m.From != p.From || m.To != p.To {
			continue // open for some days only: an undated value would replace the document's own
		}
		i := slices.IndexFunc(out, func(x pack.Missing) bool { return x.Path == m.Path })
		switch {
		case i < 0:
			out = append(out, m)
		case out[i].Categories == 0 || m.Categories == 0:
			out[i].Categories = 0 // of all
		default:
			out[i].Categories |= m.Categories
		}
	}
	return out
}

// inside reports whether an area lies in the division of a pack: 330106 in 330100,
// 650100 in 650000.
func inside(code, division string) bool {
	for strings.HasSuffix(division, "00") {
		division = strings.TrimSuffix(division, "00")
	}
	return strings.HasPrefix(code, division)
}
