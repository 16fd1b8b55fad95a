package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// withDuties is a policy of 2022 to 2024 with these duties, which change() may
// set, and nothing else but who is assisted.
func withDuties(change func(*rules.Duties)) *rules.Policy {
	d := rules.NewDuties()
	change(&d)
	prm := &rules.Params{Duties: d, Assisted: rules.SetOf(rules.Tekun, rules.Dibao, rules.Fanpin, rules.Dibian, rules.Yifanpin),
		Order: []rules.Category{rules.Tekun, rules.Dibao, rules.Fanpin, rules.Dibian, rules.Yifanpin}}
	return &rules.Policy{Segments: []rules.Segment{{From: 20220101, To: 20250101, Params: prm, Pack: &rules.PackRef{ID: "test", Earliest: prm}}}}
}

// kaifengPremium is KF-2: tekun full, dibao and fanpin 80 a year, yifanpin left
// open; at the place of recognition; the collection for 2023 ends on 28 February
// 2023, and who is recognised later waits a year.
func kaifengPremium(d *rules.Duties) {
	p := &d.Premium
	p.Rule[rules.Tekun], p.Rule[rules.Yifanpin] = rules.FullSubsidy, rules.OpenSubsidy
	p.Rule[rules.Dibao], p.Fixed[rules.Dibao] = rules.FixedSubsidy, 80_00
	p.Rule[rules.Fanpin], p.Fixed[rules.Fanpin] = rules.FixedSubsidy, 80_00
	p.AtRecognition = true
	p.CollectionEnd = 20230228
}

func spell(c rules.Category, from, to civil.Date) rules.Spell {
	if to == 0 {
		to = civil.Forever
	}
	return rules.Spell{Category: c, Start: from, End: to, Opened: int64(from)}
}

func residents(own, subsidy money.Fen) rules.Enrolment {
	return rules.Enrolment{Year: 2023, Plan: rules.PlanResidents, Place: "410200", PaidOn: 20221215, Own: own, Subsidy: subsidy}
}

func employees(own, subsidy money.Fen) rules.Enrolment {
	e := residents(own, subsidy)
	e.Plan = rules.PlanEmployees
	return e
}

func at(place string, e rules.Enrolment) rules.Enrolment { e.Place = place; return e }

var kaifeng = []string{"开封市", "410200"}

