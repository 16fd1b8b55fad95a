package finance

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
)

// TaxOffice is the payee of premiums.
const TaxOffice = "税务机关"

// PayeeKind tells what a payee's name is.
type PayeeKind uint8

// The kinds of payees.
const (
	NoPayee      PayeeKind = iota // none is written
	Hospital                      // one that settlements name
	Tax                           // a tax office
	Insurer                       // an insurer
	Agent                         // passes on: a bank, an office, a word for many
	Organisation                  // something else that is no person
	PersonName                    // anything else: it may be a person's
)

var payeeKinds = [...]string{"", "医疗机构", "税务机关", "保险公司", "代发或经办", "其他单位", "个人"}

// Chinese is the name that people read.
func (k PayeeKind) Chinese() string { return payeeKinds[k] }

// Payees knows who may be paid: the hospitals of an area's settlements, the offices
// that pass on, the people to whom something is due.
type Payees struct {
	agents    map[string]bool
	byName    map[string]string // folded name of a hospital: its payee
	byCode    map[string]string
	hospitals []string                     // folded names, sorted
	people    map[string][]ledger.PersonNo // by folded name
	insurers  map[string]string            // folded name of who runs an item's insurance
	items     *reconcile.Items
}

// NewPayees knows the hospitals of settlements, by code. Codes that share a name
// are one payee; it is called by the first name of its first code.
// Insurers are the companies that run an insurance here, by item.
func NewPayees(names map[string][]string, o *Options, insurers map[string]string) *Payees {
	p := &Payees{agents: o.agents, byName: map[string]string{}, byCode: map[string]string{}, people: map[string][]ledger.PersonNo{}, insurers: map[string]string{}, items: o.items}
	for item, name := range insurers {
		p.insurers[item] = rules.Fold(name)
	}
	codes := slices.Sorted(maps.Keys(names))
	first := map[string]int{} // the group of a name
	group := make([]int, len(codes))
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	for i, c := range codes {
		group[i] = i
		for _, n := range names[c] {
			f := rules.Fold(n)
			if j, ok := first[f]; ok {
				a, b := root(i), root(j)
				group[max(a, b)] = min(a, b)
			} else {
				first[f] = i
			}
		}
	}
	for i, c := range codes {
		g := codes[root(i)]
		p.byCode[c] = cmp.Or(slices.Min(append([]string{g}, names[g]...)), g)
		if len(names[g]) > 0 {
			p.byCode[c] = slices.Min(names[g])
		}
		for _, n := range names[c] {
			p.byName[rules.Fold(n)] = p.byCode[c]
		}
	}
	p.hospitals = slices.Sorted(maps.Keys(p.byName))
	return p
}

// hospital is the payee of a hospital's code.
func (p *Payees) hospital(code, name string) string {
	return cmp.Or(p.byCode[code], name, code, "未写明的医疗机构")
}

// Know tells the names of people to whom something is due, or who are paid.
func (p *Payees) Know(people map[ledger.PersonNo]ledger.Person) {
	for _, n := range slices.Sorted(maps.Keys(people)) {
		if f := rules.Fold(people[n].Name); f != "" {
			p.people[f] = append(p.people[f], n)
		}
	}
}

var (
	many     = regexp.MustCompile(`合计|小计|总计|共计|明细|附件|附表|清单|名单|等[\d一二三四五六七八九十百千]*[个名位]?(?:人|户|家|笔|单位|机构|医院)?$|\d+[个名位]?(?:人|户|家|笔)[)）]?$|^各|多人|多户|救助对象|困难群众`)
	offices  = regexp.MustCompile(`医疗保障|医保(?:局|中心|经办|基金|服务)|社保(?:局|中心)|社会保险(?:局|中心|事业|基金)|民政局|财政(?:局|所|厅|专户)|国库|(?:乡|镇)人民政府|(?:乡|镇)政府|街道办|村民?委员会|村委会|社区居`)
	banks    = regexp.MustCompile(`银行|信用社|农商行|信用联社|邮储|分理处|储蓄所`)
	insurers = regexp.MustCompile(`保险.*公司|(?:人寿|财险|人保|太保|平安|养老险|健康险).*公司`)
	clinics  = regexp.MustCompile(`医院|卫生院|卫生室|卫生服务|诊所|门诊部|药店|药房|医药|保健院|疗养院|防治所|防治院`)
	others   = regexp.MustCompile(`公司|局$|中心|协会|基金会|学校|委员会|委$|厅$|办公室|集团|合作社|厂$|站$|所$|院$|会$|处$|队$`)
)

// Of tells what a name is, and the payee by which it is matched: "" for one that
// passes on or is not known to be anything.
func (p *Payees) Of(name string) (PayeeKind, string) {
	f := rules.Fold(name)
	switch {
	case f == "":
		return NoPayee, ""
	case p.agents[f]:
		return Agent, ""
	case p.byName[f] != "":
		return Hospital, p.byName[f]
	case len(p.people[f]) > 0:
		return PersonName, ""
	case strings.Contains(f, "税务"):
		return Tax, TaxOffice
	case many.MatchString(f), offices.MatchString(f), banks.MatchString(f):
		return Agent, ""
	case insurers.MatchString(f):
		return Insurer, name
	case clinics.MatchString(f):
		if h := p.likely(f); h != "" {
			return Hospital, h
		}
		return Organisation, name
	case len([]rune(f)) > 3 && others.MatchString(f): // a person's name may end so, too
		return Organisation, name
	}
	return PersonName, ""
}

// runs reports whether a name is that of the company that runs an item's insurance
// here: as it is registered, longer (with the city's branch), or shorter.
func (p *Payees) runs(item, name string) bool {
	item, _ = p.items.Fold(item)
	own, f := p.insurers[item], rules.Fold(name)
	return own != "" && f != "" && (strings.Contains(f, own) || len([]rune(f)) > 3 && strings.Contains(own, f))
}

// likely is the one hospital of whose name the other is the end: with the county
// before it, or without.
func (p *Payees) likely(f string) string {
	found := ""
	for _, h := range p.hospitals {
		if strings.HasSuffix(h, f) || strings.HasSuffix(f, h) {
			to := p.byName[h]
			if found != "" && found != to {
				return ""
			}
			found = to
		}
	}
	return found
}

// person is the one known person of a name; 0 where there is none or more.
func (p *Payees) person(name string) ledger.PersonNo {
	if who := p.people[rules.Fold(name)]; len(who) == 1 {
		return who[0]
	}
	return 0
}

// nobody is the payee that stands for a name which is not known: its number tells
// nothing.
func nobody(number int64) string { return "收款人" + strconv.FormatInt(number, 10) }
