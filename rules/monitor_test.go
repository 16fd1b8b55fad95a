package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/google/go-cmp/cmp"
)

func policyOf(t *testing.T, id, overlay string) *rules.Policy {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if overlay != "" {
		if l.Overlay, err = pack.ParseOverlay("overlay.yaml", []byte(overlay)); err != nil {
			t.Fatal(err)
		}
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{l})
	if err != nil {
		t.Fatal(err)
	}
	return pol
}

// stay is an inpatient claim, all of it in scope, of which nothing was paid.
func stay(d civil.Date, total money.Fen) rules.Claim {
	return rules.Claim{At: d.At(), Kind: rules.Inpatient, Total: total, InScope: total}
}

// outside makes it one out of the province, by the rules: no tilt is due on it.
func outside(c rules.Claim) rules.Claim {
	c.Referral, c.OutOfProvince = rules.Referred, true
	return c
}

func clinic(d civil.Date, total money.Fen) rules.Claim {
	c := stay(d, total)
	c.Kind = rules.Outpatient
	return c
}

func relief(d civil.Date, amount money.Fen) rules.Help { return rules.Help{Date: d, Amount: amount} }

func posted(d civil.Date, amount money.Fen) rules.Help {
	return rules.Help{Date: d, Amount: amount, Posted: true}
}

var by = map[rules.MoveBy]string{rules.ByClaim: "claim", rules.ByRecognition: "recognition", rules.ByRelief: "relief", rules.ByPosting: "posting"}

