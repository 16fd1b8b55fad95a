package main

import (
	"context"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/reports"

	"github.com/spf13/cobra"
)

// list is a command that lists what a run found: which run, which year, in
// which format, with masked IDs or whole ones.
type list struct {
	use, short string
	yearly     bool // needs --year
	print      func(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error
}

type listOptions struct {
	year, run int
	format    string
	reveal    bool
}

// id is an ID as it may be shown.
func (o listOptions) id(certno string) string {
	if o.reveal {
		return certno
	}
	return reports.Mask(certno)
}

func (a *app) listCmd(l list) *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:   l.use,
		Short: l.short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if l.yearly && (o.year < 1900 || o.year > 9999) {
				return usage("缺少 --year，如 --year 2023")
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			r, err := w.store.Run(ctx, o.run)
			if err != nil {
				return err
			}
			if o.reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), fmt.Sprintf("%s --reveal --run %d", cmd.Name(), r.No)); err != nil {
					return err
				}
			}
			if err := a.sayMerged(ctx, w, r, o); err != nil {
				return err
			}
			return l.print(ctx, w, r, o)
		},
	}
	if l.yearly {
		c.Flags().IntVar(&o.year, "year", 0, "年度")
	}
	c.Flags().IntVar(&o.run, "run", 0, "看哪一次运行（默认最近一次；results、cases 的已结年度为结账时的那次）")
	c.Flags().BoolVar(&o.reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &o.format, "csv", "json")
	return c
}
