package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"

	"pgregory.net/rapid"
)

// sent is a roster row that was sent for a month.
func sent(p ledger.PersonNo, c rules.Category, m civil.Month) ledger.Event {
	e := added(p, c, 20230115)
	e.Month = m
	return e
}

// stated is what the taker says was stated for a month, as "5 by 1 2, beside 1".
func (b *bench) stated(t ledger.Taker, m civil.Month) []string {
	b.Helper()
	got, err := t.Stated(m)
	b.ok(err)
	return standings(got)
}

func standings(of map[int64]*ledger.Standing) (out []string) {
	for _, id := range slices.Sorted(maps.Keys(of)) {
		s := fmt.Sprint(id, " by")
		for _, x := range of[id].By {
			s += fmt.Sprint(" ", x.By)
			if x.Via != ledger.ViaRow {
				s += fmt.Sprint("/", x.Via)
			}
		}
		out = append(out, fmt.Sprint(s, ", beside ", of[id].Beside))
	}
	return out
}

// withdraw takes a statement back and checks whether the event lives on.
func (b *bench) withdraw(t ledger.Taker, event int64, m civil.Month, by ledger.Seq, lives bool) {
	b.Helper()
	got, err := t.Withdraw(event, m, by, ledger.Source{Sheet: "更正", Row: 7})
	b.ok(err)
	b.same(fmt.Sprintf("event %d lives after what file %d stated for %s was withdrawn", event, by, m), lives, got)
}

// living are the events of a person at an entry.
func (b *bench) living(p ledger.PersonNo, seen ledger.Seq, want ...int64) {
	b.Helper()
	var got []int64
	for _, e := range b.load(p, seen, 0).Events {
		got = append(got, e.Ref)
	}
	b.same(fmt.Sprintf("living at %d", seen), want, got)
	es, err := b.Store.Events(b.ctx, area, []ledger.PersonNo{p}, 0, seen)
	b.ok(err)
	got = nil
	for _, e := range es {
		got = append(got, e.ID)
	}
	b.same(fmt.Sprintf("events at %d", seen), want, got)
}

// restated: a row that is on record gives the event's number, and each file that
// says it for a month is on record once.
func restated(b *bench) {
	var first ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p := b.person(t, 1)
		first, _ = b.event(t, sent(p, rules.Dibao, 202301))
		again, o := b.event(t, sent(p, rules.Dibao, 202301))
		b.same("twice in a file", isRepeated, o)
		b.same("its number", first.ID, again.ID)
		b.same("stated before this file", 0, len(b.stated(t, 202301)))
		es, err := t.Events()
		b.ok(err)
		first.Src.Seq = seq
		b.same("living", []ledger.Event{first}, es)
	})
	b.same("records: an ID, an event, the file", 3, b.head().Count)
	for i, m := range []civil.Month{202301, 202302, 202302, 0, 0} { // 2 … 6
		b.take(func(t ledger.Taker, seq ledger.Seq) {
			before := b.stated(t, m)
			for range 2 {
				again, o := b.event(t, sent(first.Person, rules.Dibao, m))
				b.same("in a later file", isRepeated, o)
				b.same("its number", first.ID, again.ID)
				b.same("entry", ledger.Seq(0), again.Src.Seq) // it brings no event
			}
			b.same("of this file nothing counts", before, b.stated(t, m))
		})
		b.same(fmt.Sprint("records of file ", i+2), 2, b.head().Count)
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 7
		for m, by := range map[civil.Month]string{0: "5 6, beside 4", 202301: "1 2, beside 4", 202302: "3 4, beside 4"} {
			b.same(fmt.Sprint("stated for ", m), []string{fmt.Sprint(first.ID, " by ", by)}, b.stated(t, m))
		}
		b.same("stated for another month", 0, len(b.stated(t, 202303)))
		// An event of this file, said again by it for another month.
		e, _ := b.event(t, sent(first.Person, rules.Tekun, 202301))
		again, o := b.event(t, sent(first.Person, rules.Tekun, 202302))
		b.same("outcome", isRepeated, o)
		b.same("its number", e.ID, again.ID)
	})
	b.same("records: an event, a restatement, the file", 3, b.head().Count)
	f := b.file(other)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error { // 8
		b.same("in another area", 0, len(b.stated(t, 202301)))
		es, err := t.Events()
		b.same("in another area", 0, len(es))
		return err
	}))
	b.living(first.Person, f.Seq, first.ID, first.ID+1)
	touched, err := b.Touched(b.ctx, area, 1, 6)
	b.ok(err)
	b.same("a restatement touches nobody", 0, len(touched))

	// Rows of one sheet, month and way are one record, however many.
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 9
		for i, n := range []int{700, 5, 6, 3, 900} {
			e := sent(b.person(t, n), rules.Dibao, 202305)
			e.Src = ledger.Source{Sheet: "低保", Row: 1000 - i}
			b.event(t, e)
		}
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 10
		for i, n := range []int{3, 900, 6, 700, 5} {
			e := sent(b.person(t, n), rules.Dibao, 202306)
			e.Src, e.Via = ledger.Source{Sheet: "低保", Row: 3 + i}, ledger.ViaFull
			b.event(t, e)
		}
		e := sent(b.person(t, 5), rules.Dibao, 202307)
		e.Src = ledger.Source{Sheet: "特困", Row: 9}
		b.event(t, e)
	})
	b.same("records: two restatements, the file", 3, b.head().Count)
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		var want []string
		for n := range 5 {
			want = append(want, fmt.Sprint(first.ID+2+int64(n), " by 10/1, beside ", []int{1, 2, 1, 1, 1}[n]))
		}
		b.same("stated by one record", want, b.stated(t, 202306))
	})
}

