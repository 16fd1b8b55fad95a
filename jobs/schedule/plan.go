package schedule

import (
	"slices"
	"time"

	"doudi/jobs/ledger"
)

const (
	// MaxMissed is how many months of a job are made up by themselves. More than two
	// years can only be a clock that is wrong.
	MaxMissed = 24
	// setBack is how far ahead of now a time on record may lie before the clock must
	// have been wrong when it was written.
	setBack = 24 * time.Hour
)

// Backoff is how long a failed try waits, by how many have failed.
var Backoff = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}

// Plan is what there is to do.
type Plan struct {
	Now     []ledger.Try         // ready, the earliest first; at most one of a job
	Waiting map[string]time.Time // by job: a try that waits until then
	Held    map[string]int       // by job: so many months were missed that a person must look
}

// Due finds what is due now from what is on record. It is pure: two processes, or one
// that begins again, find the same.
func Due(clock ledger.Clockwork, now time.Time) Plan {
	p := Plan{Waiting: map[string]time.Time{}, Held: map[string]int{}}
	by := map[string][]ledger.Term{}
	for _, t := range clock.Terms {
		by[t.Job] = append(by[t.Job], t)
	}
	for job, terms := range by {
		if terms[len(terms)-1].State != ledger.TermOn {
			continue
		}
		mark, marked := clock.Marks[job]
		missed := missedBy(terms, mark, now)
		if len(missed) > MaxMissed {
			p.Held[job] = len(missed)
			continue
		}
		if marked && pending(mark, terms) && (len(missed) == 0 || missed[0].Month != mark.Month) {
			again := next(mark)
			if again.Next.After(now) {
				p.Waiting[job] = again.Next // what came later waits with it
				continue
			}
			p.Now = append(p.Now, again)
		} else if len(missed) > 0 {
			p.Now = append(p.Now, missed[0])
		}
	}
	slices.SortFunc(p.Now, func(a, b ledger.Try) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return int(a.Term - b.Term)
	})
	return p
}

// pending reports whether a job's last attempt is to be made again. What was left
// when the job was switched off is not.
func pending(mark ledger.Try, terms []ledger.Term) bool {
	return (mark.State == ledger.TryRetry || mark.State == ledger.TryLost) && terms[afterOff(terms)].ID <= mark.Term
}

// next is the attempt after one.
func next(mark ledger.Try) ledger.Try {
	t := mark
	t.ID, t.State, t.Attempt = 0, "", mark.Attempt+1
	if mark.Code != CodeStopped { // whoever ends the program has not made it fail
		t.Failures++
	}
	return t
}

// afterOff is the first term since the job was last off.
func afterOff(terms []ledger.Term) int {
	for i := len(terms) - 1; i >= 0; i-- {
		if terms[i].State == ledger.TermOff {
			return i + 1
		}
	}
	return 0
}

// missedBy are the due times of a job after its mark: those in a row that are for one
// month, or have none, as one, which is the last of them.
func missedBy(terms []ledger.Term, mark ledger.Try, now time.Time) []ledger.Try {
	var out []ledger.Try
	first := afterOff(terms)
	for i := first; i < len(terms); i++ {
		t := terms[i]
		if t.State != ledger.TermOn || t.ID < mark.Term {
			continue
		}
		spec, err := Parse(t.Cron)
		if err != nil {
			continue // of a program that could read it
		}
		until := now
		if i+1 < len(terms) && terms[i+1].Since.Before(now) {
			until = terms[i+1].Since
		}
		at := t.Since
		if mark.Term == t.ID && mark.Due.After(at) {
			at = mark.Due
		}
		for at = spec.Next(at); !at.IsZero() && !at.After(until); at = spec.Next(at) {
			x := ledger.Try{Job: t.Job, Kind: t.Kind, Area: t.Area, Term: t.ID, Origin: ledger.ByClock, Due: at, Month: MonthOf(t.Month, at), Attempt: 1}
			if n := len(out); n > 0 && out[n-1].Month == x.Month {
				x.Missed = out[n-1].Missed + 1
				out[n-1] = x
			} else {
				out = append(out, x)
			}
		}
	}
	return out
}

// Passed are the due times of a job between two times, at most so many: what a pause
// has let pass.
func Passed(t ledger.Term, from, to time.Time, most int) []time.Time {
	spec, err := Parse(t.Cron)
	if err != nil {
		return nil
	}
	var out []time.Time
	for at := spec.Next(from); !at.IsZero() && !at.After(to) && len(out) < most; at = spec.Next(at) {
		out = append(out, at)
	}
	return out
}
