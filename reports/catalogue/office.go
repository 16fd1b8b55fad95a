package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Office is what doudi.yaml says of one department of an area.
type Office struct {
	Name     string              `yaml:"name"`
	Like     string              `yaml:"like"`     // of the catalogue; "" where the name is one, or it is like none
	Title    string              `yaml:"title"`    // to whom the workbook goes, as it is addressed
	Duty     string              `yaml:"duty"`     // why it sees more than its duty in the catalogue
	Sheets   SheetChanges        `yaml:"sheets"`   // tables or lists
	Columns  map[string][]string `yaml:"columns"`  // by table: keys, in their order
	IDs      map[string]string   `yaml:"ids"`      // by table: whole, masked, own
	Password Secret              `yaml:"password"` // where the password of the workbook stands
	Workbook *bool               `yaml:"workbook"` // false: it gets none

	// Open is the password itself, put in by whoever reads it from its place.
	Open string `yaml:"-"`
}

// SheetChanges are the tables and lists that an office adds and leaves out.
type SheetChanges struct {
	Add    []string `yaml:"add"`
	Remove []string `yaml:"remove"`
}

// Secret says where a password stands. It never stands in doudi.yaml itself.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// UnmarshalYAML refuses a password that stands there in clear, without repeating
// it.
func (s *Secret) UnmarshalYAML(node ast.Node) error {
	if node.Type() != ast.MappingType {
		return fmt.Errorf("第 %d 行：password 写密码在哪里，{env: 环境变量} 或 {file: 文件}，不写密码本身", node.GetToken().Position.Line)
	}
	type plain Secret
	return yaml.NodeToValue(node, (*plain)(s), yaml.Strict(), yaml.DisallowUnknownField())
}

// Set reports whether there is a password.
func (s Secret) Set() bool { return s != Secret{} }

// Recipient is who gets one workbook of an area.
type Recipient struct {
	Name string
	*Department
	Title    string
	Password string
	// Changes are what the office ordered otherwise, and why, as people are told.
	Changes []string

	add, remove []string
	over        []Rule // the office's columns
}

// Called reports whether a name means the recipient: its own, or one of its
// department.
func (r Recipient) Called(name string) bool {
	return name == r.Name || slices.Contains(r.Names(), name)
}

// stranger is a department that the catalogue does not know: it gets the lists
// that are ordered for it, as others see them, masked.
func stranger(name string) *Department {
	return &Department{Name: name, Purpose: "按政策包或本地设置收到清单。", Why: "部门目录里没有它的职责，故只列各表给一般部门的列，身份证号和姓名一律遮掩。", People: []string{All}, IDs: Masked}
}

// Recipients are the departments of an area: those that every area has, those that
// its packs name, in their order, and those that the office names.
func (c *Catalogue) Recipients(area string, named []string, offices []Office) []Recipient {
	var out []Recipient
	has := func(d *Department) int {
		return slices.IndexFunc(out, func(r Recipient) bool { return r.Department == d })
	}
	for i := range c.Departments {
		if d := &c.Departments[i]; d.Always {
			out = append(out, Recipient{Name: d.Named(area, named), Department: d})
		}
	}
	for _, n := range named {
		d := c.Find(n)
		switch {
		case d == nil && !slices.ContainsFunc(out, func(r Recipient) bool { return r.Name == n }):
			out = append(out, Recipient{Name: n, Department: stranger(n)})
		case d != nil && has(d) < 0:
			out = append(out, Recipient{Name: d.Named(area, named), Department: d})
		}
	}
	placed := map[*Department]bool{}
	for i := range offices {
		o := &offices[i]
		d := c.of(o)
		r := Recipient{Name: o.Name, Department: d, Title: o.Title, Password: o.Open, Changes: o.changes(c),
			add: o.Sheets.Add, remove: o.Sheets.Remove, over: o.rules()}
		at := slices.IndexFunc(out, func(x Recipient) bool { return x.Department == d || x.Name == o.Name })
		switch {
		case at >= 0 && !placed[d]: // in the place of the one that is there by default
			out[at] = r
		default:
			out = append(out, r)
			at = len(out) - 1
		}
		placed[d] = true
		if o.Workbook != nil && !*o.Workbook {
			out = slices.Delete(out, at, at+1)
		}
	}
	return out
}

// of is the department that an office's is like.
func (c *Catalogue) of(o *Office) *Department {
	name := o.Like
	if name == "" {
		name = o.Name
	}
	if d := c.Find(name); d != nil {
		return d
	}
	return stranger(o.Name)
}

