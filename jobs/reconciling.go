package jobs

import (
	"context"
	"fmt"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
)

// Finance is the area as the reconciliation of payments needs it.
func (a *Area) Finance() finance.Area {
	return finance.Area{Code: a.Code, Name: a.Name, Policy: a.Policy, Options: a.Reconcile, Insurers: a.Insurers}
}

// reconcile holds what is due against what the finance bureau paid, as known to a
// run, by area.
func (c *Cycle) reconcile(ctx context.Context, run ledger.Run) (map[string]*finance.View, error) {
	out := map[string]*finance.View{}
	for i := range c.Areas {
		a := &c.Areas[i]
		b, err := finance.Gather(ctx, c.Store, a.Finance(), run.Seen)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", a.Code, err)
		}
		out[a.Code] = b.View(run.Month)
	}
	return out, nil
}
