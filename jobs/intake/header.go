package intake

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
)

// titleLength: no title of a column has so many bytes.
const titleLength = 200

// headerRows: a header takes up so many rows at most, with merged cells above.
const headerRows = 3

// matcher knows the names of the columns of every kind.
type matcher struct {
	kinds []kindNames
	all   map[string]bool // the names of all kinds
	// titled: what stands above names one category, so that a roster needs no
	// column of it.
	titled bool
	file   string // its name
}

type kindNames struct {
	vocabulary
	of map[string]field // folded name → field
}

// newMatcher adds the office's own names to the vocabularies.
func newMatcher(extra map[string][]string) *matcher {
	m := &matcher{all: map[string]bool{}}
	for _, v := range vocabularies {
		k := kindNames{v, map[string]field{}}
		fields := slices.Sorted(maps.Keys(v.names))
		for _, f := range fields {
			k.of[rules.Fold(string(f))] = f
			for _, n := range v.names[f] {
				k.of[rules.Fold(n)] = f
			}
		}
		for _, f := range fields { // the office's own outweigh
			for _, n := range extra[string(f)] {
				k.of[rules.Fold(n)] = f
			}
		}
		for n := range k.of {
			m.all[n] = true
		}
		m.kinds = append(m.kinds, k)
	}
	return m
}

// otherPeople are words for somebody who is not whom a row is about: the ID or
// the name below them is theirs.
var otherPeople = []string{"户主", "监护人", "监护", "代办人", "代理人", "联系人", "申请人", "经办人", "配偶", "父亲", "母亲", "父母", "家属", "赡养人", "抚养人", "扶养人",
	"领款人", "领取人", "收款人", "开户人", "持卡人", "责任人", "包保人", "填报人", "负责人",
	"照料护理人", "照料人", "照护人", "护理人", "照料", "帮扶干部", "帮扶人", "结对干部", "包联干部", "干部", "子女", "委托人", "陪护人"}

// isOther reports whether a title names somebody else. Long ones are sentences.
func isOther(title string) bool {
	return utf8.RuneCountInString(title) <= 12 && containsAny(title, otherPeople)
}

// personal are the fields that belong to the person of the row alone.
var personal = map[field]bool{"certno": true, "name": true, "psn_name": true, "expiry": true}

// look finds the field of a title, with and without what it has in brackets.
func (k *kindNames) look(title string) (field, bool) {
	if f, ok := k.of[rules.Fold(title)]; ok {
		return f, true
	}
	rest, inside := splitBrackets(title)
	f, ok := k.of[strings.TrimPrefix(rules.Fold(rest), "本人")]
	if personal[f] && isOther(inside) { // 身份证号（户主）
		f, ok = k.of[rules.Fold(inside+rest)]
	}
	return f, ok
}

// strong finds the field of a column by all that its titles say together; of a
// group within a group the outer title may say nothing.
func (k *kindNames) strong(stack []string) (field, string, bool) {
	joins := [][]string{stack}
	if len(stack) == 3 {
		joins = append(joins, stack[1:], []string{stack[0], stack[2]})
	}
	if n := len(stack); n > 1 { // 认定 below 日期
		joins = append(joins, []string{stack[n-1], stack[n-2]})
	}
	for _, j := range joins {
		if len(j) < len(stack) && slices.ContainsFunc(stack, func(s string) bool { return isOther(s) && !slices.Contains(j, s) }) {
			continue // what is left out would change whose it is
		}
		if title := strings.Join(j, ""); len(title) <= titleLength {
			if f, ok := k.look(title); ok {
				return f, title, true
			}
			if f, ok := k.look(information.Replace(title)); ok && len(j) > 1 {
				return f, title, true
			}
		}
	}
	return "", "", false
}

// ofCard reports whether a title is of the identity card, whose expiry says
// nothing of a disability.
func ofCard(title string) bool {
	return strings.Contains(title, "身份") && !strings.Contains(title, "残疾")
}

// information is what a title above says beside whose it is: 户主信息.
var information = strings.NewReplacer("基本信息", "", "基本情况", "", "信息", "", "情况", "")

// weak finds the field of a column by its own title, whatever stands above: 费用
// over 总费用. What stands under 户主 is not the person's.
func (k *kindNames) weak(stack []string) (field, bool) {
	last := len(stack) - 1
	if last < 1 {
		return "", false
	}
	f, ok := k.look(stack[last])
	if f == "expiry" && slices.ContainsFunc(stack[:last], ofCard) {
		return "", false
	}
	return f, ok && !(personal[f] && slices.ContainsFunc(stack[:last], isOther))
}