// withdraw: an event lives as long as one of its statements; what was known
// before stays known; said again it is a new one.
func withdraw(b *bench) {
	var e, x, again ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p := b.person(t, 1)
		e, _ = b.event(t, sent(p, rules.Dibao, 202301))
		x, _ = b.event(t, sent(p, rules.Tekun, 202301))
	})
	says := func(event int64, by string) string { return fmt.Sprint(event, " by ", by) }
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.event(t, sent(e.Person, rules.Dibao, 202302)) }) // 2
	b.take(func(t ledger.Taker, seq ledger.Seq) {                                                    // 3
		b.same("stated", []string{says(e.ID, "1, beside 1"), says(x.ID, "1, beside 0")}, b.stated(t, 202301))
		b.withdraw(t, e.ID, 202301, 1, true)
		b.same("stated still", []string{says(x.ID, "1, beside 0")}, b.stated(t, 202301))
		b.same("alone", []string{says(e.ID, "2, beside 0")}, b.stated(t, 202302))
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 4: taken back and said again by one file, in this order
		b.withdraw(t, e.ID, 202302, 2, false)
		es, err := t.Events()
		b.ok(err)
		b.same("living in the file", []ledger.Event{x}, es)
		var o ledger.Outcome
		again, o = b.event(t, sent(e.Person, rules.Dibao, 202302))
		b.same("said again", isNew, o)
		if again.ID == e.ID {
			b.Error("an event lives again")
		}
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 5: said first for another month, then taken back
		b.event(t, sent(e.Person, rules.Dibao, 202303))
		b.withdraw(t, again.ID, 202302, 4, true)
		b.same("stated by this file alone", 0, len(b.stated(t, 202303)))
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 6: a month that was taken back before is stated anew
		e, o := b.event(t, sent(e.Person, rules.Dibao, 202302))
		b.same("it lives by another month", isRepeated, o)
		b.same("its number", again.ID, e.ID)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 7
		b.withdraw(t, again.ID, 202303, 5, true)
		b.withdraw(t, again.ID, 202302, 6, false)
		b.withdraw(t, x.ID, 202301, 1, false)
	})
	p := e.Person
	for seen, want := range map[ledger.Seq][]int64{0: nil, 1: {e.ID, x.ID}, 2: {e.ID, x.ID}, 3: {e.ID, x.ID}, 4: {x.ID, again.ID}, 5: {x.ID, again.ID}, 6: {x.ID, again.ID}, 7: nil} {
		b.living(p, seen, want...)
	}
	for _, c := range []struct {
		after, seen ledger.Seq
		want        []ledger.PersonNo
	}{{1, 3, nil}, {3, 4, []ledger.PersonNo{p}}, {4, 6, nil}, {6, 7, []ledger.PersonNo{p}}} {
		got, err := b.Touched(b.ctx, area, c.after, c.seen)
		b.ok(err)
		b.same(fmt.Sprintf("touched in (%d, %d]", c.after, c.seen), c.want, got)
	}
	got, err := b.Touched(b.ctx, other, 0, 7)
	b.ok(err)
	b.same("touched in the other area", 0, len(got))
	elsewhere, err := b.Withdrawn(b.ctx, other, nil, 0, 7)
	b.ok(err)
	b.same("withdrawn in the other area", 0, len(elsewhere))
	people, err := b.People(b.ctx, area, 7)
	b.ok(err)
	b.same("still on record", []ledger.PersonNo{p}, people)

	by := func(id int64, seq ledger.Seq, event int64, m civil.Month, by ledger.Seq) ledger.Withdrawal {
		return ledger.Withdrawal{ID: id, Src: ledger.Source{Seq: seq, Sheet: "更正", Row: 7}, Area: area, Event: event, Month: m, By: by, Last: true}
	}
	first := ledger.Withdrawn{Event: e, By: by(2, 4, e.ID, 202302, 2)}
	rest := []ledger.Withdrawn{{Event: x, By: by(6, 7, x.ID, 202301, 1)}, {Event: again, By: by(5, 7, again.ID, 202302, 6)}}
	for _, c := range []struct {
		people      []ledger.PersonNo
		after, upTo ledger.Seq
		want        []ledger.Withdrawn
	}{{nil, 0, 7, append([]ledger.Withdrawn{first}, rest...)}, {[]ledger.PersonNo{p}, 4, 9, rest}, {nil, 3, 6, []ledger.Withdrawn{first}}, {[]ledger.PersonNo{p + 1}, 0, 9, nil},
		{nil, 0, 3, nil}} {
		got, err := b.Withdrawn(b.ctx, area, c.people, c.after, c.upTo)
		b.ok(err)
		b.same(fmt.Sprintf("withdrawn in (%d, %d]", c.after, c.upTo), c.want, got)
	}
}

