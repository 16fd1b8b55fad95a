package rules

import (
	"slices"
	"strings"
)

// isCode reports whether a folded place is a number of the administrative
// divisions (GB/T 2260: six digits, or longer for townships).
func isCode(s string) bool {
	return len(s) >= 6 && strings.Trim(s, "0123456789") == ""
}

// within reports whether a place lies in the area, or cannot be told. A place is
// there when its folded name or code is one of the area's, when its code is one
// of a division of the area's (330106 of 330100), or when its name contains the
// area's (杭州市西湖区).
func within(area []string, place string) bool {
	at := Fold(place)
	known := false
	for _, a := range area {
		f := Fold(a)
		if f == "" {
			continue
		}
		known = true
		switch {
		case FoldCounty(place) == FoldCounty(a):
			return true
		case isCode(f) && isCode(at):
			prefix := f
			for len(prefix) > 2 && strings.HasSuffix(prefix, "00") {
				prefix = prefix[:len(prefix)-2]
			}
			if strings.HasPrefix(at, prefix) {
				return true
			}
		case !isCode(f) && len([]rune(f)) > 1 && strings.Contains(at, f):
			return true
		}
	}
	return !known || at == ""
}

// twoPlaces reports whether two enrolments of one plan are in different places.
func twoPlaces(area []string, es []Enrolment) bool {
	for i, a := range es {
		for _, b := range es[:i] {
			if a.Plan == b.Plan && differ(area, a.Place, b.Place) {
				return true
			}
		}
	}
	return false
}

// differ reports whether two places are certainly two: a name and a code, or a
// place that is not given, are only told apart by the area.
func differ(area []string, a, b string) bool {
	x, y := Fold(a), Fold(b)
	own := func(s string) bool {
		return slices.ContainsFunc(area, func(t string) bool { return FoldCounty(t) == FoldCounty(s) })
	}
	switch {
	case x == "" || y == "" || own(a) && own(b):
		return false
	case isCode(x) != isCode(y):
		return within(area, a) != within(area, b)
	case isCode(x):
		return x != y
	}
	return FoldCounty(a) != FoldCounty(b) && !strings.Contains(x, y) && !strings.Contains(y, x)
}
