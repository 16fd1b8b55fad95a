package reports

import (
	"context"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"
)

// Explanation says why a person's claims are due what they are: what a clerk
// reads to a citizen, and the same for programs. Amounts are yuan with two
// decimals, dates as 2023-08-31.
type Explanation struct {
	Area     string          `json:"area"`
	AreaName string          `json:"area_name"`
	Person   ExplainedPerson `json:"person"`
	// Merged are lines on what came to the person by corrections of IDs.
	Merged   []string          `json:"merged,omitempty"`
	Run      int               `json:"run"`
	Month    string            `json:"month"` // of the run
	Year     int               `json:"year,omitempty"`
	Summary  Summary           `json:"summary"`
	Spells   []ExplainedSpell  `json:"spells"`
	Events   []ExplainedEvent  `json:"events"`
	Windows  []ExplainedWindow `json:"windows"`
	Claims   []ExplainedClaim  `json:"claims"`
	Cases    []ExplainedCase   `json:"cases"`
	Refunds  []string          `json:"refunded,omitempty"` // settlements that count no longer
	Refunded []ExplainedRefund `json:"refunds"`
	Reliefs  []ExplainedRelief `json:"relief"`
	Changes  Changes           `json:"changes"`
	Receipt  Receipt           `json:"receipt"`
	// PolicyChanged: the packs or the overlay are not those of the run any more;
	// the reasons are by today's policy and may differ from the run's figures.
	PolicyChanged bool `json:"policy_changed"`
	// ClosedYears are those of the years shown that were closed when the run settled.
	ClosedYears []ClosedYear `json:"closed_years,omitempty"`

	since  []yearSince // closed or reopened after the run
	known  bool        // something of the person is on record in the area
	listed bool        // the person was on a list
	asOf   civil.Date
	spells []rules.Spell
}

// Known reports whether anything of the person was on record in the area for
// the run, in whatever year.
func (x *Explanation) Known() bool { return x.known }

// Summary is what comes first.
type Summary struct {
	AsOf  string        `json:"as_of"` // the last day of the run's month
	Held  []string      `json:"held"`  // categories on that day
	Years []YearSummary `json:"years"`
	// Of all claims shown: what is to be paid and to be recovered, by fund.
	TopUp    map[string]string `json:"topup"`
	Clawback map[string]string `json:"clawback"`
	topUp    rules.Amounts
	clawback rules.Amounts
	held     rules.CategorySet
}

// YearSummary sums the claims of a year. Layers are by their codes, with other
// public subsidies under other.
type YearSummary struct {
	Year   int               `json:"year"`
	Claims int               `json:"claims"`
	Total  string            `json:"total"`
	Layers map[string]string `json:"layers"`
	Person string            `json:"person"`
	sum    layerSums
}

// ExplainedPerson is the person, masked unless revealed.
type ExplainedPerson struct {
	Certno string `json:"certno"`
	Name   string `json:"name"`
}

// Place is a row of a file.
type Place struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
}

// ExplainedSpell is a category held.
type ExplainedSpell struct {
	Category string `json:"category"`
	Name     string `json:"name"`
	Cause    string `json:"cause"`
	Start    string `json:"start"`
	End      string `json:"end"` // empty while open; the day itself does not count
	From     string `json:"from"`
	Closed   string `json:"closed_by,omitempty"` // the row that ended it
	Applied  string `json:"applied,omitempty"`   // day of the application
	County   string `json:"county,omitempty"`
	NoWindow string `json:"no_window,omitempty"` // why a recognition by illness does not reach back
	spell    rules.Spell
}

// ExplainedEvent is a roster row.
type ExplainedEvent struct {
	ID       int64  `json:"id"`
	Op       string `json:"op"`
	Category string `json:"category"`
	Cause    string `json:"cause"`
	Date     string `json:"date"`
	Expiry   string `json:"expiry,omitempty"`
	Dept     string `json:"dept"`
	File     string `json:"file"`
	SHA256   string `json:"sha256"`
	Sheet    string `json:"sheet"`
	Row      int    `json:"row"`
	Effect   string `json:"effect,omitempty"`
	// Withdrawn: a corrected roster lists it no more, and it acts on nothing.
	Withdrawn bool `json:"withdrawn,omitempty"`
	says      string
}

// ExplainedWindow is a window of a recognition by illness.
type ExplainedWindow struct {
	Category string            `json:"category"`
	From     string            `json:"from"`
	To       string            `json:"to"` // does not count
	Event    int64             `json:"event"`
	Months   int               `json:"months"`
	Why      string            `json:"why"`
	Claims   []string          `json:"claims"` // setl_id of those that lie in it
	Sources  []ExplainedSource `json:"parameters"`
	window   rules.Window
	row      string
}

