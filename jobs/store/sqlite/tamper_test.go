package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

// TestTampered: somebody with the database in hand and the triggers out of the
// way changes something; verify finds it.
func TestTampered(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	s, err := Open(t.Context(), whole, testVault(t, "secret"))
	must(t, err)
	fill(t, s)
	if _, err := s.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	data, err := os.ReadFile(whole)
	must(t, err)

	const (
		event  = `INSERT INTO event SELECT 77, %SEQ, 'x', 1, area, person, name, op, category, cause, date, expiry, level, head, township, village, dept, month, county, applied, via, content, extra FROM event WHERE id = 1`
		claim  = `INSERT INTO claim SELECT max(id)+1, 999, 'x', 1, area, person, 0, 'S99', at, kind, referral, outside, level, dise_code, dise_name, hosp_code, hosp_name, insutype, med_type, begindate, enddate, total, in_scope, basic, other, major, assist, hosp, refund, refund_of, randomblob(16), NULL FROM claim`
		result = `INSERT INTO result SELECT claim, %RUN, area, person, year, flags, category, event, pack, total, in_scope, basic, other, major, assist + 1, tilt, special, supplement, hospital, self, rec_basic, rec_major, rec_assist, rec_hospital FROM result WHERE run = 1 AND claim = 1`
		kase   = `INSERT INTO case_state SELECT area, person, year, monitor, %RUN, name, gone, state, line, gross, relief, burden + 1, moves, level FROM case_state WHERE level = 'person'`
		run    = `INSERT INTO run SELECT 9, month, by, reason, version, 'done', started, finished, seen, %SEQ, token, beat, proposal, areas, scope FROM run WHERE no = 1`
	)
	tampered := map[string][]string{
		"a fen of a claim":                {`UPDATE claim SET total = total + 1 WHERE id = 1`},
		"whose claim":                     {`UPDATE claim SET person = 2 WHERE id = 1`},
		"when a claim was settled":        {`UPDATE claim SET at = at + 1000000 WHERE id = 1`},
		"what a refund cancels":           {`UPDATE claim SET refund_of = 'S1' WHERE refund = 1`},
		"a claim's sealed remark":         {`UPDATE claim SET extra = NULL WHERE id = 1`},
		"a fen of a result":               {`UPDATE result SET assist = assist + 1 WHERE run = 1 AND claim = 1`},
		"a fen from one layer to another": {`UPDATE result SET tilt = tilt + 1, assist = assist - 1 WHERE run = 1 AND claim = 1`},
		"what was recorded":               {`UPDATE result SET rec_assist = rec_assist + 1 WHERE run = 1`},
		"a flag of a result":              {`UPDATE result SET flags = 0 WHERE run = 2`},
		"a result deleted":                {`DELETE FROM result WHERE run = 2`},
		"a fen of a posting":              {`UPDATE posting SET amount = amount + 1`},
		"a posting's fund":                {`UPDATE posting SET fund = 0`},
		"a posting deleted":               {`DELETE FROM posting`},
		"a fen of a file's total":         {`UPDATE file SET totals = json_set(totals, '$.Amount', 10001) WHERE seq = 1`},
		"a file's row counts":             {`UPDATE file SET totals = json_set(totals, '$.Read', 6, '$.Taken', 6) WHERE seq = 1`},
		"row counts that do not add up":   {`UPDATE file SET totals = json_set(totals, '$.Read', 6) WHERE seq = 1`},
		"a file's content hash":           {`UPDATE file SET sha256 = 'other' WHERE seq = 1`},
		"a file's area":                   {`UPDATE file SET area = '990002' WHERE seq = 1`},
		"a file's month":                  {`UPDATE file SET month = 202301 WHERE seq = 1`},
		"a file refused afterwards":       {`UPDATE file SET refused = 'E-FILE' WHERE seq = 1`},
		"a file's totals are no JSON":     {`UPDATE file SET totals = 'x' WHERE seq = 1`},
		"a file deleted":                  {`DELETE FROM file WHERE seq = 2`},
		"an event deleted":                {`DELETE FROM event WHERE id = 2`},
		"an event's date":                 {`UPDATE event SET date = 20220101 WHERE id = 1`},
		"an event's category":             {`UPDATE event SET category = category - 1 WHERE id = 1`},
		"relief":                          {`UPDATE relief SET amount = 1 WHERE id = 1`},
		"relief of another department":    {`UPDATE relief SET kind = '工会' WHERE id = 1`},
		"a case's burden":                 {`UPDATE case_state SET burden = 0`},
		"a case's history":                {`UPDATE case_state SET moves = json_set(moves, '$[0].Date', 20230311)`},
		"two people exchanged":            {`UPDATE identity SET lookup = randomblob(16) WHERE id = 1`},
		"a sealed ID":                     {`UPDATE identity SET box = randomblob(46) WHERE id = 1`},
		"an entry's author":               {`UPDATE entry SET by = '李四' WHERE seq = 1`},
		"an entry's time":                 {`UPDATE entry SET at = '2020-01-01T00:00:00Z' WHERE seq = 1`},
		"an entry's link":                 {`UPDATE entry SET prev = zeroblob(32) WHERE seq = 2`},
		"an entry in the middle deleted":  {`DELETE FROM entry WHERE seq = 2`},
		"the last entry deleted":          {`DELETE FROM entry WHERE seq = 5`},
		"a run's totals":                  {`UPDATE run SET areas = json_set(areas, '$[0].topup_fen', 999) WHERE no = 1`},
		"what a run saw":                  {`UPDATE run SET seen = 1 WHERE no = 1`},
		"a run's proposal":                {`UPDATE run SET proposal = 'p2' WHERE no = 1`},
		"a finished run made unfinished":  {`UPDATE run SET state = 'abandoned' WHERE no = 2`},
		"a case's history is no JSON":     {`UPDATE case_state SET moves = 'x'`},
		"a run's areas are no JSON":       {`UPDATE run SET areas = 'x' WHERE no = 1`},
		"a policy's text":                 {`UPDATE policy SET document = CAST('b: 2' AS BLOB)`},
		"a policy's text and digest":      {`UPDATE policy SET document = CAST('b: 2' AS BLOB), digest = 'x'`},
		"a policy's name":                 {`UPDATE policy SET name = 'b.yaml'`},
		"a policy deleted":                {`DELETE FROM policy`},
		"a policy moved out of its run":   {`UPDATE policy SET seq = 999`},
		"a run by hand":                   {`UPDATE run SET scope = 'year 2023' WHERE no = 1`},
		"a run deleted":                   {`DELETE FROM run WHERE no = 2`},

		"an event outside every entry":       {strings.ReplaceAll(event, "%SEQ", "999")},
		"an event in a run's entry":          {strings.ReplaceAll(event, "%SEQ", "3")},
		"an event slipped into an import":    {strings.ReplaceAll(event, "%SEQ", "1")},
		"a claim outside every entry":        {claim},
		"relief outside every entry":         {`INSERT INTO relief SELECT max(id)+1, 999, 'x', 1, area, person, 0, date, kind, amount, randomblob(16), NULL FROM relief`},
		"relief in a posting's entry":        {`INSERT INTO relief SELECT max(id)+1, 4, 'x', 1, area, person, 0, date, kind, amount, randomblob(16), NULL FROM relief`},
		"an identity outside every entry":    {`INSERT INTO identity SELECT max(id)+1, 999, 'certno', randomblob(16), randomblob(46) FROM identity`},
		"an identity in a run's entry":       {`INSERT INTO identity SELECT max(id)+1, 3, 'certno', randomblob(16), randomblob(46) FROM identity`},
		"a posting outside every entry":      {`INSERT INTO posting SELECT max(id)+1, 999, run, area, person, claim, year, fund, amount, date FROM posting`},
		"a posting in an import's entry":     {`INSERT INTO posting SELECT max(id)+1, 1, run, area, person, claim, year, fund, amount, date FROM posting`},
		"a posting in a posting's entry":     {`INSERT INTO posting SELECT max(id)+1, 4, run, area, person, claim, year, fund, amount, date FROM posting`},
		"a file outside every entry":         {`INSERT INTO file SELECT 999, sha256, area, month, refused, totals FROM file WHERE seq = 1`},
		"a file in a run's entry":            {`INSERT INTO file SELECT 3, sha256, area, month, refused, totals FROM file WHERE seq = 1`},
		"a result of a finished run":         {strings.ReplaceAll(result, "%RUN", "2")},
		"a result of a run that was left":    {strings.ReplaceAll(result, "%RUN", "3")},
		"a result of a run under way":        {strings.ReplaceAll(result, "%RUN", "4")},
		"a result of no run":                 {strings.ReplaceAll(result, "%RUN", "-1")},
		"a case of a finished run":           {strings.ReplaceAll(kase, "%RUN", "2")},
		"a case of a run that was left":      {strings.ReplaceAll(kase, "%RUN", "3")},
		"a case of no run":                   {strings.ReplaceAll(kase, "%RUN", "0")},
		"a finished run outside every entry": {strings.ReplaceAll(run, "%SEQ", "999")},
		"a finished run in an import":        {strings.ReplaceAll(run, "%SEQ", "1")},
		"a finished run in another's entry":  {strings.ReplaceAll(run, "%SEQ", "3")},

		"an event's county":                      {`UPDATE event SET county = '康平县' WHERE id = 1`},
		"a county where there was none":          {`UPDATE event SET county = '康平县' WHERE id = 2`},
		"no county":                              {`UPDATE event SET county = '' WHERE id = 1`},
		"an event's day of application":          {`UPDATE event SET applied = 20230101 WHERE id = 1`},
		"a day of application where none was":    {`UPDATE event SET applied = 20230101 WHERE id = 2`},
		"an event's head":                        {`UPDATE event SET head = 0 WHERE id = 2`},
		"how an event came":                      {`UPDATE event SET via = 1 WHERE id = 2`},
		"a withdrawal made the last":             {`UPDATE withdrawal SET last = 1`},
		"two contents exchanged":                 {`UPDATE event SET content = o.content FROM (SELECT 3 - id AS id, content FROM event) o WHERE o.id = event.id`},
		"a match's dues":                         {`UPDATE matching SET dues = '["posting:2"]' WHERE id = 1`},
		"a match's transfers":                    {`UPDATE matching SET lines = '["transfer:1"]' WHERE id = 1`},
		"a key moved from one side to the other": {`UPDATE matching SET dues = '["posting:1","transfer:1"]', lines = '["transfer:2"]' WHERE id = 1`},
		"a match's keys are no JSON":             {`UPDATE matching SET dues = 'x' WHERE id = 1`},
		"a match's reason":                       {`UPDATE matching SET reason = o.reason FROM matching o WHERE matching.id = 1 AND o.id = 2`},
		"a match's area":                         {`UPDATE matching SET area = '990002' WHERE id = 1`},
		"who matched":                            {`UPDATE matching SET by = '赵六' WHERE id = 1`},
		"when was matched":                       {`UPDATE matching SET at = '2020-01-01T00:00:00Z' WHERE id = 1`},
		"an undo made a match":                   {`UPDATE matching SET undo = 0 WHERE id = 2`},
		"an undo deleted":                        {`DELETE FROM matching WHERE id = 2`},
		"a match in another's entry":             {`UPDATE matching SET seq = 6 WHERE id = 2`},
		"a match slipped into an entry":          {`INSERT INTO matching SELECT 77, seq, area, 0, dues, lines, reason, by, at FROM matching WHERE id = 1`},
		"a match outside every entry":            {`INSERT INTO matching SELECT 77, 999, area, 0, dues, lines, reason, by, at FROM matching WHERE id = 1`},
		"a match in a posting's entry":           {`INSERT INTO matching SELECT 77, 4, area, 0, dues, lines, reason, by, at FROM matching WHERE id = 1`},
		"whose ID was corrected":                 {`UPDATE merge SET from_person = (SELECT min(id) FROM identity WHERE id NOT IN (from_person, to_person)) WHERE id = 1`},
		"to whom an ID was corrected":            {`UPDATE merge SET to_person = (SELECT min(id) FROM identity WHERE id NOT IN (from_person, to_person)) WHERE id = 1`},
		"why an ID was corrected":                {`UPDATE merge SET reason = o.reason FROM merge o WHERE merge.id = 1 AND o.id = 2`},
		"who corrected an ID":                    {`UPDATE merge SET by = '赵六' WHERE id = 1`},
		"when an ID was corrected":               {`UPDATE merge SET at = '2020-01-01T00:00:00Z' WHERE id = 1`},
		"the undo of a correction made one":      {`UPDATE merge SET undo = 0 WHERE id = 2`},
		"the undo of a correction deleted":       {`DELETE FROM merge WHERE id = 2`},
		"a correction in another's entry":        {`UPDATE merge SET seq = (SELECT seq FROM merge WHERE id = 1) WHERE id = 2`},
		"a correction slipped into an entry":     {`INSERT INTO merge SELECT 77, seq, 0, from_person, to_person, reason, by, at FROM merge WHERE id = 1`},
		"a correction outside every entry":       {`INSERT INTO merge SELECT 77, 999, 0, from_person, to_person, reason, by, at FROM merge WHERE id = 1`},
		"a correction in a posting's entry":      {`INSERT INTO merge SELECT 77, 4, 0, from_person, to_person, reason, by, at FROM merge WHERE id = 1`},
		"a signature's year":                     {`UPDATE year_step SET year = 2022 WHERE id = 1`},
		"a signature's area":                     {`UPDATE year_step SET area = '990002' WHERE id = 1`},
		"what was signed":                        {`UPDATE year_step SET digest = 'd2' WHERE id = 1`},
		"whose figures were signed":              {`UPDATE year_step SET run = 2 WHERE id = 1`},
		"the statement that was signed":          {`UPDATE year_step SET statement = o.statement FROM year_step o WHERE year_step.id = 1 AND o.id = 2`},
		"why a year was reopened":                {`UPDATE year_step SET reason = o.reason FROM year_step o WHERE year_step.id = 2 AND o.id = 1`},
		"who signed":                             {`UPDATE year_step SET by = '赵六' WHERE id = 1`},
		"when was signed":                        {`UPDATE year_step SET at = '2020-01-01T00:00:00Z' WHERE id = 1`},
		"a reopening made a signature":           {`UPDATE year_step SET step = 'sign' WHERE id = 2`},
		"a reopening deleted":                    {`DELETE FROM year_step WHERE id = 2`},
		"a signature in another's entry":         {`UPDATE year_step SET seq = 8 WHERE id = 2`},
		"a signature outside every entry":        {`INSERT INTO year_step SELECT 77, 999, area, year, step, by, at, digest, run, reason, statement FROM year_step WHERE id = 1`},
		"a signature in a posting's entry":       {`INSERT INTO year_step SELECT 77, 4, area, year, step, by, at, digest, run, reason, statement FROM year_step WHERE id = 1`},
		"a household's case":                     {`UPDATE case_state SET gross = gross + 1 WHERE level = 'household'`},
		"a household's case made its head's own": {`DELETE FROM case_state WHERE level = 'person'`, `UPDATE case_state SET level = 'person'`},
		"a household's case of a finished run":   {strings.ReplaceAll(strings.ReplaceAll(kase, "%RUN", "2"), "'person'", "'household'")},
	}
	// What a row is known again by: with another content its repeat would come in,
	// or a row that says something else be dropped.
	for _, x := range takenTables {
		if !x.bare {
			tampered["the content of a row of "+x.name] = []string{`UPDATE ` + x.name + ` SET content = randomblob(16) WHERE id = 1`}
		}
	}
	// Every column of the lists, a row too few and one too many, in whatever entry.
	for _, x := range takenTables {
		if !x.later {
			continue
		}
		tampered["a row of "+x.name+" deleted"] = []string{`DELETE FROM ` + x.name + ` WHERE id = 2`}
		tampered["all rows of "+x.name+" deleted"] = []string{`DELETE FROM ` + x.name}
		columns, rest := append([]string{"sheet", "row"}, x.columns...), ""
		if !x.bare {
			columns, rest = append(columns, "extra"), ", randomblob(16), NULL"
		}
		for _, c := range columns {
			set := fmt.Sprintf(`UPDATE %s SET "%s" = "%s" + 1 WHERE id = 1`, x.name, c, c)
			switch c {
			case "area", "sheet", "insutype", "place", "by", "setl_id", "code", "item_name", "class", "batch", "item", "payer":
				set = fmt.Sprintf(`UPDATE %s SET "%s" = "%s" || 'x' WHERE id = 1`, x.name, c, c)
			case "extra":
				set = `UPDATE ` + x.name + ` SET extra = NULL WHERE id = 1`
			case "more":
				set = `UPDATE ` + x.name + ` SET more = x'0102' WHERE id = 1`
			case "flexible", "last":
				set = fmt.Sprintf(`UPDATE %[1]s SET %[2]s = 1 - %[2]s WHERE id = 1`, x.name, c)
			}
			tampered[x.name+": "+c] = []string{set}
		}
		for what, seq := range map[string]int{"outside every entry": 999, "slipped into its import": 2, "in an import that had none": 1, "in a run's entry": 3, "in a posting's entry": 4} {
			tampered["a row of "+x.name+" "+what] = []string{fmt.Sprintf(`INSERT INTO %[1]s SELECT 77, %[2]d, sheet, row, %[3]s%[4]s FROM %[1]s WHERE id = 1`,
				x.name, seq, strings.Join(x.columns, ", "), rest)}
		}
	}
	for name, statements := range tampered {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			must(t, os.WriteFile(path, data, 0o600))
			db := raw(t, path, "_foreign_keys=0")
			dropTriggers(t, path)
			for _, q := range statements {
				r, err := db.Exec(q)
				must(t, err)
				if n, err := r.RowsAffected(); err != nil || n == 0 {
					t.Fatalf("%s changed nothing (%v)", q, err)
				}
			}
			if last, err := opened(t, path).Verify(t.Context()); !errors.Is(err, ledger.ErrIntegrity) {
				t.Errorf("verified up to %d: %v", last.Seq, err)
			}
		})
	}
	// An entry written anew with a hash that is right in itself: the next one
	// still names the old.
	t.Run("an entry with a hash of its own", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		must(t, os.WriteFile(path, data, 0o600))
		dropTriggers(t, path)
		s := opened(t, path)
		e, err := s.Entry(t.Context(), 1)
		must(t, err)
		e.By = "李四"
		e.Hash = e.Chain()
		_, err = raw(t, path, "").Exec(`UPDATE entry SET by = ?, hash = ? WHERE seq = 1`, e.By, e.Hash[:])
		must(t, err)
		if last, err := s.Verify(t.Context()); !errors.Is(err, ledger.ErrIntegrity) || last.Seq != 1 {
			t.Errorf("verified up to %d: %v", last.Seq, err)
		}
	})
	// INSERT OR REPLACE deletes without any delete trigger. It does not pass
	// unseen, either.
	t.Run("replaced with the triggers in place", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		must(t, os.WriteFile(path, data, 0o600))
		_, err := raw(t, path, "_foreign_keys=0").Exec(`INSERT OR REPLACE INTO posting SELECT id, seq, run, area, person, claim, year, fund, amount + 1, date FROM posting`)
		must(t, err)
		if _, err := opened(t, path).Verify(t.Context()); !errors.Is(err, ledger.ErrIntegrity) {
			t.Error(err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		must(t, os.WriteFile(path, data, 0o600))
		dropTriggers(t, path)
		if _, err := opened(t, path).Verify(t.Context()); err != nil {
			t.Errorf("the copy itself does not verify: %v", err)
		}
	})
}

func dropTriggers(t *testing.T, path string) {
	t.Helper()
	db := raw(t, path, "")
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	must(t, err)
	var names []string
	for rows.Next() {
		var n string
		must(t, rows.Scan(&n))
		names = append(names, n)
	}
	must(t, rows.Err())
	if len(names) < 20 {
		t.Fatalf("only %d triggers", len(names))
	}
	for _, n := range names {
		_, err := db.Exec(`DROP TRIGGER ` + n)
		must(t, err)
	}
}
