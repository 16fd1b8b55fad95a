package intake

import (
	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Follow works out anew, after corrections of IDs, what the full lists on record come to
// for those whom the corrections named: had the IDs been right from the start, other
// people would have come and left. f is the entry of what it derives; it reports
// whether there is anything. A correction that was undone is followed likewise.
func Follow(o Options, f *ledger.File, t ledger.Taker) (bool, error) {
	if len(t.Corrected()) == 0 {
		return false, nil
	}
	im := &importer{name: f.Name, o: o, file: f, t: t, report: &Report{}}
	x, err := im.onRecord()
	if err != nil {
		return false, err
	}
	x.begin()
	d := derivation{x: x, known: map[int64]civil.Month{}, from: map[ledger.PersonNo]civil.Date{}}
	if d.rolls = x.rolls(nil); len(d.rolls) == 0 {
		return false, nil
	}
	if err := d.work(); err != nil {
		return false, err
	}
	if len(x.taken)+len(x.stale) == 0 {
		return false, nil
	}
	x.weigh()
	return true, x.give()
}
