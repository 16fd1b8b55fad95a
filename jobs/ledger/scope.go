package ledger

import (
	"fmt"

	"doudi/rules/civil"
)

// Scope is whom a run by hand is over: those whom a month's records touch, one
// person, or those with claims of a year. The zero value is none.
type Scope struct {
	Month  civil.Month
	Person PersonNo
	Year   int
}

// String is the scope as it stands on record. It never holds an ID: a person is
// a number.
func (s Scope) String() string {
	switch {
	case s.Month != 0:
		return "month " + s.Month.String()
	case s.Person != 0:
		return fmt.Sprintf("person %d", s.Person)
	case s.Year != 0:
		return fmt.Sprintf("year %d", s.Year)
	}
	return ""
}
