package workbook

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// format is how a value is shown.
type format uint8

const (
	asText   format = iota // @: what is typed over it stays text as well, so an ID keeps its digits and =1+1 stays harmless
	asNumber               // 0
	asCount                // #,##0
	asMoney                // #,##0.00
	asDate                 // yyyy-mm-dd
	asMoment               // yyyy-mm-dd hh:mm:ss
	asRatio                // 0.00%
	asGiven                // as the program likes
)

// role is what a row is for.
type role uint8

const (
	isData role = iota
	isTitle
	isNotes
	isHeader
	isTotal
	isNothing // 本月没有内容

	// On a page.
	isPageTitle
	isSubtitle
	isHeading
	isParagraph
	isLabel // the three rows of a tile
	isFigure
	isRemark
	isLineHead
	isLine
	isFrame // in the place of a chart
)

// look is everything that makes a style; equal looks share one.
type look struct {
	format          format
	role            role
	bad, note, bold bool
	link, wrap      bool
	centred, boxed  bool
	tone            Tone
	size            uint8  // of the font, where it is not the role's
	unit            string // behind the number
}

const (
	fontName  = "宋体"   // on every office computer
	pageFont  = "微软雅黑" // too; for what is read, not looked up
	fontSize  = 11
	titleSize = 16
)

// colours of a tone: the ground, the text on it and the edge of a tile. Grounds
// differ in how dark they print, texts are far darker than their grounds.
var colours = [...]struct{ ground, text, edge string }{
	Plain: {"F2F5FA", "1F2937", "2F5597"},
	Good:  {"E2EFDA", "2F4F1F", "548235"},
	Watch: {"FFD966", "4A3800", "BF8F00"},
	Bad:   {"F4A6A6", "700000", "C00000"},
	Quiet: {"F2F2F2", "595959", "A6A6A6"},
}

// styleOf gives the number of the style in the file.
func (w *writer) styleOf(l look) (int, error) {
	if id, ok := w.styles[l]; ok {
		return id, nil
	}
	id, err := w.f.NewStyle(l.style())
	if err != nil {
		return 0, err
	}
	w.styles[l] = id
	return id, nil
}

func (l look) style() *excelize.Style {
	s := &excelize.Style{
		Font:      &excelize.Font{Family: fontName, Size: fontSize, Bold: l.bold},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: l.wrap},
	}
	date, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	switch l.format {
	case asText:
		s.NumFmt = 49
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1 // so that a text does not touch the number before it
	case asNumber:
		s.NumFmt = 1
	case asCount:
		s.NumFmt = 3
	case asMoney:
		s.NumFmt = 4
	case asRatio:
		s.NumFmt = 10
	case asDate:
		s.CustomNumFmt = &date
	case asMoment:
		s.CustomNumFmt = &moment
	}
	switch l.role {
	case isTitle:
		s.Font.Bold, s.Font.Size = true, titleSize
		s.Alignment = &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	case isNotes:
		s.Alignment = &excelize.Alignment{Vertical: "top", WrapText: true}
	case isHeader:
		s.Font.Bold = true
		s.Alignment = &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
		s.Fill = fill("DDEBF7")
		for _, side := range []string{"left", "top", "right", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Color: "8EA9DB", Style: 1})
		}
	case isTotal:
		s.Font.Bold, s.Alignment.ShrinkToFit = true, true // a sum longer than its rows must not show as ####
		s.Border = []excelize.Border{{Type: "top", Color: "8EA9DB", Style: 2}}
	case isNothing:
		s.Font.Color = "7F7F7F"
	}
	if l.boxed {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Color: "BFBFBF", Style: 1})
		}
	}
	if l.centred {
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
	}
	if l.role >= isPageTitle {
		l.onPage(s)
	}
	if tile := l.role == isLabel || l.role == isFigure || l.role == isRemark; l.tone != Plain && !tile {
		s.Font.Color, s.Font.Bold = colours[l.tone].text, s.Font.Bold || l.tone == Bad
		s.Fill = fill(colours[l.tone].ground)
	}
	switch {
	case l.bad:
		s.Fill, s.Font.Color = fill("FFC7CE"), "9C0006"
	case l.note:
		s.Fill = fill("FFEB9C")
	}
	switch {
	case !l.link || l.role == isFigure || l.role == isRemark:
	case l.role == isLabel || l.bad: // keeps its colour
		s.Font.Underline = "single"
	default:
		s.Font.Underline, s.Font.Color = "single", "0563C1"
	}
	return s
}

// onPage is the style of what stands on a page.
func (l look) onPage(s *excelize.Style) {
	s.Font.Family = pageFont
	s.Alignment.WrapText = true
	left := func(indent int) { s.Alignment.Horizontal, s.Alignment.Indent = "left", indent }
	edge := func(side, color string, style int) {
		s.Border = append(s.Border, excelize.Border{Type: side, Color: color, Style: style})
	}
	switch l.role {
	case isPageTitle:
		s.Font.Size, s.Font.Bold, s.Font.Color = 20, true, "1F3864"
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
	case isSubtitle:
		s.Font.Size, s.Font.Color = 11, "595959"
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
		edge("bottom", "2F5597", 2)
	case isHeading:
		s.Font.Size, s.Font.Bold, s.Font.Color = 13, true, "1F3864"
		left(0)
		edge("bottom", "8EA9DB", 1)
	case isParagraph:
		left(0)
		if l.tone != Plain {
			left(1)
		}
	case isLabel, isFigure, isRemark:
		l.tile(s)
		edge("left", colours[l.tone].edge, 5)
		edge("right", "FFFFFF", 5)
	case isLineHead:
		s.Font.Size, s.Font.Bold = 10, true
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
		s.Fill = fill("DDEBF7")
		edge("top", "8EA9DB", 1)
		edge("bottom", "8EA9DB", 1)
	case isLine:
		s.Font.Size = 10
		if s.Alignment.Horizontal == "" { // a number
			s.Alignment.Horizontal, s.Alignment.Indent = "right", 1
		}
		edge("bottom", "D9D9D9", 1)
	case isFrame:
		s.Font.Color = "7F7F7F"
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
		for _, side := range []string{"left", "top", "right", "bottom"} {
			edge(side, "D9D9D9", 1)
		}
	}
	if l.size > 0 {
		s.Font.Size = float64(l.size)
	}
}

// tile is the style of a tile's three rows.
func (l look) tile(s *excelize.Style) {
	s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	s.Fill = fill(colours[l.tone].ground)
	switch l.role {
	case isLabel:
		s.Font.Size, s.Font.Color = 10, "404040"
		s.Alignment.Vertical = "bottom"
	case isFigure:
		s.Font.Bold, s.Font.Color = true, colours[l.tone].text
		s.Alignment.WrapText, s.Alignment.ShrinkToFit = false, true
		if l.unit != "" {
			shown := numberFormats[l.format] + `"` + strings.ReplaceAll(l.unit, `"`, "”") + `"`
			s.NumFmt, s.CustomNumFmt = 0, &shown
		}
	case isRemark:
		s.Font.Size, s.Font.Color = 9, "595959"
		s.Alignment.Vertical = "top"
	}
}

// numberFormats are the formats to which a unit can be added.
var numberFormats = map[format]string{asNumber: "0", asCount: "#,##0", asMoney: "#,##0.00", asRatio: "0.00%"}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}
