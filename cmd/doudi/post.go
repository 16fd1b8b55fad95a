package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

func (a *app) postCmd() *cobra.Command {
	var proposal, format string
	c := &cobra.Command{
		Use:   "post 运行号 --proposal 校验码 --by 复核人",
		Short: "复核并过账一次运行的补发和追回",
		Long: "复核并过账：整份方案一次过账，过账后不再改动，以后的运行只提出与已过账金额的差额。\n" +
			"过账人不能是运行人；运行之后有新数据入账、过账、身份证号更正、年度结账或重开，或政策改动，方案即过期（退出码 5）；重复过账不会记两次。",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			no, err := strconv.Atoi(args[0])
			if err != nil || no < 1 {
				return usage("运行号 %q 应为正整数", args[0])
			}
			if proposal == "" {
				return usage("缺少 --proposal（方案校验码，见 doudi run 的输出）")
			}
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			p, err := a.cycle(w).Post(cmd.Context(), no, proposal)
			if err != nil {
				return err
			}
			if format == "json" {
				return printJSON(a.out, map[string]any{"run": p.Run, "posted": p.Posted, "total": p.Total.String(), "already": p.Before})
			}
			if p.Before {
				fmt.Fprintf(a.out, "第 %d 次运行的方案此前已过账：%d 笔，净额 %s 元；这次没有重复记账\n", p.Run, p.Posted, p.Total)
				return nil
			}
			fmt.Fprintf(a.out, "已过账第 %d 次运行的方案：%d 笔，净额 %s 元\n", p.Run, p.Posted, p.Total)
			return nil
		},
	}
	c.Flags().StringVar(&proposal, "proposal", "", "方案校验码")
	formatFlag(c, &format, "text", "json")
	return c
}
