package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// receipt says by what and from what the figures were made.
func (e *explainer) receipt() error {
	r := &e.x.Receipt
	r.Policy, r.Packs = e.used.PolicyDigest, e.used.Packs
	head, err := e.s.Entry(e.ctx, e.run.Seq)
	if err != nil {
		return err
	}
	r.Chain = head.Hash.String()
	seen := map[ReceiptFile]bool{}
	file := func(src ledger.Source) {
		f := ReceiptFile{e.files[src.Seq].Name, e.files[src.Seq].SHA256}
		if !seen[f] {
			seen[f] = true
			r.Files = append(r.Files, f)
		}
	}
	for i := range e.events {
		file(e.events[i].Src)
	}
	for i := range e.gone {
		file(e.gone[i].Src)
		file(e.gone[i].By.Src)
	}
	for i := range e.claims {
		file(e.claims[i].Src)
	}
	for i := range e.reliefs {
		file(e.reliefs[i].Src)
	}
	slices.SortFunc(r.Files, func(a, b ReceiptFile) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.SHA256, b.SHA256))
	})
	r.Inputs, r.Results = e.inputsDigest(), e.resultsDigest()
	return nil
}

// setl names a claim by what it is called outside.
func (e *explainer) setl(ref int64) string {
	if c := e.claim[ref]; c != nil {
		return c.ID
	}
	return ""
}

// inputsDigest is over all that the run knew of the person in the area: what it
// says, in an order that does not depend on when it arrived. The person's ID and
// name and the ledger's own numbers are no part of it.
func (e *explainer) inputsDigest() string {
	d := &e.data
	var lines []string
	put := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, v := range d.Events {
		put("event %s %q %q %d %d %d %q %q %d", v.Op, v.Category, v.Cause, v.Date, v.Expiry, v.Level, v.Source, v.County, v.Applied)
	}
	for i := range d.Claims {
		c := &d.Claims[i]
		put("claim %q %d %s %s %t %d %q %q %q %q %d %d %d %d %d %d %d %d", c.ID, c.At, c.Kind, c.Referral, c.OutOfProvince, c.Level, c.DiseaseCode, c.DiseaseName,
			c.HospitalCode, c.HospitalName, c.Insurance, c.Total, c.InScope, c.Basic, c.Other, c.Major, c.Assist, c.Hosp)
	}
	for _, v := range d.Refunds {
		put("refund %q %q %d", e.setl(v.Claim), v.Original, v.Total)
	}
	for _, v := range d.Relief {
		put("relief %d %q %d", v.Date, v.Source, v.Amount)
	}
	for _, v := range d.Postings {
		put("posting %q %s %d %d", e.setl(v.Claim), rules.Fund(v.Fund), v.Amount, v.Date)
	}
	return linesDigest("doudi-inputs-1", lines)
}

// resultsDigest is over what the run found for the person: of every claim that
// counts the layers, and the person's own cases.
func (e *explainer) resultsDigest() string {
	var lines []string
	for i := range e.data.Results {
		r := &e.data.Results[i]
		if r.Flags&ledger.FlagGone == 0 {
			lines = append(lines, fmt.Sprintf("result %q %d %q %q %t %t %d", e.setl(r.Claim), r.Year, r.Category, r.Pack, r.Due.Retro, r.Due.NoPack, sumsOf(&r.Due)))
		}
	}
	for i := range e.data.Cases {
		c := &e.data.Cases[i]
		if c.Gone || caseLevel(c) != ledger.LevelPerson {
			continue
		}
		line := fmt.Sprintf("case %d %q %d %d %d %d %d", c.Year, c.Monitor, c.State, c.Line, c.Gross, c.Relief, c.Burden)
		for _, m := range c.Moves {
			line += fmt.Sprintf(" %d %d %d", m.To, m.Date, m.By)
		}
		lines = append(lines, line)
	}
	return linesDigest("doudi-results-1", lines)
}

func linesDigest(name string, lines []string) string {
	slices.Sort(lines)
	h := sha256.New()
	fmt.Fprintln(h, name)
	for _, l := range lines {
		fmt.Fprintln(h, l)
	}
	return hex.EncodeToString(h.Sum(nil))
}
