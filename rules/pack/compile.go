package pack

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"doudi/rules"
	"doudi/rules/civil"
)

// Compile makes the policy of an area from its packs, one after another: where
// two are in force on a day, the one that began later counts. The error is the
// mistakes of overlays, see [Layered.Check].
func Compile(area string, layers []Layered) (*rules.Policy, error) {
	ls := slices.Clone(layers)
	slices.SortStableFunc(ls, func(a, b Layered) int { return cmp.Compare(a.From, b.From) })
	sum := sha256.New()
	pol := &rules.Policy{Area: area}
	refs := make([]*rules.PackRef, len(ls))
	begins := make([][]civil.Date, len(ls)) // days on which something begins in a layer
	var days []civil.Date
	for i, l := range ls {
		if err := l.Check(); err != nil {
			return nil, err
		}
		fmt.Fprintln(sum, l.digest())
		earliest, err := l.params(0, true)
		if err != nil {
			return nil, err
		}
		refs[i] = &rules.PackRef{ID: l.ID, Digest: l.Digest, Earliest: earliest}
		begins[i] = l.days(l.From, l.To)
		days = append(append(days, begins[i]...), l.To)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for j, d := range days {
		i := inForce(ls, d)
		if i < 0 {
			continue // no pack from here to the next day, or the end
		}
		end := days[j+1]
		if n := len(pol.Segments); n > 0 && pol.Segments[n-1].Pack == refs[i] && pol.Segments[n-1].To == d && !slices.Contains(begins[i], d) {
			pol.Segments[n-1].To = end // the day is another layer's
			continue
		}
		prm, err := ls[i].params(d, false)
		if err != nil {
			return nil, err
		}
		pol.Segments = append(pol.Segments, rules.Segment{From: d, To: end, Params: prm, Pack: refs[i]})
	}
	pol.Digest = hex.EncodeToString(sum.Sum(nil))
	return pol, nil
}

// inForce is the last of the layers, ordered by their beginning, that is in
// force on a day, or -1.
func inForce(ls []Layered, d civil.Date) int {
	for i := len(ls) - 1; i >= 0; i-- {
		if ls[i].From <= d && d < ls[i].To {
			return i
		}
	}
	return -1
}

// Succession says where the packs of one area are in force together, and where
// none of them is: notes in Chinese, for packs that should follow one another.
func Succession(packs []*Pack) []string {
	ps := slices.Clone(packs)
	slices.SortStableFunc(ps, func(a, b *Pack) int { return cmp.Compare(a.From, b.From) })
	var notes []string
	until := civil.Date(0) // no pack so far is in force on this day or later
	for i, p := range ps {
		for _, before := range ps[:i] {
			if end := min(before.To, p.To); end > p.From {
				notes = append(notes, fmt.Sprintf("%s 和 %s %s 同时施行，以后施行的 %s 为准", before.ID, p.ID, span(p.From, end), p.ID))
			}
		}
		if i > 0 && p.From > until {
			notes = append(notes, fmt.Sprintf("%s 没有政策包：%s 施行之前的空档，这些日子的结算按平台记录", span(until, p.From), p.ID))
		}
		until = max(until, p.To)
	}
	return notes
}

// span prints the days from to to, which does not count.
func span(from, to civil.Date) string {
	if to == civil.Forever {
		return "自 " + from.String() + " 起"
	}
	return "自 " + from.String() + " 至 " + to.Prev().String()
}
