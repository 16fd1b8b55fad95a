package main

import (
	"fmt"

	"doudi/fixtures"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) sampleCmd() *cobra.Command {
	o := fixtures.Options{}
	var first string
	c := &cobra.Command{
		Use:   "sample 目录 --people 600 --claims 6000 --months 3 --seed 1",
		Short: "生成一个虚构县的表格，供试用和测试",
		Long: "生成一个虚构县的部门名单、结算数据和帮扶明细：每月一个文件夹，可直接放进收件箱。\n" +
			"人名、身份证号都是虚构的，号码前缀不属于任何地区。同样的参数和种子生成同样的文件。",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := civil.ParseMonth(first)
			if err != nil {
				return usage("--first %q 不是月份，应写作 2023-06", first)
			}
			o.First = m
			if o.People < 1 || o.Claims < 0 || o.Months < 1 || o.Months > 120 {
				return usage("--people、--claims、--months 应为正数，月数不超过 120")
			}
			if o.Pack == "" {
				o.Pack = "hangzhou-2022-70"
				if o.Area == "410200" {
					o.Pack = "kaifeng-2022-draft"
				}
			}
			if o.Area == "" {
				o.Area = "330100"
				if o.Pack == "kaifeng-2022-draft" {
					o.Area = "410200"
				}
			}
			s, err := fixtures.Write(args[0], o)
			if err != nil {
				return err
			}
			for _, f := range s.Files {
				fmt.Fprintf(a.out, "  %-40s %8d 行\n", f.Path, f.Rows)
			}
			fmt.Fprintf(a.out, "虚构县：名单 %d 人，结算 %d 笔，其中退费 %d 笔\n", s.Listed, s.Claims, s.Refunds)
			for _, d := range s.Dirty {
				fmt.Fprintf(a.out, "  有意写错：%s %d 行\n", d.Kind, d.Rows)
			}
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
	f.StringVar(&first, "first", "2023-06", "名单的第一个月")
	f.StringVar(&o.Area, "area", "", "统筹区代码（默认 330100）")
	f.StringVar(&o.Pack, "pack", "", "按哪一政策造数（默认 hangzhou-2022-70）")
	return c
}
