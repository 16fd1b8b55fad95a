package workbook

import (
	"errors"
	"fmt"
	"slices"

	"doudi/rules/money"

	"github.com/shopspring/decimal"
)

// check finds what can be said of a book before its first row is read.
func check(b Book) error {
	if len(b.Sheets) == 0 {
		return errors.New("a book needs at least one sheet")
	}
	if err := checkPassword(b.Password); err != nil {
		return err
	}
	for _, s := range b.Sheets {
		var err error
		switch s := s.(type) {
		case Table:
			err = s.check()
		case Page:
			err = s.check(b)
		default:
			err = fmt.Errorf("a %T is no sheet", s)
		}
		if err != nil {
			return fmt.Errorf("sheet %q: %w", s.name(), err)
		}
	}
	return nil
}

func (t Table) check() error {
	if t.Raw {
		return nil
	}
	if len(t.Columns) == 0 {
		return errors.New("a table needs columns")
	}
	keys := map[string]bool{}
	for _, c := range t.Columns {
		if c.Key != "" && keys[c.Key] {
			return fmt.Errorf("two columns have the key %q", c.Key)
		}
		keys[c.Key] = true
		if err := c.check(); err != nil {
			return fmt.Errorf("column %q: %w", c.Title, err)
		}
	}
	return nil
}

func (c Column) check() error {
	number := c.Kind == Count || c.Kind == Money || c.Kind == Ratio
	switch {
	case c.Total && c.Kind != Count && c.Kind != Money:
		return errors.New("it cannot be summed")
	case (c.Heat || c.Bar || c.Limit != nil) && !number:
		return errors.New("only numbers have a heat, a bar or a limit")
	}
	for text, tone := range c.Tones {
		// A formula takes no longer text, and no line break survives in it.
		if len16(text) > 255 || cleanText(text) != text || slices.ContainsFunc([]rune(text), func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("no cell can be compared with %q", text)
		}
		if tone > Quiet {
			return fmt.Errorf("%d is no tone", tone)
		}
	}
	if c.Limit == nil {
		return nil
	}
	if c.Limit.Below == nil && c.Limit.Above == nil || c.Limit.Tone == Plain || c.Limit.Tone > Quiet {
		return errors.New("a limit needs a value and a tone")
	}
	for _, v := range []any{c.Limit.Below, c.Limit.Above} {
		if _, err := limitLiteral(v, c.Kind); v != nil && err != nil {
			return err
		}
	}
	return nil
}

// limitLiteral is a number as it stands in a formula.
func limitLiteral(v any, k Kind) (string, error) {
	switch v := v.(type) {
	case money.Fen:
		if k == Money {
			return v.String(), nil
		}
	case money.Ratio:
		if k == Ratio {
			return decimal.New(int64(v), -4).String(), nil
		}
	case int:
		if k == Count {
			return fmt.Sprint(v), nil
		}
	}
	return "", fmt.Errorf("a %T is no limit of this column", v)
}
