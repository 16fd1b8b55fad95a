package reference

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// A draw makes small random people whose amounts often meet a line to the fen.
type draw struct{ *rapid.T }

func (d draw) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.T, label)
}

func (d draw) chance(label string, oneIn int) bool {
	return rapid.IntRange(1, oneIn).Draw(d.T, label) == 1
}

func (d draw) fen(label string, most int64) decimal.Decimal {
	return decimal.New(rapid.Int64Range(0, most).Draw(d.T, label), -2)
}

func (d draw) day(label string) time.Time {
	return dayAfter(date(2022, 12, rapid.IntRange(0, 420).Draw(d.T, label)))
}

func (d draw) maybe(label, value string) *decimal.Decimal {
	if d.chance(label, 2) {
		return nil
	}
	return yuanCap(value)
}

func (d draw) config(packs ...string) Config {
	cfg := Config{
		Pack: d.pick("pack", packs...), County: "康平县",
		NextMonthExit: d.chance("next month", 2), RetroAfterOther: d.chance("include", 2),
		ApplicationRequired: d.chance("application", 2), SupplementInScope: d.chance("in scope", 2),
		AssistRatio: map[string]decimal.Decimal{}, AssistCap: map[string]*decimal.Decimal{},
		TiltRatio:     map[string]decimal.Decimal{},
		TiltThreshold: d.maybe("tilt threshold", d.pick("line", "0", "10", "100")), TiltCap: d.maybe("tilt cap", "300"),
		MajorCap:         d.maybe("major cap", "500"),
		SpecialThreshold: d.maybe("special threshold", d.pick("line", "0", "10", "100")),
	}
	if d.chance("keep", 2) {
		cfg.KeepHigher = no()
	}
	if d.chance("kinds", 3) {
		cfg.AssistKinds = allKinds[:rapid.IntRange(1, 5).Draw(d.T, "kinds")]
	}
	if d.chance("major", 2) {
		cfg.MajorDeductible = yuanCap("200")
		cfg.MajorTiers = []Tier{{To: yuanCap("1000"), Ratio: percent("60")}, {Ratio: percent("75")}}
	}
	for _, category := range document(cfg.Pack).order {
		if d.chance("ratio", 2) {
			cfg.AssistRatio[category] = percent(d.pick("ratio", "0", "33", "50", "75", "100"))
		}
		if d.chance("cap", 2) {
			cfg.AssistCap[category] = d.maybe("cap", d.pick("cap", "50", "200", "1000"))
		}
		cfg.TiltRatio[category] = percent(d.pick("tilt ratio", "50", "90", "100"))
	}
	return cfg
}

func (d draw) events() []Event {
	var list []Event
	for range rapid.IntRange(0, 6).Draw(d.T, "events") {
		e := Event{
			Op:       d.pick("op", "add", "add", "add", "change", "remove"),
			Category: d.pick("category", "tekun", "dibao", "dibian", "canji", "fanpin", "yifanpin", "zhongbing", "kunjing", "jiandang", "jiandang", "fengxian"),
			Cause:    d.pick("cause", "", "illness"), Date: d.day("date"), County: d.pick("county", "", "", "和平区"),
		}
		if d.chance("expires", 4) {
			e.Expiry = d.day("expiry")
		}
		if d.chance("applied", 2) {
			e.Applied = d.day("applied")
		}
		list = append(list, e)
	}
	return list
}

// claim is valid as recorded: S ≤ T and B + O + M + A ≤ T (§3).
func (d draw) claim(id string) Claim {
	c := Claim{
		ID: id, Time: d.day("settled"), Kind: rapid.SampledFrom(allKinds).Draw(d.T, "kind"),
		Referral: d.pick("referral", "local", "local", "referred", "unreferred"), OutOfProvince: d.chance("away", 5),
		HospitalLevel: rapid.IntRange(0, 3).Draw(d.T, "level"), Disease: d.pick("disease", "AA", "FLU"),
		Designated: d.pick("designated", "", "county", "municipal"), Major40: d.chance("forty", 4),
	}
	c.Total = d.fen("total", rapid.SampledFrom([]int64{100, 100_000, 500_000}).Draw(d.T, "size"))
	left := c.Total
	c.InScope = c.Total
	if d.chance("out of scope", 2) {
		c.InScope = d.fen("in scope", c.Total.Shift(2).IntPart())
	}
	for _, amount := range []*decimal.Decimal{&c.Basic, &c.Other, &c.Major, &c.Assist} {
		if d.chance("recorded", 2) {
			*amount = d.fen("amount", left.Shift(2).IntPart())
			left = left.Sub(*amount)
		}
	}
	return c
}

func (d draw) claims() []Claim {
	var list []Claim
	for i := range rapid.IntRange(1, 8).Draw(d.T, "claims") {
		list = append(list, d.claim(fmt.Sprint("C", i)))
	}
	return list
}

func TestProperties(t *testing.T) {
	all := []string{hz, kf, wz, xj, sy}
	for range 30 { // rapid.Check alone draws a hundred
		rapid.Check(t, func(rt *rapid.T) {
			d := draw{rt}
			cfg := d.config(all...)
			if d.chance("then", 2) {
				second := d.config(all...)
				cfg.Then, cfg.ThenFrom = &second, d.day("then from")
			}
			holdTogether(rt, cfg, d.events(), d.claims())
		})
	}
}

