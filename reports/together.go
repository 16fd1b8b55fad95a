package reports

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// together does several things at once that need nothing of one another. The first
// that fails stops the others.
func together(ctx context.Context, fs ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range fs {
		g.Go(func() error { return f(ctx) })
	}
	return g.Wait()
}

// sorted gives rows in the order of their keys, those of one key as they were. Each
// key is made once, and the rows, which may be large, are moved once.
func sorted[T, K any](rows []T, key func(*T) K, compare func(a, b K) int) []T {
	type place struct {
		key K
		was int
	}
	order := make([]place, len(rows))
	for i := range rows {
		order[i] = place{key(&rows[i]), i}
	}
	slices.SortFunc(order, func(a, b place) int { return cmp.Or(compare(a.key, b.key), cmp.Compare(a.was, b.was)) })
	out := make([]T, len(rows))
	for i, p := range order {
		out[i] = rows[p.was]
	}
	return out
}
