package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
)

// A roster may have sections: 一、新增人员, 二、退出人员, under one header. What
// the line of a section says holds for the rows below it.

// sectionMark numbers a section.
var sectionMark = regexp.MustCompile(`^[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]`)

// begins gives the text by which a row begins a section of a roster; "" where it
// does not. Remarks about a person, sentences and signatures do not.
func (h *header) begins(cells []sheet.Cell) string {
	if h.kind != Roster || h.has("op") && h.has("category") || isFooter(cells) {
		return ""
	}
	var said []string
	for _, s := range texts(cells) {
		if s != "" {
			said = append(said, s)
		}
	}
	if len(said) == 0 {
		return ""
	}
	marked := sectionMark.MatchString(said[0]) || len(said) > 1 && sectionMark.MatchString(said[0]+"、") && len(said) <= 3
	line := strings.Join(said, " ")
	if len(said) > 1 && !marked || utf8.RuneCountInString(line) > 40 || !marked && strings.ContainsAny(line, "；;。") {
		return ""
	}
	if !marked && utf8.RuneCountInString(line) < 2 || len(h.doings(line)) == 0 {
		return ""
	}
	return line
}

// doings are what a line says of the rows below it: what they do, and, where no
// column says it, of which category they are.
func (h *header) doings(line string) []string {
	var out []string
	if !h.has("op") {
		for _, w := range opWords {
			if containsAny(line, w.words) {
				out = append(out, w.op.Chinese())
			}
		}
		if containsAny(line, mixedWords) {
			out = append(out, "变动")
		}
		if containsAny(line, fullWords) {
			out = append(out, "全量")
		}
	}
	if c := titledCategory(line); !h.has("category") && c != rules.NoCategory {
		out = append(out, c.String())
	}
	return out
}

// section is the header of the section that a row begins below titles; nil where
// the row says nothing else than they do.
func (h *header) section(titles []string, row sheet.Row) *header {
	line := h.begins(row.Cells)
	if line == "" || slices.Equal(h.doings(line), h.doings(strings.Join(titles, " "))) {
		return nil
	}
	s := *h
	s.row, s.list, s.part = row.Number, list{}, true
	s.titles = nil
	for _, t := range titles {
		if t = without(t, h.has("category")); t != "" {
			s.titles = append(s.titles, t)
		}
	}
	s.titles = append(s.titles, line)
	return &s
}

// without takes from a title what the line of a section says anew. What is left,
// the month and the department, holds on.
func without(title string, category bool) string {
	words := slices.Concat(fullWords, mixedWords)
	for _, w := range opWords {
		words = append(words, w.words...)
	}
	if !category {
		words = append(words, namesByLength...)
	}
	for _, w := range words {
		title = strings.ReplaceAll(title, w, "")
	}
	return title
}

// strangely is why a file is refused in which a table ends at a header that can
// not be read, with people below it.
func (im *importer) strangely(name string, at *strangeRow, row int) error {
	msg := fmt.Sprintf("工作表 %s 第 %d 行起有身份证号，而它上面的表头（第 %d 行）认不出，不能按上一张表的表头读取", name, row, at.row)
	if at.lacks != "" {
		msg += "；" + at.lacks
	}
	return sheet.Refuse("E-FILE-TABLE", msg+"；请改正表头，或把这部分另存为一张表后重新发送", nil)
}

// strangeRow is a row that looks like a header and is none.
type strangeRow struct {
	row   int
	lacks string
}
