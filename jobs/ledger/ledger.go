// Package ledger says what is on record: files, events, claims, relief,
// enrolments and the other inputs, runs, results, cases, postings. It has
// types, canonical bytes and the hash chain; there is no SQL here and no policy.
//
// Everything that enters does so in an entry: an imported file, a run, a
// posting. Entries are numbered without gaps, and each is chained to the one
// before by a hash over the canonical bytes of its records. What was known to a
// run is therefore one number, the last entry that it saw.
package ledger

import (
	"time"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Seq is the number of an entry, from 1.
type Seq int64

// PersonNo stands for a person everywhere outside the encrypted table.
type PersonNo int64

// Person is what the encrypted table keeps.
type Person struct {
	No     PersonNo
	Certno string // 18 characters
	Name   string
}

// EntryKind tells what an entry is.
type EntryKind string

// The kinds of entries.
const (
	EntryImport EntryKind = "import"
	EntryRun    EntryKind = "run"
	EntryPost   EntryKind = "post"
	EntryClose  EntryKind = "close" // a step of closing or reopening a year
	EntryMatch  EntryKind = "match" // a payment matched by hand, or that undone
	EntryMerge  EntryKind = "merge" // an ID corrected to another person
)

// Entry is a link of the chain.
type Entry struct {
	Seq    Seq
	Kind   EntryKind
	At     time.Time
	By     string
	Count  int // of records
	Digest Hash
	Prev   Hash
	Hash   Hash
}

// File is one file as it was imported, with its control totals: Read = Taken +
// Repeated + Returned, always.
type File struct {
	Seq                              Seq
	SHA256                           string
	Name                             string // base name
	Area                             string
	Kind                             string // roster, claims, enrolment, …, mixed
	Month                            civil.Month
	Source                           string // the department that sent it, where it says
	By                               string
	At                               time.Time
	Refused                          string // code of a file that was refused whole
	Read, Taken, Repeated, Returned  int
	Amount, AmountTaken              money.Fen // sum of total fees, relief, premiums or items: read, taken
	ReturnedBook                     string
	Reading                          string // digest of what decides how cells are read: codes, synonyms
	Totals                           []SheetTotal
	Skipped                          int // total rows (合计) and repeated headers
	Events, Claims, Refunds, Reliefs int // records that were new

	// Kinds that came later: a file without them has the bytes that it always had.
	Enrolments    int `json:",omitempty"`
	Contributions int `json:",omitempty"`
	Births        int `json:",omitempty"`
	Items         int `json:",omitempty"`
	Transfers     int `json:",omitempty"`

	Effect *RosterEffect `json:",omitempty"` // of a file with a roster
	Warned int           `json:",omitempty"` // things that were taken and should be looked at

	// Amount = AmountTaken + AmountRepeated + AmountReturned, of files that have
	// them.
	AmountRepeated money.Fen `json:",omitempty"`
	AmountReturned money.Fen `json:",omitempty"`
	Unreadable     int       `json:",omitempty"` // amounts that could not be read and count as 0

	PathMonth civil.Month `json:",omitempty"` // that the names of the file and its folder said

	Lists []FullList `json:",omitempty"` // its full lists

	Answers string `json:",omitempty"` // OriginOf the file whose returned rows it brings again, where it says
}

// RosterEffect is what the rosters of a file do to the lists that are kept, in
// people: where a person stands when every row has acted. What came later is
// left out where it says nothing: an older file has the bytes that it always had.
type RosterEffect struct {
	Full       bool       `json:"full"`                // a full list (全量) was compared
	Correction bool       `json:"correction"`          // a 更正, which replaces what was sent before
	On         civil.Date `json:"on,omitempty"`        // the day on which a full list was compared
	Open       int        `json:"open"`                // on the lists before, of the categories that the file speaks of
	Added      int        `json:"added"`               // on no list before, on one after
	Removed    int        `json:"removed"`             // on a list before, on none after
	Changed    int        `json:"changed"`             // on other lists than before
	Unchanged  int        `json:"unchanged"`           // of those of whom the file speaks: on the same lists as before
	NoEffect   int        `json:"no_effect,omitempty"` // likewise: on no list, before and after
	Absent     int        `json:"absent"`              // of Open: not in the full list
	HeldBack   int        `json:"held_back"`           // not removed, since a returned row may be theirs
	Withdrawn  int        `json:"withdrawn"`           // events of before that a 更正 no longer states
	Replaced   []Seq      `json:"replaced,omitempty"`  // files whose place a 更正 takes
	Of         Seq        `json:"of,omitempty"`        // of a file that is read again: when it came, where it stands
}

// FullList is what a full list (全量) speaks of. Who is on it is stated by the file
// for the list's month, by ViaFull and ViaNamed.
type FullList struct {
	On      civil.Date  `json:"on"`    // the day for which it stands
	Month   civil.Month `json:"month"` // for which it was sent
	Scope   []Reach     `json:"scope"`
	Held    []PersonNo  `json:"held,omitempty"`    // who may stand behind its returned rows: of them it says nothing
	Anybody bool        `json:"anybody,omitempty"` // a returned row may be anybody's: it takes nobody off
	Named   []Naming    `json:"named,omitempty"`
}

// Naming is that a full list names somebody, without a day, under another number than
// that of the event that says the same (ViaNamed), by the corrections of IDs that stood
// when it came: what the row itself says, for the correction may be undone.
type Naming struct {
	Event    int64       `json:"event"`
	Person   PersonNo    `json:"person"` // the number of the row's ID
	Name     int64       `json:"name,omitempty"`
	Head     PersonNo    `json:"head,omitempty"`
	Cause    rules.Cause `json:"cause,omitempty"`
	Expiry   civil.Date  `json:"expiry,omitempty"`
	Level    uint8       `json:"level,omitempty"`
	Township string      `json:"township,omitempty"`
	Village  string      `json:"village,omitempty"`
	Dept     string      `json:"dept,omitempty"`
	County   string      `json:"county,omitempty"`
	Applied  civil.Date  `json:"applied,omitempty"`
}

// Reach is of whom a full list speaks: those of a category, on the list of a
// department, in a county and, where the title names it, a township. "" is any.
type Reach struct {
	Category rules.Category `json:"category"`
	Dept     string         `json:"dept,omitempty"`
	County   string         `json:"county,omitempty"`
	Township string         `json:"township,omitempty"`
}

// SheetTotal are the control totals of a sheet.
type SheetTotal struct {
	Sheet    string    `json:"sheet"`
	Kind     string    `json:"kind"`
	Read     int       `json:"read"`
	Taken    int       `json:"taken"`
	Repeated int       `json:"repeated"`
	Returned int       `json:"returned"`
	Skipped  int       `json:"skipped"`
	Amount   money.Fen `json:"amount_fen"` // taken

	// Later: a sheet without them has the bytes that it always had.
	AmountRead     money.Fen `json:"amount_read_fen,omitempty"`
	AmountRepeated money.Fen `json:"amount_repeated_fen,omitempty"`
	AmountReturned money.Fen `json:"amount_returned_fen,omitempty"`
	Unreadable     int       `json:"unreadable,omitempty"`
}

// AmountsAgree reports whether every fen that was read is in one of the other
// sums.
func (t *SheetTotal) AmountsAgree() bool {
	return t.AmountRead == t.Amount+t.AmountRepeated+t.AmountReturned
}

// Via tells how an event came out of a file.
type Via uint8

// The ways of an event.
const (
	ViaRow    Via = iota // a row says so
	ViaFull              // a row of a full list, as it says
	ViaAbsent            // no row of a full list names a person who was on it: of before, as it stands
	ViaListed            // what full lists come to: a person is named, and was not on the list on its day
	ViaGone              // what full lists come to: a person is not named, and was on it
	ViaNamed             // no event's own way: a row of a full list names a person of whom the event says the same
)

// Derived reports whether an event is what full lists come to, as it is worked out
// anew with every file.
func (v Via) Derived() bool { return v == ViaListed || v == ViaGone }

// Source is where a record stands in a file.
type Source struct {
	Seq   Seq
	Sheet string
	Row   int
}

// Event is one category of one roster row.
type Event struct {
	ID       int64
	Src      Source
	Area     string
	Person   PersonNo
	Name     int64 // number of the name in the encrypted table; 0 none
	Op       rules.Op
	Category rules.Category
	Cause    rules.Cause
	Date     civil.Date
	Expiry   civil.Date
	Level    uint8
	Head     PersonNo // of the household; 0 not given
	Township string
	Village  string
	Dept     string
	Month    civil.Month // for which the roster was sent
	County   string      // 区县 as written; "" not given
	Applied  civil.Date  // 申请日期; 0 not given
	Via      Via
	Extra    []byte // unknown columns, sealed
	// Void is a removal of somebody whom the full list named under another ID that was
	// corrected since: it acts on nothing while that stands. It is not on record.
	Void bool
}

// Rules is the event as the rules see it.
func (e *Event) Rules() rules.Event {
	return rules.Event{Ref: e.ID, Op: e.Op, Category: e.Category, Cause: e.Cause, Date: e.Date, Expiry: e.Expiry, Level: e.Level, Source: e.Dept,
		County: e.County, Applied: e.Applied}
}

// Claim is one settlement, or one refund of a settlement.
type Claim struct {
	rules.Claim
	Src      Source
	Area     string
	Person   PersonNo
	Name     int64
	Hospital string // fixmedins_code
	HospName string
	Disease  string // dise_name as written
	Insutype string
	MedType  string
	Begin    civil.Date
	End      civil.Date
	Refund   bool
	RefundOf string // setl_id of the original
	Extra    []byte
}

// Year is the benefit year.
func (c *Claim) Year() int { return c.At.Date().Year() }

// MarkSuffix ends the ID of a mark. IDs that are read hold no spaces, so no
// settlement of the platform has such a one.
const MarkSuffix = " 退费标志"

// Mark is the record that the platform gives out a settlement as refunded. It
// cancels the settlement as its refund does, and is not a refund beside it. It
// says nothing that the settlement does not say: whenever a settlement is marked,
// its mark is the same.
func (c *Claim) Mark() *Claim {
	m := *c
	m.Ref, m.ID = 0, c.ID+MarkSuffix
	m.Refund, m.RefundOf, m.Extra = true, c.ID, nil
	return &m
}

// Same reports whether two records are one settlement: an export may call the
// hospital or the disease by another name and still mean the same.
func (c *Claim) Same(o *Claim) bool {
	return c.ID == o.ID && c.Person == o.Person && c.At == o.At && c.Refund == o.Refund && c.RefundOf == o.RefundOf &&
		c.Total == o.Total && c.InScope == o.InScope && c.Basic == o.Basic && c.Other == o.Other && c.Major == o.Major && c.Assist == o.Assist && c.Hosp == o.Hosp
}

// IsMark reports whether a refund is a mark.
func (c *Claim) IsMark() bool { return c.Refund && c.ID == c.RefundOf+MarkSuffix }

// Relief is help outside the layers.
type Relief struct {
	ID     int64
	Src    Source
	Area   string
	Person PersonNo
	Name   int64
	Date   civil.Date
	Kind   string // 惠民保, 慈善, ...
	Amount money.Fen
	Note   string // as read; on record it is sealed, since people write names into notes
	Extra  []byte // the sealed note
}

// Posting is one adjustment that was posted; it is never changed.
type Posting struct {
	ID     int64
	Seq    Seq
	Run    int // whose proposal it was
	Area   string
	Person PersonNo
	Claim  int64
	Year   int
	Fund   rules.Fund
	Amount money.Fen
	Date   civil.Date
}

// Flags of a result.
const (
	FlagRetro    = 1 << iota // assisted through a window
	FlagNoPack               // no policy in force
	FlagUnlisted             // the person was never on any list
	FlagGone                 // the claim no longer counts (refunded); all layers 0
)

// Result is what a claim was due in a run. Only changes are stored: the result
// of a claim as of run N is the one of the last run ≤ N.
type Result struct {
	Run      int
	Area     string
	Person   PersonNo
	Year     int
	Claim    int64
	Flags    int
	Category rules.Category
	Event    int64 // the recognition, for FlagRetro
	Pack     string
	Total    money.Fen
	InScope  money.Fen
	Due      rules.Result
	Recorded rules.Amounts
}

// Amounts by which a result differs from what the platform recorded and what
// was posted.
func (r *Result) Adjust(posted rules.Amounts) rules.Amounts {
	return rules.Adjust(r.Due.Due(), r.Recorded, posted, r.Flags&FlagUnlisted == 0)
}

// Same reports whether two results say the same, whatever run they are of.
func (r Result) Same(o Result) bool {
	r.Run, o.Run = 0, 0
	r.Due.Pack, o.Due.Pack = nil, nil
	return r == o
}

// Case is the state of a clearance case as of a run.
type Case struct {
	Run    int
	Area   string
	Person PersonNo
	Level  string // LevelPerson, which may be left out, or LevelHousehold
	rules.Case
	Gone bool // corrections made the case vanish
}

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	RunRunning   RunState = "running"
	RunDone      RunState = "done"
	RunAbandoned RunState = "abandoned"
)

