package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules/pack"
)

const policyColumns = `SELECT digest, kind, name, base, document FROM policy`

func scanPolicy(r scanner) (x ledger.PolicyText, err error) {
	err = r.Scan(&x.Digest, &x.Kind, &x.Name, &x.Base, &x.Text)
	return x, err
}

// Policy implements ledger.RunWriter. What is on record stays as it is: one
// digest is one text.
func (w *runWriter) Policy(x *ledger.PolicyText) error {
	var known int
	if err := w.tx.QueryRowContext(w.ctx, `SELECT count(*) FROM policy WHERE digest = ?`, x.Digest).Scan(&known); err != nil || known > 0 {
		return err
	}
	if x.Digest != pack.DocumentDigest(x.Base, x.Text) {
		return fmt.Errorf("sqlite: %s is not the digest of %s", x.Digest, x.Name)
	}
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO policy (digest, seq, kind, name, base, document) VALUES (?, ?, ?, ?, ?, ?)`,
		x.Digest, w.seq, x.Kind, x.Name, x.Base, x.Text)
	return err
}

// PolicyTexts are the texts of all packs and overlays that runs used, by their
// digests.
func (s *Store) PolicyTexts(ctx context.Context) (map[string]ledger.PolicyText, error) {
	out := map[string]ledger.PolicyText{}
	return out, s.each(ctx, func(r *sql.Rows) error {
		x, err := scanPolicy(r)
		out[x.Digest] = x
		return err
	}, policyColumns)
}

// sealPolicies is the part of a run's entry for the texts that it brought. A run
// without any has none, as runs of before.
func sealPolicies(ctx context.Context, q querier, seq ledger.Seq) ([]ledger.Part, error) {
	d := ledger.NewDigester()
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := scanPolicy(r)
		if err == nil && x.Digest != pack.DocumentDigest(x.Base, x.Text) {
			err = fmt.Errorf("%w: the text of %s %s is not the one that was used", ledger.ErrIntegrity, x.Kind, x.Name)
		}
		d.Add(&x)
		return err
	}, policyColumns+` WHERE seq = ? ORDER BY digest`, seq)
	p := d.Part("policy")
	if err != nil || p.Count == 0 {
		return nil, err
	}
	return []ledger.Part{p}, nil
}
