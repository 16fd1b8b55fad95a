package reference

import (
	"time"

	"github.com/shopspring/decimal"
)

// A pack is one policy document written out as figures.
type pack struct {
	inForceFrom  time.Time // first day on which the pack applies of itself
	inForceUntil time.Time // last day, zero: no end
	order        []string  // assisted categories, in the order that settles ties
	rules        map[string]rule

	// onApplication are the categories that Config.ApplicationRequired concerns.
	onApplication []string

	coveredKinds []string // claim kinds assisted
	diseaseKinds []string // of them for the listed diseases only
	diseases     []string

	deductibleKinds []string // the scope of the annual assistance deductible
	subPoolKinds    []string // kinds that also count in the smaller pool inside the annual cap

	tilt     *tilt
	special  *special
	retro    *retro
	ratioCap *ratioCap
	targeted *targetedHelp
	hospital map[int]decimal.Decimal // hospital level -> out-of-scope share of T that is not the hospital's
}

// A rule is what one category gets.
type rule struct {
	ratioUnset      bool // the document leaves the ratio to another one
	inpatientRatio  decimal.Decimal
	outpatientRatio decimal.Decimal
	deductible      decimal.Decimal  // annual, for the deductible scope
	cap             *decimal.Decimal // annual assistance, nil: none
	subCap          *decimal.Decimal // of it in the smaller pool, nil: none
	specialRatio    decimal.Decimal

	majorHalfDeductible bool
	majorPoints         decimal.Decimal // added to every tier ratio
	majorAtLeast        decimal.Decimal // no tier ratio is lower
	majorNoCap          bool
}

type tilt struct {
	threshold decimal.Decimal
	ratio     map[string]decimal.Decimal // by category
	cap       *decimal.Decimal           // a year, nil: none
}

type special struct{ cap decimal.Decimal } // the threshold comes from the overlay only

type retro struct {
	months     int
	categories []string
	earliest   time.Time
}

// A ratioCap limits what the layers pay together (XJ-7).
type ratioCap struct {
	ratio      decimal.Decimal
	categories []string // holding one of them puts a claim under it
	kinds      []string
}

// A targetedHelp is what Shenyang gives to the people of some counties (SY-4 to SY-10).
type targetedHelp struct {
	category string
	counties []string // folded

	outpatientRatio, outpatientPool decimal.Decimal            // SY-5
	stayRatio                       map[string]decimal.Decimal // SY-6, by Claim.Designated
	major40Ratio                    decimal.Decimal            // SY-8
	majorRatio                      decimal.Decimal            // SY-6, without deductible or cap
	supplementRatio                 decimal.Decimal            // SY-10
}