// Run is one run over all areas of a workspace.
type Run struct {
	No       int
	Month    civil.Month
	By       string
	Reason   string
	Scope    string `json:",omitempty"` // of a run by hand: month 2023-08, person 17, year 2023; "" a month as a whole
	Version  string
	State    RunState
	Started  time.Time
	Finished time.Time
	Seen     Seq // the last entry that it saw
	Seq      Seq // its own entry; 0 while it runs
	Token    int // fencing: raised by each take-over
	Proposal string
	Areas    []RunArea
}

// RunArea is what a run found in one area.
type RunArea struct {
	Area         string       `json:"area"`
	Name         string       `json:"name"`
	PolicyDigest string       `json:"policy_digest"`
	Packs        []PackUsed   `json:"packs"`
	Unset        []UnsetParam `json:"unset"`
	People       int          `json:"people"`     // all of the area
	Recomputed   int          `json:"recomputed"` // person-years
	Touched      int          `json:"touched"`    // people
	Claims       int          `json:"claims"`     // live claims recomputed
	Changed      int          `json:"changed"`    // results stored
	TopUp        money.Fen    `json:"topup_fen"`
	Clawback     money.Fen    `json:"clawback_fen"`
	HospitalDue  money.Fen    `json:"hospital_fen"` // of TopUp: what hospitals owe, not a fund
	CasesOpened  int          `json:"cases_opened"`
	CasesCleared int          `json:"cases_cleared"`
	// Files are the entries of the files of the run's month: those since the last
	// run of another month. Runs of before name none.
	Files []Seq `json:"files,omitempty"`
	// Closed are the years that were closed when it settled, and what of TopUp and
	// Clawback is of them (以前年度调整).
	Closed        []int     `json:"closed,omitempty"`
	PriorTopUp    money.Fen `json:"prior_topup_fen,omitempty"`
	PriorClawback money.Fen `json:"prior_clawback_fen,omitempty"`
	// Asked are the people that a run by hand is over; Touched counts them, too.
	Asked int `json:"asked,omitempty"`
}