// withdrawOne: of two files that state one event for a month, each is taken back
// alone.
func withdrawOne(b *bench) {
	var e ledger.Event
	for range 2 { // 1, 2
		b.take(func(t ledger.Taker, seq ledger.Seq) { e, _ = b.event(t, sent(b.person(t, 1), rules.Dibao, 202301)) })
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		b.withdraw(t, e.ID, 202301, 1, true)
		b.same("stated", []string{fmt.Sprint(e.ID, " by 2, beside 0")}, b.stated(t, 202301))
	})
	b.living(e.Person, 3, e.ID)
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 4: and said again
		again, o := b.event(t, sent(e.Person, rules.Dibao, 202301))
		b.same("it lives", isRepeated, o)
		b.same("its number", e.ID, again.ID)
		b.withdraw(t, e.ID, 202301, 2, true)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.withdraw(t, e.ID, 202301, 4, false) }) // 5
	b.living(e.Person, 4, e.ID)
	b.living(e.Person, 5)
}

// listedOnly: that a row of a full list without a day names somebody is on record
// and makes no event live; who stood on a list can be read when the event is gone.
// What full lists come to is the same as no row.
func listedOnly(b *bench) {
	var e, x ledger.Event
	says := func(t ledger.Taker, of ...ledger.PersonNo) (out []string) {
		b.Helper()
		b.ok(t.Statements(of, func(event int64, m civil.Month, s ledger.Statement) {
			out = append(out, fmt.Sprint(event, " ", m, " by ", s.By, "/", s.Via))
		}))
		slices.Sort(out)
		return out
	}
	names := func(t ledger.Taker, e ledger.Event, m civil.Month) {
		b.Helper()
		for range 2 {
			b.ok(t.Names(e.ID, m, ledger.Source{Sheet: "名册", Row: 3}))
		}
	}
	var another ledger.PersonNo
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		e, _ = b.event(t, sent(b.person(t, 1), rules.Dibao, 202301))
		o, _ := b.event(t, sent(b.person(t, 2), rules.Dibao, 202304))
		names(t, o, 202305)
		another = o.Person
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		x = sent(e.Person, rules.Dibao, 202302)
		x.Via = ledger.ViaListed
		var o ledger.Outcome
		x, o = b.event(t, x)
		b.same("beside the row that says the same", isNew, o)
		names(t, e, 202302)
		names(t, x, 202302)
	})
	id := func(e ledger.Event, rest string) string { return fmt.Sprint(e.ID, " ", rest) }
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		b.same("stated", []string{id(e, "by 1, beside 0")}, b.stated(t, 202301))
		b.same("stated", []string{id(x, "by 2/3, beside 0")}, b.stated(t, 202302))
		b.same("all", []string{id(e, "2023-01 by 1/0"), id(e, "2023-02 by 2/5"), id(x, "2023-02 by 2/3"), id(x, "2023-02 by 2/5")}, says(t, e.Person, 99))
		names(t, e, 202303)
		b.withdraw(t, e.ID, 202301, 1, false)
		b.withdraw(t, x.ID, 202302, 2, false)
	})
	b.living(e.Person, 2, e.ID, x.ID)
	b.living(e.Person, 3)
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 4
		b.same("left", []string{id(e, "2023-02 by 2/5"), id(e, "2023-03 by 3/5"), id(x, "2023-02 by 2/5")}, says(t, e.Person))
		b.same("of nobody", 0, len(says(t)))
		b.same("of another one", 2, len(says(t, another)))
		es, err := t.EventsOf([]int64{x.ID, 99, e.ID})
		b.ok(err)
		e.Src.Seq, x.Src.Seq = 1, 2
		b.same("gone", []ledger.Event{e, x}, es)
	})
	f := b.file(other)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
		b.same("in another area", 0, len(says(t, e.Person, another)))
		es, err := t.EventsOf([]int64{e.ID})
		b.same("in another area", 0, len(es))
		return err
	}))
}