// match reads the titles of columns as the header of one kind.
func (k *kindNames) match(stacks [][]string) header {
	h := header{kind: k.kind, at: map[field]int{}, columns: make([]column, len(stacks))}
	put := func(i int, f field, title string) {
		if first, taken := h.at[f]; taken {
			h.twice = append(h.twice, [2]int{first, i})
			return
		}
		h.at[f], h.columns[i].field = i, f
		h.columns[i].title = title
	}
	for i, s := range stacks {
		c := &h.columns[i]
		c.title = strings.Join(s, "")
		c.scale, c.unit = unitOf(s)
	}
	owners, unclear := k.owners(stacks)
	h.unclear = unclear
	for i, s := range stacks {
		if len(s) == 0 {
			continue
		}
		f, title, ok := k.strong(s)
		if o, moved := owners[i]; ok && moved {
			h.moved = append(h.moved, [2]int{i, o})
			if f = "head"; strings.TrimSuffix(rules.Fold(strings.Join(stacks[o], "")), "姓名") != "户主" || k.names[f] == nil { // 户主或联系人 is perhaps no head
				continue
			}
		}
		if ok && f == "expiry" && i > 0 && ofCard(strings.Join(stacks[i-1], "")) && !strings.Contains(title, "残疾") {
			continue // 身份证号, 有效期
		}
		if ok {
			put(i, f, title)
		}
	}
	for i, s := range stacks {
		if f, ok := k.weak(s); ok && h.columns[i].field == "" && !slices.ContainsFunc(h.twice, func(t [2]int) bool { return t[1] == i }) {
			put(i, f, s[len(s)-1])
		}
	}
	if i, ok := h.at["changed"]; ok && k.kind == Roster && !h.has("start") { // the only day there is
		delete(h.at, "changed")
		h.at["start"], h.columns[i].field = i, "start"
	}
	for n, f := range summed[k.kind] {
		if i, ok := h.at[f]; ok {
			h.columns[i].sum = n + 1
		}
	}
	h.missing = k.missing(&h)
	return h
}

// missing are the fields that a table of the kind must have and this has not.
func (k *kindNames) missing(h *header) []field {
	var out []field
	for _, f := range k.required {
		if !h.has(f) {
			out = append(out, f)
		}
	}
	whole := func(set []field) bool { return !slices.ContainsFunc(set, func(f field) bool { return !h.has(f) }) }
	if len(k.oneOf) > 0 && !slices.ContainsFunc(k.oneOf, whole) {
		out = append(out, k.oneOf[0]...)
	}
	return out
}

// read reads rows as the header of a table. It gives the kind whose columns fit
// best, or false. A roster that does not say what its rows do is given only
// where nothing else fits: a relief list may describe its people in as many
// columns as a roster.
func (m *matcher) read(rows [][]string, want Kind) (best header, found bool) {
	stacks := stacks(rows)
	for i := range m.kinds {
		k := &m.kinds[i]
		if want != Auto && want != k.kind {
			continue
		}
		h := k.match(stacks)
		if k.kind == Roster && m.impliesCategory(&h) {
			h.missing = nil
		}
		if len(h.missing) > 0 || found && k.kind == Roster && !h.has("op") {
			continue
		}
		if !found || len(h.at) > len(best.at) {
			best, found = h, true
		}
	}
	best.lines = rows
	return best, found
}

// impliesCategory reports whether a roster without a column of the category says
// it otherwise: by its title (低保对象花名册).
func (m *matcher) impliesCategory(h *header) bool {
	if !slices.Equal(h.missing, []field{"category"}) || !h.has("name") {
		return false
	}
	return m.titled && (h.has("start") || h.has("end") || h.has("op") || h.has("township") || h.has("village") || h.has("head") || h.has("level"))
}

// known counts the cells that name a column of any kind.
func (m *matcher) known(line []string) int {
	n := 0
	for _, s := range line {
		if s == "" || len(s) > titleLength {
			continue
		}
		rest, _ := splitBrackets(s)
		if m.all[rules.Fold(s)] || m.all[rules.Fold(rest)] {
			n++
		}
	}
	return n
}

// headerAt tries to read the first of some rows, alone or together with those
// right below it, as the header of a table. n is of how many rows; 0: it is none,
// or a title above one.
func (m *matcher) headerAt(rows [][]string, want Kind) (best header, n int) {
	for i := 1; i <= min(len(rows), headerRows); i++ {
		h, ok := m.read(rows[:i], want)
		below := i > 1 && isBelow(rows[i-2], rows[i-1])
		switch {
		case below && n == i-1: // what stands above is not the whole title
			best, n = h, i
			if !ok {
				n = 0
			}
		case ok && (n == 0 || len(h.at) > len(best.at)): // a row more must say more
			best, n = h, i
		}
	}
	if n > 1 {
		if h, ok := m.read(rows[1:n], want); ok && h.sameColumns(&best) {
			return header{}, 0
		}
	}
	return best, n
}