// PolicyText is the text of a pack or an overlay that a run used.
type PolicyText struct {
	Digest string
	Kind   string // pack, overlay
	Name   string
	Base   string // digest of the pack that it extends; "" none
	Text   []byte
}

// PackUsed names a pack of a run.
type PackUsed struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Number  string `json:"number"`
	Status  string `json:"status"`
	Digest  string `json:"digest"`
	Overlay string `json:"overlay,omitempty"`
}

// UnsetParam is a parameter that was not configured.
type UnsetParam struct {
	Pack   string `json:"pack"`
	Path   string `json:"path"`
	Name   string `json:"name"`
	Clause string `json:"clause"`
	Reason string `json:"reason"`
}

// StageTiming tells where the time went. It is printed, never stored: the same
// run gives the same bytes.
type StageTiming struct {
	Stage string
	Took  time.Duration
}

// Outcome is what became of a row's record.
type Outcome uint8

// The outcomes.
const (
	New      Outcome = iota
	Repeated         // on record already, with the same content
	Conflict         // on record with different content
)

// Taker appends the records of one file, within one transaction. It gives the
// numbers by which records refer to people and names.
//
// An event is stated by its file for the month of its roster. A row that says the
// same for another month, or in another file, is a repeat and yet a statement of
// its own: a 更正 withdraws what the files of whose place it takes stated for one
// month, and an event lives as long as one of its statements does (semantics §2).
// An event that no longer lives acts on nothing from then on, stays on record, and
// is new when a row says the same again.
type Taker interface {
	Person(certno string) (PersonNo, error)
	// Whose is whose the rows under a number are, by the corrections of IDs that
	// stood before this file. Rows are appended under the number of the ID that they
	// have, and compared by this one.
	Whose(PersonNo) PersonNo
	// Corrected are the people whom a correction of an ID ever named, undone or not, by
	// Whose.
	Corrected() []PersonNo
	Name(name string) (int64, error)
	Seal(text string) []byte
	// Event adds an event, or states one again; either way it gives its ID.
	Event(*Event) (Outcome, error)
	// Events are the living events of the file's area, those of this file
	// included, under the numbers of their IDs and without what is sealed.
	Events() ([]Event, error)
	// Stated are the living events that were stated for a month before this file,
	// with the files that did. What it gives is not to be changed.
	Stated(civil.Month) (map[int64]*Standing, error)
	// Names puts on record that the row at src, of a full list of a month, names the
	// person of an event without a day of its own.
	Names(event int64, month civil.Month, src Source) error
	// Statements gives what files before this one state and was not taken back of the
	// events of some people, for all months, and where their full lists name them.
	// People go by Whose.
	Statements(people []PersonNo, do func(event int64, month civil.Month, s Statement)) error
	// EventsOf are events of the file's area by their numbers, those that live no more
	// included.
	EventsOf([]int64) ([]Event, error)
	// Rosters are the files of the area that brought rosters before this one, in
	// order.
	Rosters() ([]File, error)
	// Withdraw takes back, as the row at src says, that a file before this one stated
	// an event for a month. It reports whether the event lives on by other
	// statements.
	Withdraw(event int64, month civil.Month, by Seq, src Source) (lives bool, err error)
	// NameOf is the number of the name under which a person is on record: on most
	// of the roster rows, of as many on the first, else on the last settlement; 0
	// for none. Of this file
	// nothing counts.
	NameOf(PersonNo) (int64, error)
	// Elsewhere tells of settlements and refunds, all of one area, which other area
	// has them; "" where they may be taken. A settlement of the national platform
	// belongs to one area, and its refunds belong where it is.
	Elsewhere([]*Claim) ([]string, error)
	Claims([]*Claim) ([]Outcome, error)
	// ClaimOf is what identifies the settlement or refund of an ID that is on
	// record: who, when, and the amounts. False for none.
	ClaimOf(area, id string) (Claim, bool, error)
	Relief(*Relief) (Outcome, error)
	Enrolment(*Enrolment) (Outcome, error)
	Contribution(*Contribution) (Outcome, error)
	Birth(*Birth) (Outcome, error)
	Item(*Item) (Outcome, error)
	Transfer(*Transfer) (Outcome, error)
}

