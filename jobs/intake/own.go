package intake

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Said is what was known of a file when its rows were given back. It may have
// stood in a folder's name, in the file's, or in the command; the book that is
// sent again has none of them, and so says it itself.
type Said struct {
	Month      civil.Month // for which its rosters were sent; 0 none
	Dept       string      // who sent it; "" unknown
	Correction bool        // a 更正
	Kind       Kind        // Auto: of several kinds
	Origin     string      // ledger.OriginOf the file; "" in books of earlier versions
}

// OwnSaid is what is on record of a file.
func OwnSaid(f *ledger.File) Said {
	s := Said{Dept: f.Source, Kind: Kind(f.Kind), Correction: f.Effect != nil && f.Effect.Correction, Origin: ledger.OriginOf(f)}
	if f.Effect != nil || s.Kind == Roster {
		s.Month = f.Month
	}
	if kindTitle[s.Kind] == "" {
		s.Kind = Auto
	}
	return s
}

// ownBegins opens the line by which a Said is known again.
const ownBegins = "报送情况（再次导入时沿用，请勿改动）"

// String is the line for the sheet 退回说明. People read it, and so do we.
func (s Said) String() string {
	month, dept, correction := "无", cmp.Or(s.Dept, "无"), "否"
	if s.Month != 0 {
		month = s.Month.String()
	}
	if s.Correction {
		correction = "是"
	}
	line := fmt.Sprintf("%s：名单月份 %s；报送部门 %s；更正 %s；种类 %s", ownBegins, month, dept, correction, cmp.Or(s.Kind, Auto))
	if s.Origin != "" {
		line += "；原表 " + s.Origin
	}
	return line
}

var ownLine = regexp.MustCompile(`名单月份 (\S+)；报送部门 (.+)；更正 ([是否])；种类 (\w+)(?:；原表 ([a-p]{16}))?$`)

// saidIn reads the line among the texts above the list of wrong cells; nil where
// it is not there, as in books of earlier versions.
func saidIn(texts []string) *Said {
	for _, t := range texts {
		if !strings.HasPrefix(t, ownBegins) {
			continue
		}
		m := ownLine.FindStringSubmatch(t)
		if m == nil {
			return nil
		}
		s := &Said{Correction: m[3] == "是", Kind: Kind(m[4]), Origin: m[5]}
		if month, err := civil.ParseMonth(m[1]); err == nil {
			s.Month = month
		}
		if m[2] != "无" {
			s.Dept = m[2]
		}
		if kindTitle[s.Kind] == "" {
			s.Kind = Auto
		}
		return s
	}
	return nil
}

// OwnName reports whether a sheet is called like those that we put before
// returned rows.
func OwnName(name string) bool {
	return strings.HasPrefix(name, OwnReturned) || strings.HasPrefix(name, OwnHints)
}

// resume takes up what a book of returned rows says of the file that it was made
// from. It outweighs the names of the file and of the folder in which the book
// lies now; what the command says outweighs it.
func (im *importer) resume(s *Said) {
	if s == nil {
		return
	}
	if im.o.Kind == Auto {
		im.o.Kind = s.Kind
	}
	im.o.PathMonth = cmp.Or(s.Month, im.o.PathMonth)
	im.o.Dept = cmp.Or(s.Dept, im.o.Dept)
	im.o.Correction = im.o.Correction || s.Correction
	im.file.Source = cmp.Or(s.Dept, im.file.Source)
	im.file.Answers = s.Origin
}
