package intake

import (
	"slices"
	"strings"

	"doudi/rules"
)

// Whose an ID is where several columns are titled 身份证号 alone is told by the
// columns before them.

// betweenPeople is what may stand between two words for other people: 户主或联系人.
var betweenPeople = strings.NewReplacer("或", "", "及", "", "和", "", "姓名", "", "信息", "")

// namesOther reports whether a title names somebody else, and says nothing more:
// 与户主关系 is about the person.
func namesOther(title string) bool {
	t, any := betweenPeople.Replace(rules.Fold(title)), false
	for again := true; again; {
		again = false
		for _, w := range otherPeople {
			if strings.HasPrefix(t, w) && !(w == "照料" && t != w) && !(w == "监护" && t != w) {
				t, again, any = t[len(w):], true, true
				break
			}
		}
	}
	return any && t == ""
}

// namesPerson reports whether a title is of the name of whom a row is about.
func (k *kindNames) namesPerson(title string) bool {
	f, ok := k.look(title)
	t := strings.TrimSuffix(rules.Fold(title), "姓名")
	return ok && (f == "name" || f == "psn_name") || slices.Contains([]string{"对象", "救助对象", "保障对象", "人员", "本人"}, t)
}

// owner is who an ID's column is of, by what stands before it.
type owner uint8

const (
	ownerless owner = iota // nothing tells
	ofPerson               // the person's name does
	ofOther                // the name of somebody else does
	ofWhom                 // the column before it is not known
)

// ownerOf looks back from the ID in column i to the one before it.
func (k *kindNames) ownerOf(stacks [][]string, from, i int) (owner, int) {
	for j := i - 1; j >= from; j-- {
		title := strings.Join(stacks[j], "")
		switch {
		case k.namesPerson(title):
			return ofPerson, j
		case namesOther(title):
			return ofOther, j
		}
	}
	if i > from && len(stacks[i-1]) > 0 {
		title := strings.Join(stacks[i-1], "")
		if _, ok := k.look(title); !ok && !plain[rules.Fold(title)] {
			return ofWhom, i - 1
		}
	}
	return ownerless, 0
}

// owners finds, where several columns are titled as the ID, those that follow the
// name of somebody else: 户主, 身份证号, 姓名, 身份证号. It gives the columns that
// name them. Where nothing tells which is the person's own, it gives the columns
// that could be.
func (k *kindNames) owners(stacks [][]string) (out map[int]int, unclear [][2]int) {
	var ids []int
	for i, s := range stacks {
		if f, _, ok := k.strong(s); ok && len(s) == 1 && f == "certno" {
			ids = append(ids, i)
		}
	}
	if len(ids) == 0 || k.kind == Transfers {
		return nil, nil
	}
	out = map[int]int{}
	own, maybe := 0, [][2]int{}
	for n, i := range ids {
		from := 0
		if n > 0 {
			from = ids[n-1] + 1
		}
		switch who, j := k.ownerOf(stacks, from, i); {
		case who == ofPerson, i+1 < len(stacks) && who != ofOther && !slices.Contains(ids, i+2) && k.namesPerson(strings.Join(stacks[i+1], "")):
			own++
		case who == ofOther:
			out[i] = j
		case who == ofWhom:
			maybe = append(maybe, [2]int{i, j})
		}
	}
	if len(ids) == 1 {
		if j, ok := out[ids[0]]; ok && k.nameOnlyAfter(stacks, ids[0]) {
			return nil, [][2]int{{ids[0], j}}
		}
		return nil, nil
	}
	switch {
	case own > 0: // the person's is told: who follows an unknown column is another
		for _, m := range maybe {
			out[m[0]] = m[1]
		}
	case len(maybe) > 0 && len(ids)-len(out) > 1:
		unclear = maybe
	}
	if len(out) == len(ids) {
		return nil, nil // the person's own can not be told
	}
	return out, unclear
}

// nameOnlyAfter reports whether the person's name stands right of a column, and
// not left of it.
func (k *kindNames) nameOnlyAfter(stacks [][]string, i int) bool {
	named := func(s []string) bool { return len(s) > 0 && k.namesPerson(strings.Join(s, "")) }
	return !slices.ContainsFunc(stacks[:i], named) && slices.ContainsFunc(stacks[i+1:], named)
}
