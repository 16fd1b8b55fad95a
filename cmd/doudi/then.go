package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"doudi/jobs"
	"doudi/jobs/ledger"
)

// then are the areas of a run with the policy of its time, and those of today
// that the run did not have. What can not be made again is said on err: there the
// present policy stands in.
func (w *workspace) then(ctx context.Context, run ledger.Run, err io.Writer) ([]jobs.Area, error) {
	areas, lost, e := jobs.AreasOf(ctx, w.store, w.areas, run)
	if e != nil {
		return nil, e
	}
	for _, ra := range run.Areas {
		if lost[ra.Area] != nil {
			fmt.Fprintf(err, "注意：%s %s 第 %d 次运行所用的政策文本不在账里（那时的程序还不留存）或本程序已读不出，以现在的政策代替\n", ra.Area, ra.Name, run.No)
		}
	}
	for _, a := range w.areas {
		if !slices.ContainsFunc(areas, func(x jobs.Area) bool { return x.Code == a.Code }) {
			areas = append(areas, a)
		}
	}
	return areas, nil
}

// changedSince reports whether the policy of an area is not that of a run any
// more.
func (w *workspace) changedSince(run ledger.Run) bool {
	for _, ra := range run.Areas {
		if i := slices.IndexFunc(w.areas, func(a jobs.Area) bool { return a.Code == ra.Area }); i >= 0 && w.areas[i].Policy.Digest != ra.PolicyDigest {
			return true
		}
	}
	return false
}