func (o *Office) rules() (out []Rule) {
	for _, t := range slices.Sorted(maps.Keys(o.Columns)) {
		out = append(out, Rule{Table: t, Columns: o.Columns[t]})
	}
	for _, t := range slices.Sorted(maps.Keys(o.IDs)) {
		out = append(out, Rule{Table: t, IDs: o.IDs[t]})
	}
	return out
}

// changes tells people what an office ordered otherwise.
func (o *Office) changes(c *Catalogue) (out []string) {
	named := func(xs []string) string {
		var names []string
		for _, x := range xs {
			tables := c.Lists[x]
			if tables == nil {
				tables = []string{x}
			}
			for _, t := range tables {
				names = append(names, c.Tables[t].Sheet)
			}
		}
		return strings.Join(names, "、")
	}
	if len(o.Sheets.Add) > 0 {
		out = append(out, "增加工作表 "+named(o.Sheets.Add)+"。")
	}
	if len(o.Sheets.Remove) > 0 {
		out = append(out, "不要工作表 "+named(o.Sheets.Remove)+"。")
	}
	if len(o.Columns) > 0 {
		out = append(out, "另定了列的工作表："+named(slices.Sorted(maps.Keys(o.Columns)))+"。")
	}
	if len(o.IDs) > 0 {
		out = append(out, "另定了身份信息的工作表："+named(slices.Sorted(maps.Keys(o.IDs)))+"。")
	}
	if o.Duty != "" {
		out = append(out, "理由："+strings.TrimSuffix(o.Duty, "。")+"。")
	}
	return out
}

// Lists are the lists of a recipient, of which packs order some for it.
func (r Recipient) Lists(c *Catalogue, ordered []string) []string {
	var out []string
	take := func(names []string) {
		for _, n := range names {
			if c.Lists[n] != nil && !slices.Contains(out, n) && !slices.Contains(r.remove, n) {
				out = append(out, n)
			}
		}
	}
	take(ordered)
	if len(ordered) == 0 && len(r.Department.Sheets) == 0 {
		take(r.Otherwise)
	}
	for _, a := range r.add {
		if c.Lists[a] == nil {
			a = c.listOf(a)
		}
		take([]string{a})
	}
	return out
}

// listOf is the list that has a table; "" where none has.
func (c *Catalogue) listOf(table string) string {
	for _, l := range slices.Sorted(maps.Keys(c.Lists)) {
		if slices.Contains(c.Lists[l], table) {
			return l
		}
	}
	return ""
}

// Sheets are the recipient's own sheets, in order, where it also gets some lists.
func (r Recipient) Sheets(c *Catalogue, lists []string) []View {
	var out []View
	for _, v := range c.Sheets(r.Department, lists) {
		if !slices.Contains(r.remove, v.Table) {
			out = append(out, r.view(v))
		}
	}
	for _, a := range r.add {
		if _, table := c.Tables[a]; table && c.listOf(a) == "" && !slices.ContainsFunc(out, func(v View) bool { return v.Table == a }) {
			out = append(out, r.view(c.View(r.Department, a)))
		}
	}
	return out
}

// Of are the tables of a list as the recipient sees them.
func (r Recipient) Of(c *Catalogue, list string) []View {
	var out []View
	for _, t := range c.Lists[list] {
		if !slices.Contains(r.remove, t) {
			out = append(out, r.view(c.View(r.Department, t)))
		}
	}
	return out
}

func (r Recipient) view(v View) View {
	for _, x := range r.over {
		if x.Table == v.Table {
			v.lay(x)
		}
	}
	return v
}

// errWider is what an office may order only with a reason.
var errWider = errors.New("超出了该部门职责所需（部门目录），要这样设置须写明 duty（文号和理由），会写进工作簿的说明")

