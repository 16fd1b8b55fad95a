package reference

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/shopspring/decimal"
)

// amount is a number of a case file: yuan, or a percentage.
type amount struct{ decimal.Decimal }

func (a *amount) UnmarshalYAML(raw []byte) error {
	text := strings.Trim(strings.TrimSpace(string(raw)), `"'`)
	number, isPercentage := strings.CutSuffix(text, "%")
	d, err := decimal.NewFromString(number)
	if err != nil {
		return err
	}
	if isPercentage {
		d = d.Shift(-2)
	}
	a.Decimal = d
	return nil
}

func (a *amount) pointer() *decimal.Decimal {
	if a == nil {
		return nil
	}
	return &a.Decimal
}

// limit is a cap of a case file: yuan, or none.
type limit struct{ yuan *decimal.Decimal }

func (l *limit) UnmarshalYAML(raw []byte) error {
	if strings.TrimSpace(string(raw)) == "none" {
		l.yuan = nil
		return nil
	}
	var a amount
	err := a.UnmarshalYAML(raw)
	l.yuan = &a.Decimal
	return err
}

type caseFile struct {
	Name    string `yaml:"name"`
	Pack    string `yaml:"pack"`
	County  string `yaml:"county"`
	Overlay struct {
		Assist struct {
			Ratio map[string]amount `yaml:"ratio"`
			Cap   map[string]limit  `yaml:"cap"` // "others": the assisted categories not named
			Kinds []string          `yaml:"kinds"`
		} `yaml:"assist"`
		Major struct {
			Deductible *amount `yaml:"deductible"`
			Tiers      []struct {
				To    *amount `yaml:"to"`
				Ratio amount  `yaml:"ratio"`
			} `yaml:"tiers"`
			Cap *amount `yaml:"cap"`
		} `yaml:"major"`
	} `yaml:"overlay"`
	Events []struct {
		Op       string `yaml:"op"`
		Category string `yaml:"category"`
		Cause    string `yaml:"cause"`
		Date     string `yaml:"date"`
	} `yaml:"events"`
	Claims []struct {
		ID            string `yaml:"id"`
		SetlTime      string `yaml:"setl_time"`
		Kind          string `yaml:"kind"`
		Referral      string `yaml:"referral"`
		Total         amount `yaml:"total"`
		InScope       amount `yaml:"in_scope"`
		Basic         amount `yaml:"basic"`
		Major         amount `yaml:"major"`
		Designated    string `yaml:"designated"`
		Major40       bool   `yaml:"major40"`
		HospitalLevel int    `yaml:"hospital_level"`
		Disease       string `yaml:"disease"`
	} `yaml:"claims"`
	Expect []struct {
		ID         string  `yaml:"id"`
		Category   string  `yaml:"category"`
		Retro      bool    `yaml:"retro"`
		Basic      *amount `yaml:"basic"`
		Major      amount  `yaml:"major"`
		Assist     amount  `yaml:"assist"`
		Tilt       amount  `yaml:"tilt"`
		Special    amount  `yaml:"special"`
		Supplement amount  `yaml:"supplement"`
		Hospital   amount  `yaml:"hospital"`
		Person     amount  `yaml:"person"`
	} `yaml:"expect"`
}

func day(t testing.TB, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if d, err := time.Parse(layout, s); err == nil {
			return d
		}
	}
	t.Fatalf("not a day: %q", s)
	return time.Time{}
}

// TestCases runs every case; the strict decoder refuses a field it does not know.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 14 {
		t.Fatalf("%d case files, want 14", len(files))
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var f caseFile
			if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
				t.Fatal(err)
			}
			runCase(t, f)
		})
	}
}

func (f caseFile) config() Config {
	cfg := Config{
		Pack:            f.Pack,
		County:          f.County,
		AssistRatio:     map[string]decimal.Decimal{},
		AssistCap:       map[string]*decimal.Decimal{},
		AssistKinds:     f.Overlay.Assist.Kinds,
		MajorDeductible: f.Overlay.Major.Deductible.pointer(),
		MajorCap:        f.Overlay.Major.Cap.pointer(),
	}
	for _, tier := range f.Overlay.Major.Tiers {
		cfg.MajorTiers = append(cfg.MajorTiers, Tier{To: tier.To.pointer(), Ratio: tier.Ratio.Decimal})
	}
	for category, ratio := range f.Overlay.Assist.Ratio {
		cfg.AssistRatio[category] = ratio.Decimal
	}
	if others, ok := f.Overlay.Assist.Cap["others"]; ok {
		for _, category := range document(f.Pack).order {
			cfg.AssistCap[category] = others.yuan
		}
	}
	for category, l := range f.Overlay.Assist.Cap {
		if category != "others" {
			cfg.AssistCap[category] = l.yuan
		}
	}
	return cfg
}

func runCase(t *testing.T, f caseFile) {
	var events []Event
	for _, e := range f.Events {
		events = append(events, Event{Op: e.Op, Category: e.Category, Cause: e.Cause, Date: day(t, e.Date)})
	}
	var claims []Claim
	recordedBasic := map[string]decimal.Decimal{}
	for _, c := range f.Claims {
		claims = append(claims, Claim{
			ID: c.ID, Time: day(t, c.SetlTime), Kind: c.Kind, Referral: c.Referral,
			Total: c.Total.Decimal, InScope: c.InScope.Decimal, Basic: c.Basic.Decimal,
			Major: c.Major.Decimal, Designated: c.Designated, Major40: c.Major40,
			HospitalLevel: c.HospitalLevel, Disease: c.Disease,
		})
		recordedBasic[c.ID] = c.Basic.Decimal
	}
	var want []Result
	for _, e := range f.Expect {
		r := Result{
			ID: e.ID, Category: e.Category, Retro: e.Retro, Basic: recordedBasic[e.ID],
			Major: e.Major.Decimal, Assist: e.Assist.Decimal, Tilt: e.Tilt.Decimal,
			Special: e.Special.Decimal, Supplement: e.Supplement.Decimal,
			Hospital: e.Hospital.Decimal, Person: e.Person.Decimal,
		}
		if e.Basic != nil {
			r.Basic = e.Basic.Decimal
		}
		want = append(want, r)
	}
	compare(t, Settle(f.config(), events, claims), want)
}

// compare holds every field of every result against what is wanted.
func compare(t *testing.T, got, want []Result) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d results, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.ID != w.ID || g.Category != w.Category || g.Retro != w.Retro || g.NoPack != w.NoPack {
			t.Errorf("result %d: id %q category %q retro %v nopack %v, want %q %q %v %v",
				i, g.ID, g.Category, g.Retro, g.NoPack, w.ID, w.Category, w.Retro, w.NoPack)
		}
		for _, f := range []struct {
			name      string
			got, want decimal.Decimal
		}{
			{"basic", g.Basic, w.Basic}, {"other", g.Other, w.Other}, {"major", g.Major, w.Major},
			{"assist", g.Assist, w.Assist}, {"tilt", g.Tilt, w.Tilt}, {"special", g.Special, w.Special},
			{"supplement", g.Supplement, w.Supplement}, {"hospital", g.Hospital, w.Hospital},
			{"person", g.Person, w.Person},
		} {
			if !f.got.Equal(f.want) {
				t.Errorf("%s: %s is %s, want %s", w.ID, f.name, f.got, f.want)
			}
		}
	}
}
