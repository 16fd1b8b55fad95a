package pack

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Error is a mistake in a pack, an overlay or a case, with its place.
type Error struct {
	File      string
	Line, Col int
	Message   string // Chinese; says what to do
}

// Error is "file:line:col: message".
func (e *Error) Error() string {
	if e.File == "" {
		return e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Message)
}

// place is where something stands in a file.
type place struct {
	file      string
	line, col int
}

func (p place) errorf(format string, args ...any) error {
	return &Error{p.file, p.line, p.col, fmt.Sprintf(format, args...)}
}

// mistakes collects what is wrong, so that one reading shows all of it.
type mistakes []error

func (m *mistakes) add(err error) {
	if err != nil {
		*m = append(*m, err)
	}
}

func (m mistakes) err() error { return ordered(errors.Join(m...)) }

// Mistakes are all the mistakes in an error of this package, in the order of
// their places, each once. What is no mistake in a file has no place.
func Mistakes(err error) []*Error {
	var all []*Error
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case nil:
		case *Error:
			all = append(all, e)
		case interface{ Unwrap() []error }:
			for _, sub := range e.Unwrap() {
				walk(sub)
			}
		default:
			if inner, ok := errors.AsType[*Error](err); ok {
				all = append(all, inner)
				return
			}
			all = append(all, &Error{Message: err.Error()})
		}
	}
	walk(err)
	slices.SortStableFunc(all, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(all, func(a, b *Error) bool { return *a == *b })
}

// ordered puts the mistakes of an error into the order of their places.
func ordered(err error) error {
	var out []error
	for _, e := range Mistakes(err) {
		out = append(out, e)
	}
	return errors.Join(out...)
}