// isBelow reports whether a row divides merged cells of the one above: all that
// it says stands in groups, and nothing below a title of one column.
func isBelow(upper, lower []string) bool {
	filled, grouped := 0, 0
	for i, s := range lower {
		if s == "" {
			continue
		}
		filled++
		if at(upper, i) == "" || at(upper, i+1) == "" && at(lower, i+1) != "" {
			grouped++
		}
	}
	return filled >= 2 && filled == grouped
}

// stacks gives for each column its titles from above. The readers do not tell
// merged cells: the text is in the first, so it counts for those to its right as
// long as something stands below them.
func stacks(rows [][]string) [][]string {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	out := make([][]string, width)
	group := make([]string, len(rows)) // what carries on at each level
	start := make([]int, len(rows))    // where it began
	for c := range width {
		fresh := false // a title above begins: groups below it end
		for k, r := range rows {
			if fresh {
				group[k] = ""
			}
			if own := at(r, c); own != "" {
				group[k], start[k], fresh = own, c, true
			}
		}
		var stack []string
		for k := len(rows) - 1; k >= 0; k-- {
			switch {
			case at(rows[k], c) != "":
				stack = append([]string{group[k]}, stack...)
			case len(stack) == 0 || slices.ContainsFunc(out[min(start[k], c):c], func(s []string) bool { return endsWith(s, stack) }):
				// Nothing stands below, or the same as before: the group is over.
				group[k] = ""
			case group[k] != "":
				stack = append([]string{group[k]}, stack...)
			}
		}
		out[c] = stack
	}
	return out
}

func endsWith(s, end []string) bool {
	return len(s) >= len(end) && slices.Equal(s[len(s)-len(end):], end)
}

func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// texts are a row's cells as titles.
func texts(cells []sheet.Cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = text(c)
	}
	return out
}

var (
	units = map[string]int64{"": 1, "百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}

	unitLine   = regexp.MustCompile(`单位(?:人民币)?(?:[人户次笔件例名]{1,3}[、,，/]?)?(十万|百万|千万|百|千|万|亿)?元`)
	titleUnit  = regexp.MustCompile(`(十万|百万|千万|百|千|万|亿)?元`)
	unitAlone  = regexp.MustCompile(`^(?:人民币)?(十万|百万|千万|百|千|万|亿)?元$`)
	unitInside = regexp.MustCompile(`^(?:[^\d]*[^\d一二两三四五六七八九十百千万亿])?(十万|百万|千万|百|千|万|亿)?元`)
)

// unitIn finds what says the unit above a table: a line 单位：万元, a cell 万元, or
// a title with it in brackets, 拨付表（万元）; 0 for none.
func unitIn(cells []string) int64 {
	for _, s := range cells {
		if m := unitLine.FindStringSubmatch(rules.Fold(s)); m != nil {
			return units[m[1]]
		}
		if u := unitCell(s); u != 0 {
			return u
		}
		if _, inside := splitBrackets(s); inside != "" {
			if m := unitInside.FindStringSubmatch(rules.Fold(inside)); m != nil {
				return units[m[1]]
			}
		}
	}
	return 0
}

// unitCell is the unit that a cell says and nothing else; 0 for none.
func unitCell(s string) int64 {
	if m := unitAlone.FindStringSubmatch(rules.Fold(s)); m != nil {
		return units[m[1]]
	}
	return 0
}

// unitsBelow reads a row right below the header that gives units: 万元 under the
// amounts.
func (h *header) unitsBelow(line []string) bool {
	found := false
	for i, s := range line {
		if u := unitCell(s); u != 0 && i < len(h.columns) {
			h.columns[i].scale, h.columns[i].unit, found = u, true, true
		}
	}
	return found
}

// unitOf is the unit of a column by its titles, the nearest first. Above it
// counts what a group has in brackets: 费用（万元）, but not a title of the table.
func unitOf(stack []string) (scale int64, named bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		s, form := stack[i], titleUnit
		_, inside := splitBrackets(s)
		if i < len(stack)-1 {
			if s, form = rules.Fold(inside), unitInside; utf8.RuneCountInString(stack[i]) > 12 {
				continue
			}
		}
		if m := form.FindStringSubmatch(s); m != nil {
			return units[m[1]], true
		}
		if u := units[inside]; u > 1 { // 金额（万）
			return u, true
		}
	}
	return 1, false
}

// splitBrackets takes out of a title what stands in brackets: 医疗费总额（元） is
// 医疗费总额.
func splitBrackets(s string) (rest, inside string) {
	if !strings.ContainsAny(s, "(（[【") {
		return s, ""
	}
	var out, in strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '（', '[', '【':
			depth++
		case ')', '）', ']', '】':
			depth--
		default:
			if depth > 0 {
				in.WriteRune(r)
			} else {
				out.WriteRune(r)
			}
		}
	}
	return out.String(), in.String()
}
