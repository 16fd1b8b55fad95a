package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/rules"
)

// filled gives every field below v a value of its own.
func filled(v reflect.Value, next *int64) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2023, 1, 1, 0, 0, int(*next), 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			filled(v.Field(i), next)
		}
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i), next)
		}
	case reflect.Bool:
		v.SetBool(false)
	case reflect.String:
		v.SetString(fmt.Sprint("s", *next))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(*next)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*next % 250))
	case reflect.Pointer:
		// What lies in this package is written out; a pack is named beside.
		if v.Type().Elem().PkgPath() == reflect.TypeFor[File]().PkgPath() {
			v.Set(reflect.New(v.Type().Elem()))
			filled(v.Elem(), next)
		}
	default:
		panic("a field of kind " + v.Kind().String())
	}
}

// leaves visits every single field, and gives it another value while f runs.
func leaves(v reflect.Value, path string, f func(path string)) {
	change := func(set func()) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		set()
		f(path)
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			change(func() { v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Second))) })
			return
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			leaves(v.Field(i), strings.TrimPrefix(path+"."+name, "."), f)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), path+"[]", f)
		}
		if v.Kind() == reflect.Slice {
			change(func() { v.Set(v.Slice(0, 1)) })
		}
	case reflect.Pointer:
		if !v.IsNil() {
			leaves(v.Elem(), path, f)
			change(func() { v.SetZero() })
		}
	case reflect.Bool:
		change(func() { v.SetBool(true) })
	case reflect.String:
		change(func() { v.SetString(v.String() + "x") })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		change(func() { v.SetInt(v.Int() + 1) })
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		change(func() { v.SetUint(v.Uint() + 1) })
	}
}

// blind are the fields that do not change what of gives, in their order.
func blind[T any](of func(*T) []byte) []string {
	var x T
	v := reflect.ValueOf(&x).Elem()
	var next int64
	filled(v, &next)
	before := of(&x)
	var out []string
	leaves(v, "", func(path string) {
		if bytes.Equal(before, of(&x)) && !slices.Contains(out, path) {
			out = append(out, path)
		}
	})
	if !bytes.Equal(before, of(&x)) {
		panic("the value is not as it was")
	}
	return out
}

func canonical[T any, P interface {
	*T
	Record
}](x *T) []byte {
	return P(x).Canonical(nil)
}

