package finance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules/money"
)

// Why a match by hand, or an undo, is refused.
var (
	ErrNoKey  = errors.New("finance: no such due or transfer")
	ErrTaken  = errors.New("finance: already matched by hand")
	ErrNoHand = errors.New("finance: no such match by hand")
	ErrUndone = errors.New("finance: already undone")
	ErrOneWay = errors.New("finance: what is matched without the other side does not come to 0")
)

// CanMatch reports whether dues and transfers may be matched by hand: each is
// there, once, on its side, and in no other match by hand that is in force. What has
// no other side must come to 0: it would hide what is due, or was paid, else. on is
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
	if (&reconcile.Manual{Dues: dues, Lines: lines}).OneSided() {
		if sum := b.sum(dues, lines); sum != 0 {
			return fmt.Errorf("%w：%s 元", ErrOneWay, sum)
		}
	}
	force, err := b.inForce(on)
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

// sum adds up what keys name.
func (b *Book) sum(dues, lines []string) (sum money.Fen) {
	for i := range b.Result.Dues {
		if d := &b.Result.Dues[i]; slices.Contains(dues, d.Key) {
			sum += d.Amount
		}
	}
	for i := range b.Result.Lines {
		if l := &b.Result.Lines[i]; slices.Contains(lines, l.Key) {
			sum += l.Amount
		}
	}
	return sum
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
