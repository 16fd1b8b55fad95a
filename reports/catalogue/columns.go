package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"doudi/reports/workbook"
)

// Private is what of a person stands in a column.
type Private string

// What of a person may stand in a column.
const (
	Public  Private = ""
	Certno  Private = "certno"
	Name    Private = "name"
	Address Private = "address"
	Payee   Private = "payee"
)

// Column is what a column says.
type Column struct {
	Title   string            `yaml:"title"`
	Kind    string            `yaml:"kind"`
	Width   int               `yaml:"width"`
	Total   *bool             `yaml:"total"`
	Private Private           `yaml:"private"`
	Meaning string            `yaml:"meaning"`
	Param   string            `yaml:"param"` // whose clause gives the figure; "none" where a table's has none
	Tones   map[string]string `yaml:"tones"`
	Heat    bool              `yaml:"heat"`
	Bar     bool              `yaml:"bar"`
}

// Table is a table with all its columns.
type Table struct {
	Sheet   string            `yaml:"sheet"`
	Columns []string          `yaml:"columns"` // the most that anybody sees
	Others  []string          `yaml:"others"`  // for departments whose duty asks for no more
	Also    map[string]Column `yaml:"also"`    // what a key means in this table
}

var kinds = map[string]workbook.Kind{"": workbook.Text, "text": workbook.Text, "count": workbook.Count, "money": workbook.Money,
	"date": workbook.Date, "moment": workbook.Moment, "ratio": workbook.Ratio}

var tones = map[string]workbook.Tone{"good": workbook.Good, "watch": workbook.Watch, "bad": workbook.Bad, "quiet": workbook.Quiet}

// over lays what a table says of a column over what it means elsewhere.
func (c Column) over(base Column) Column {
	out := base
	if c.Title != "" {
		out.Title = c.Title
	}
	if c.Kind != "" {
		out.Kind = c.Kind
	}
	if c.Width != 0 {
		out.Width = c.Width
	}
	if c.Total != nil {
		out.Total = c.Total
	}
	if c.Private != Public {
		out.Private = c.Private
	}
	if c.Meaning != "" {
		out.Meaning = c.Meaning
	}
	switch c.Param {
	case "":
	case "none":
		out.Param = ""
	default:
		out.Param = c.Param
	}
	if c.Tones != nil {
		out.Tones = c.Tones
	}
	out.Heat, out.Bar = c.Heat || base.Heat, c.Bar || base.Bar
	return out
}

// Matches reports whether a pattern of the catalogue means a key: "held.*" means
// held.dibao.
func Matches(pattern, key string) bool {
	if stem, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(key, stem)
	}
	return pattern == key
}

// Has reports whether one of the patterns means a key.
func Has(patterns []string, key string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return Matches(p, key) })
}

// family is the pattern under which a key is described: "held.*" of held.dibao.
func family(key string) string {
	if i := strings.IndexByte(key, '.'); i >= 0 {
		return key[:i+1] + "*"
	}
	return key
}

// Column is what a key means in a table; false for one that the table has not.
func (c *Catalogue) Column(table, key string) (Column, bool) {
	t, ok := c.Tables[table]
	if !ok || !Has(t.Columns, key) {
		return Column{}, false
	}
	base, common := c.Columns[family(key)]
	own, here := t.Also[family(key)]
	return own.over(base), common || here
}

// Workbook is the column for a workbook, without its clause.
func (c Column) Workbook(key string) workbook.Column {
	out := workbook.Column{Key: key, Title: c.Title, Kind: kinds[c.Kind], Width: c.Width, Total: c.Total != nil && *c.Total, Meaning: c.Meaning, Heat: c.Heat, Bar: c.Bar}
	for text, tone := range c.Tones {
		if out.Tones == nil {
			out.Tones = map[string]workbook.Tone{}
		}
		out.Tones[text] = tones[tone]
	}
	return out
}

// Personal reports whether people stand in a table.
func (c *Catalogue) Personal(table string) bool {
	return slices.ContainsFunc(c.Tables[table].Columns, func(key string) bool {
		col, _ := c.Column(table, key)
		return col.Private != Public
	})
}

// Of is the table's columns that a department sees unless a rule says otherwise.
func (t Table) forOthers() []string {
	if t.Others != nil {
		return t.Others
	}
	return t.Columns
}

// checkTables finds what is wrong with the tables.
func (c *Catalogue) checkTables(at func(path, format string, args ...any) error) error {
	for name, t := range c.Tables {
		path := "$.tables." + name
		if t.Sheet == "" || len(t.Columns) == 0 {
			return at(path, "表 %s 没有 sheet 或 columns", name)
		}
		for i, key := range t.Columns {
			col, ok := c.Column(name, key)
			if !ok {
				return at(path, "表 %s 的列 %s 没有说明", name, key)
			}
			if err := checkColumn(col, key); err != nil {
				return at(path, "表 %s：%w", name, err)
			}
			if slices.Contains(t.Columns[:i], key) {
				return at(path, "表 %s 的列 %s 出现两次", name, key)
			}
		}
		for key := range t.Also {
			if !slices.Contains(t.Columns, key) {
				return at(path, "表 %s 说明了没有的列 %s", name, key)
			}
		}
		for _, key := range t.Others {
			if !slices.Contains(t.Columns, key) {
				return at(path, "表 %s 的 others 里有它没有的列 %s", name, key)
			}
		}
		if t.Others == nil && c.Personal(name) {
			return at(path, "表 %s 列出个人，须写明别的部门可见的列（others）", name)
		}
	}
	for list, tables := range c.Lists {
		for _, t := range tables {
			if _, ok := c.Tables[t]; !ok {
				return at("$.lists."+list, "清单 %s 里没有表 %s", list, t)
			}
		}
	}
	return nil
}

func checkColumn(col Column, key string) error {
	if col.Title == "" && !strings.HasSuffix(key, "*") || col.Meaning == "" {
		return fmt.Errorf("列 %s 没有 title 或 meaning", key)
	}
	kind, ok := kinds[col.Kind]
	if !ok {
		return fmt.Errorf("列 %s 的 kind %q 应为 text、count、money、date、moment、ratio 之一", key, col.Kind)
	}
	if col.Total != nil && *col.Total && kind != workbook.Count && kind != workbook.Money {
		return fmt.Errorf("列 %s 不能合计", key)
	}
	for text, tone := range col.Tones {
		if _, ok := tones[tone]; !ok {
			return fmt.Errorf("列 %s 的 tones：%s 的颜色 %q 应为 good、watch、bad、quiet 之一", key, text, tone)
		}
	}
	if !slices.Contains([]Private{Public, Certno, Name, Address, Payee}, col.Private) {
		return fmt.Errorf("列 %s 的 private %q 应为 certno、name、address、payee 之一", key, col.Private)
	}
	return nil
}

// Tone is the colour of a name; Plain where there is none.
func Tone(name string) workbook.Tone { return tones[name] }
