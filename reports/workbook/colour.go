package workbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// colours sets the conditional formats of the rows of one sheet.
func (t *table) colours(rows span) error {
	for i, c := range t.Columns {
		col := columnName(i + 1)
		rules, err := t.w.rules(c, fmt.Sprintf("%s%d", col, rows.first))
		switch last := t.heated(i); {
		case err != nil:
		case last == i:
			rules = append(rules, heat)
		case last > i:
			err = t.w.f.SetConditionalFormat(rows.sheet, fmt.Sprintf("%s%d:%s%d", col, rows.first, columnName(last+1), rows.last), []excelize.ConditionalFormatOptions{heat})
		}
		if err == nil && len(rules) > 0 {
			err = t.w.f.SetConditionalFormat(rows.sheet, fmt.Sprintf("%s%d:%s%d", col, rows.first, col, rows.last), rules)
		}
		if err != nil {
			return fmt.Errorf("workbook: sheet %q, column %q: %w", rows.sheet, c.Title, err)
		}
	}
	return t.rule(rows)
}

// heat is the scale of columns of one kind that stand beside each other, so that
// the same number is as dark in each of them.
var heat = excelize.ConditionalFormatOptions{Type: "2_color_scale", Criteria: "=", MinType: "num", MinValue: "0", MinColor: "FFFFFF", MaxType: "max", MaxColor: "F4976C"}

// heated is where the columns end that share the scale of column i; i-1 where
// column i begins none.
func (t *table) heated(i int) int {
	same := func(a, b int) bool {
		return t.Columns[a].Heat && t.Columns[b].Heat && t.Columns[a].Kind == t.Columns[b].Kind
	}
	if !t.Columns[i].Heat || i > 0 && same(i-1, i) {
		return i - 1
	}
	for i+1 < len(t.Columns) && same(i, i+1) {
		i++
	}
	return i
}

// rule draws a thin line below every row, for the eye that follows it on paper.
// A conditional format does it for empty cells as well, which are not written.
func (t *table) rule(rows span) error {
	if t.w.line == nil {
		id, err := t.w.f.NewConditionalStyle(&excelize.Style{Border: []excelize.Border{{Type: "bottom", Color: "D9D9D9", Style: 1}}})
		if err != nil {
			return err
		}
		t.w.line = &id
	}
	return t.w.f.SetConditionalFormat(rows.sheet, fmt.Sprintf("A%d:%s%d", rows.first, columnName(len(t.Columns)), rows.last),
		[]excelize.ConditionalFormatOptions{{Type: "formula", Criteria: "TRUE", Format: t.w.line}})
}

// rules are a column's conditional formats; first is the first cell they are for.
func (w *writer) rules(c Column, first string) (out []excelize.ConditionalFormatOptions, err error) {
	if c.Limit != nil {
		// Excel takes an empty cell for 0 and a text for more than any number.
		var beyond []string
		for _, b := range []struct {
			sign  string
			value any
		}{{"<", c.Limit.Below}, {">", c.Limit.Above}} {
			if b.value == nil {
				continue
			}
			n, err := limitLiteral(b.value, c.Kind)
			if err != nil {
				return nil, err
			}
			beyond = append(beyond, first+b.sign+n)
		}
		format, err := w.toneFormat(c.Limit.Tone)
		if err != nil {
			return nil, err
		}
		out = append(out, excelize.ConditionalFormatOptions{
			Type: "formula", Format: &format, Criteria: "AND(ISNUMBER(" + first + "),OR(" + strings.Join(beyond, ",") + "))",
		})
	}
	for _, text := range slices.Sorted(maps.Keys(c.Tones)) {
		if c.Tones[text] == Plain {
			continue
		}
		format, err := w.toneFormat(c.Tones[text])
		if err != nil {
			return nil, err
		}
		out = append(out, excelize.ConditionalFormatOptions{
			Type: "cell", Criteria: "==", Format: &format, Value: `"` + strings.ReplaceAll(text, `"`, `""`) + `"`,
		})
	}
	if c.Bar {
		out = append(out, excelize.ConditionalFormatOptions{
			Type: "data_bar", Criteria: "=", MinType: "num", MinValue: "0", MaxType: "max", BarColor: "9DC3E6",
		})
	}
	return out, nil
}

// toneFormat gives the number of a tone's conditional format in the file.
func (w *writer) toneFormat(t Tone) (int, error) {
	if id, ok := w.tones[t]; ok {
		return id, nil
	}
	s := &excelize.Style{Font: &excelize.Font{Color: colours[t].text, Bold: t == Bad}, Fill: fill(colours[t].ground)}
	id, err := w.f.NewConditionalStyle(s)
	if err != nil {
		return 0, err
	}
	w.tones[t] = id
	return id, nil
}
