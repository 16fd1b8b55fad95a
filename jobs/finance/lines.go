package finance

import (
	"encoding/json"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
)

// Transfer is a transfer with the names that its line does not say.
type Transfer struct {
	ledger.Transfer
	Name string // the payee's, opened: it may be a person's
	Kind PayeeKind
	Back bool // the payee's own payment: taken as negative
	Out  bool // takes no part in the reconciliation
}

// note is what a transfer's unknown columns say in the column of notes.
func note(extra string) string {
	var columns map[string]string
	if json.Unmarshal([]byte(extra), &columns) != nil {
		return ""
	}
	return columns["note"]
}

// line is a transfer as the matching needs it.
func (p *Payees) line(x *Transfer, own string, counties []string, noted string) reconcile.Line {
	l := reconcile.Line{Key: reconcile.TransferKey(x.ID), Person: int64(x.Person), Item: x.Item, From: x.From, To: x.To, Date: x.Date, Settlement: x.SetlID,
		Batch: x.Batch, Nth: x.Nth, Amount: x.Amount}
	x.Kind, l.Payee = p.Of(x.Name)
	if p.runs(x.Item, x.Name) { // it pays the hospitals
		x.Kind, l.Payee = Insurer, ""
	}
	l.County = county(counties, x, noted)
	same := func(name string) bool { return own != "" && rules.Fold(name) == rules.Fold(own) }
	switch {
	case x.Person != 0 && same(x.Name):
		x.Kind, l.Payee = PersonName, reconcile.Self
	case x.Kind == PersonName && x.Person == 0:
		if n := p.person(x.Name); n != 0 {
			l.Person, l.Payee = int64(n), reconcile.Self
		} else {
			l.Payee = nobody(x.Payee)
		}
	}
	// Who pays back is not the one who is paid.
	if kind, payee := p.Of(x.Payer); x.Amount > 0 && kind == Hospital {
		l.Amount, l.Payee, x.Back = -x.Amount, payee, true
	} else if x.Amount > 0 && x.Kind == Agent && p.runs(x.Item, x.Payer) {
		l.Amount, l.Payee, x.Back = -x.Amount, "", true
	} else if n := p.person(x.Payer); x.Amount > 0 && kind == PersonName && (x.Person != 0 && same(x.Payer) || x.Person == 0 && n != 0) {
		l.Amount, l.Payee, x.Back = -x.Amount, reconcile.Self, true
		if x.Person == 0 {
			l.Person = int64(n)
		}
	}
	return l
}

// county is the one of the area's counties that the payer names, else the office
// that is paid, else the note; "" where none or several are.
func county(counties []string, x *Transfer, noted string) string {
	texts := []string{x.Payer, "", noted}
	if x.Kind == Agent {
		texts[1] = x.Name
	}
	for _, text := range texts {
		f := rules.Fold(text)
		found := ""
		for _, c := range counties {
			if strings.Contains(f, rules.FoldCounty(c)) {
				if found != "" {
					return ""
				}
				found = c
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}
