package catalogue

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Covers is what stands on the first pages of the workbooks: figures, what to do
// next, charts. It says what of which table; the numbers are read from the sheet
// as the department sees it.
type Covers struct {
	Figures map[string]Figure `yaml:"figures"`
	Covers  []Cover           `yaml:"covers"`
	Next    []Next            `yaml:"next"`
}

// Rows are some rows of a table.
type Rows struct {
	Table  string              `yaml:"table"`
	Where  map[string][]string `yaml:"where"`  // only with one of these texts in a column
	Except map[string][]string `yaml:"except"` // and not with one of these
	Above  string              `yaml:"above"`  // only with more than nothing in this column
}

// Figure is a number with its name, of a table or of the run.
type Figure struct {
	Rows     `yaml:",inline"`
	Label    string `yaml:"label"`
	Run      string `yaml:"run"`   // touched, returned; instead of a table
	Sum      string `yaml:"sum"`   // the column that is added; without one and without a value, rows are counted
	Value    string `yaml:"value"` // the column of the one row that is shown
	Last     bool   `yaml:"last"`  // of the last row, not the first
	Blank    string `yaml:"blank"` // what stands where the cell is empty
	Positive bool   `yaml:"positive"`
	Unit     string `yaml:"unit"`
	Note     string `yaml:"note"`
	Tone     string `yaml:"tone"`
}

// Cover is what one department finds.
type Cover struct {
	Department string   `yaml:"department"` // "": the others
	Figures    []string `yaml:"figures"`
	Charts     []string `yaml:"charts"`
}

// Next is something to do about rows.
type Next struct {
	Rows        `yaml:",inline"`
	Departments []string `yaml:"departments"` // none: whoever has the table
	Sum         string   `yaml:"sum"`
	Say         string   `yaml:"say"` // {n}: how many rows; {sum}
}

// runFigures are the figures of a run itself.
var runFigures = []string{"touched", "returned"}

//go:embed covers.yaml
var coversYAML []byte

// DefaultCovers are the covers of this program.
var DefaultCovers = sync.OnceValue(func() *Covers {
	c, err := ParseCovers(coversYAML, Default())
	if err != nil {
		panic(err) // it is tested
	}
	return c
})

// CoversText is the file of the covers of this program.
func CoversText() []byte { return slices.Clone(coversYAML) }

// ParseCovers reads the covers of a catalogue from their file.
func ParseCovers(text []byte, c *Catalogue) (*Covers, error) {
	x := &Covers{}
	if err := strict(text, x); err != nil {
		return nil, fmt.Errorf("covers.yaml：%w", err)
	}
	at := placed("covers.yaml", text)
	for name, f := range x.Figures {
		path := "$.figures." + name
		if err := c.checkFigure(f); err != nil {
			return nil, at(path, "数字 %s：%w", name, err)
		}
	}
	for i, k := range x.Covers {
		path := fmt.Sprintf("$.covers[%d]", i)
		if k.Department != "" && (c.Find(k.Department) == nil || c.Find(k.Department).Name != k.Department) {
			return nil, at(path, "部门目录里没有 %q", k.Department)
		}
		for _, name := range k.Figures {
			if _, ok := x.Figures[name]; !ok {
				return nil, at(path, "没有数字 %q", name)
			}
		}
	}
	for i, n := range x.Next {
		path := fmt.Sprintf("$.next[%d]", i)
		if n.Say == "" {
			return nil, at(path, "没有写 say")
		}
		if err := c.checkRows(n.Rows, n.Sum); err != nil {
			return nil, at(path, "%w", err)
		}
		for _, d := range n.Departments {
			if c.Find(d) == nil {
				return nil, at(path, "部门目录里没有 %q", d)
			}
		}
	}
	return x, nil
}

func (c *Catalogue) checkFigure(f Figure) error {
	_, tone := tones[f.Tone]
	switch {
	case f.Label == "":
		return fmt.Errorf("没有写 label")
	case f.Tone != "" && !tone:
		return fmt.Errorf("颜色 %q 应为 good、watch、bad、quiet 之一", f.Tone)
	case f.Run != "" && !slices.Contains(runFigures, f.Run):
		return fmt.Errorf("run 没有 %q", f.Run)
	case f.Run != "":
		return nil
	case f.Sum != "" && f.Value != "":
		return fmt.Errorf("sum 和 value 只能写一个")
	}
	return c.checkRows(f.Rows, f.Sum, f.Value)
}

func (c *Catalogue) checkRows(r Rows, columns ...string) error {
	t, ok := c.Tables[r.Table]
	if !ok {
		return fmt.Errorf("没有表 %q", r.Table)
	}
	columns = append(columns, r.Above)
	columns = append(columns, slices.Collect(maps.Keys(r.Where))...)
	columns = append(columns, slices.Collect(maps.Keys(r.Except))...)
	for _, key := range columns {
		if key != "" && !Has(t.Columns, key) {
			return fmt.Errorf("表 %s 没有列 %q", r.Table, key)
		}
	}
	return nil
}

// Of is the cover of a department.
func (x *Covers) Of(d *Department) Cover {
	var others Cover
	for _, c := range x.Covers {
		switch c.Department {
		case d.Name:
			return c
		case "":
			others = c
		}
	}
	return others
}