// year2023 settles and watches; claims and helps are numbered as they stand.
func year2023(t *testing.T, pol *rules.Policy, events []rules.Event, claims []rules.Claim, helps []rules.Help) []string {
	t.Helper()
	for i := range claims {
		claims[i].Ref, claims[i].ID = int64(i+1), fmt.Sprintf("S%02d", i+1)
		if err := claims[i].Check(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range helps {
		helps[i].Ref = int64(i + 1)
	}
	spells, _ := pol.Spells(roster(events...))
	rules.SortClaims(claims)
	results, err := pol.SettleYear(spells, pol.Windows(spells), claims, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range pol.Watch(2023, rules.Member{Spells: spells, Claims: claims, Results: results, Helps: helps}) {
		if c.Year != 2023 || c.Name == "" || c.Opened() != c.Moves[0] || c.State != c.Moves[len(c.Moves)-1].To {
			t.Errorf("%+v", c)
		}
		var moves []string
		for _, m := range c.Moves {
			moves = append(moves, fmt.Sprintf("%s %s by %s %d", m.To.Chinese(), m.Date, by[m.By], m.Ref))
		}
		out = append(out, fmt.Sprintf("%s %s: %s - %s = %s: %s", c.Monitor, c.Line, c.Gross, c.Relief, c.Burden, strings.Join(moves, ", ")))
	}
	return out
}

// Kaifeng: dibian and yifanpin; in-scope burden after major strictly above
// 10,000. Assistance for dibian: 65 % of what is above 2,000 a year, at most
// 10,000 a year.
func TestKaifengMonitor(t *testing.T) {
	pol := policyOf(t, "kaifeng-2022-draft", "")
	dibian := func() []rules.Event { return []rules.Event{added(rules.Dibian, 20230101)} }
	big := func() rules.Claim { return outside(stay(20230310, 30000_00)) }
	for _, c := range []struct {
		name   string
		events []rules.Event
		claims []rules.Claim
		helps  []rules.Help
		want   []string
	}{
		{name: "the line itself does not count", events: dibian(),
			claims: []rules.Claim{stay(20230310, 10000_00)}},

		// Assistance: (10,000.01 − 2,000) × 65 % = 5,200.0065, half up 5,200.01.
		// Burden: 10,000.01 − 5,200.01 = 4,800.00: cleared by what is due.
		{name: "a fen above opens, and what is due clears at once", events: dibian(),
			claims: []rules.Claim{stay(20230310, 10000_01)},
			want:   []string{"gaoe_zhichu 10000.00: 4800.00 - 0.00 = 4800.00: 监测 2023-03-10 by claim 1, 清零 2023-03-10 by claim 1"}},

		// 6,000.00 + 4,000.00 lie on the line, the third claim crosses it by 0.01.
		// Assistance: 4,000 × 65 % + 4,000 × 65 % + 0.01 × 65 % = 2,600 + 2,600 + 0.01.
		{name: "opened on the day of the claim that crossed", events: dibian(),
			claims: []rules.Claim{stay(20230201, 6000_00), stay(20230301, 4000_00), stay(20230401, 1)},
			want:   []string{"gaoe_zhichu 10000.00: 4800.00 - 0.00 = 4800.00: 监测 2023-04-01 by claim 3, 清零 2023-04-01 by claim 3"}},

		// Basic 12,000, other subsidies 3,000 and major 5,000 of 30,000 leave 10,000.00.
		{name: "what basic, other and major paid does not count", events: dibian(),
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Total: 30000_00, InScope: 30000_00, Basic: 12000_00, Other: 3000_00, Major: 5000_00}}},
		// With major 4,999.99 it is 10,000.01, as above.
		{name: "nor does it by a fen less", events: dibian(),
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Total: 30000_00, InScope: 30000_00, Basic: 12000_00, Other: 3000_00, Major: 4999_99}},
			want:   []string{"gaoe_zhichu 10000.00: 4800.00 - 0.00 = 4800.00: 监测 2023-03-10 by claim 1, 清零 2023-03-10 by claim 1"}},
		{name: "what is out of scope does not count", events: dibian(),
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Total: 90000_00, InScope: 10000_00}}},

		// (30,000 − 2,000) × 65 % = 18,200, of which the cap leaves 10,000; no tilt
		// out of the province. Burden: 30,000 − 10,000 = 20,000.
		{name: "not cleared", events: dibian(), claims: []rules.Claim{big()},
			want: []string{"gaoe_zhichu 10000.00: 20000.00 - 0.00 = 20000.00: 监测 2023-03-10 by claim 1"}},
		// The same in the province: tilt = (20,000 − 10,000) × 90 % = 9,000. Burden
		// 11,000.
		{name: "tilt is due, too", events: dibian(), claims: []rules.Claim{stay(20230310, 30000_00)},
			want: []string{"gaoe_zhichu 10000.00: 11000.00 - 0.00 = 11000.00: 监测 2023-03-10 by claim 1"}},
		{name: "unreferred care is watched, though not assisted", events: dibian(),
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Referral: rules.Unreferred, Total: 12000_00, InScope: 12000_00}},
			want:   []string{"gaoe_zhichu 10000.00: 12000.00 - 0.00 = 12000.00: 监测 2023-03-10 by claim 1"}},

		// 20,000 − 4,000 = 16,000: helped. − 6,000 = 10,000.00, not above: cleared.
		{name: "helped and cleared by relief", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{relief(20230401, 4000_00), relief(20230415, 6000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 10000.00 = 10000.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-15 by relief 2"}},
		{name: "a fen too little", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{relief(20230401, 4000_00), relief(20230415, 5999_99)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 9999.99 = 10000.01: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1"}},
		{name: "one relief helps and clears", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{relief(20230401, 25000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 25000.00 = 0.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-01 by relief 1"}},
		// A posting is help; its amount is in the results already.
		{name: "helped by a posting", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{posted(20230401, 10000_00), relief(20230501, 10000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 10000.00 = 10000.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by posting 1, 清零 2023-05-01 by relief 2"}},
		{name: "relief before the case opened counts, but is no 帮扶 of it", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{relief(20230301, 1000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 1000.00 = 19000.00: 监测 2023-03-10 by claim 1"}},
		{name: "relief of the same day comes after the claim", events: dibian(), claims: []rules.Claim{big()},
			helps: []rules.Help{relief(20230310, 1000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20000.00 - 1000.00 = 19000.00: 监测 2023-03-10 by claim 1, 帮扶 2023-03-10 by relief 1"}},

		// Cleared at 10,000.00; an outpatient bill of 100 for no listed disease gets
		// nothing: 10,100 crosses again.
		{name: "a later claim: 复发", events: dibian(), claims: []rules.Claim{big(), clinic(20230501, 100_00)},
			helps: []rules.Help{relief(20230401, 10000_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20100.00 - 10000.00 = 10100.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-01 by relief 1, 复发 2023-05-01 by claim 2"}},
		{name: "and cleared again", events: dibian(), claims: []rules.Claim{big(), clinic(20230501, 100_00)},
			helps: []rules.Help{relief(20230401, 10000_00), relief(20230601, 100_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20100.00 - 10100.00 = 10000.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-01 by relief 1, 复发 2023-05-01 by claim 2, 帮扶 2023-06-01 by relief 2, 清零 2023-06-01 by relief 2"}},
		{name: "a claim that does not cross again changes nothing", events: dibian(), claims: []rules.Claim{big(), clinic(20230501, 100_00)},
			helps: []rules.Help{relief(20230401, 10100_00)},
			want:  []string{"gaoe_zhichu 10000.00: 20100.00 - 10100.00 = 10000.00: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-01 by relief 1"}},

		// 12,000 before anything was recognised. Kaifeng reaches back for nobody.
		{name: "recognised after the burden had crossed", events: []rules.Event{added(rules.Yifanpin, 20230501)},
			claims: []rules.Claim{stay(20230310, 12000_00)},
			want:   []string{"gaoe_zhichu 10000.00: 12000.00 - 0.00 = 12000.00: 监测 2023-05-01 by recognition 1"}},
		{name: "not watched: dibao", events: []rules.Event{added(rules.Dibao, 20230101)}, claims: []rules.Claim{big()}},
		{name: "not watched any more", events: []rules.Event{added(rules.Dibian, 20230101), removed(rules.Dibian, 20230310)}, claims: []rules.Claim{big()}},
		{name: "still watched on the last day", events: []rules.Event{added(rules.Dibian, 20230101), removed(rules.Dibian, 20230311)}, claims: []rules.Claim{big()},
			want: []string{"gaoe_zhichu 10000.00: 20000.00 - 0.00 = 20000.00: 监测 2023-03-10 by claim 1"}},
		{name: "on no list", claims: []rules.Claim{big()}},
		{name: "no claim", events: dibian(), helps: []rules.Help{relief(20230401, 100_00)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, year2023(t, pol, c.events, c.claims, c.helps)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// Hangzhou: what is left of the total after all layers, at or above a line that
// the document leaves open. 因病致贫 watches who was never assisted, 因病返贫
// who is or was.
func TestHangzhouMonitors(t *testing.T) {
	const lines = "monitor: {yinbing_zhipin: {line: 50000}, yinbing_fanpin: {line: 50000}}\n"
	// 80,000 in total, 60,000 in scope, 30,000 paid: 50,000 are left.
	bill := func(basic money.Fen) rules.Claim {
		return rules.Claim{At: 20230310000000, Kind: rules.Inpatient, Total: 80000_00, InScope: 60000_00, Basic: basic}
	}
	ill := added(rules.Dibao, 20230601)
	ill.Cause = rules.Illness
	for _, c := range []struct {
		name    string
		overlay string
		events  []rules.Event
		claims  []rules.Claim
		helps   []rules.Help
		want    []string
	}{
		{name: "off without a line", events: []rules.Event{added(rules.Dibao, 20230101)}, claims: []rules.Claim{stay(20230310, 900000_00)}},
		{name: "off without a line, on no list", claims: []rules.Claim{stay(20230310, 900000_00)}},
		{name: "another monitor's line switches on that one alone", overlay: "monitor: {yinbing_fanpin: {line: 50000}}\n",
			claims: []rules.Claim{stay(20230310, 900000_00)}},

		{name: "the line itself counts", overlay: lines, claims: []rules.Claim{bill(30000_00)},
			want: []string{"yinbing_zhipin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-03-10 by claim 1"}},
		{name: "a fen below does not", overlay: lines, claims: []rules.Claim{bill(30000_01)}},
		{name: "a fen of relief clears", overlay: lines, claims: []rules.Claim{bill(30000_00)}, helps: []rules.Help{relief(20230401, 1)},
			want: []string{"yinbing_zhipin 50000.00: 50000.00 - 0.01 = 49999.99: 监测 2023-03-10 by claim 1, 帮扶 2023-04-01 by relief 1, 清零 2023-04-01 by relief 1"}},
		{name: "the overlay may say 超过 instead", overlay: "monitor: {yinbing_zhipin: {line: 50000, crosses: above}}\n", claims: []rules.Claim{bill(30000_00)}},

		// 62,500 × 80 % = 50,000.00 assisted, 100,000 − 50,000 = 50,000.00 left.
		{name: "因病返贫: holds an assisted category", overlay: lines, events: []rules.Event{added(rules.Dibao, 20230101)},
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Total: 100000_00, InScope: 62500_00}},
			want:   []string{"yinbing_fanpin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-03-10 by claim 1"}},
		{name: "after all layers: a fen less in total", overlay: lines, events: []rules.Event{added(rules.Dibao, 20230101)},
			claims: []rules.Claim{{At: 20230310000000, Kind: rules.Inpatient, Total: 99999_99, InScope: 62500_00}}},
		{name: "因病返贫: held one before", overlay: lines, events: []rules.Event{added(rules.Dibao, 20220301), removed(rules.Dibao, 20221101)},
			claims: []rules.Claim{bill(30000_00)},
			want:   []string{"yinbing_fanpin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-03-10 by claim 1"}},
		{name: "因病致贫: a category that is not assisted", overlay: lines, events: []rules.Event{added(rules.Fengxian, 20230101)},
			claims: []rules.Claim{bill(30000_00)},
			want:   []string{"yinbing_zhipin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-03-10 by claim 1"}},
		{name: "致贫 first; recognised later, it is 返贫 as well", overlay: lines, events: []rules.Event{added(rules.Dibao, 20230601)},
			claims: []rules.Claim{bill(30000_00)},
			want: []string{"yinbing_zhipin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-03-10 by claim 1",
				"yinbing_fanpin 50000.00: 50000.00 - 0.00 = 50000.00: 监测 2023-06-01 by recognition 1"}},
		// The window pays (60,000 − 30,000) × 80 % = 24,000: 26,000 never crossed.
		{name: "recognised by illness: the six months' assistance makes the case vanish", overlay: lines, events: []rules.Event{ill},
			claims: []rules.Claim{bill(30000_00)}},

		// The line is set from July. What was borne before counts, but no case opens
		// before.
		{name: "a line from a day on", overlay: "monitor: {yinbing_zhipin: {line: {2023-07-01: 50000}}}\n",
			claims: []rules.Claim{bill(30000_00), clinic(20230630, 1_00), clinic(20230701, 1_00)},
			want:   []string{"yinbing_zhipin 50000.00: 50002.00 - 0.00 = 50002.00: 监测 2023-07-01 by claim 3"}},
		{name: "a line that falls", overlay: "monitor: {yinbing_zhipin: {line: {2023-01-01: 60000, 2023-07-01: 50000}}}\n",
			claims: []rules.Claim{bill(30000_00), clinic(20230801, 1_00)},
			want:   []string{"yinbing_zhipin 50000.00: 50001.00 - 0.00 = 50001.00: 监测 2023-08-01 by claim 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, year2023(t, policyOf(t, "hangzhou-2022-70", c.overlay), c.events, c.claims, c.helps)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// TestCaseWords: what the last day of the year leaves, and who cleared it.
func TestCaseWords(t *testing.T) {
	for s, want := range map[rules.CaseState]string{rules.Watching: "监测 未清零", rules.Helping: "帮扶 未清零", rules.Cleared: "清零 已清零", rules.Relapsed: "复发 未清零"} {
		if got := s.Chinese() + " " + s.AtYearEnd(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	c := rules.Case{Moves: []rules.Move{{To: rules.Watching, Date: 20230310}, {To: rules.Cleared, Date: 20230401, By: rules.ByRelief, Ref: 7}}}
	if m, ok := c.ClearedBy(); !ok || m.Ref != 7 {
		t.Errorf("%+v %t", m, ok)
	}
	c.Moves = c.Moves[:1]
	if m, ok := c.ClearedBy(); ok {
		t.Errorf("cleared by %+v", m)
	}
}
