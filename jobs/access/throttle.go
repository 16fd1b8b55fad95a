package access

import (
	"net/netip"
	"time"
)

// Tally counts failures: of a user, of an address, of the first code.
type Tally struct {
	Failures int
	At       time.Time // of the last one
}

// Limit says how long to wait after so many failures.
type Limit struct {
	Free        int           // failures without a wait
	First, Most time.Duration // the wait doubles from the one to the other
	Forget      time.Duration // without a failure for so long, all are forgotten
}

var (
	// PerUser: after 5 failures 30 s, then twice as long each time, up to a quarter of
	// an hour: some 100 guesses a day, and nobody is locked out for longer by somebody
	// else's guesses.
	PerUser = Limit{Free: 5, First: 30 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	// PerAddress: a whole office may come from one address, and err on a Monday.
	PerAddress = Limit{Free: 20, First: 30 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	// PerCode is of the first code, whoever tries it.
	PerCode = Limit{Free: 5, First: 30 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
)

// At is the tally as it counts now: what is old is forgotten, and a failure of a
// moment to come (the clock was wrong) is one of now, so that nobody waits for years.
func (l Limit) At(t Tally, now time.Time) Tally {
	switch {
	case t.Failures <= 0 || now.Sub(t.At) >= l.Forget:
		return Tally{}
	case t.At.After(now):
		t.At = now
	}
	return t
}

// Wait is how long nobody may try; 0 is not at all.
func (l Limit) Wait(t Tally, now time.Time) time.Duration {
	t = l.At(t, now)
	if t.Failures < l.Free {
		return 0
	}
	wait := l.First
	for range t.Failures - l.Free {
		if wait *= 2; wait >= l.Most {
			break
		}
	}
	return max(0, min(wait, l.Most)-now.Sub(t.At))
}

// Failed is the tally after one more failure.
func (l Limit) Failed(t Tally, now time.Time) Tally {
	return Tally{l.At(t, now).Failures + 1, now}
}

// Address is what an address counts as: without its port; of IPv6 the network, which
// one house has as a whole. What is no address is one with all others that are none.
func Address(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		p, err := netip.ParseAddrPort(remote)
		if err != nil {
			return "?"
		}
		a = p.Addr()
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
