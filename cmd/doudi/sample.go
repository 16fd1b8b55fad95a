package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"doudi/fixtures"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) sampleCmd() *cobra.Command {
	o := fixtures.Options{}
	var from string
	c := &cobra.Command{
		Use:   "sample 目录 --pack hangzhou-2022-70 --people 600 --claims 6000 --from 2023-06 --months 3 --seed 1",
		Short: "生成一个虚构县的表格，供试用和测试",
		Long: "生成一个虚构县的部门名单、结算数据、参保登记和帮扶明细，有的政策还有缴费、生育、收费明细：每月一个文件夹，可直接放进收件箱。\n" +
			"人名、身份证号都是虚构的，号码前缀不属于任何地区。同样的参数和种子生成同样的文件。\n\n可选的政策：" + strings.Join(fixtures.Packs(), "、"),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if from != "" {
				m, err := civil.ParseMonth(from)
				if err != nil {
					return usage("--from %q 不是月份，应写作 2023-06", from)
				}
				o.First = m
			}
			if o.People < 1 || o.Claims < 0 || o.Months < 1 || o.Months > 120 {
				return usage("--people、--claims、--months 应为正数，月数不超过 120")
			}
			if o.Pack == "" {
				o.Pack = cmp.Or(fixtures.PackOf(o.Area), fixtures.Hangzhou)
			}
			if !slices.Contains(fixtures.Packs(), o.Pack) {
				return usage("--pack %q 没有虚构县，可选 %s", o.Pack, strings.Join(fixtures.Packs(), "、"))
			}
			s, err := fixtures.Write(args[0], o)
			if err != nil {
				return err
			}
			a.saySample(s)
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.People, "people", 600, "人数")
	f.IntVar(&o.Claims, "claims", 6000, "结算笔数")
	f.IntVar(&o.Months, "months", 3, "名单的月数")
	f.Uint64Var(&o.Seed, "seed", 1, "种子")
	f.BoolVar(&o.Dirty, "dirty", false, "掺入各种写错的行")
	f.BoolVar(&o.XLSXClaims, "xlsx", false, "结算数据也写成 .xlsx（默认 .csv，与平台导出一样）")
	f.StringVar(&from, "from", "", "名单的第一个月（默认 2023-06；沈阳的政策为 2019-06）")
	f.StringVar(&from, "first", "", "同 --from")
	_ = f.MarkHidden("first") // its former name
	f.StringVar(&o.Area, "area", "", "统筹区代码（默认该政策的地区）")
	f.StringVar(&o.Pack, "pack", "", "按哪一政策造数（默认 hangzhou-2022-70）")
	return c
}

// saySample says what was written: a line for each month.
func (a *app) saySample(s fixtures.Summary) {
	for i := 0; i < len(s.Files); {
		m, parts := s.Files[i].Month, []string(nil)
		for ; i < len(s.Files) && s.Files[i].Month == m; i++ {
			name := path.Base(s.Files[i].Path)
			name = strings.TrimSuffix(strings.TrimSuffix(name, path.Ext(name)), "-"+m.String())
			parts = append(parts, fmt.Sprintf("%s %d", name, s.Files[i].Rows))
		}
		fmt.Fprintf(a.out, "  %s（%d 个文件，各有行数）：%s\n", m, len(parts), strings.Join(parts, "、"))
	}
	fmt.Fprintf(a.out, "虚构县：名单 %d 人，结算 %d 笔，另有退费 %d 笔\n", s.Listed, s.Claims, s.Refunds)
	if len(s.Dirty) > 0 {
		rows := map[fixtures.Outcome]int{}
		for _, d := range s.Dirty {
			rows[d.Outcome] += d.Rows
		}
		fmt.Fprintf(a.out, "  有意写得不规范 %d 种：应退回 %d 行、应采纳 %d 行、应作重复 %d 行、合计行 %d 行\n",
			len(s.Dirty), rows[fixtures.Returned], rows[fixtures.Taken], rows[fixtures.Repeated], rows[fixtures.Skipped])
	}
}