// ExplainedClaim is one claim, layer by layer. The amounts of all layers, of
// other subsidies and of the person are the total.
type ExplainedClaim struct {
	SetlID   string            `json:"setl_id"`
	Time     string            `json:"setl_time"`
	Kind     string            `json:"kind"`
	Held     []string          `json:"held"`
	Pack     string            `json:"pack"`
	AsOf     string            `json:"parameters_as_of"` // empty: the pack's earliest parameters
	NoPack   bool              `json:"no_pack,omitempty"`
	Retro    bool              `json:"retro"`
	Total    string            `json:"total"`
	InScope  string            `json:"in_scope"`
	Basic    string            `json:"basic"`
	Other    string            `json:"other"`
	Layers   []ExplainedLayer  `json:"layers"`
	Person   string            `json:"person"`
	Recorded map[string]string `json:"recorded"`
	Posted   map[string]string `json:"posted,omitempty"`
	Adjust   map[string]string `json:"adjustment"`
	Before   map[string]string `json:"accumulators_before"`
	After    map[string]string `json:"accumulators_after"`
	Hospital string            `json:"hospital_name,omitempty"`
	Disease  string            `json:"disease_name,omitempty"`
	From     Place             `json:"from"`
	// OnRecord: what the run found, where it is not what is explained here.
	OnRecord map[string]string `json:"on_record,omitempty"`

	trace  *rules.ClaimTrace
	params *rules.Params // nil without a pack
	adjust rules.Amounts
	posted rules.Amounts
	listed bool
}

// ExplainedLayer is one layer on one claim.
type ExplainedLayer struct {
	Layer    string            `json:"layer"`
	Name     string            `json:"name"`
	Category string            `json:"category"`
	Inputs   map[string]string `json:"inputs"`
	Base     string            `json:"base,omitempty"` // where what the formula begins with comes from
	Formula  string            `json:"formula"`
	Amount   string            `json:"amount"`
	Recorded bool              `json:"recorded,omitempty"`
	Note     string            `json:"note,omitempty"`
	Sources  []ExplainedSource `json:"parameters"`
	step     *rules.Step       // nil where the recorded amount stands and nothing was asked
}

// ExplainedSource is a parameter that took part, with the clause it is from.
type ExplainedSource struct {
	pack.Citation
	// Reads is the value as it is read out: of a table, what counted here.
	Reads string `json:"reads"`
	// Unset: why the document gives no value, and nobody else does.
	Unset string `json:"unset,omitempty"`
	// Beside: the document's own clause and value, where the office's own decided.
	Beside *pack.Citation `json:"pack,omitempty"`
}

// ExplainedRefund is a refund, with what it cancels.
type ExplainedRefund struct {
	SetlID   string            `json:"setl_id"`
	Time     string            `json:"setl_time"`
	Original string            `json:"original"`
	Amount   string            `json:"amount"`
	Waiting  bool              `json:"waiting,omitempty"` // the original is not on record
	Marked   bool              `json:"marked,omitempty"`  // no row of its own: the platform marks the original
	Adjust   map[string]string `json:"adjustment,omitempty"`
	From     Place             `json:"from"`
	at       civil.Moment
	orig     *ledger.Claim
	adjust   rules.Amounts
}

// ExplainedRelief is help outside the layers.
type ExplainedRelief struct {
	Date   string `json:"date"`
	Source string `json:"source"`
	Amount string `json:"amount"`
	From   Place  `json:"from"`
}

// ExplainedCase is the history of a case.
type ExplainedCase struct {
	Level   string            `json:"level"`
	Year    int               `json:"year"`
	Monitor string            `json:"monitor"`
	Name    string            `json:"name"`
	Line    string            `json:"line"`
	State   string            `json:"state"`
	Gross   string            `json:"burden_before_relief"`
	Relief  string            `json:"relief"`
	Burden  string            `json:"burden"`
	Moves   []ExplainedMove   `json:"moves"`
	Sources []ExplainedSource `json:"parameters"` // of the line
	of      ledger.Case
}

// ExplainedMove is a transition of a case.
type ExplainedMove struct {
	To   string `json:"to"`
	Date string `json:"date"`
	By   string `json:"by"`
	on   civil.Date
}

// Receipt tells what the figures were computed by and from. Two explanations
// with one inputs digest and the same program, packs and overlays must have one
// results digest.
type Receipt struct {
	Program string            `json:"program"`
	Run     int               `json:"run"`
	Policy  string            `json:"policy"` // digest over packs and overlays
	Packs   []ledger.PackUsed `json:"packs"`
	Chain   string            `json:"chain"`   // hash of the run's own entry
	Files   []ReceiptFile     `json:"files"`   // from which the person's records came
	Inputs  string            `json:"inputs"`  // digest over what those records say, in whatever order they came
	Results string            `json:"results"` // digest over what the run found for the person
}

// ReceiptFile is a file that was read.
type ReceiptFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Loader reads what an explanation needs beside a Source.
type Loader interface {
	Source
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	RunBefore(ctx context.Context, run int) (ledger.Run, error)
	YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error)
	ClaimsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Claim, error)
	ReliefsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Relief, error)
	Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error)
	Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error)
}
