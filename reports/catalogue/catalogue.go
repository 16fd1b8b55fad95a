package catalogue

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"doudi/rules"

	"github.com/goccy/go-yaml"
)

// Catalogue is what stands in the tables, and who sees what of them.
type Catalogue struct {
	Columns     map[string]Column   `yaml:"columns"`
	Tables      map[string]Table    `yaml:"tables"`
	Lists       map[string][]string `yaml:"lists"` // the tables of the lists that packs order
	Departments []Department        `yaml:"-"`
}

// Department is who gets a workbook.
type Department struct {
	Name       string            `yaml:"name"`
	Aliases    []string          `yaml:"aliases"`
	In         map[string]string `yaml:"in"` // its name, by the first digits of the area's code
	Always     bool              `yaml:"always"`
	Purpose    string            `yaml:"purpose"`
	Duties     []Duty            `yaml:"duties"`
	Why        string            `yaml:"why"`
	Categories []string          `yaml:"categories"`
	Except     []string          `yaml:"except"`
	People     []string          `yaml:"people"`
	IDs        string            `yaml:"ids"`
	Every      bool              `yaml:"every"`
	Summary    bool              `yaml:"summary"`
	Sheets     []Rule            `yaml:"sheets"`
	Lists      []Rule            `yaml:"lists"`
	Otherwise  []string          `yaml:"otherwise"`
}

// Duty is what a document gives a department to do, in our own words.
type Duty struct {
	Document string `yaml:"document"`
	Article  string `yaml:"article"`
	Text     string `yaml:"text"`
}

// Rule says how a department sees a table, or all tables of a list.
type Rule struct {
	Table   string   `yaml:"table"`
	List    string   `yaml:"list"`
	Sheet   string   `yaml:"sheet"`
	Columns []string `yaml:"columns"`
	People  []string `yaml:"people"`
	IDs     string   `yaml:"ids"`
	Unless  []string `yaml:"unless"`
}

// Whose rows a rule shows, and how it shows who they are.
const (
	All       = "all"        // everyone's
	Holders   = "holders"    // of those who hold one of the department's categories
	NotOthers = "not_others" // of everyone but those whom other departments alone recognised
	Category  = "category"   // on one of its categories
	Sent      = "sent"       // that its own rosters brought

	Whole  = "whole"
	Masked = "masked"
	Own    = "own" // whole for the department's people, masked for others
)

var (
	peopleRules = []string{All, Holders, NotOthers, Category, Sent}
	idRules     = []string{Whole, Masked, Own}
)

//go:embed columns.yaml
var columnsYAML []byte

//go:embed departments.yaml
var departmentsYAML []byte

// Default is the catalogue of this program.
var Default = sync.OnceValue(func() *Catalogue {
	c, err := Parse(columnsYAML, departmentsYAML)
	if err != nil {
		panic(err) // it is tested
	}
	return c
})

// Texts are the two files of the catalogue of this program.
func Texts() (columns, departments []byte) {
	return bytes.Clone(columnsYAML), bytes.Clone(departmentsYAML)
}

