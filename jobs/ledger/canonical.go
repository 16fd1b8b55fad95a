package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
)

// Hash is a SHA-256.
type Hash [32]byte

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Chain gives an entry's hash from what it says and the entry before. The
// genesis entry has a zero Prev.
func (e *Entry) Chain() Hash {
	b := []byte("doudi-entry-1")
	b = putInt(b, int64(e.Seq))
	b = putStr(b, string(e.Kind))
	b = putStr(b, e.At.UTC().Format("2006-01-02T15:04:05Z"))
	b = putStr(b, e.By)
	b = putInt(b, int64(e.Count))
	b = append(b, e.Digest[:]...)
	b = append(b, e.Prev[:]...)
	return sha256.Sum256(b)
}

// Record is anything that an entry brings. Canonical is the only place where
// its bytes are made.
type Record interface{ Canonical(b []byte) []byte }

// Digester hashes records in order.
type Digester struct {
	h   hash.Hash
	n   int
	buf []byte
}

// NewDigester starts an empty digest.
func NewDigester() *Digester { return &Digester{h: sha256.New()} }

// Add takes one record; each is preceded by its length.
func (d *Digester) Add(r Record) {
	d.buf = r.Canonical(d.buf[:0])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(d.buf)))
	d.h.Write(n[:])
	d.h.Write(d.buf)
	d.n++
}

// Sum is the number of records and their digest so far.
func (d *Digester) Sum() (int, Hash) { return d.n, Hash(d.h.Sum(nil)) }

func putInt(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }

func putStr(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func (s Source) canonical(b []byte) []byte {
	return putInt(putStr(putInt(b, int64(s.Seq)), s.Sheet), int64(s.Row))
}

// Sealed is a row of the encrypted table.
type Sealed struct {
	ID     int64
	Kind   string
	Lookup []byte
	Box    []byte
}

// Canonical implements Record.
func (s *Sealed) Canonical(b []byte) []byte {
	b = append(b, 'S')
	b = putInt(b, s.ID)
	b = putStr(b, s.Kind)
	b = putStr(b, string(s.Lookup))
	return putStr(b, string(s.Box))
}

// Content is what makes two roster rows the same: everything but where they
// stand and what they are numbered. What full lists come to is the same as no row.
func (e *Event) Content(b []byte) []byte {
	b = putStr(b, e.Area)
	for _, v := range [...]int64{int64(e.Person), e.Name, int64(e.Op), int64(e.Category), int64(e.Cause), int64(e.Date), int64(e.Expiry), int64(e.Level), int64(e.Head)} {
		b = putInt(b, v)
	}
	b = putStr(b, e.Township)
	b = putStr(b, e.Village)
	b = putStr(b, e.Dept)
	// Columns that came later: a row without them has the bytes that it always had.
	if e.County != "" || e.Applied != 0 {
		b = putInt(putStr(b, e.County), int64(e.Applied))
	}
	if e.Via.Derived() { // no row says it
		b = append(b, byte(e.Via))
	}
	return b
}

// Canonical implements Record.
func (e *Event) Canonical(b []byte) []byte {
	b = append(b, 'E')
	b = putInt(b, e.ID)
	b = e.Src.canonical(b)
	b = putInt(b, int64(e.Month))
	b = putStr(e.Content(b), string(e.Extra))
	if e.Via != ViaRow { // an older row has the bytes that it always had
		b = putInt(b, int64(e.Via))
	}
	return b
}

// Content is what makes two transfers the same.
func (x *Transfer) Content(b []byte) []byte {
	b = putStr(b, x.Area)
	for _, v := range [...]int64{int64(x.Person), x.Payee, int64(x.Date), int64(x.From), int64(x.To), int64(x.Amount), int64(x.Nth)} {
		b = putInt(b, v)
	}
	for _, s := range [...]string{x.Batch, x.Item, x.Payer, x.SetlID} {
		b = putStr(b, s)
	}
	return b
}

// Canonical implements Record.
func (x *Transfer) Canonical(b []byte) []byte {
	b = append(b, 'V')
	b = putInt(b, x.ID)
	b = x.Src.canonical(b)
	return putStr(x.Content(b), string(x.Extra))
}

// Canonical implements Record.
func (x *Withdrawal) Canonical(b []byte) []byte {
	b = append(b, 'W')
	b = putInt(b, x.ID)
	b = x.Src.canonical(b)
	b = putStr(b, x.Area)
	b = putInt(putInt(b, x.Event), int64(x.Month))
	last := byte(0)
	if x.Last {
		last = 1
	}
	b = append(b, last)
	if x.By != 0 { // an older one has the bytes that it always had
		b = putInt(b, int64(x.By))
	}
	return b
}

// Canonical implements Record.
func (x *Restatement) Canonical(b []byte) []byte {
	b = append(b, 'A')
	b = putInt(b, x.ID)
	b = x.Src.canonical(b)
	b = putInt(putInt(putStr(b, x.Area), x.Event), int64(x.Month))
	if x.Via != ViaRow || len(x.More) > 0 { // one of a single row has the bytes that it always had
		b = putStr(putInt(b, int64(x.Via)), string(x.More))
	}
	return b
}

// Content is what makes two claim rows the same. The person's name is not part
// of it: exports write it with and without spaces.
func (c *Claim) Content(b []byte) []byte {
	b = putStr(b, c.Area)
	b = putStr(b, c.ID)
	b = putInt(b, int64(c.Person))
	b = putInt(b, int64(c.At))
	flags := int64(0)
	if c.OutOfProvince {
		flags |= 1
	}
	if c.Refund {
		flags |= 2
	}
	for _, v := range [...]int64{int64(c.Kind), int64(c.Referral), flags, int64(c.Level),
		int64(c.Total), int64(c.InScope), int64(c.Basic), int64(c.Other), int64(c.Major), int64(c.Assist), int64(c.Hosp),
		int64(c.Begin), int64(c.End)} {
		b = putInt(b, v)
	}
	for _, s := range [...]string{c.DiseaseCode, c.Disease, c.Hospital, c.HospName, c.Insutype, c.MedType, c.RefundOf} {
		b = putStr(b, s)
	}
	return b
}

// Canonical implements Record.
func (c *Claim) Canonical(b []byte) []byte {
	b = append(b, 'C')
	b = putInt(b, c.Ref)
	b = c.Src.canonical(b)
	b = putInt(b, c.Name)
	return putStr(c.Content(b), string(c.Extra))
}

// Content is what makes two relief rows the same.
func (r *Relief) Content(b []byte) []byte { return putStr(r.facts(b), r.Note) }

func (r *Relief) facts(b []byte) []byte {
	b = putStr(b, r.Area)
	b = putInt(b, int64(r.Person))
	b = putInt(b, int64(r.Date))
	b = putInt(b, int64(r.Amount))
	return putStr(b, r.Kind)
}

// Canonical implements Record.
func (r *Relief) Canonical(b []byte) []byte {
	b = append(b, 'R')
	b = putInt(b, r.ID)
	b = r.Src.canonical(b)
	b = putInt(b, r.Name)
	return putStr(r.facts(b), string(r.Extra))
}

// Content is what makes two enrolments the same. As in the other kinds below,
// the person's name is not part of it: lists write names in many ways.
func (e *Enrolment) Content(b []byte) []byte {
	b = putStr(b, e.Area)
	for _, v := range [...]int64{int64(e.Person), int64(e.Year), int64(e.Plan), int64(e.PaidOn), int64(e.Own), int64(e.Subsidy)} {
		b = putInt(b, v)
	}
	b = putStr(b, e.Insutype)
	b = putStr(b, e.Place)
	return putStr(b, e.By)
}

// Canonical implements Record.
func (e *Enrolment) Canonical(b []byte) []byte {
	b = append(b, 'Y')
	b = putInt(b, e.ID)
	b = e.Src.canonical(b)
	b = putInt(b, e.Name)
	return putStr(e.Content(b), string(e.Extra))
}

// Content is what makes two contributions the same.
func (c *Contribution) Content(b []byte) []byte {
	b = putStr(b, c.Area)
	flexible := int64(0)
	if c.Flexible {
		flexible = 1
	}
	for _, v := range [...]int64{int64(c.Person), int64(c.Month), int64(c.Base), int64(c.Paid), flexible} {
		b = putInt(b, v)
	}
	return b
}

// Canonical implements Record.
func (c *Contribution) Canonical(b []byte) []byte {
	b = append(b, 'M')
	b = putInt(b, c.ID)
	b = c.Src.canonical(b)
	b = putInt(b, c.Name)
	return putStr(c.Content(b), string(c.Extra))
}

// Content is what makes two births the same.
func (x *Birth) Content(b []byte) []byte {
	b = putStr(b, x.Area)
	b = putInt(b, int64(x.Person))
	b = putInt(b, int64(x.Date))
	return putInt(b, int64(x.Days))
}

// Canonical implements Record.
func (x *Birth) Canonical(b []byte) []byte {
	b = append(b, 'B')
	b = putInt(b, x.ID)
	b = x.Src.canonical(b)
	b = putInt(b, x.Name)
	return putStr(x.Content(b), string(x.Extra))
}

// Content is what makes two lines of bills the same.
func (x *Item) Content(b []byte) []byte {
	b = putStr(b, x.Area)
	for _, v := range [...]int64{int64(x.Person), int64(x.Date), int64(x.Price), int64(x.BasePrice), x.Quantity, int64(x.Amount)} {
		b = putInt(b, v)
	}
	for _, s := range [...]string{x.SetlID, x.Code, x.ItemName, x.Class} {
		b = putStr(b, s)
	}
	return b
}

// Canonical implements Record.
func (x *Item) Canonical(b []byte) []byte {
	b = append(b, 'I')
	b = putInt(b, x.ID)
	b = x.Src.canonical(b)
	b = putInt(b, x.Name)
	return putStr(x.Content(b), string(x.Extra))
}

// Canonical implements Record.
func (p *Posting) Canonical(b []byte) []byte {
	b = append(b, 'P')
	b = putInt(b, p.ID)
	b = putStr(b, p.Area)
	for _, v := range [...]int64{int64(p.Run), int64(p.Person), p.Claim, int64(p.Year), int64(p.Fund), int64(p.Amount), int64(p.Date)} {
		b = putInt(b, v)
	}
	return b
}

// Canonical implements Record.
func (r *Result) Canonical(b []byte) []byte {
	b = append(b, 'D')
	b = putInt(b, int64(r.Run))
	return r.content(b)
}

func (r *Result) content(b []byte) []byte {
	b = putStr(b, r.Area)
	d := &r.Due
	for _, v := range [...]int64{int64(r.Person), int64(r.Year), r.Claim, int64(r.Flags), int64(r.Category), r.Event,
		int64(r.Total), int64(r.InScope), int64(d.Basic), int64(d.Other), int64(d.Major), int64(d.Assist), int64(d.Tilt),
		int64(d.Special), int64(d.Supplement), int64(d.Hospital), int64(d.Person)} {
		b = putInt(b, v)
	}
	for _, v := range r.Recorded {
		b = putInt(b, int64(v))
	}
	return putStr(b, r.Pack)
}

// Canonical implements Record.
func (c *Case) Canonical(b []byte) []byte {
	b = append(b, 'K')
	b = putInt(b, int64(c.Run))
	return c.Content(b)
}

// Content is what makes two states of a case the same.
func (c *Case) Content(b []byte) []byte {
	b = putStr(b, c.Area)
	b = putInt(b, int64(c.Person))
	b = putInt(b, int64(c.Year))
	b = putStr(b, c.Monitor)
	gone := int64(0)
	if c.Gone {
		gone = 1
	}
	for _, v := range [...]int64{gone, int64(c.State), int64(c.Line), int64(c.Gross), int64(c.Relief), int64(c.Burden)} {
		b = putInt(b, v)
	}
	for _, m := range c.Moves {
		for _, v := range [...]int64{int64(m.To), int64(m.Date), int64(m.By), m.Ref} {
			b = putInt(b, v)
		}
	}
	if c.Level != "" && c.Level != LevelPerson {
		b = putStr(b, c.Level)
	}
	return b
}

// Canonical implements Record for a file's own line in its entry, so that
// control totals are under the chain, too.
func (f *File) Canonical(b []byte) []byte {
	g := *f
	g.At = g.At.UTC()
	j, err := json.Marshal(&g)
	if err != nil {
		panic(err) // plain fields
	}
	return append(append(b, 'F'), j...)
}

// Canonical implements Record for a run's own line in its entry.
func (r *Run) Canonical(b []byte) []byte {
	g := *r
	g.Started, g.Finished = g.Started.UTC(), g.Finished.UTC()
	j, err := json.Marshal(&g)
	if err != nil {
		panic(err) // plain fields
	}
	return append(append(b, 'N'), j...)
}

// Canonical implements Record.
func (x *PolicyText) Canonical(b []byte) []byte {
	b = append(b, 'O')
	for _, s := range [...]string{x.Digest, x.Kind, x.Name, x.Base, string(x.Text)} {
		b = putStr(b, s)
	}
	return b
}

// Part is the digest of one table's records within an entry: an entry is
// hashed table by table, each in the order of its numbers, so that it can be
// walked again without knowing how its records were interleaved.
type Part struct {
	Table string
	Count int
	Sum   Hash
}

// Canonical implements Record.
func (p *Part) Canonical(b []byte) []byte {
	b = putStr(append(b, 'T'), p.Table)
	b = putInt(b, int64(p.Count))
	return append(b, p.Sum[:]...)
}

// Seal makes an entry's digest and record count from its parts and its own line
// (a file, a run; nil for none).
func Seal(parts []Part, line Record) (int, Hash) {
	d := NewDigester()
	n := 0
	for i := range parts {
		d.Add(&parts[i])
		n += parts[i].Count
	}
	if line != nil {
		d.Add(line)
		n++
	}
	_, sum := d.Sum()
	return n, sum
}

// Part is the digest so far as the part of a table.
func (d *Digester) Part(table string) Part {
	n, sum := d.Sum()
	return Part{table, n, sum}
}