// withdrawFails: only what the file that is named stated before, in the file's
// area, is taken back; a refusal leaves nothing.
func withdrawFails(b *bench) {
	var e, x ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		e, _ = b.event(t, sent(b.person(t, 1), rules.Dibao, 202301))
		x, _ = b.event(t, sent(e.Person, rules.Tekun, 202301))
	})
	bad := func(t ledger.Taker, what string, event int64, m civil.Month, by ledger.Seq) {
		b.Helper()
		if _, err := t.Withdraw(event, m, by, ledger.Source{}); err == nil {
			b.Errorf("withdrawn: %s", what)
		}
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		bad(t, "another month", e.ID, 202302, 1)
		bad(t, "another file", e.ID, 202301, 3)
		bad(t, "no event", 99, 202301, 1)
		b.event(t, sent(e.Person, rules.Dibao, 202301))
		bad(t, "what this file repeats", e.ID, 202301, seq)
		b.event(t, sent(e.Person, rules.Dibao, 202302))
		bad(t, "what this file states for another month", e.ID, 202302, seq)
		y, _ := b.event(t, sent(e.Person, rules.Dibian, 202301))
		bad(t, "what this file adds", y.ID, 202301, seq)
		bad(t, "what this file adds, for another month", y.ID, 202302, seq)
	})
	b.same("records: an event, two restatements, the file", 4, b.head().Count)
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		b.withdraw(t, x.ID, 202301, 1, false)
		bad(t, "twice", x.ID, 202301, 1)
		b.withdraw(t, e.ID, 202301, 1, true)
		b.event(t, sent(e.Person, rules.Dibao, 202301))
		bad(t, "what this file states after it took it back", e.ID, 202301, 1)
	})
	b.same("records: two withdrawals, a restatement, the file", 4, b.head().Count)
	f := b.file(other)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
		bad(t, "of another area", e.ID, 202301, 3)
		return nil
	}))
	b.living(e.Person, f.Seq, e.ID, e.ID+2)
}

