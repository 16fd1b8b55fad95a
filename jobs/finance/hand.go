package finance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
)

// Why a match by hand, or an undo, is refused.
var (
	ErrNoKey  = errors.New("finance: no such due or transfer")
	ErrTaken  = errors.New("finance: already matched by hand")
	ErrNoHand = errors.New("finance: no such match by hand")
	ErrUndone = errors.New("finance: already undone")
)

// CanMatch reports whether dues and transfers may be matched by hand: each is
// there, once, on its side, and in no other match by hand that is in force. on is
// what is on record at the moment of writing.
func (b *Book) CanMatch(dues, lines []string, on []ledger.Matching) error {
	ds, ls := b.Result.DueMatch(), b.Result.LineMatch()
	seen := map[string]bool{}
	for _, k := range slices.Concat(dues, lines) {
		if seen[k] {
			return fmt.Errorf("%w：%s 写了两次", ErrTaken, k)
		}
		seen[k] = true
	}
	var missing []string
	for _, k := range dues {
		if ds[k] == nil {
			missing = append(missing, k)
		}
	}
	for _, k := range lines {
		if ls[k] == nil {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w：%s", ErrNoKey, strings.Join(missing, "、"))
	}
	force, err := reconcile.Fold(Events(on))
	if err != nil {
		return err
	}
	for _, m := range force {
		for _, k := range slices.Concat(m.Dues, m.Lines) {
			if seen[k] {
				return fmt.Errorf("%w：%s 已在第 %d 号人工勾对中", ErrTaken, k, m.ID)
			}
		}
	}
	return nil
}

// CanUndo reports whether a match by hand may be undone.
func CanUndo(id int64, on []ledger.Matching) error {
	known := false
	for i := range on {
		known = known || on[i].ID == id && on[i].Undo == 0
		if on[i].Undo == id {
			return fmt.Errorf("%w：第 %d 号已由 %s 撤销", ErrUndone, id, on[i].By)
		}
	}
	if !known {
		return fmt.Errorf("%w：第 %d 号", ErrNoHand, id)
	}
	return nil
}
