package sqlite

import (
	"database/sql"
	"fmt"

	"doudi/rules"
)

// intern keeps one string of each text that comes again and again: names of
// hospitals and diseases, codes, departments.
type intern map[string]string

// as gives the text itself.
func (m intern) as(raw sql.RawBytes) string {
	if s, ok := m[string(raw)]; ok { // no copy is made for looking up
		return s
	}
	s := string(raw)
	m[s] = s
	return s
}

// folded gives the text folded; each is folded once. A map holds texts or
// folded texts, never both.
func (m intern) folded(raw sql.RawBytes) string {
	if s, ok := m[string(raw)]; ok {
		return s
	}
	s := string(raw)
	m[s] = rules.Fold(s)
	return m[s]
}

// integer reads a whole number into *p without reflection, which costs more
// than the reading where a row has twenty of them.
type integer[T ~int | ~int8 | ~uint8 | ~int32 | ~int64] struct{ p *T }

func whole[T ~int | ~int8 | ~uint8 | ~int32 | ~int64](p *T) sql.Scanner { return integer[T]{p} }

// Scan implements sql.Scanner.
func (i integer[T]) Scan(v any) error {
	n, ok := v.(int64)
	if !ok || int64(T(n)) != n {
		return fmt.Errorf("sqlite: %v is no whole number of this column", v)
	}
	*i.p = T(n)
	return nil
}