// Tilt, special and supplement together, all lines low, on people who are eligible nearly always:
// here the limit of what the person has borne often bites.
func TestNeverGivesBackMoreThanWasBorne(t *testing.T) {
	events := people(t, "2022-12-01 add dibao", "2022-12-01 add jiandang")
	for range 10 {
		rapid.Check(t, func(rt *rapid.T) {
			d := draw{rt}
			first, second := d.generous(hz, sy), d.generous(hz, sy)
			first.Then, first.ThenFrom = &second, d.day("then from")
			holdTogether(rt, first, events, d.claims())
		})
	}
}

func (d draw) generous(packs ...string) Config {
	limit := yuanCap(d.pick("cap", "50", "200", "1000"))
	ratio := percent(d.pick("ratio", "20", "50", "80"))
	return Config{
		Pack: d.pick("pack", packs...), County: "法库县",
		AssistRatio:      map[string]decimal.Decimal{"dibao": ratio, "jiandang": ratio},
		AssistCap:        map[string]*decimal.Decimal{"dibao": limit, "jiandang": limit},
		TiltRatio:        ratios("dibao=100 jiandang=90"),
		TiltThreshold:    d.maybe("tilt threshold", "0"),
		SpecialThreshold: d.maybe("special threshold", "0"),
	}
}

// holdTogether checks what must be so whatever the choices.
func holdTogether(t *rapid.T, cfg Config, events []Event, claims []Claim) {
	byID := map[string]Claim{}
	for _, c := range claims {
		byID[c.ID] = c
	}
	results := Settle(cfg, events, claims)
	if len(results) != len(claims) {
		t.Fatalf("%d results of %d claims", len(results), len(claims))
	}
	borne, year := zero, 0
	for _, r := range results {
		c := byID[r.ID]
		if c.Time.Year() != year {
			borne, year = zero, c.Time.Year()
		}
		borne = borne.Add(r.Person)
		if borne.IsNegative() {
			t.Fatalf("%s: the person has borne %s in the year", r.ID, borne)
		}
		checkClaim(t, c, r)
		checkPack(t, cfg, events, c, r)
	}

	// Neither the order of the events nor that of the claims matters.
	slices.Reverse(events)
	slices.Reverse(claims)
	for i, again := range Settle(cfg, events, claims) {
		if fmt.Sprint(again) != fmt.Sprint(results[i]) {
			t.Fatalf("listed backwards: %v, before %v", again, results[i])
		}
	}
}

// checkClaim: every fen of T in one place, none negative but what tilt and special give back.
func checkClaim(t *rapid.T, c Claim, r Result) {
	layers := []decimal.Decimal{r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital}
	sum := r.Person
	for _, amount := range layers {
		sum = sum.Add(amount)
		if amount.IsNegative() || !amount.Equal(amount.Round(2)) {
			t.Fatalf("%s: %v", r.ID, r)
		}
	}
	if !sum.Equal(c.Total) {
		t.Fatalf("%s: the parts add up to %s, not %s", r.ID, sum, c.Total)
	}
	if decimal.Sum(r.Basic, r.Other, r.Major, r.Assist).GreaterThan(c.Total) {
		t.Fatalf("%s: more than the total: %v", r.ID, r)
	}
	if r.Person.IsNegative() && r.Tilt.Add(r.Special).IsZero() {
		t.Fatalf("%s: negative without a year-level layer: %v", r.ID, r)
	}
}

// checkPack: each layer only in the packs that have it, and the limits of its text.
func checkPack(t *rapid.T, cfg Config, events []Event, c Claim, r Result) {
	b, ok := inForce(cfg, civil(c.Time))
	if r.NoPack {
		if ok || r.Category != "" || !r.Assist.Equal(c.Assist) || !r.Major.Equal(c.Major) || !r.Basic.Equal(c.Basic) {
			t.Fatalf("%s: not as recorded: %v", r.ID, r)
		}
		return
	}
	if !ok {
		if r.Category == "" { // of the window, or held beside it
			t.Fatalf("%s: settled on a day without a pack: %v", r.ID, r)
		}
		return
	}
	held := assisted(b.pack, heldSpells(cfg, events, civil(c.Time)))
	key := slices.ContainsFunc(held, func(s string) bool { return s != "dibian" })
	if b.cfg.Pack == xj && c.Kind == "inpatient" && key && r.Category != "" && r.Assist.IsPositive() &&
		decimal.Sum(r.Basic, r.Other, r.Major, r.Assist).GreaterThan(fen(c.InScope.Mul(percent("95")))) {
		t.Fatalf("%s: above 95 %% of %s: %v", r.ID, c.InScope, r)
	}
	if b.cfg.Pack != sy && (!r.Supplement.IsZero() || !r.Basic.Equal(c.Basic)) {
		t.Fatalf("%s: Shenyang's layers: %v", r.ID, r)
	}
	if b.cfg.Pack != kf && !r.Hospital.IsZero() || b.cfg.Pack != hz && !r.Special.IsZero() {
		t.Fatalf("%s: another pack's layer: %v", r.ID, r)
	}
	if r.Category == "" && !r.Tilt.Add(r.Special).IsZero() {
		t.Fatalf("%s: not eligible: %v", r.ID, r)
	}
	if r.Category != "" && (c.Referral == "unreferred" || !slices.Contains(b.pack.order, r.Category)) {
		t.Fatalf("%s: assisted as %q: %v", r.ID, r.Category, r)
	}
}