// Parse reads a catalogue from its two files. Errors are Chinese and name the
// file's line.
func Parse(columns, departments []byte) (*Catalogue, error) {
	c := &Catalogue{}
	if err := strict(columns, c); err != nil {
		return nil, fmt.Errorf("columns.yaml：%w", err)
	}
	if err := c.checkTables(placed("columns.yaml", columns)); err != nil {
		return nil, err
	}
	var d struct {
		Departments []Department `yaml:"departments"`
	}
	if err := strict(departments, &d); err != nil {
		return nil, fmt.Errorf("departments.yaml：%w", err)
	}
	c.Departments = d.Departments
	at := placed("departments.yaml", departments)
	for i := range c.Departments {
		if err := c.checkDepartment(i, at); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func strict(data []byte, into any) error {
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField()).Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// placed makes errors that name the line of a path.
func placed(file string, data []byte) func(path, format string, args ...any) error {
	return func(path, format string, args ...any) error {
		where := file
		if n := LineOf(data, path); n > 0 {
			where += fmt.Sprintf(" 第 %d 行", n)
		}
		return fmt.Errorf("%s：%w", where, fmt.Errorf(format, args...))
	}
}

// LineOf is the line of a YAML path in a text; 0 where there is none.
func LineOf(data []byte, path string) int {
	p, err := yaml.PathString(path)
	if err != nil {
		return 0
	}
	node, err := p.ReadNode(bytes.NewReader(data))
	if err != nil || node == nil || node.GetToken() == nil {
		return 0
	}
	line := node.GetToken().Position.Line
	// A mapping's token is its first colon, which stands on the first key's line.
	return line
}

func (c *Catalogue) checkDepartment(i int, at func(path, format string, args ...any) error) error {
	d := &c.Departments[i]
	path := fmt.Sprintf("$.departments[%d]", i)
	if d.Name == "" || d.Purpose == "" || d.Why == "" || len(d.Duties) == 0 && !d.Summary {
		return at(path, "部门 %q 须写明 name、purpose、duties、why", d.Name)
	}
	for _, x := range d.Duties {
		if x.Document == "" || x.Article == "" || x.Text == "" {
			return at(path, "部门 %s 的 duties 须写明 document、article、text", d.Name)
		}
	}
	for _, n := range d.Names() {
		if other := c.Find(n); other != d {
			return at(path, "名称 %s 既是 %s 又是 %s", n, other.Name, d.Name)
		}
	}
	for _, code := range slices.Concat(d.Categories, d.Except) {
		if k, err := rules.ParseCategory(code); err != nil || k == rules.NoCategory {
			return at(path, "部门 %s：没有困难类别代码 %q", d.Name, code)
		}
	}
	if len(d.People) == 0 || d.IDs == "" {
		return at(path, "部门 %s 须写明 people 和 ids", d.Name)
	}
	for list, rs := range map[string][]Rule{"sheets": d.Sheets, "lists": d.Lists, "": {{Table: "cases", People: d.People, IDs: d.IDs}}} {
		for k := range rs {
			if err := c.checkRule(&rs[k], list == "lists"); err != nil {
				where := path
				if list != "" {
					where = fmt.Sprintf("%s.%s[%d]", path, list, k)
				}
				return at(where, "部门 %s：%w", d.Name, err)
			}
		}
	}
	for _, l := range d.Otherwise {
		if c.Lists[l] == nil {
			return at(path, "部门 %s 的 otherwise 里没有清单 %s", d.Name, l)
		}
	}
	return nil
}

func (c *Catalogue) checkRule(r *Rule, list bool) error {
	_, known := c.Tables[r.Table]
	switch {
	case r.Table != "" && r.List != "":
		return errors.New("table 和 list 只能写一个")
	case r.List != "" && !list:
		return errors.New("sheets 里写 table")
	case r.List != "" && (c.Lists[r.List] == nil || r.Columns != nil || r.Sheet != ""):
		return fmt.Errorf("清单 %q 不存在，或者写了 columns、sheet（只用于 table）", r.List)
	case r.List == "" && !known:
		return fmt.Errorf("没有表 %q", r.Table)
	}
	for _, key := range r.Columns {
		if !slices.Contains(c.Tables[r.Table].Columns, key) {
			return fmt.Errorf("表 %s 没有列 %q，可用的：%s", r.Table, key, strings.Join(c.Tables[r.Table].Columns, "、"))
		}
	}
	for _, p := range r.People {
		if !slices.Contains(peopleRules, p) {
			return fmt.Errorf("people 里的 %q 应为 %s 之一", p, strings.Join(peopleRules, "、"))
		}
	}
	if r.IDs != "" && !slices.Contains(idRules, r.IDs) {
		return fmt.Errorf("ids %q 应为 %s 之一", r.IDs, strings.Join(idRules, "、"))
	}
	for _, u := range r.Unless {
		if _, ok := c.Tables[u]; !ok && c.Lists[u] == nil {
			return fmt.Errorf("unless 里没有清单或表 %q", u)
		}
	}
	return nil
}

// Names are all that a department is called.
func (d *Department) Names() []string {
	out := []string{d.Name}
	for _, a := range d.Aliases {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// Find is the department of a name; nil if there is none.
func (c *Catalogue) Find(name string) *Department {
	for i := range c.Departments {
		if slices.Contains(c.Departments[i].Names(), name) {
			return &c.Departments[i]
		}
	}
	return nil
}

// Set is the set of identities that the department recognises; all where it
// names none.
func (d *Department) Set() rules.CategorySet {
	set := func(codes []string) (out rules.CategorySet) {
		for _, code := range codes {
			k, _ := rules.ParseCategory(code) // checked
			out |= rules.SetOf(k)
		}
		return out
	}
	if len(d.Categories) > 0 {
		return set(d.Categories)
	}
	return rules.SetOf(rules.Categories()...) &^ set(d.Except)
}