// withdrawnReaders: whoever reads rosters reads what lives.
func withdrawnReaders(b *bench) {
	var p, h, h2 ledger.PersonNo
	var late ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p, h, h2 = b.person(t, 1), b.person(t, 2), b.person(t, 3)
		e := sent(p, rules.Dibao, 202301)
		e.Head, e.Township, e.Village, e.County, e.Name = h, "东镇", "东村", "康平县", b.name(t, "王小明")
		b.event(t, e)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		e := sent(p, rules.Tekun, 202302)
		e.Date, e.Head, e.Township, e.Village, e.County, e.Name = 20230201, h2, "西镇", "西村", "新民市", b.name(t, "王晓明")
		late, _ = b.event(t, e)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.withdraw(t, late.ID, 202302, 2, false) }) // 3
	one := []ledger.PersonNo{p}
	for seen, last := range map[ledger.Seq]bool{1: false, 2: true, 3: false} {
		home, county, head, in, out := [2]string{"东镇", "东村"}, "康平县", h, h, h2
		if last {
			home, county, head, in, out = [2]string{"西镇", "西村"}, "新民市", h2, h2, h
		}
		homes, err := b.Residence(b.ctx, area, one, seen)
		b.ok(err)
		b.same(fmt.Sprint("residence at ", seen), map[ledger.PersonNo][2]string{p: home}, homes)
		counties, err := b.Counties(b.ctx, area, one, seen)
		b.ok(err)
		b.same(fmt.Sprint("county at ", seen), map[ledger.PersonNo]string{p: county}, counties)
		heads, err := b.Heads(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprint("head at ", seen), map[ledger.PersonNo]ledger.PersonNo{p: head}, heads)
		members, err := b.Members(b.ctx, area, []ledger.PersonNo{h, h2}, seen)
		b.ok(err)
		for _, ms := range members {
			slices.Sort(ms)
		}
		b.same(fmt.Sprint("households at ", seen), map[ledger.PersonNo][]ledger.PersonNo{in: {p, in}, out: {out}}, members)
	}
	ids, err := b.Identities(b.ctx, one)
	b.ok(err)
	b.same("name", "王小明", ids[p].Name)
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.withdraw(t, late.ID-1, 202301, 1, false) }) // 4
	ids, err = b.Identities(b.ctx, one)
	b.ok(err)
	b.same("the name of somebody of whom no row is left", "王小明", ids[p].Name)
	heads, err := b.Heads(b.ctx, area, 4)
	b.ok(err)
	b.same("heads", 0, len(heads))
}

// nameOf: the name on the last living roster row, else on the last settlement,
// of before the file.
func nameOf(b *bench) {
	var p [6]ledger.PersonNo
	names := map[string]int64{}
	row := func(t ledger.Taker, i int, c rules.Category, name string) ledger.Event {
		e := sent(p[i], c, 202301)
		e.Name = b.name(t, name)
		names[name] = e.Name
		e, _ = b.event(t, e)
		return e
	}
	claim := func(t ledger.Taker, i int, id, name string) {
		c := stay(p[i], id, 20230310, 100)
		c.Name = b.name(t, name)
		names[name] = c.Name
		b.claims(t, c)
	}
	check := func(t ledger.Taker, want ...string) {
		b.Helper()
		for i, name := range want {
			got, err := t.NameOf(p[i])
			b.ok(err)
			b.same(fmt.Sprintf("person %d, %q", i, name), names[name], got)
		}
	}
	var last ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		for i := range p {
			p[i] = b.person(t, i)
		}
		row(t, 0, rules.Dibao, "一")
		row(t, 1, rules.Dibao, "二")
		row(t, 2, rules.Dibao, "")
		claim(t, 2, "S1", "三")
		claim(t, 2, "S2", "四")
		claim(t, 3, "S3", "")
		check(t, "", "", "", "", "", "")
	})
	f := b.file(other)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error { // 2
		check(t, "", "", "", "", "", "") // in this area
		return nil
	}))
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		claim(t, 0, "S4", "五")
		last = row(t, 1, rules.Tekun, "六")
		row(t, 4, rules.Tekun, "七")
		check(t, "一", "二", "三", "", "", "")
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 4
		check(t, "一", "二", "三", "", "七", "")
		b.withdraw(t, last.ID, 202301, 3, false)
		check(t, "一", "二") // of this file nothing counts
		got, err := t.NameOf(b.person(t, 99))
		b.ok(err)
		b.same("somebody new", int64(0), got)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 5
		check(t, "一", "二", "三", "", "七", "")
		p[5] = b.person(t, 98) // numbered last of all
		row(t, 5, rules.Dibao, "一")
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { check(t, "一", "二", "三", "", "七", "一") })
}