func yuan(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func yuanCap(s string) *decimal.Decimal { d := yuan(s); return &d }

func percent(s string) decimal.Decimal { return yuan(s).Shift(-2) }

var allKinds = []string{"inpatient", "outpatient_special", "outpatient", "pharmacy", "maternity"}

// hangzhou is 杭政办函〔2022〕70号.
var hangzhou = pack{
	// Last paragraph: the measure takes effect on 1 January 2023.
	inForceFrom: date(2023, 1, 1),

	// HZ-4, 二(二): the four groups holding a valid certificate are assisted.
	order: []string{"tekun", "dibao", "canji", "dibian"},

	rules: map[string]rule{
		"tekun": {
			inpatientRatio:  percent("100"), // HZ-8, 二(二): in full, in- and outpatient alike, from 2022
			outpatientRatio: percent("100"), // HZ-8
			cap:             nil,            // HZ-9, 二(二): no annual limit
			subCap:          nil,            // HZ-9
			specialRatio:    percent("60"),  // HZ-12, 二(四)
			majorNoCap:      true,           // HZ-6, 二(二): no major illness limit for assisted people
		},
		"dibao": {
			inpatientRatio:  percent("80"),     // HZ-8
			outpatientRatio: percent("80"),     // HZ-8
			cap:             yuanCap("150000"), // HZ-9: a year, all kinds together
			subCap:          yuanCap("20000"),  // HZ-9: of it ordinary outpatient
			specialRatio:    percent("50"),     // HZ-12
			majorNoCap:      true,              // HZ-6
		},
		"canji": {
			inpatientRatio:  percent("80"),     // HZ-8
			outpatientRatio: percent("80"),     // HZ-8
			cap:             yuanCap("150000"), // HZ-9
			subCap:          yuanCap("20000"),  // HZ-9
			specialRatio:    percent("50"),     // HZ-12
			majorNoCap:      true,              // HZ-6
		},
		"dibian": {
			inpatientRatio:  percent("70"),     // HZ-8
			outpatientRatio: percent("70"),     // HZ-8
			cap:             yuanCap("150000"), // HZ-9
			subCap:          yuanCap("20000"),  // HZ-9
			specialRatio:    percent("50"),     // HZ-12
			majorNoCap:      true,              // HZ-6
		},
	},

	// HZ-7, HZ-8, 二(二): in-scope fees at designated institutions, in- and outpatient.
	coveredKinds: allKinds,

	// HZ-9, 二(二): the ordinary outpatient pool. Purchases at a pharmacy belong to it (house decision).
	subPoolKinds: []string{"outpatient", "pharmacy"},

	// HZ-12, 二(四): at most 100,000 a year; the line of "still heavily burdened" is left open by the text.
	special: &special{cap: yuan("100000")},

	// HZ-10, 二(二): six months back for those newly taken into dibao or dibian because of illness.
	// HZ-8: the ratios and caps are dated 2022, so a window never reaches before 1 January 2022;
	// they are the only, hence also the earliest, value of each parameter.
	retro: &retro{months: 6, categories: []string{"dibao", "dibian"}, earliest: date(2022, 1, 1)},
}

// kaifeng is the draft plan of Kaifeng for major illness insurance and assistance.
var kaifeng = pack{
	// 三(二): the benefits are adjusted from 1 May 2022.
	inForceFrom: date(2022, 5, 1),

	// KF-1, 二: six groups.
	order: []string{"tekun", "dibao", "fanpin", "dibian", "yifanpin", "zhongbing"},

	// KF-11, 五(二): the others are assisted directly.
	onApplication: []string{"dibian", "yifanpin", "zhongbing"},

	rules: map[string]rule{
		"tekun": {
			deductible:          yuan("0"),        // KF-4, 四(三)1
			inpatientRatio:      percent("90"),    // KF-4
			outpatientRatio:     percent("50"),    // KF-5, 四(三)2
			cap:                 yuanCap("30000"), // KF-6, 四(三)3: in- and outpatient together
			majorHalfDeductible: true,             // KF-3, 三(二)
			majorPoints:         percent("5"),     // KF-3
			majorNoCap:          true,             // KF-3
		},
		"dibao": {
			deductible:          yuan("0"),        // KF-4
			inpatientRatio:      percent("70"),    // KF-4
			outpatientRatio:     percent("50"),    // KF-5
			cap:                 yuanCap("30000"), // KF-6
			majorHalfDeductible: true,             // KF-3
			majorPoints:         percent("5"),     // KF-3
			majorNoCap:          true,             // KF-3
		},
		"fanpin": {
			deductible:          yuan("0"),        // KF-4
			inpatientRatio:      percent("70"),    // KF-4
			outpatientRatio:     percent("50"),    // KF-5
			cap:                 yuanCap("30000"), // KF-6
			majorHalfDeductible: true,             // KF-3
			majorPoints:         percent("5"),     // KF-3
			majorNoCap:          true,             // KF-3
		},
		"dibian": {
			deductible:      yuan("2000"),     // KF-4
			inpatientRatio:  percent("65"),    // KF-4
			outpatientRatio: percent("30"),    // KF-5
			cap:             yuanCap("10000"), // KF-6
		},
		"yifanpin": {
			deductible:      yuan("2000"),     // KF-4
			inpatientRatio:  percent("65"),    // KF-4
			outpatientRatio: percent("30"),    // KF-5
			cap:             yuanCap("10000"), // KF-6
		},
		"zhongbing": {
			deductible:      yuan("5000"),     // KF-4
			inpatientRatio:  percent("65"),    // KF-4
			outpatientRatio: percent("30"),    // KF-5
			cap:             yuanCap("10000"), // KF-6
		},
	},

	// KF-4, 四(三)1: any stay in hospital; KF-5: outpatient treatment.
	coveredKinds: []string{"inpatient", "outpatient_special", "outpatient"},

	// KF-5, 四(三)2: outpatient treatment of nine diseases only.
	diseaseKinds: []string{"outpatient_special", "outpatient"},
	diseases: []string{
		"ESRD",       // end-stage renal disease
		"HEMOPHILIA", // haemophilia
		"CML",        // chronic myeloid leukaemia
		"T1D",        // type 1 diabetes
		"MDR_TB",     // multidrug-resistant tuberculosis
		"AA",         // aplastic anaemia
		"CANCER_OP",  // outpatient radio- and chemotherapy of cancer
		"TRANSPLANT", // anti-rejection treatment after a transplant
		"SMI",        // severe mental illness
	},

	// KF-4, KF-5: the deductible is one of hospital stays; outpatient treatment knows none.
	deductibleKinds: []string{"inpatient"},

	// KF-7, 四(三)4: what is above 10,000 in the year at 90 %, at most 10,000.
	tilt: &tilt{
		threshold: yuan("10000"),
		ratio: map[string]decimal.Decimal{
			"tekun": percent("90"), "dibao": percent("90"), "fanpin": percent("90"),
			"dibian": percent("90"), "yifanpin": percent("90"), "zhongbing": percent("90"),
		},
		cap: yuanCap("10000"),
	},

	// KF-12, 七(三): out-of-scope fees allowed, as a share of the stay's total, by hospital level.
	hospital: map[int]decimal.Decimal{1: percent("2.5"), 2: percent("5"), 3: percent("10")},
}

// wenzhou is 温政办〔2022〕98号. It gives no figure of the waterfall itself.
var wenzhou = pack{
	// Last paragraph: in force from 1 January 2023 to 31 December 2025, both days counted.
	inForceFrom:  date(2023, 1, 1),
	inForceUntil: date(2025, 12, 31),

	// House decision. WZ-3, 二.10 names the children; 二.18 leaves ratios to the general rules.
	order: []string{"tekun", "dibao", "dibian", "canji", "kunjing"},
	rules: map[string]rule{
		"tekun":   {ratioUnset: true},
		"dibao":   {ratioUnset: true},
		"dibian":  {ratioUnset: true},
		"canji":   {ratioUnset: true},
		"kunjing": {ratioUnset: true},
	},
	coveredKinds: allKinds, // house decision
}

// xinjiang is the notice of five departments of Xinjiang dated 9 February 2023.
var xinjiang = pack{
	// It names no day of effect: the benefit year in which it is dated (house decision).
	inForceFrom: date(2023, 1, 1),

	// XJ-5, 四: by category (ratios unset); several identities: the highest.
	order: []string{"tekun", "dibao", "fanpin", "yifanpin", "dibian"},
	rules: map[string]rule{
		"tekun":    {ratioUnset: true},
		"dibao":    {ratioUnset: true},
		"fanpin":   {ratioUnset: true},
		"yifanpin": {ratioUnset: true},
		"dibian":   {ratioUnset: true},
	},
	coveredKinds: allKinds, // house decision

	// XJ-6, 四: tilt for who is referred by the rules and treated in the region; figures unset.

	// XJ-7, 四: in-scope inpatient fees of key categories, 95 % at most by the three layers.
	ratioCap: &ratioCap{
		ratio:      percent("95"),
		categories: []string{"tekun", "dibao", "fanpin", "yifanpin"},
		kinds:      []string{"inpatient"},
	},
}

// shenyang is 沈医保发〔2019〕78号.
var shenyang = pack{
	// The notice: carried out from 1 January 2019.
	inForceFrom: date(2019, 1, 1),

	// SY-1, 一(三)(四): three groups. SY-9, 二(二)4: the city's ratios (unset).
	order: []string{"tekun", "dibao", "jiandang"},
	rules: map[string]rule{
		// SY-3, 二(一)2: half the deductible, 70 %, no cap.
		"tekun":    {ratioUnset: true, majorHalfDeductible: true, majorAtLeast: percent("70"), majorNoCap: true},
		"dibao":    {ratioUnset: true, majorHalfDeductible: true, majorAtLeast: percent("70"), majorNoCap: true},
		"jiandang": {ratioUnset: true},
	},
	coveredKinds: allKinds, // house decision

	targeted: &targetedHelp{
		// SY-4, 二(二): registered poor people of a district, a city and two counties.
		category: "jiandang",
		counties: []string{"辽中", "新民", "康平", "法库"},

		// SY-5, 二(二)1.
		outpatientRatio: percent("80"),
		outpatientPool:  yuan("5000"),

		// SY-6, 二(二)2: designated hospitals of a county or of the city, no deductible.
		stayRatio: map[string]decimal.Decimal{"county": percent("80"), "municipal": percent("60")},

		major40Ratio:    percent("80"), // SY-8, 二(二)3
		majorRatio:      percent("70"), // SY-6: what is left goes straight to major illness insurance
		supplementRatio: percent("80"), // SY-10, 二(二)5
	},
}

// document is the pack as its text has it, without the office's overlay.
func document(id string) pack {
	switch id {
	case "hangzhou-2022-70":
		return hangzhou
	case "kaifeng-2022-draft":
		return kaifeng
	case "wenzhou-2022-98":
		return wenzhou
	case "xinjiang-2023":
		return xinjiang
	case "shenyang-2019-78":
		return shenyang
	}
	panic("reference: no such pack: " + id)
}
