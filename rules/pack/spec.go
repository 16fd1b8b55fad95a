package pack

import "doudi/rules"

// Type is the form of a parameter's values.
type Type string

// The types of parameters.
const (
	Amount     Type = "amount"     // yuan, or none
	Ratio      Type = "ratio"      // "80%"
	AmountBy   Type = "amount_by"  // category → amount; `others` for the rest
	RatioBy    Type = "ratio_by"   // category → ratio; `others` for the rest
	Categories Type = "categories" // list of categories
	Kinds      Type = "kinds"      // list of kinds of claims
	Tiers      Type = "tiers"      // list of {to, ratio}, ascending
	ByLevel    Type = "by_level"   // hospital level → ratio
	DateType   Type = "date"       // 2022-01-01
	Integer    Type = "integer"    // a count
	Bool       Type = "bool"       // true, false
	Choice     Type = "choice"     // one of Spec.Options
	Diseases   Type = "diseases"   // id → {name, synonyms, codes}

	AmountByInsurance Type = "amount_by_insurance" // employees, residents → amount
	RatioByInsurance  Type = "ratio_by_insurance"  // employees, residents → ratio
	Hospitals         Type = "hospitals"           // class → hospitals, each a name or {name, synonyms, codes}
	RatioByClass      Type = "ratio_by_class"      // class of hospital → ratio
	Counties          Type = "counties"            // list of names
	Texts             Type = "texts"               // list of words
	TextBy            Type = "text_by"             // category → words
	CategoryBy        Type = "category_by"         // category → category
	PremiumBy         Type = "premium_by"          // category → full, an amount, `as CATEGORY`, or unset
)

// Spec describes a parameter that a pack may give.
type Spec struct {
	Path    rules.Param
	Name    string // Chinese
	Type    Type
	Unit    string // Chinese: 元, %, ...
	Options []string
	Doc     string // Chinese: what it is, for who writes a pack
	set     func(*rules.Params, value)
}

func specOf(path string) *Spec {
	for i := range Specs {
		if string(Specs[i].Path) == path {
			return &Specs[i]
		}
	}
	return nil
}