// takeTransfers: lines that say the same are told apart by which of them they are.
func takeTransfers(b *bench) {
	var first, paid ledger.Transfer
	transfer := func(t ledger.Taker, x ledger.Transfer) (ledger.Transfer, ledger.Outcome) {
		b.Helper()
		o, err := t.Transfer(&x)
		b.ok(err)
		return x, o
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		paid = ledger.Transfer{Area: area, Person: b.person(t, 1), Payee: b.name(t, "王小明"), Batch: "2023-07-1", Date: 20230720, Item: "医疗救助", Payer: "财政局",
			From: 202304, To: 202306, SetlID: "S1", Amount: 1234_56, Nth: 1}
		x := paid
		x.Src, x.Extra = ledger.Source{Seq: seq, Sheet: "表 1", Row: 3}, t.Seal("备注")
		var o ledger.Outcome
		first, o = transfer(t, x)
		b.same("new", isNew, o)
		x.Src.Row = 4
		_, o = transfer(t, x)
		b.same("the same line", isRepeated, o)
		x.Nth = 2
		_, o = transfer(t, x)
		b.same("the second that says so", isNew, o)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		for n, want := range map[int]ledger.Outcome{1: isRepeated, 2: isRepeated, 3: isNew} {
			x := paid
			x.Nth = n
			_, o := transfer(t, x)
			b.same(fmt.Sprint("in a later file, ", n), want, o)
		}
		for what, change := range map[string]func(*ledger.Transfer){
			"area":       func(x *ledger.Transfer) { x.Area = other },
			"person":     func(x *ledger.Transfer) { x.Person = 0 },
			"payee":      func(x *ledger.Transfer) { x.Payee = 0 },
			"batch":      func(x *ledger.Transfer) { x.Batch = "" },
			"date":       func(x *ledger.Transfer) { x.Date-- },
			"item":       func(x *ledger.Transfer) { x.Item = "大病保险" },
			"payer":      func(x *ledger.Transfer) { x.Payer = "" },
			"from":       func(x *ledger.Transfer) { x.From = 0 },
			"to":         func(x *ledger.Transfer) { x.To++ },
			"settlement": func(x *ledger.Transfer) { x.SetlID = "" },
			"amount":     func(x *ledger.Transfer) { x.Amount = -x.Amount },
		} {
			x := paid
			change(&x)
			_, o := transfer(t, x)
			b.same("another "+what, isNew, o)
		}
	})
	read := func(in string, seen ledger.Seq) (out []ledger.Transfer) {
		b.Helper()
		b.ok(b.Transfers(b.ctx, in, seen, func(x *ledger.Transfer) error { out = append(out, *x); return nil }))
		return out
	}
	second := first
	second.ID, second.Src.Row, second.Nth = first.ID+1, 4, 2
	first.Extra, second.Extra = nil, nil // lie sealed
	b.same("at 1", []ledger.Transfer{first, second}, read(area, 1))
	all := read(area, 2)
	b.same("at 2", 13, len(all))
	b.same("by date", civil.Date(20230719), all[0].Date)
	b.same("without a batch", "", all[1].Batch)
	b.same("of another area", 1, len(read(other, 2)))
	broken := fmt.Errorf("broken")
	b.is(b.Transfers(b.ctx, area, 2, func(*ledger.Transfer) error { return broken }), broken)
	touched, err := b.Touched(b.ctx, area, 0, 2)
	b.ok(err)
	b.same("touched", 0, len(touched))
}