// says prints a review: what is due, the findings, and their amounts.
func says(r rules.PremiumReview) string {
	var out []string
	switch r.Due.Rule {
	case rules.FullSubsidy:
		out = append(out, "due "+r.Due.Category.String()+" full")
	case rules.FixedSubsidy:
		out = append(out, fmt.Sprintf("due %s %s", r.Due.Category, r.Due.Amount))
	case rules.OpenSubsidy:
		out = append(out, "due "+r.Due.Category.String()+" open")
	}
	for _, f := range r.Findings.List() {
		s := f.String()
		switch f {
		case rules.PremiumMissing, rules.PremiumShort:
			s += " " + amountOr(r.Missing)
		case rules.PremiumUndue:
			s += " " + r.Undue.String()
		case rules.PremiumTwice:
			s += " " + r.Twice.String()
		case rules.PremiumOver:
			s += " " + r.Over.String()
		case rules.PremiumHuiminbaoMissing, rules.PremiumHuiminbaoShort:
			s += " " + amountOr(r.HuiminbaoShortage)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func amountOr(f money.Fen) string {
	if f == rules.Unset {
		return "?"
	}
	return f.String()
}

// TestPremiums goes through semantics §8 for 2023, as of 30 June unless another
// day is given.
func TestPremiums(t *testing.T) {
	dibao := spell(rules.Dibao, 20220301, 0)
	for _, c := range []struct {
		name   string
		change func(*rules.Duties)
		spells []rules.Spell
		es     []rules.Enrolment
		asOf   civil.Date
		want   string
	}{
		{"fixed, paid", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due dibao 80.00"},
		{"fixed, nothing paid", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"fixed, a fen short", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(270_01, 79_99)}, 0, "due dibao 80.00; subsidy_short 0.01"},
		{"fixed, a fen over", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(269_99, 80_01)}, 0, "due dibao 80.00; subsidy_over 0.01"},
		{"full, paid", nil, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(0, 350_00)}, 0, "due tekun full"},
		{"full, of which the person bore 270", nil, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due tekun full; subsidy_short 270.00"},
		{"full, nothing paid", nil, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due tekun full; subsidy_missing 350.00"},
		{"full, nobody paid, standard unset", nil, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(0, 0)}, 0, "due tekun full; subsidy_missing ?"},
		{"full, nobody paid, standard 350", func(d *rules.Duties) { d.Premium.Standard = 350_00 }, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(0, 0)}, 0, "due tekun full; subsidy_missing 350.00"},
		{"full, more than the standard", func(d *rules.Duties) { d.Premium.Standard = 350_00 }, []rules.Spell{spell(rules.Tekun, 20220301, 0)}, []rules.Enrolment{residents(0, 351_00)}, 0, "due tekun full; subsidy_over 1.00"},
		{"open, nothing paid", nil, []rules.Spell{spell(rules.Yifanpin, 20220301, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due yifanpin open; subsidy_missing ?"},
		{"open, any subsidy will do", nil, []rules.Spell{spell(rules.Yifanpin, 20220301, 0)}, []rules.Enrolment{residents(250_00, 100_00)}, 0, "due yifanpin open"},
		{"fixed, at most the standard", func(d *rules.Duties) { d.Premium.Standard = 70_00 }, []rules.Spell{dibao}, []rules.Enrolment{residents(0, 70_00)}, 0, "due dibao 70.00"},

		// Most favourable: full before fixed before open; an open one keeps from calling it too much.
		{"full beats fixed", nil, []rules.Spell{dibao, spell(rules.Tekun, 20220801, 0)}, []rules.Enrolment{residents(0, 350_00)}, 0, "due tekun full"},
		{"fixed beats open", nil, []rules.Spell{spell(rules.Yifanpin, 20220301, 0), dibao}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"what is open may bring more", nil, []rules.Spell{spell(rules.Yifanpin, 20220301, 0), dibao}, []rules.Enrolment{residents(230_00, 120_00)}, 0, "due dibao 80.00"},
		{"equal: one that the order does not name comes last", func(d *rules.Duties) {
			d.Premium.Rule[rules.Jiandang], d.Premium.Fixed[rules.Jiandang] = rules.FixedSubsidy, 80_00
		}, []rules.Spell{spell(rules.Jiandang, 20220301, 0), dibao}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due dibao 80.00"},
		{"equal: the policy's order", nil, []rules.Spell{spell(rules.Fanpin, 20220301, 0), dibao}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due dibao 80.00"},
		{"higher fixed beats lower", func(d *rules.Duties) { d.Premium.Fixed[rules.Fanpin] = 80_01 }, []rules.Spell{spell(rules.Fanpin, 20220301, 0), dibao}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due fanpin 80.01; subsidy_short 0.01"},

		// After the collection period: none that year.
		{"recognised on its last day", nil, []rules.Spell{spell(rules.Dibao, 20230228, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"the day after", nil, []rules.Spell{spell(rules.Dibao, 20230301, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, ""},
		{"the day after, and subsidised", nil, []rules.Spell{spell(rules.Dibao, 20230301, 0)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "subsidy_undue 80.00"},
		{"the day after, where it counts", func(d *rules.Duties) { d.Premium.AfterCollection = true }, []rules.Spell{spell(rules.Dibao, 20230301, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"dibao in the period, tekun after it: as dibao", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20230415), spell(rules.Tekun, 20230415, 0)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due dibao 80.00"},
		{"left before the year and the period's end", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20221101)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "subsidy_undue 80.00"},
		{"left and came back after the period: held in it", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20221101), spell(rules.Dibao, 20230401, 0)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "due dibao 80.00"},
		{"left on 1 July of the year before: not held in it", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20220701), spell(rules.Dibao, 20230401, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, ""},
		{"left the day after: held on 1 July", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20220702), spell(rules.Dibao, 20230401, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"left on New Year, not held in the year", func(d *rules.Duties) { d.Premium.AfterCollection = true }, []rules.Spell{spell(rules.Dibao, 20220301, 20230101)}, []rules.Enrolment{residents(350_00, 0)}, 0, ""},
		{"but open on the last collection day", func(d *rules.Duties) { d.Premium.AfterCollection, d.Premium.CollectionEnd = true, 20221231 }, []rules.Spell{spell(rules.Dibao, 20220301, 20230101)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"held on New Year only", func(d *rules.Duties) { d.Premium.AfterCollection = true }, []rules.Spell{spell(rules.Dibao, 20220301, 20230102)}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"recognised after the day of the review", nil, []rules.Spell{spell(rules.Dibao, 20230202, 0)}, []rules.Enrolment{residents(350_00, 0)}, 20230201, ""},
		{"while the collection runs", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(350_00, 0)}, 20221220, "due dibao 80.00; subsidy_missing 80.00"},
		{"paid on the day of the review", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(350_00, 0)}, 20221215, "due dibao 80.00; subsidy_missing 80.00"},
		{"paid after the day of the review", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(350_00, 0)}, 20221214, "due dibao 80.00; not_enrolled"},

		// The period is not configured: never guessed.
		{"began before the year", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{dibao}, []rules.Enrolment{residents(350_00, 0)}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"begins within it", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{spell(rules.Dibao, 20230101, 0)}, []rules.Enrolment{residents(350_00, 0)}, 0, "undetermined"},
		{"begins within it, and subsidised", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{spell(rules.Dibao, 20230101, 0)}, []rules.Enrolment{residents(270_00, 80_00)}, 0, "undetermined"},
		{"something better begins within it: 80 at least", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{dibao, spell(rules.Tekun, 20230401, 0)}, []rules.Enrolment{residents(275_00, 75_00)}, 0, "due dibao 80.00; subsidy_short 5.00; undetermined"},
		{"and not too much", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{dibao, spell(rules.Tekun, 20230401, 0)}, []rules.Enrolment{residents(0, 350_00)}, 0, "due dibao 80.00; undetermined"},
		{"and not too much, though both amounts are known", func(d *rules.Duties) { d.Premium.CollectionEnd, d.Premium.Standard = 0, 350_00 }, []rules.Spell{dibao, spell(rules.Tekun, 20230401, 0)}, []rules.Enrolment{residents(0, 350_00)}, 0, "due dibao 80.00; undetermined"},
		{"something open begins within it: not too much", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{dibao, spell(rules.Yifanpin, 20230401, 0)}, []rules.Enrolment{residents(230_00, 120_00)}, 0, "due dibao 80.00"},
		{"something worse begins within it", func(d *rules.Duties) { d.Premium.CollectionEnd = 0 }, []rules.Spell{spell(rules.Tekun, 20220401, 0), spell(rules.Dibao, 20230401, 0)}, []rules.Enrolment{residents(0, 350_00)}, 0, "due tekun full"},

		// Enrolment.
		{"not enrolled", nil, []rules.Spell{dibao}, nil, 0, "due dibao 80.00; not_enrolled"},
		{"enrolled for another year", nil, []rules.Spell{dibao}, []rules.Enrolment{{Year: 2022, Plan: rules.PlanResidents}}, 0, "due dibao 80.00; not_enrolled"},
		{"assisted and not subsidised: not enrolled", nil, []rules.Spell{spell(rules.Dibian, 20220301, 0)}, nil, 0, "not_enrolled"},
		{"no listed category", nil, []rules.Spell{spell(rules.Canji, 20220301, 0)}, nil, 0, ""},
		{"left the list: nothing is asked", nil, []rules.Spell{spell(rules.Dibao, 20220301, 20230501)}, nil, 0, "due dibao 80.00"},
		{"惠民保 is no basic insurance", nil, []rules.Spell{spell(rules.Dibian, 20220301, 0)}, []rules.Enrolment{{Year: 2023, Plan: rules.PlanHuiminbao}}, 0, "not_enrolled"},
		{"employees are not subsidised", nil, []rules.Spell{dibao}, []rules.Enrolment{employees(1200_00, 0)}, 0, "due dibao 80.00"},
		{"an employee is subsidised", nil, []rules.Spell{dibao}, []rules.Enrolment{employees(1200_00, 80_00)}, 0, "due dibao 80.00; subsidy_undue 80.00"},
		{"residents and employees", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(270_00, 80_00), employees(1200_00, 0)}, 0, "due dibao 80.00; double_enrolment"},
		{"two places, subsidised in both", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(270_00, 80_00), at("410300", residents(270_00, 80_00))}, 0, "due dibao 80.00; double_enrolment; subsidy_twice 80.00"},
		{"two rows of one place, subsidised in both", nil, []rules.Spell{dibao}, []rules.Enrolment{residents(270_00, 80_00), at("开封市", residents(290_00, 60_00))}, 0, "due dibao 80.00; subsidy_twice 60.00"},
		{"two places of the area", nil, []rules.Spell{dibao}, []rules.Enrolment{at("410202", residents(270_00, 80_00)), at("410203", residents(350_00, 0))}, 0, "due dibao 80.00; double_enrolment"},
		{"elsewhere, nothing paid", nil, []rules.Spell{dibao}, []rules.Enrolment{at("410300", residents(350_00, 0))}, 0, "due dibao 80.00; enrolled_elsewhere"},
		{"elsewhere, where that does not matter", func(d *rules.Duties) { d.Premium.AtRecognition = false }, []rules.Spell{dibao}, []rules.Enrolment{at("410300", residents(350_00, 0))}, 0, "due dibao 80.00; subsidy_missing 80.00"},
		{"elsewhere, on no list", nil, nil, []rules.Enrolment{at("410300", residents(350_00, 0))}, 0, ""},
		{"on no list, and subsidised", nil, nil, []rules.Enrolment{residents(270_00, 80_00)}, 0, "subsidy_undue 80.00"},
		{"nobody says whom to subsidise", func(d *rules.Duties) { d.Premium = rules.Premium{Standard: rules.Unset} }, nil, []rules.Enrolment{residents(270_00, 80_00)}, 0, ""},

		// At most what tuopin gets (XJ-2).
		{"at most tuopin's", xinjiangPremium(100_00, 60_00), []rules.Spell{spell(rules.Bianyuan, 20220301, 0)}, []rules.Enrolment{residents(250_00, 100_00)}, 0, "due bianyuan 60.00; subsidy_over 40.00"},
		{"below tuopin's", xinjiangPremium(50_00, 60_00), []rules.Spell{spell(rules.Bianyuan, 20220301, 0)}, []rules.Enrolment{residents(300_00, 50_00)}, 0, "due bianyuan 50.00"},
		{"tuopin's has fallen to nothing", xinjiangPremium(50_00, 0), []rules.Spell{spell(rules.Bianyuan, 20220301, 0)}, []rules.Enrolment{residents(300_00, 50_00)}, 0, "subsidy_undue 50.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := withDuties(func(d *rules.Duties) {
				kaifengPremium(d)
				if c.change != nil {
					c.change(d)
				}
			})
			asOf := c.asOf
			if asOf == 0 {
				asOf = 20230630
			}
			r := p.Premiums(2023, kaifeng, c.spells, c.es, asOf)
			if got := says(r); got != c.want || !r.Said {
				t.Errorf("%q, want %q\n%+v", got, c.want, r)
			}
		})
	}
}

func xinjiangPremium(bianyuan, tuopin money.Fen) func(*rules.Duties) {
	return func(d *rules.Duties) {
		p := &d.Premium
		p.Rule[rules.Bianyuan], p.Fixed[rules.Bianyuan], p.AtMost[rules.Bianyuan] = rules.FixedSubsidy, bianyuan, rules.Tuopin
		p.Rule[rules.Tuopin], p.Fixed[rules.Tuopin] = rules.FixedSubsidy, tuopin
	}
}

// TestSubsidyOf: what limits what.
func TestSubsidyOf(t *testing.T) {
	p := rules.Premium{Standard: rules.Unset}
	p.Rule[rules.Tekun], p.Rule[rules.Yifanpin] = rules.FullSubsidy, rules.OpenSubsidy
	p.Rule[rules.Dibao], p.Fixed[rules.Dibao] = rules.FixedSubsidy, 80_00
	if s := p.Of(rules.Tekun); s.Rule != rules.FullSubsidy || s.Amount != rules.Unset {
		t.Errorf("full: %+v", s)
	}
	if s := p.Of(rules.Yifanpin); s.Rule != rules.OpenSubsidy || s.Amount != rules.Unset {
		t.Errorf("open: %+v", s)
	}
	if s := p.Of(rules.Canji); s != (rules.Subsidy{}) {
		t.Errorf("none: %+v", s)
	}
	p.AtMost[rules.Tekun] = rules.Dibao
	if s := p.Of(rules.Tekun); s.Rule != rules.FixedSubsidy || s.Amount != 80_00 || s.AtMost != rules.Dibao {
		t.Errorf("full, at most 80: %+v", s)
	}
	p.AtMost[rules.Tekun], p.AtMost[rules.Dibao] = rules.NoCategory, rules.Yifanpin
	if s := p.Of(rules.Dibao); s.Rule != rules.FixedSubsidy || s.Amount != 80_00 || s.AtMost != rules.NoCategory {
		t.Errorf("a limit left open limits nothing: %+v", s)
	}
	p.AtMost[rules.Dibao] = rules.Canji
	if s := p.Of(rules.Dibao); s.Rule != rules.NoSubsidy {
		t.Errorf("at most nothing: %+v", s)
	}
}

// TestPremiumGrounds: on which day a category counts, and by which recognition.
func TestPremiumGrounds(t *testing.T) {
	p := withDuties(kaifengPremium)
	r := p.Premiums(2023, kaifeng, []rules.Spell{spell(rules.Yifanpin, 20220301, 20221231), spell(rules.Dibao, 20220801, 20230115), spell(rules.Fanpin, 20230401, 0), spell(rules.Dibao, 20230501, 0)}, nil, 20230630)
	want := []rules.Subsidy{
		{Category: rules.Dibao, Rule: rules.FixedSubsidy, Amount: 80_00, On: 20230114, Event: 20220801},
		{Category: rules.Yifanpin, Rule: rules.OpenSubsidy, Amount: rules.Unset, On: 20221230, Event: 20220301},
	}
	if d := cmp.Diff(want, r.Grounds); d != "" || r.Due != want[0] || r.Late != rules.SetOf(rules.Fanpin) {
		t.Errorf("late %s, due %+v\n%s", r.Late.Chinese(), r.Due, d)
	}
	// Subsidised on 15 December, when it was still dibao.
	p = withDuties(kaifengPremium)
	r = p.Premiums(2023, kaifeng, []rules.Spell{spell(rules.Dibao, 20220301, 20221220)}, []rules.Enrolment{residents(270_00, 80_00)}, 20230630)
	if says(r) != "subsidy_undue 80.00" || r.AtPayment != rules.SetOf(rules.Dibao) {
		t.Errorf("%s, at payment %s", says(r), r.AtPayment.Chinese())
	}
}

// TestPremiumSegment: the parameters are those of New Year, else of the first
// segment of the year; without one nothing is said.
func TestPremiumSegment(t *testing.T) {
	prm := func(fixed money.Fen) *rules.Params {
		d := rules.NewDuties()
		d.Premium.Rule[rules.Dibao], d.Premium.Fixed[rules.Dibao], d.Premium.AfterCollection = rules.FixedSubsidy, fixed, true
		return &rules.Params{Duties: d, Assisted: rules.SetOf(rules.Dibao)}
	}
	p := &rules.Policy{Segments: []rules.Segment{{From: 20220501, To: 20230701, Params: prm(80_00)}, {From: 20230701, To: 20250101, Params: prm(90_00)}}}
	for year, want := range map[int]string{2021: "", 2022: "due dibao 80.00; not_enrolled", 2023: "due dibao 80.00; not_enrolled", 2024: "due dibao 90.00; not_enrolled", 2025: ""} {
		r := p.Premiums(year, nil, []rules.Spell{spell(rules.Dibao, 20200101, 0)}, nil, civil.YMD(year, 12, 31))
		if says(r) != want || r.Said != (want != "") {
			t.Errorf("%d: %q, want %q", year, says(r), want)
		}
	}
	if p.InYear(2021) != nil || p.InYear(2022) != p.Segments[0].Params {
		t.Error("InYear")
	}
	// A past year is reviewed on its last day.
	r := p.Premiums(2022, nil, []rules.Spell{spell(rules.Dibao, 20230201, 0)}, nil, 20230630)
	if r.On != 20221231 || r.Listed != 0 || says(r) != "" {
		t.Errorf("%+v", r)
	}
}

// TestPremiumPlaces: names and codes of an area, its divisions, and what cannot
// be told.
func TestPremiumPlaces(t *testing.T) {
	p := withDuties(kaifengPremium)
	for place, elsewhere := range map[string]bool{
		"410200": false, "开封市": false, "开封": false, "　开封市 ": false, "河南省开封市祥符区": false, "410212": false, "410212001": false, "": false,
		"410300": true, "洛阳市": true, "410100": true, "祥符区": true,
	} {
		r := p.Premiums(2023, kaifeng, []rules.Spell{spell(rules.Dibao, 20220301, 0)}, []rules.Enrolment{at(place, residents(270_00, 80_00))}, 20230630)
		if r.Findings.Has(rules.PremiumElsewhere) != elsewhere {
			t.Errorf("%q: %s", place, says(r))
		}
	}
	r := p.Premiums(2023, nil, []rules.Spell{spell(rules.Dibao, 20220301, 0)}, []rules.Enrolment{at("410300", residents(270_00, 80_00))}, 20230630)
	if r.Findings != 0 {
		t.Errorf("an area without a name: %s", says(r))
	}
	for _, c := range []struct {
		a, b string
		two  bool
	}{
		{"410200", "开封市", false}, {"410300", "410200", true}, {"410300", "410300", false}, {"洛阳市", "洛阳", false},
		{"洛阳市", "郑州市", true}, {"河南省洛阳市", "洛阳市", false}, {"洛阳市", "", false},
		{"410300", "洛阳市", false}, // a code and a name elsewhere: may be one
		{"410300", "开封市", true},  // of which one is here
	} {
		es := []rules.Enrolment{at(c.a, residents(350_00, 0)), at(c.b, residents(350_00, 0))}
		if r := p.Premiums(2023, kaifeng, nil, es, 20230630); r.Findings.Has(rules.PremiumDouble) != c.two {
			t.Errorf("%s and %s: %s", c.a, c.b, says(r))
		}
	}
}

// TestRiskEnrolment (HZ-3, WZ-6): latent-risk people are not subsidised, but
// their enrolment and its interruption are found.
func TestRiskEnrolment(t *testing.T) {
	p := withDuties(func(d *rules.Duties) { d.Risk = rules.SetOf(rules.Fengxian) })
	before := rules.Enrolment{Year: 2022, Plan: rules.PlanResidents, PaidOn: 20211201}
	risk := []rules.Spell{spell(rules.Fengxian, 20230301, 0)}
	for _, c := range []struct {
		spells []rules.Spell
		es     []rules.Enrolment
		want   string
	}{
		{risk, []rules.Enrolment{before, residents(350_00, 0)}, ""},
		{risk, []rules.Enrolment{before}, "not_enrolled; interrupted"},
		{risk, nil, "not_enrolled"},
		{[]rules.Spell{spell(rules.Dibian, 20230301, 0)}, []rules.Enrolment{before}, "not_enrolled"},
		{nil, []rules.Enrolment{before}, ""},
	} {
		r := p.Premiums(2023, nil, c.spells, c.es, 20230630)
		if says(r) != c.want {
			t.Errorf("%v: %q, want %q", c.es, says(r), c.want)
		}
	}
}

// TestHuiminbao (HZ-13): as the government subsidises the basic insurance that
// the person is in, at most the premium.
func TestHuiminbao(t *testing.T) {
	commercial := func(own, subsidy money.Fen) rules.Enrolment {
		return rules.Enrolment{Year: 2023, Plan: rules.PlanHuiminbao, Own: own, Subsidy: subsidy}
	}
	set := func(d *rules.Duties) {
		d.Huiminbao = rules.SetOf(rules.Tekun, rules.Dibao, rules.Dibian)
		d.HuiminbaoSubsidy[rules.Residents], d.HuiminbaoSubsidy[rules.Employees] = 100_00, 60_00
	}
	open := func(d *rules.Duties) { d.Huiminbao = rules.SetOf(rules.Dibao) }
	dibao := []rules.Spell{spell(rules.Dibao, 20230301, 0)}
	for _, c := range []struct {
		name   string
		change func(*rules.Duties)
		spells []rules.Spell
		es     []rules.Enrolment
		want   string
		amount string
	}{
		{"paid", set, dibao, []rules.Enrolment{residents(1, 0), commercial(50_00, 100_00)}, "", "100.00"},
		{"not in it", set, dibao, []rules.Enrolment{residents(1, 0)}, "", "100.00"},
		{"nothing paid", set, dibao, []rules.Enrolment{residents(1, 0), commercial(150_00, 0)}, "huiminbao_missing 100.00", "100.00"},
		{"short", set, dibao, []rules.Enrolment{residents(1, 0), commercial(110_00, 40_00)}, "huiminbao_short 60.00", "100.00"},
		{"by the employees' insurance", set, dibao, []rules.Enrolment{employees(1, 0), commercial(110_00, 40_00)}, "huiminbao_short 20.00", "60.00"},
		{"at most the premium: 90 − 40", set, dibao, []rules.Enrolment{residents(1, 0), commercial(50_00, 40_00)}, "huiminbao_short 50.00", "90.00"},
		{"in both insurances: open", set, dibao, []rules.Enrolment{residents(1, 0), employees(1, 0), commercial(150_00, 0)}, "double_enrolment; huiminbao_missing ?", "?"},
		{"amount unset", open, dibao, []rules.Enrolment{residents(1, 0), commercial(150_00, 0)}, "huiminbao_missing ?", "?"},
		{"amount unset, something paid", open, dibao, []rules.Enrolment{residents(1, 0), commercial(140_00, 10_00)}, "", "?"},
		{"not due; that somebody paid is no finding", set, []rules.Spell{spell(rules.Canji, 20220301, 0)}, []rules.Enrolment{residents(1, 0), commercial(0, 150_00)}, "", "?"},
		{"left before the year", set, []rules.Spell{spell(rules.Dibao, 20220301, 20230101)}, []rules.Enrolment{residents(1, 0), commercial(150_00, 0)}, "", "?"},
		{"nothing configured", func(*rules.Duties) {}, dibao, []rules.Enrolment{residents(1, 0), commercial(150_00, 0)}, "", "?"},
	} {
		r := withDuties(c.change).Premiums(2023, nil, c.spells, c.es, 20230630)
		if says(r) != c.want || amountOr(r.HuiminbaoAmount) != c.amount {
			t.Errorf("%s: %q of %s, want %q of %s", c.name, says(r), amountOr(r.HuiminbaoAmount), c.want, c.amount)
		}
	}
}

// TestCoverage counts five people of two counties.
func TestCoverage(t *testing.T) {
	p := withDuties(func(d *rules.Duties) { kaifengPremium(d); d.Risk = rules.SetOf(rules.Fengxian) })
	var cov rules.Coverage
	add := func(county string, spells []rules.Spell, es ...rules.Enrolment) {
		r := p.Premiums(2023, kaifeng, spells, es, 20230630)
		cov.Add(county, &r)
	}
	dibao, dibian := spell(rules.Dibao, 20220301, 0), spell(rules.Dibian, 20220301, 0)
	add("祥符区", []rules.Spell{dibao}, residents(270_00, 80_00))
	add("祥符区", []rules.Spell{dibao, dibian}, residents(350_00, 0)) // subsidy missing; counted under both, once in all
	add("祥符区", []rules.Spell{dibian})                              // not enrolled
	add("兰考县", []rules.Spell{dibao}, residents(280_00, 70_00))     // short
	add("兰考县", []rules.Spell{dibao}, employees(1200_00, 0))        // enrolled, not entitled
	add("兰考县", []rules.Spell{spell(rules.Fengxian, 20220301, 0)}, rules.Enrolment{Year: 2022, Plan: rules.PlanResidents})
	add("兰考县", nil, residents(350_00, 0)) // on no list

	var got []string
	for _, r := range append(cov.Rows(), cov.Whole()...) {
		got = append(got, fmt.Sprintf("%s %s: %d/%d %d; %d/%d %d", r.County, r.Category, r.Enrolled, r.People, r.Interrupted, r.Subsidised, r.Due, r.Short))
	}
	want := []string{
		"兰考县 : 2/2 0; 1/1 1",
		"兰考县 dibao: 2/2 0; 1/1 1",
		"兰考县 fengxian: 0/1 1; 0/0 0",
		"祥符区 : 2/3 0; 1/2 0",
		"祥符区 dibao: 2/2 0; 1/2 0",
		"祥符区 dibian: 1/2 0; 0/0 0",
		" : 4/5 0; 2/3 1",
		" dibao: 4/4 0; 2/3 1",
		" dibian: 1/2 0; 0/0 0",
		" fengxian: 0/1 1; 0/0 0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var named []string
	for _, r := range cov.Below(9900) {
		named = append(named, r.County+" "+r.Category.String())
	}
	if d := cmp.Diff([]string{"兰考县 fengxian", "祥符区 ", "祥符区 dibian"}, named); d != "" {
		t.Error(d)
	}
	// 4 of 5 = 80 %; 2 of 3 = 66.67 %; nobody in 惠民保.
	all := cov.Whole()[0]
	if all.EnrolledRate() != 8000 || all.SubsidisedRate() != 6667 || all.HuiminbaoRate() != 0 {
		t.Errorf("%s, %s, %s", all.EnrolledRate(), all.SubsidisedRate(), all.HuiminbaoRate())
	}
	// A review that says nothing is not counted.
	cov.Add("祥符区", &rules.PremiumReview{Listed: rules.SetOf(rules.Dibao)})
	if again := cov.Whole()[0]; again != all {
		t.Errorf("%+v", again)
	}
	js := all.Judge(&rules.Targets{Enrolled: 8000, Subsidised: money.One})
	if js[0].Value != 8000 || js[0].Verdict != rules.TargetMet || js[1].Value != 6667 || js[1].Verdict != rules.TargetMissed {
		t.Errorf("%+v", js)
	}
}

// TestCountRate: half up, but all only when it is all; judged on the people.
func TestCountRate(t *testing.T) {
	for _, c := range []struct {
		n, of int
		want  money.Ratio
	}{
		{0, 0, rules.Unset}, {0, 5, 0}, {1, 3, 3333}, {2, 3, 6667}, {5, 5, money.One},
		{19999, 20000, 9999},             // 99.995 %: half up would be 100
		{1_000_000 - 1, 1_000_000, 9999}, // 99.9999 %
	} {
		if got := rules.CountRate(c.n, c.of); got != c.want {
			t.Errorf("%d of %d = %s, want %s", c.n, c.of, got, c.want)
		}
	}
	// 98.995 % rounds to 99 %, and is not 99 %.
	j := rules.JudgeCount(rules.RateEnrolled, 19799, 20000, 9900)
	if j.Value != 9900 || j.Verdict != rules.TargetMissed {
		t.Errorf("%+v", j)
	}
	if j = rules.JudgeCount(rules.RateEnrolled, 19800, 20000, 9900); j.Verdict != rules.TargetMet {
		t.Errorf("%+v", j)
	}
	if j = rules.JudgeCount(rules.RateHuiminbao, 1, 2, rules.Unset); j.Value != 5000 || j.Verdict != rules.NotJudged {
		t.Errorf("%+v", j)
	}
}

func drawSpells(t *rapid.T, cs []rules.Category) []rules.Spell {
	var out []rules.Spell
	for range rapid.IntRange(0, 4).Draw(t, "spells") {
		from := day(t, "from")
		out = append(out, spell(rapid.SampledFrom(cs).Draw(t, "category"), from, max(from, day(t, "to"))))
	}
	return out
}

func drawEnrolments(t *rapid.T) []rules.Enrolment {
	var out []rules.Enrolment
	for i := range rapid.IntRange(0, 4).Draw(t, "enrolments") {
		out = append(out, rules.Enrolment{Ref: int64(i), Year: rapid.SampledFrom([]int{2022, 2023}).Draw(t, "year"), Plan: rapid.SampledFrom(rules.Plans()).Draw(t, "plan"),
			Place: rapid.SampledFrom([]string{"", "410200", "开封市", "410300", "洛阳市", "410202"}).Draw(t, "place"), PaidOn: day(t, "paid"),
			Own:     rapid.SampledFrom([]money.Fen{0, 270_00, 350_00}).Draw(t, "own"),
			Subsidy: rapid.SampledFrom([]money.Fen{0, 79_99, 80_00, 80_01, 350_00}).Draw(t, "subsidy")})
	}
	return out
}

// TestPremiumsProperties: neither the order of the enrolments nor that of the
// spells matters, and the findings agree with each other.
func TestPremiumsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := withDuties(func(d *rules.Duties) {
			kaifengPremium(d)
			d.Risk = rules.SetOf(rules.Fengxian)
			d.Huiminbao = rules.SetOf(rules.Dibao)
			d.Premium.AfterCollection = rapid.Bool().Draw(t, "after")
			d.Premium.AtRecognition = rapid.Bool().Draw(t, "at recognition")
			d.Premium.CollectionEnd = rapid.SampledFrom([]civil.Date{0, 20221231, 20230228}).Draw(t, "collected")
		})
		spells := drawSpells(t, []rules.Category{rules.Tekun, rules.Dibao, rules.Fanpin, rules.Dibian, rules.Yifanpin, rules.Fengxian})
		es := drawEnrolments(t)
		asOf := day(t, "as of")
		r := p.Premiums(2023, kaifeng, spells, es, asOf)
		again := p.Premiums(2023, kaifeng, rapid.Permutation(spells).Draw(t, "spells"), rapid.Permutation(es).Draw(t, "enrolments"), asOf)
		if d := cmp.Diff(r, again); d != "" {
			t.Fatal(d)
		}
		has := r.Findings.Has
		switch {
		case has(rules.PremiumNotEnrolled) && (r.Enrolled() || r.Undue > 0 || r.Subsidised),
			has(rules.PremiumMissing) && has(rules.PremiumShort),
			has(rules.PremiumOver) && (has(rules.PremiumMissing) || r.Due.Rule == rules.NoSubsidy),
			(has(rules.PremiumMissing) || has(rules.PremiumShort)) != (r.Missing != 0),
			has(rules.PremiumUndue) != (r.Undue > 0), has(rules.PremiumTwice) != (r.Twice > 0), has(rules.PremiumOver) != (r.Over > 0),
			has(rules.PremiumUndetermined) != r.Undetermined,
			r.Undetermined && (p.Segments[0].Params.Duties.Premium.AfterCollection || p.Segments[0].Params.Duties.Premium.CollectionEnd != 0),
			has(rules.PremiumElsewhere) && r.Entitled:
			t.Fatalf("%s: %+v", says(r), r)
		}
		for i := 1; i < len(r.Grounds); i++ {
			if r.Grounds[i].Rule == rules.FullSubsidy && r.Grounds[0].Rule != rules.FullSubsidy || r.Grounds[i].Rule == rules.FixedSubsidy && r.Grounds[0].Rule == rules.OpenSubsidy {
				t.Fatalf("%+v", r.Grounds)
			}
		}
	})
}

// TestPremiumNames: every finding has a code and a name, and both are its own.
func TestPremiumNames(t *testing.T) {
	var names []string
	var all rules.PremiumFindings
	for _, f := range rules.AllPremiumFindings() {
		all |= 1 << f
		for _, s := range []string{f.String(), f.Chinese()} {
			if s == "" || slices.Contains(names, s) {
				t.Errorf("%d: %q", f, s)
			}
			names = append(names, s)
		}
	}
	if !strings.HasPrefix(all.Chinese(), "未参保、中断参保、重复参保") || len(all.List()) != len(rules.AllPremiumFindings()) {
		t.Error(all.Chinese())
	}
}
