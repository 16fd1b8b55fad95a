package jobs

import (
	"context"
	"errors"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules/pack"
)

// PolicyTexts is what a store keeps of the policies of runs.
type PolicyTexts interface {
	PolicyTexts(ctx context.Context) (map[string]ledger.PolicyText, error)
}

// ErrNoPolicy: the policy of a run can not be made again.
var ErrNoPolicy = errors.New("jobs: the policy of the run can not be made again")

// AreasOf are the areas of a run with the policy of its time, made of the texts
// that it left, in its order. now are the workspace's areas: what is only about
// reading files comes from there. Where the texts are not on record, as of runs
// that an earlier program made, or this program can not read them any more, the
// area stands there with its present policy, and with why.
func AreasOf(ctx context.Context, s PolicyTexts, now []Area, run ledger.Run) ([]Area, map[string]error, error) {
	texts, err := s.PolicyTexts(ctx)
	if err != nil {
		return nil, nil, err
	}
	get := func(digest string) (pack.Document, bool) {
		t, ok := texts[digest]
		return pack.Document{Kind: t.Kind, Name: t.Name, Base: t.Base, Digest: t.Digest, Text: t.Text}, ok
	}
	var out []Area
	lost := map[string]error{}
	for i := range run.Areas {
		used := &run.Areas[i]
		var a Area
		present := false
		for _, x := range now {
			if x.Code == used.Area {
				a, present = x, true
			}
		}
		if present && a.Policy != nil && a.Policy.Digest == used.PolicyDigest && a.Name == used.Name {
			out = append(out, a)
			continue
		}
		then, err := areaThen(a, used, get)
		switch {
		case err == nil:
			out = append(out, then)
		case present:
			lost[used.Area] = err
			out = append(out, a)
		default:
			lost[used.Area] = err
		}
	}
	return out, lost, nil
}

// areaThen is an area with the name and the policy that a run had.
func areaThen(a Area, used *ledger.RunArea, get func(string) (pack.Document, bool)) (Area, error) {
	a.Code, a.Name, a.Layers = used.Area, used.Name, nil
	for _, p := range used.Packs {
		l, err := pack.Restore(p.Digest, p.Overlay, get)
		if err != nil {
			return a, fmt.Errorf("%w: %w", ErrNoPolicy, err)
		}
		a.Layers = append(a.Layers, l)
	}
	if len(a.Layers) == 0 {
		return a, ErrNoPolicy
	}
	var err error
	if a.Policy, err = pack.Compile(a.Code, a.Layers); err != nil {
		return a, fmt.Errorf("%w: %w", ErrNoPolicy, err)
	}
	a.Policy.In(a.Name)
	if a.Policy.Digest != used.PolicyDigest {
		return a, fmt.Errorf("%w: it comes out as %s", ErrNoPolicy, a.Policy.Digest)
	}
	return a, nil
}
