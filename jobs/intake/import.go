package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// Options say how a file is to be read.
type Options struct {
	Area       string
	Kind       Kind // Auto: told by the columns
	Codes      pack.Codes
	Today      civil.Date
	Month      civil.Month         // for which a roster was sent, said by whoever imports; 0 not said
	PathMonth  civil.Month         // that the name of the file or its folder says; 0 none
	RunMonth   civil.Month         // where nothing says it; 0 none
	Dry        bool                // what would be refused as implausible is only said
	Dept       string              // who sent it, where the rows do not say
	Columns    map[string][]string // more names of columns, by field
	Categories map[string][]string // more names of categories, by code
	Correction bool                // a 更正, whatever the file says of itself
	LargeOK    bool                // a roster may remove however many
	Again      bool                // read before: only rows that were returned then may be new
	County     string              // name of the area, if it is itself a county
	// Exit says from when a removal acts; nil: on its day.
	Exit func(civil.Date) rules.ExitEffect
}

// ReadingVersion numbers the way in which cells and tables are read. Raise it when
// rows that came back may be taken now: every file with returned rows is then
// read once more. It is no build's version, with which nothing of this may have
// changed.
const ReadingVersion = 2

// RowError is one wrong cell.
type RowError struct {
	Code    string `json:"code"`
	Sheet   string `json:"sheet"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Field   string `json:"-"` // the column's title
	Message string `json:"message"`
}

// Report is what reading a file found, beside the totals in its ledger.File.
type Report struct {
	Errors      []RowError
	Warnings    []RowError     // of rows that were taken and should be looked at
	Implausible string         // why a dry run's roster would be refused
	Notes       []string       // what was left out and why, for people
	Tables      map[string]int // sheet → row of its (first) header
	Parts       map[string]int // sheet → how many tables it has
}

// batch is how many claims go to the ledger at a time: one look-up for all.
const batch = 200

// importFile is Import, whose messages may show what stands in names.
func importFile(ctx context.Context, path string, o Options, f *ledger.File, t ledger.Taker) (*Report, error) {
	book, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	im := &importer{stays: map[stay]string{}, named: map[ledger.PersonNo]int64{}, old: map[ledger.PersonNo]bool{}, name: HideIDs(filepath.Base(path)), o: o, file: f, t: t, report: &Report{Tables: map[string]int{}, Parts: map[string]int{}}}
	for i := range book.Sheets() {
		if err := im.sheet(ctx, book, i); err != nil {
			return nil, err
		}
	}
	if len(im.totals) == 0 {
		return nil, im.noTables()
	}
	// What a roster does is known when all of it was read, and whether numbers are
	// whole IDs of settlements.
	if err := im.numberedClaims(); err != nil {
		return nil, err
	}
	if im.marked > 0 {
		im.note("有 %d 条结算被平台标为已退费，不再计入", im.marked)
	}
	if err := im.takeRosters(); err != nil {
		return nil, err
	}
	if err := im.takeTransfers(); err != nil {
		return nil, err
	}
	im.fileTitled()
	im.sum()
	// Conflicts are found a batch later than the rest.
	byPlace := func(a, b RowError) int {
		return cmp.Or(cmp.Compare(slices.Index(book.Sheets(), a.Sheet), slices.Index(book.Sheets(), b.Sheet)), cmp.Compare(a.Row, b.Row))
	}
	slices.SortStableFunc(im.report.Errors, byPlace)
	slices.SortStableFunc(im.report.Warnings, byPlace)
	if f.Read != f.Taken+f.Repeated+f.Returned {
		return nil, fmt.Errorf("%w: %d rows were read, %d taken, %d known, %d returned", ledger.ErrIntegrity, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	for _, t := range im.totals {
		if !t.AmountsAgree() {
			return nil, fmt.Errorf("%w: of %s read on a sheet %s were taken, %s known, %s returned", ledger.ErrIntegrity, t.AmountRead, t.Amount, t.AmountRepeated, t.AmountReturned)
		}
	}
	return im.report, nil
}

// importer reads one file.
type importer struct {
	name     string // of the file
	o        Options
	file     *ledger.File
	t        ledger.Taker
	report   *Report
	near     string          // what came closest to a header
	score    int             // how close
	others   map[Kind]string // tables of other kinds than was asked for
	unread   []string        // sheets with rows that have an ID and were not read, and why
	matcher  *matcher        // made when first needed
	totals   []*ledger.SheetTotal
	claims   []claimEntry
	setlIDs  setlIDs
	numbered []claimEntry              // settlements whose IDs are numbers: whether they are whole is known at the end
	paid     []*payment                // transfers: what is a batch's total is known at the end
	stays    map[stay]string           // settlements of the file: their IDs
	named    map[ledger.PersonNo]int64 // under which name a person came first; -1: it was warned of
	old      map[ledger.PersonNo]bool  // numbers of corrected IDs of which was warned
	roll     []rosterEntry

	// Counted for the notes on a sheet.
	ungraded int // claims of institutions without a level
	marked   int // claims, of the whole file, that the platform marks as refunded
	hidden   int // rows
	aside    int // rows that are no data
}

// totalOf are the control totals of a sheet's tables of one kind.
func (im *importer) totalOf(sheet string, k Kind) *ledger.SheetTotal {
	for _, t := range im.totals {
		if t.Sheet == sheet && t.Kind == string(k) {
			return t
		}
	}
	t := &ledger.SheetTotal{Sheet: sheet, Kind: string(k)}
	im.totals = append(im.totals, t)
	return t
}

// sum completes the file's totals from those of its sheets.
func (im *importer) sum() {
	f := im.file
	for _, t := range im.totals {
		switch f.Kind {
		case "", t.Kind:
			f.Kind = t.Kind
		default:
			f.Kind = "mixed"
		}
		f.Read += t.Read
		f.Taken += t.Taken
		f.Repeated += t.Repeated
		f.Returned += t.Returned
		f.Skipped += t.Skipped
		f.Amount += t.AmountRead
		f.AmountTaken += t.Amount
		f.AmountRepeated += t.AmountRepeated
		f.AmountReturned += t.AmountReturned
		f.Unreadable += t.Unreadable
		f.Totals = append(f.Totals, *t)
	}
	f.Warned = len(im.report.Warnings)
}

func (im *importer) note(format string, args ...any) {
	im.report.Notes = append(im.report.Notes, fmt.Sprintf(format, args...))
}

func (im *importer) noTable() string {
	msg := "文件中没有找到困难人员名单、结算数据、帮扶明细、参保名单、缴费月份、生育名单、收费项目或财政拨付的表头，请核对是否选错文件，或表头名称是否被改动"
	if im.near != "" {
		msg += "；" + im.near
	}
	return msg
}

// row reads one row and gives it to the ledger.
func (im *importer) row(r *rowReader) error {
	switch r.h.kind {
	case Roster:
		return im.roster(r)
	case Relief:
		return im.relief(r)
	case Enrolment:
		return im.enrolment(r)
	case Contributions:
		return im.contributions(r)
	case Births:
		return im.birth(r)
	case Items:
		return im.item(r)
	case Claims:
		return im.claim(r)
	case Transfers:
		return im.transfer(r)
	}
	return errors.New("intake: a kind without a reader: " + string(r.h.kind))
}

// identify gives the numbers of a row's person and name and, sealed, what no
// field claims.
func (im *importer) identify(r *rowReader, id string) (p ledger.PersonNo, name int64, extra []byte, err error) {
	if p, name, err = person(im.t, id, r.name()); err != nil {
		return 0, 0, nil, err
	}
	if s := r.extras(); s != "" {
		extra = im.t.Seal(s)
	}
	im.sayHidden(r)
	im.oldID(r, "certno", p)
	return p, name, extra, im.oneName(r, p, name)
}

// oldID warns, once for each ID and file, of an ID that was corrected to another
// person: the sender's own list still has it.
func (im *importer) oldID(r *rowReader, f field, p ledger.PersonNo) {
	if im.t.Whose(p) == p || im.old[p] {
		return
	}
	im.old[p] = true
	im.warn(r, f, "W-ID-CORRECTED", "此%s此前已更正为另一个号，本文件里写这个号的行都归更正后的号；请把名册里的号改正，以后用正确的号报送", r.title(f))
}

// oneName warns, once for each person and file, of an ID under two names. Which
// of the two is right, or whose ID was mistyped, only people can find out.
func (im *importer) oneName(r *rowReader, p ledger.PersonNo, name int64) error {
	p = im.t.Whose(p)
	was, known := im.named[p]
	if name == 0 || was < 0 {
		return nil
	}
	if !known {
		var err error
		if was, err = im.t.NameOf(p); err != nil {
			return err
		}
		was = cmp.Or(was, name)
		im.named[p] = was
	}
	if was != name {
		f := field("name")
		if r.h.kind == Claims {
			f = "psn_name"
		}
		im.warn(r, f, "W-NAME", "同一身份证号在台账或本文件前面的行里是另一个姓名，已按身份证号采纳，请核对姓名或身份证号是否写错")
		im.named[p] = -1
	}
	return nil
}

// source is where a row stands.
func (im *importer) source(r *rowReader) ledger.Source {
	return ledger.Source{Seq: im.file.Seq, Sheet: HideIDs(r.sheet), Row: r.number}
}

func (im *importer) count(r *rowReader, fresh bool) {
	if fresh {
		r.total.Taken++
		r.total.Amount += r.worth
	} else {
		r.total.Repeated++
		r.total.AmountRepeated += r.worth
	}
}

// read says what a row adds to the control totals, and from which cells. Those
// that can not be read count as 0, and their number is told.
func (im *importer) read(r *rowReader, worth money.Fen, from ...field) {
	r.worth = worth
	r.total.AmountRead += worth
	for _, f := range from {
		if i := slices.Index(r.wrong, f); i >= 0 && (r.errors[i].Code == "E-AMOUNT" || r.errors[i].Code == "E-FORMULA") {
			r.total.Unreadable++
		}
	}
}

func (im *importer) giveBack(r *rowReader) {
	r.total.Returned++
	r.total.AmountReturned += r.worth
	im.report.Errors = append(im.report.Errors, r.errors...)
}

// warn notes what was taken and yet should be looked at.
func (im *importer) warn(r *rowReader, f field, code, format string, args ...any) {
	im.report.Warnings = append(im.report.Warnings, RowError{Code: code, Sheet: r.sheet, Row: r.number, Column: ColumnName(r.h.at[f]), Field: r.title(f),
		Message: fmt.Sprintf(format, args...)})
}