// TestCanonicalSeesEverything: a record's hash is over every one of its fields.
// The exceptions are what is derived from others, or lies sealed beside.
func TestCanonicalSeesEverything(t *testing.T) {
	for name, c := range map[string]struct{ got, want []string }{
		"identity": {blind(canonical[Sealed]), nil},
		"event":    {blind(canonical[Event]), []string{"Void"}}, // said by whoever reads it
		// Disease and HospName folded, Hospital and Insutype as the rules see them.
		"claim":        {blind(canonical[Claim]), []string{"Claim.DiseaseName", "Claim.HospitalCode", "Claim.HospitalName", "Claim.Insurance"}},
		"relief":       {blind(canonical[Relief]), []string{"Note"}}, // Extra is the sealed note
		"enrolment":    {blind(canonical[Enrolment]), nil},
		"contribution": {blind(canonical[Contribution]), nil},
		"birth":        {blind(canonical[Birth]), nil},
		"item":         {blind(canonical[Item]), nil},
		"transfer":     {blind(canonical[Transfer]), nil},
		"withdrawal":   {blind(canonical[Withdrawal]), nil},
		"restatement":  {blind(canonical[Restatement]), nil},
		"merge":        {blind(canonical[Merge]), []string{"Seq", "Reason"}}, // the entry's own number; sealed in Box
		"posting":      {blind(canonical[Posting]), []string{"Seq"}},         // the entry's own number
		"result":       {blind(canonical[Result]), []string{"Due.Category", "Due.Retro", "Due.Event", "Due.NoPack"}},
		"case":         {blind(canonical[Case]), []string{"Case.Name"}}, // of the policy, by its ID
		"file":         {blind(canonical[File]), nil},
		"run":          {blind(canonical[Run]), nil},
		"part":         {blind(canonical[Part]), nil},
		"entry":        {blind(func(e *Entry) []byte { h := e.Chain(); return h[:] }), []string{"Hash[]"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s does not see %v, want %v", name, c.got, c.want)
		}
	}
}

// TestContent: two rows are the same whatever they are numbered and wherever
// they stand.
func TestContent(t *testing.T) {
	at := []string{"Src.Seq", "Src.Sheet", "Src.Row"}
	for name, c := range map[string]struct{ got, want []string }{
		"event":        {blind(func(e *Event) []byte { return e.Content(nil) }), append(append([]string{"ID"}, at...), "Month", "Via", "Extra[]", "Extra", "Void")},
		"claim":        {blind(func(c *Claim) []byte { return c.Content(nil) }), append(append([]string{"Claim.Ref", "Claim.DiseaseName", "Claim.HospitalCode", "Claim.HospitalName", "Claim.Insurance"}, at...), "Name", "Extra[]", "Extra")},
		"relief":       {blind(func(r *Relief) []byte { return r.Content(nil) }), append(append([]string{"ID"}, at...), "Name", "Extra[]", "Extra")},
		"enrolment":    {blind(func(x *Enrolment) []byte { return x.Content(nil) }), append(append([]string{"ID"}, at...), "Name", "Extra[]", "Extra")},
		"contribution": {blind(func(x *Contribution) []byte { return x.Content(nil) }), append(append([]string{"ID"}, at...), "Name", "Extra[]", "Extra")},
		"birth":        {blind(func(x *Birth) []byte { return x.Content(nil) }), append(append([]string{"ID"}, at...), "Name", "Extra[]", "Extra")},
		"item":         {blind(func(x *Item) []byte { return x.Content(nil) }), append(append([]string{"ID"}, at...), "Name", "Extra[]", "Extra")},
		"transfer":     {blind(func(x *Transfer) []byte { return x.Content(nil) }), append(append([]string{"ID"}, at...), "Extra[]", "Extra")},
		"case":         {blind(func(c *Case) []byte { return c.Content(nil) }), []string{"Run", "Case.Name"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s does not see %v, want %v", name, c.got, c.want)
		}
	}
}

// TestNoTwoReadings: where one text ends and the next begins is part of the
// bytes.
func TestNoTwoReadings(t *testing.T) {
	a, b := Event{Township: "ab", Village: "c"}, Event{Township: "a", Village: "bc"}
	if bytes.Equal(a.Canonical(nil), b.Canonical(nil)) {
		t.Error("a township's end is its village's beginning")
	}
	// What came later stands between the department and the sealed columns.
	c, d := Event{County: "ab"}, Event{Extra: []byte("ab")}
	e, f := Event{Applied: 1}, Event{Extra: []byte{0, 0, 0, 0, 0, 0, 0, 1}}
	if bytes.Equal(c.Canonical(nil), d.Canonical(nil)) || bytes.Equal(e.Canonical(nil), f.Canonical(nil)) {
		t.Error("a county or a day of application reads as sealed columns")
	}
	// And after them how the event came.
	g, h := Event{Via: ViaFull}, Event{Extra: []byte{0, 0, 0, 0, 0, 0, 0, 1}}
	if bytes.Equal(g.Canonical(nil), h.Canonical(nil)) {
		t.Error("how an event came reads as sealed columns")
	}
	kinds := map[byte]string{}
	for name, r := range map[string]Record{"identity": &Sealed{}, "event": &Event{}, "claim": &Claim{}, "relief": &Relief{}, "enrolment": &Enrolment{},
		"contribution": &Contribution{}, "birth": &Birth{}, "item": &Item{}, "transfer": &Transfer{}, "withdrawal": &Withdrawal{}, "restatement": &Restatement{}, "posting": &Posting{}, "merge": &Merge{}, "matching": &Matching{}, "year step": &YearStep{}, "policy": &PolicyText{}, "result": &Result{},
		"case": &Case{}, "file": &File{}, "run": &Run{}, "part": &Part{}} {
		k := r.Canonical(nil)[0]
		if was := kinds[k]; was != "" {
			t.Errorf("%s and %s begin alike", was, name)
		}
		kinds[k] = name
		if got := r.Canonical([]byte("before"))[:6]; string(got) != "before" {
			t.Errorf("%s does not append", name)
		}
	}
	one, two := NewDigester(), NewDigester()
	one.Add(&Relief{Kind: "a"})
	one.Add(&Relief{Kind: "b"})
	two.Add(&Relief{Kind: "b"})
	two.Add(&Relief{Kind: "a"})
	n, sum := one.Sum()
	if m, other := two.Sum(); sum == other || n != 2 || m != 2 {
		t.Error("the order of records is part of the digest")
	}
	first, x := Seal([]Part{one.Part("event"), two.Part("claim")}, nil)
	second, y := Seal([]Part{one.Part("claim"), two.Part("event")}, nil)
	third, z := Seal([]Part{one.Part("event"), two.Part("claim")}, &File{})
	if first != 4 || second != 4 || third != 5 || x == y || x == z {
		t.Errorf("%d %s, %d %s, %d %s", first, x, second, y, third, z)
	}
}

// TestBytesStay: what came into these types later leaves no trace where it is
// not set, so that what is on record keeps its hash. The hashes are of the first
// schema.
func TestBytesStay(t *testing.T) {
	sum := func(r Record) string {
		d := NewDigester()
		d.Add(r)
		_, h := d.Sum()
		return h.String()
	}
	event := &Event{ID: 7, Src: Source{Seq: 2, Sheet: "表", Row: 9}, Area: "990001", Person: 3, Name: 4, Op: rules.Add, Category: rules.Dibao, Cause: rules.Illness,
		Date: 20230115, Expiry: 20261231, Level: 2, Head: 5, Township: "东镇", Village: "东村", Dept: "民政", Month: 202307, Extra: []byte("x")}
	kase := &Case{Run: 3, Area: "990001", Person: 3, Gone: true, Case: rules.Case{Monitor: "m", Name: "监测", Year: 2023, Line: 1, State: rules.Watching, Gross: 2, Relief: 3, Burden: 4,
		Moves: []rules.Move{{To: rules.Watching, Date: 20230310, By: rules.ByClaim, Ref: 8}}}}
	file := &File{Seq: 2, SHA256: "ab", Name: "名单.xlsx", Area: "990001", Kind: "mixed", Month: 202307, By: "张三", At: time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC),
		Read: 3, Taken: 2, Returned: 1, Amount: 5, AmountTaken: 4, Totals: []SheetTotal{{Sheet: "表", Kind: "claims", Read: 3, Taken: 2, Returned: 1, Amount: 4}}, Claims: 2}
	for what, c := range map[string]struct {
		r    Record
		want string
	}{
		"event": {event, "6ab5cf1324699110880fd6277d020bbdab078e72fd72b3d9fca7e0a2a7782f67"},
		"case":  {kase, "d73adec7af1494e3e3fc5f300e5a307b12efb22a1567b078225c59c9627608ff"},
		"file":  {file, "72277bd3d38d0b04206d971bfbd24dcfdd7044886c5bc53e37fb220bcbf5ecc9"},
	} {
		if got := sum(c.r); got != c.want {
			t.Errorf("%s: %s, was %s", what, got, c.want)
		}
	}
	before := sum(kase)
	if kase.Level = LevelPerson; sum(kase) != before {
		t.Error("a person's case says so")
	}
	if kase.Level = LevelHousehold; sum(kase) == before {
		t.Error("a household's case is its head's own")
	}
	for _, e := range []Event{{County: "康平县"}, {Applied: 20230101}} {
		if bytes.Equal(e.Content(nil), (&Event{}).Content(nil)) {
			t.Errorf("%+v is not seen", e)
		}
	}
}

// TestFileReadsBack: a file's line is stored as JSON and hashed again from it,
// with what it says of rosters and without.
func TestFileReadsBack(t *testing.T) {
	var full File
	var next int64
	filled(reflect.ValueOf(&full).Elem(), &next)
	if full.Effect == nil || full.Effect.Withdrawn == 0 || full.Warned == 0 || full.Transfers == 0 {
		t.Fatalf("not filled: %+v", full)
	}
	without := full
	without.Effect, without.Warned, without.Transfers = nil, 0, 0
	for _, f := range []File{full, without, {Effect: &RosterEffect{}}} {
		f.At = f.At.UTC()
		j, err := json.Marshal(&f)
		if err != nil {
			t.Fatal(err)
		}
		var back File
		if err := json.Unmarshal(j, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(f, back) || !bytes.Equal(f.Canonical(nil), back.Canonical(nil)) {
			t.Errorf("read back as %+v, was %+v", back, f)
		}
		if has := bytes.Contains(j, []byte("Effect")); has != (f.Effect != nil) {
			t.Errorf("%s", j)
		}
	}
}

// TestZone: the same moment in another zone is the same file and the same run.
func TestZone(t *testing.T) {
	utc := time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC)
	shanghai := utc.In(time.FixedZone("CST", 8*3600))
	a, b := File{At: utc}, File{At: shanghai}
	if !bytes.Equal(a.Canonical(nil), b.Canonical(nil)) {
		t.Error("file")
	}
	c, d := Run{Started: utc, Finished: utc}, Run{Started: shanghai, Finished: shanghai}
	if !bytes.Equal(c.Canonical(nil), d.Canonical(nil)) {
		t.Error("run")
	}
	e, f := Entry{At: utc}, Entry{At: shanghai}
	if e.Chain() != f.Chain() {
		t.Error("entry")
	}
}

// TestSame: the run and the pack's address are not part of what a result says.
func TestSame(t *testing.T) {
	a := Result{Run: 1, Claim: 7, Total: 100, Due: rules.Result{Assist: 10, Pack: &rules.PackRef{ID: "p"}}}
	b := a
	b.Run, b.Due.Pack = 2, nil
	if !a.Same(b) || a.Due.Pack == nil {
		t.Error("the same result of two runs")
	}
	b.Due.Assist++
	if a.Same(b) {
		t.Error("another amount")
	}
}

// TestResultAdjust: a claim of somebody on no list is not recovered; one that was
// refunded gives back what was posted on it.
func TestResultAdjust(t *testing.T) {
	r := Result{Due: rules.Result{Assist: 100}}
	r.Recorded[rules.FundAssistance] = 300
	if got := r.Adjust(rules.Amounts{})[rules.FundAssistance]; got != -200 {
		t.Errorf("listed: %s", got)
	}
	r.Flags = FlagUnlisted
	if got := r.Adjust(rules.Amounts{})[rules.FundAssistance]; got != 0 {
		t.Errorf("unlisted: %s", got)
	}
	gone := Result{Flags: FlagGone}
	var posted rules.Amounts
	posted[rules.FundAssistance] = 50
	if got := gone.Adjust(posted)[rules.FundAssistance]; got != -50 {
		t.Errorf("refunded: %s", got)
	}
}