// PersonData is all that is known of one person in one area.
type PersonData struct {
	Person   PersonNo
	Events   []rules.Event
	Claims   []rules.Claim // settlements, refunds aside
	Refunds  []Refund
	Relief   []rules.Help
	Postings []Posting
	Results  []Result // as of the last run
	Cases    []Case   // as of the last run
}

// Refund is a refund as the recompute room needs it.
type Refund struct {
	Claim    int64
	Original string
	Total    money.Fen // as a positive amount
}

// ResultRow is a result with what a list shows of its claim.
type ResultRow struct {
	Result
	SetlID   string
	At       civil.Moment
	Kind     rules.Kind
	Referral rules.Referral
	Level    uint8
	Hospital string // code
	HospName string
	Disease  string
}

// WaitingRefund is a refund that cancels nothing yet, not what it names, or what
// another refund cancelled before.
type WaitingRefund struct {
	SetlID        string
	Original      string
	Person        PersonNo
	At            civil.Moment
	Total         money.Fen // of the refund, positive
	Found         bool      // the original is on record
	OriginalTotal money.Fen
	Before        string // the refund that cancelled the original before this one; "" for none
}

// YearSums are the sums of a year's results as of a run.
type YearSums struct {
	Hospitals []HospitalYear // of assisted people's stays, the costliest first (HZ-17, KF-12)
	Diseases  []DiseaseYear  // for which assisted people were treated, the hundred costliest
	Months    []FundMonth    // of everyone who is assisted or was, by month
}

// HospitalYear sums a hospital's inpatient bills of assisted people.
type HospitalYear struct {
	Code, Name string
	Level      uint8
	Stays      int
	Total      money.Fen
	OutOfScope money.Fen
	Borne      money.Fen // by the hospital
}

// DiseaseYear sums what assisted people were treated for.
type DiseaseYear struct {
	Name   string
	People int
	Claims int
	Total  money.Fen
	Self   money.Fen // what the people bear
}

// FundMonth sums a month of settlements by layer.
type FundMonth struct {
	Month                                                                         civil.Month
	Claims                                                                        int
	Total, Basic, Other, Major, Assist, Tilt, Special, Supplement, Hospital, Self money.Fen
	RecordedAssist                                                                money.Fen
}