// statements: whatever files state and withdraw, in whatever order, what lives
// is what a map of months and files says.
func statements(b *bench) {
	ps := [2]ledger.PersonNo{}
	b.take(func(t ledger.Taker, seq ledger.Seq) { ps[0], ps[1] = b.person(t, 0), b.person(t, 1) })
	months := []civil.Month{0, 202301, 202302}
	areas := 0
	rapid.Check(b.T, func(t *rapid.T) {
		areas++
		m := &stateOfMonths{living: map[int]*life{}}
		in := fmt.Sprintf("A%d", areas)
		begin := b.head().Seq
		var at []map[int]int64 // the living after each file: content → event
		for range rapid.IntRange(1, 7).Draw(t, "files") {
			f := b.file(in)
			touched := map[ledger.PersonNo]bool{}
			b.ok(b.Take(b.ctx, f, func() bool { return true }, func(x ledger.Taker) error {
				m.begin(f.Seq)
				for range rapid.IntRange(0, 8).Draw(t, "rows") {
					c, month := rapid.IntRange(0, 3).Draw(t, "content"), rapid.SampledFrom(months).Draw(t, "month")
					if l := m.living[c]; l != nil && rapid.IntRange(0, 2).Draw(t, "what") > 0 {
						by := begin + ledger.Seq(rapid.IntRange(1, int(f.Seq-begin)).Draw(t, "by"))
						lives, ok := m.withdraw(c, month, by)
						got, err := x.Withdraw(l.id, month, by, ledger.Source{})
						if ok != (err == nil) || ok && lives != got {
							t.Fatalf("content %d withdrawn for %s: %t, %v, want %t, %t", c, month, got, err, lives, ok)
						}
						if ok && !lives {
							touched[ps[c%2]] = true
						}
					} else {
						e := sent(ps[c%2], rules.Dibao, month)
						e.Area, e.Date = in, civil.Date(20230101+c)
						o, err := x.Event(&e)
						if err != nil {
							return err
						}
						if isNew := m.state(c, month, e.ID); isNew != (o == ledger.New) || m.living[c].id != e.ID {
							t.Fatalf("content %d stated for %s: %d as event %d, want new %t as %d", c, month, o, e.ID, isNew, m.living[c].id)
						}
						if o == ledger.New {
							touched[e.Person] = true
						}
					}
					if rapid.IntRange(0, 3).Draw(t, "look") == 0 {
						got, err := x.Stated(month)
						if want := m.stated(month); err != nil || !slices.Equal(standings(got), standings(want)) {
							t.Fatalf("stated for %s: %q, %v, want %q", month, standings(got), err, standings(want))
						}
						es, err := x.Events()
						if err != nil {
							return err
						}
						m.same(t, "in the file", es, m.now())
					}
				}
				return nil
			}))
			at = append(at, m.now())
			got, err := b.Touched(b.ctx, in, f.Seq-1, f.Seq)
			b.ok(err)
			if len(got) != len(touched) {
				t.Fatalf("touched %v, want %v", got, touched)
			}
		}
		for i, want := range at {
			seen := begin + ledger.Seq(i) + 1
			es, err := b.Store.Events(b.ctx, in, nil, 0, seen)
			b.ok(err)
			m.same(t, fmt.Sprint("after file ", i), es, want)
			data, err := b.LoadPeople(b.ctx, in, ps[:], seen, 0)
			b.ok(err)
			if n := len(data[0].Events) + len(data[1].Events); n != len(want) {
				t.Fatalf("%d events of the people after file %d, want %d", n, i, len(want))
			}
			gone, err := b.Withdrawn(b.ctx, in, nil, 0, seen)
			b.ok(err)
			for _, g := range gone {
				if slices.Contains(slices.Collect(maps.Values(want)), g.ID) {
					t.Fatalf("event %d is withdrawn and lives", g.ID)
				}
			}
		}
	})
}

// stateOfMonths is the naive model: of each content the living event, with the months
// for which it is stated and the files that do.
type stateOfMonths struct {
	living map[int]*life
	seq    ledger.Seq // of the present file
}

type life struct {
	id   int64
	says map[stating]bool
}

type stating struct {
	month civil.Month
	by    ledger.Seq
}

func (m *stateOfMonths) begin(seq ledger.Seq) { m.seq = seq }

func (m *stateOfMonths) state(c int, month civil.Month, id int64) bool {
	fresh := m.living[c] == nil
	if fresh {
		m.living[c] = &life{id, map[stating]bool{}}
	}
	m.living[c].says[stating{month, m.seq}] = true
	return fresh
}

func (m *stateOfMonths) withdraw(c int, month civil.Month, by ledger.Seq) (lives, ok bool) {
	l := m.living[c]
	k := stating{month, by}
	if by == m.seq || !l.says[k] {
		return false, false
	}
	delete(l.says, k)
	if len(l.says) == 0 {
		delete(m.living, c)
	}
	return len(l.says) > 0, true
}

// stated are the events stated for a month before the present file.
func (m *stateOfMonths) stated(month civil.Month) map[int64]*ledger.Standing {
	out := map[int64]*ledger.Standing{}
	for _, l := range m.living {
		is := &ledger.Standing{}
		for s := range l.says {
			switch {
			case s.by == m.seq:
			case s.month == month:
				is.By = append(is.By, ledger.Statement{By: s.by})
			default:
				is.Beside++
			}
		}
		if len(is.By) > 0 {
			slices.SortFunc(is.By, func(a, b ledger.Statement) int { return cmp.Compare(a.By, b.By) })
			out[l.id] = is
		}
	}
	return out
}

func (m *stateOfMonths) now() map[int]int64 {
	out := map[int]int64{}
	for c, l := range m.living {
		out[c] = l.id
	}
	return out
}

func (m *stateOfMonths) same(t *rapid.T, what string, es []ledger.Event, want map[int]int64) {
	got := map[int]int64{}
	for _, e := range es {
		got[int(e.Date-20230101)] = e.ID
	}
	if len(es) != len(want) || !maps.Equal(got, want) {
		t.Fatalf("%s: living %v, want %v", what, got, want)
	}
}
