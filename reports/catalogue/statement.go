package catalogue

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"doudi/reports/workbook"
)

//go:embed statement.yaml
var statementYAML []byte

//go:embed simulation.yaml
var simulationYAML []byte

// term is a column of a book that no department's duty shapes.
type term struct {
	Key     string            `yaml:"key"`
	Meaning string            `yaml:"meaning"`
	Tones   map[string]string `yaml:"tones"`
}

// terms are the columns of a book by their titles; mustTerms of the program's own.
type terms map[string]term

func mustTerms(file string, text []byte) func() terms {
	return sync.OnceValue(func() terms {
		all, err := parseTerms(file, text)
		if err != nil {
			panic(err) // it is tested
		}
		return all
	})
}

var (
	statement  = mustTerms("statement.yaml", statementYAML)
	simulation = mustTerms("simulation.yaml", simulationYAML)
)

func parseTerms(file string, text []byte) (terms, error) {
	all := terms{}
	if err := strict(text, &all); err != nil {
		return nil, fmt.Errorf("%s：%w", file, err)
	}
	keys := map[string]string{}
	for title, x := range all {
		switch {
		case x.Key == "" || x.Meaning == "":
			return nil, fmt.Errorf("%s：列 %s 没有 key 或 meaning", file, title)
		case keys[x.Key] != "":
			return nil, fmt.Errorf("%s：%s 和 %s 同为 %s", file, title, keys[x.Key], x.Key)
		}
		keys[x.Key] = title
		if err := checkColumn(Column{Title: title, Meaning: x.Meaning, Tones: x.Tones}, title); err != nil {
			return nil, fmt.Errorf("%s：%w", file, err)
		}
	}
	return all, nil
}

// eachFund begins the titles of columns that each fund has.
const eachFund = "资金*"

// fundKeys are the funds' names in keys.
var fundKeys = map[string]string{"基本医保": "basic", "大病保险": "major", "医疗救助": "assistance", "其中倾斜救助": "tilt", "其中特殊救助": "special",
	"补充保险": "supplement", "范围外费用": "hospital", "个人负担": "self"}

// of is the term of a title; an empty one where there is none.
func (t terms) of(title string) term {
	if x, ok := t[strings.ReplaceAll(title, "\n", "")]; ok {
		return x
	}
	fund, part, _ := strings.Cut(title, "\n")
	x, key := t[eachFund+part], fundKeys[fund]
	if key == "" {
		return term{}
	}
	x.Key = strings.Replace(x.Key, "*", key, 1)
	return x
}

func (t terms) describe(columns []workbook.Column) []workbook.Column {
	out := make([]workbook.Column, len(columns))
	for i, c := range columns {
		x := t.of(c.Title)
		said := Column{Title: c.Title, Meaning: x.Meaning, Tones: x.Tones}.Workbook(x.Key)
		c.Key, c.Meaning, c.Tones = said.Key, said.Meaning, said.Tones
		out[i] = c
	}
	return out
}

// Statement gives the columns of a sheet of the year's clearance their keys and
// meanings.
func Statement(columns []workbook.Column) []workbook.Column { return statement().describe(columns) }

// Simulation gives those of a sheet of a what-if theirs.
func Simulation(columns []workbook.Column) []workbook.Column { return simulation().describe(columns) }
