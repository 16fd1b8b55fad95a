package rules

import (
	"fmt"
	"math/bits"
	"strings"
)

// Category is a difficulty status that a department recognises. The zero value
// means none.
type Category uint8

// The categories, with the field's pinyin codes.
const (
	NoCategory Category = iota
	Tekun               // 特困人员
	Dibao               // 低保对象
	Dibian              // 低保边缘家庭成员
	Fanpin              // 返贫致贫人口
	Yifanpin            // 农村易返贫致贫人口
	Zhongbing           // 因病致贫重病患者
	Canji               // 二级及以上残疾人
	Kunjing             // 困境儿童
	Tuopin              // 稳定脱贫人口
	Jiandang            // 建档立卡贫困人口
	Linshi              // 因病致贫纳入临时救助对象
	Bianyuan            // 边缘人群
	Fengxian            // 因病致贫返贫风险潜在对象
	numCategories
)

var categoryNames = [numCategories]struct{ code, zh string }{
	{"", ""},
	{"tekun", "特困人员"},
	{"dibao", "低保对象"},
	{"dibian", "低保边缘家庭成员"},
	{"fanpin", "返贫致贫人口"},
	{"yifanpin", "农村易返贫致贫人口"},
	{"zhongbing", "因病致贫重病患者"},
	{"canji", "二级及以上残疾人"},
	{"kunjing", "困境儿童"},
	{"tuopin", "稳定脱贫人口"},
	{"jiandang", "建档立卡贫困人口"},
	{"linshi", "因病致贫纳入临时救助对象"},
	{"bianyuan", "边缘人群"},
	{"fengxian", "因病致贫返贫风险潜在对象"},
}

// String is the code: "dibao"; "" for none.
func (c Category) String() string { return categoryNames[c].code }

// Chinese is the name that people read: "低保对象"; "" for none.
func (c Category) Chinese() string { return categoryNames[c].zh }

// ParseCategory reads a code; the empty string is NoCategory.
func ParseCategory(s string) (Category, error) {
	for c, n := range categoryNames {
		if n.code == s {
			return Category(c), nil
		}
	}
	return 0, fmt.Errorf("rules: unknown category %q", s)
}

// Categories lists all of them in their fixed order.
func Categories() []Category {
	all := make([]Category, 0, numCategories-1)
	for c := NoCategory + 1; c < numCategories; c++ {
		all = append(all, c)
	}
	return all
}

// CategorySet is a set of categories.
type CategorySet uint32

// SetOf makes a set.
func SetOf(cs ...Category) CategorySet {
	var s CategorySet
	for _, c := range cs {
		s |= 1 << c
	}
	return s
}

// Has reports whether c is in the set.
func (s CategorySet) Has(c Category) bool { return s&(1<<c) != 0 }

// Len is the number of categories in the set.
func (s CategorySet) Len() int { return bits.OnesCount32(uint32(s)) }

// List gives the members in the fixed order.
func (s CategorySet) List() []Category {
	var out []Category
	for _, c := range Categories() {
		if s.Has(c) {
			out = append(out, c)
		}
	}
	return out
}

// Chinese joins the members' names: "低保对象、二级及以上残疾人".
func (s CategorySet) Chinese() string {
	var names []string
	for _, c := range s.List() {
		names = append(names, c.Chinese())
	}
	return strings.Join(names, "、")
}

// Cause is why a person was recognised.
type Cause uint8

// The causes that change a result.
const (
	NoCause Cause = iota
	Illness       // 因病
)

// String is "illness" or "".
func (c Cause) String() string {
	if c == Illness {
		return "illness"
	}
	return ""
}

// ParseCause reads what String prints.
func ParseCause(s string) (Cause, error) {
	switch s {
	case "":
		return NoCause, nil
	case "illness":
		return Illness, nil
	}
	return 0, fmt.Errorf("rules: unknown cause %q", s)
}