// CheckOffices finds what is wrong with an area's departments; orders are the
// lists that its packs order, with their departments. The error comes with the
// YAML path of its place, from the list of departments on: [0].columns.
func (c *Catalogue) CheckOffices(offices []Office, orders map[string][]string) (where string, err error) {
	for i := range offices {
		path := fmt.Sprintf("[%d]", i)
		o := &offices[i]
		if o.Name == "" || strings.ContainsAny(o.Name, `/\:*?"<>|`) || strings.TrimSpace(o.Name) != o.Name || strings.HasPrefix(o.Name, ".") {
			return path, fmt.Errorf("部门名称 %q 不能为空，也不能有文件名里不能用的字符", o.Name)
		}
		if slices.ContainsFunc(offices[:i], func(x Office) bool { return x.Name == o.Name }) {
			return path + ".name", fmt.Errorf("部门 %s 出现两次", o.Name)
		}
		if o.Like != "" && c.Find(o.Like) == nil {
			return path + ".like", fmt.Errorf("部门目录里没有 %q，可用的有：%s", o.Like, strings.Join(c.names(), "、"))
		}
		if d := c.Find(o.Name); d != nil && d != c.of(o) {
			return path + ".name", fmt.Errorf("%s 是部门目录里的另一个部门，不能用作像 %s 的部门的名称", o.Name, o.Like)
		}
		if o.Password.Env != "" && o.Password.File != "" {
			return path + ".password", errors.New("password 的 env 和 file 只能写一个")
		}
		if part, err := c.checkOffice(o, orders); err != nil {
			return path + part, fmt.Errorf("部门 %s：%w", o.Name, err)
		}
	}
	return "", nil
}

func (c *Catalogue) names() (out []string) {
	for _, d := range c.Departments {
		out = append(out, d.Name)
	}
	return out
}

func (c *Catalogue) checkOffice(o *Office, orders map[string][]string) (where string, err error) {
	d := c.of(o)
	wide := o.Duty != ""
	if c.Find(d.Name) == nil && !wide {
		return ".name", fmt.Errorf("部门目录里没有它，请写明像哪个部门（like：%s）；都不像的，写明 duty（文号和理由）", strings.Join(c.names(), "、"))
	}
	known := func(x string) bool { _, table := c.Tables[x]; return table || c.Lists[x] != nil }
	for _, x := range slices.Concat(o.Sheets.Add, o.Sheets.Remove) {
		if !known(x) {
			return ".sheets", fmt.Errorf("没有表或清单 %q，可用的清单：%s；表：%s", x, keysOf(c.Lists), keysOf(c.Tables))
		}
	}
	for _, x := range o.Sheets.Add {
		if !wide && !c.entitled(d, x, orders) {
			return ".sheets.add", fmt.Errorf("增加 %s %w", x, errWider)
		}
	}
	for _, t := range slices.Sorted(maps.Keys(o.Columns)) {
		table, ok := c.Tables[t]
		if !ok {
			return ".columns", fmt.Errorf("没有表 %q，可用的有：%s", t, keysOf(c.Tables))
		}
		if len(o.Columns[t]) == 0 {
			return ".columns." + t, fmt.Errorf("表 %s 没有写列；整张表不要，请写在 sheets.remove", t)
		}
		for k, key := range o.Columns[t] {
			switch {
			case !slices.Contains(table.Columns, key):
				return ".columns." + t, fmt.Errorf("表 %s 没有列 %q，可用的有：%s", t, key, strings.Join(table.Columns, "、"))
			case slices.Contains(o.Columns[t][:k], key):
				return ".columns." + t, fmt.Errorf("表 %s 的列 %s 写了两次", t, key)
			case !wide && !slices.Contains(c.View(d, t).Columns, key):
				return ".columns." + t, fmt.Errorf("表 %s 的列 %s %w", t, key, errWider)
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(o.IDs)) {
		ids := o.IDs[t]
		switch _, ok := c.Tables[t]; {
		case !ok:
			return ".ids", fmt.Errorf("没有表 %q，可用的有：%s", t, keysOf(c.Tables))
		case !slices.Contains(idRules, ids):
			return ".ids." + t, fmt.Errorf("ids %q 应为 %s 之一", ids, strings.Join(idRules, "、"))
		case !wide && clear(ids) > clear(c.View(d, t).IDs):
			return ".ids." + t, fmt.Errorf("表 %s 的身份信息 %s %w", t, ids, errWider)
		}
	}
	return "", nil
}

// clear ranks how much of an identity is shown.
func clear(ids string) int { return slices.Index([]string{Masked, Own, Whole}, ids) }

// entitled reports whether a table or list is of the department's duty: its own
// sheet, one of its lists, or ordered for it.
func (c *Catalogue) entitled(d *Department, x string, orders map[string][]string) bool {
	lists := slices.Clone(d.Otherwise)
	for _, r := range slices.Concat(d.Sheets, d.Lists) {
		if r.Table == x {
			return true
		}
		lists = append(lists, r.List)
	}
	for l, depts := range orders {
		if slices.ContainsFunc(depts, func(n string) bool { return slices.Contains(d.Names(), n) }) {
			lists = append(lists, l)
		}
	}
	return c.inLists(x, lists)
}

func keysOf[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), "、")
}
