package jobs

import (
	"context"

	"doudi/jobs/intake"
	"doudi/jobs/ledger"
)

// Follow puts on record, for each area as an entry of its own, what its full lists come
// to by the corrections of IDs (doudi merge) that stand now; where nothing changes there
// is none. It belongs to a correction. A run does it as well, for one whose process
// ended between the two.
func (c *Cycle) Follow(ctx context.Context) error {
	for i := range c.Areas {
		a := &c.Areas[i]
		f := ledger.File{Name: "身份证号更正后的全量名单", Area: a.Code, Kind: "roster", By: c.By, At: c.Now(), Reading: a.Reading}
		ask, derives := c.asking(a, "", ImportOptions{}, &f), false
		if err := c.Store.Take(ctx, &f, func() bool { return derives }, func(t ledger.Taker) (err error) {
			derives, err = intake.Follow(ask, &f, t)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
