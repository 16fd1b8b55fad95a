package reconcile

import (
	"regexp"
	"slices"
	"strings"

	"doudi/rules"

	"golang.org/x/text/width"
)

// The items as this program names them.
const (
	ItemBasic      = "基本医保"
	ItemMajor      = "大病保险"
	ItemAssistance = "医疗救助"
	ItemSupplement = "补充保险"
	ItemHospital   = "医疗机构负担"
	ItemPremium    = "资助参保"
	ItemHuiminbao  = "惠民保资助"
	ItemMaternity  = "生育津贴"
)

// ItemOf is the item of an adjustment's fund.
func ItemOf(f rules.Fund) string {
	return [rules.NumFunds]string{ItemBasic, ItemMajor, ItemAssistance, ItemSupplement, ItemHospital}[f]
}

// itemNames are the names that finance bureaus write. Each also stands with
// 资金, 补助, 补助资金, 基金, 专项资金, 款 and the like behind it.
var itemNames = map[string][]string{
	ItemBasic:      {"基本医疗保险", "城乡居民基本医疗保险", "城乡居民医保", "居民医保", "城镇职工基本医疗保险", "职工医保", "医保统筹"},
	ItemMajor:      {"大病保险赔付", "大病医疗保险", "城乡居民大病保险", "居民大病保险", "职工大病保险", "大病"},
	ItemAssistance: {"城乡医疗救助", "困难群众医疗救助", "困难人员医疗救助", "医疗救助待遇", "医疗救助补发", "倾斜救助", "特殊救助"},
	ItemSupplement: {"补充医疗保险", "商业补充保险", "商业补充医疗保险", "困难群众补充保险", "困难人员补充保险"},
	ItemHospital:   {"定点医院", "定点医疗机构", "定点医院负担", "医院负担", "医疗机构承担"},
	ItemPremium:    {"参保资助", "资助困难群众参保", "资助困难人员参保", "医疗救助资助参保", "城乡医疗救助资助参保", "代缴医保费", "参保缴费补贴", "参保补贴"},
	ItemHuiminbao:  {"惠民保", "惠民保参保资助", "惠民保保费补贴"},
	ItemMaternity:  {"生育保险津贴", "生育津贴待遇"},
}

// Items folds the names of items onto one of each.
type Items struct{ byName map[string]string }

// NewItems knows the built-in names and those that an office adds, by item. An
// item that is not built in is new with it. A name for two items is an error.
func NewItems(more map[string][]string) (*Items, error) {
	t := &Items{byName: map[string]string{}}
	var bad Errors
	for _, names := range []map[string][]string{itemNames, more} {
		for _, item := range sortedKeys(names) {
			for _, name := range append([]string{item}, names[item]...) {
				switch was, known := t.byName[foldItem(name)]; {
				case foldItem(name) == "":
					bad.add("E-ITEM", item, "资金项目的名称为空")
				case known && was != item:
					bad.add("E-ITEM-TWICE", name, "同一名称指“"+was+"”和“"+item+"”两个项目")
				default:
					t.byName[foldItem(name)] = item
				}
			}
		}
	}
	return t, bad.err()
}

// Fold gives the item of a name, and whether it is known. An unknown one folds
// onto what is left of it without spaces, years and brackets.
func (t *Items) Fold(name string) (string, bool) {
	s := foldItem(name)
	if item, ok := t.byName[s]; ok {
		return item, true
	}
	return s, false
}

var (
	itemNoise = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|\s+|["“”《》:;,.、，。；：-]+`)
	itemHead  = regexp.MustCompile(`^(?:\d{4}年度?|\d{1,2}月份?|第?[一二三四1-4]季度|[上下]半年|拨付|下达|支付|补发|中央财政|中央|自治区|省级|市级|县级|区级|本级|财政|困难群众(?:城乡)?)`)
	itemTail  = regexp.MustCompile(`(?:专项资金|补助资金|补助经费|补助款|资金|基金|经费|补助|费用|款项|款)$`)
)

// foldItem leaves what names the item: without width, brackets, years, levels of
// government, and the word for money.
func foldItem(name string) string {
	s := itemNoise.ReplaceAllString(width.Fold.String(name), "")
	if s == "" { // nothing but a bracket
		return strings.TrimSpace(name)
	}
	for {
		t := itemHead.ReplaceAllString(s, "")
		t = itemTail.ReplaceAllString(t, "")
		if t == s || t == "" {
			return s
		}
		s = t
	}
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
