package workbook

import "github.com/xuri/excelize/v2"

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
)

// look is everything that makes a style; equal looks share one.
type look struct {
	format          format
	role            role
	bad, note, bold bool
	link, wrap      bool
}

const (
	fontName  = "宋体" // on every office computer
	fontSize  = 11
	titleSize = 16
)

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
		s.Font.Bold = true
		s.Border = []excelize.Border{{Type: "top", Color: "8EA9DB", Style: 2}}
	case isNothing:
		s.Font.Color = "7F7F7F"
	}
	switch {
	case l.bad:
		s.Fill, s.Font.Color = fill("FFC7CE"), "9C0006"
	case l.note:
		s.Fill = fill("FFEB9C")
	}
	if l.link {
		s.Font.Underline = "single"
		if !l.bad {
			s.Font.Color = "0563C1"
		}
	}
	return s
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}
