package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// DiffColumns are the columns of a comparison as a list: one line for each figure
// that differs. ref is a setl_id, or a monitor; rows are those of files, as
// file:row, or file!sheet:row.
var DiffColumns = []string{"run_before", "run_after", "area", "certno", "year", "level", "ref", "what", "item", "before", "after", "cause", "rows", "sentence"}

// Rows gives the comparison line by line.
func (d *Diff) Rows(put func(...string) error) error {
	for i := range d.Areas {
		a := &d.Areas[i]
		for k := range a.People {
			if err := d.personRows(a, &a.People[k], put); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Diff) personRows(a *AreaDiff, p *PersonDiff, put func(...string) error) error {
	// The inputs alone are what names causes.
	c := &Changes{Inputs: p.Inputs}
	line := func(year int, level, ref, what string, am ChangedAmount, why *ChangeCause, sentence string) error {
		return put(strconv.Itoa(d.Before.No), strconv.Itoa(d.After.No), a.Area, p.Certno, strconv.Itoa(year), level, ref, what, am.Item, am.Before, am.After,
			c.codes(why), c.rows(why), sentence)
	}
	for i := range p.Claims {
		x := &p.Claims[i]
		for _, am := range x.figures() {
			why := x.Cause
			if x.Adjust != nil && (why == nil || strings.HasPrefix(am.Item, "adjustment_")) {
				why = x.Adjust
			}
			if err := line(x.at.Date().Year(), "claim", x.SetlID, x.What, am, why, x.Sentence); err != nil {
				return err
			}
		}
	}
	for i := range p.Cases {
		x := &p.Cases[i]
		amounts := x.Amounts
		if x.State.Before != x.State.After || len(amounts) == 0 {
			amounts = append([]ChangedAmount{{Item: "state", Pair: x.State}}, amounts...)
		}
		for _, am := range amounts {
			if err := line(x.Year, x.Level, x.Monitor, x.What, am, &x.Cause, x.Sentence); err != nil {
				return err
			}
		}
	}
	return nil
}

// figures are all that differs of a claim: what it was assisted under, and the
// amounts. Where only the reason moved there is one without amounts.
func (x *ChangedClaim) figures() []ChangedAmount {
	out := x.Amounts
	if x.Category != nil {
		out = append([]ChangedAmount{{Item: "category", Pair: *x.Category}}, out...)
	}
	if len(out) == 0 {
		out = []ChangedAmount{{}}
	}
	return out
}

// inText is how many people a comparison reads out; the lists have all.
const inText = 50

// Text reads the comparison out: the sums by cause, then person by person.
func (d *Diff) Text(w io.Writer) error {
	var s strings.Builder
	for i := range d.Areas {
		a := &d.Areas[i]
		fmt.Fprintf(&s, "%s %s：%d 人的 %d 笔结算、%d 个监测有变化；应付 %s 元，待补发 %s 元，待追回 %s 元\n",
			a.Area, a.Name, a.Sum.People, a.Sum.Claims, a.Sum.Cases, plusMinus(a.Sum.Due), plusMinus(a.Sum.TopUp), plusMinus(a.Sum.Clawback))
		for _, p := range a.Policy {
			fmt.Fprintf(&s, "  政策：%s\n", p)
		}
		for _, y := range a.Years {
			fmt.Fprintf(&s, "  年度：%s\n", y)
		}
		if a.Program != nil {
			fmt.Fprintf(&s, "  程序：由 %s 换成 %s\n", a.Program.Before, a.Program.After)
		}
		if len(a.Causes) > 0 {
			s.WriteString("  按原因：\n")
		}
		for _, c := range a.Causes {
			fmt.Fprintf(&s, "    %s：%d 人，结算 %d 笔，监测 %d 个；应付 %s，待补发 %s，待追回 %s\n",
				c.Cause, c.People, c.Claims, c.Cases, plusMinus(c.Due), plusMinus(c.TopUp), plusMinus(c.Clawback))
		}
		for k := range a.People {
			if k == inText {
				fmt.Fprintf(&s, "  另有 %d 人，见 --format csv 或 json\n", len(a.People)-inText)
				break
			}
			p := &a.People[k]
			fmt.Fprintf(&s, "  %s\n", p.Certno)
			for i := range p.Claims {
				fmt.Fprintf(&s, "    %s\n", p.Claims[i].Sentence)
			}
			for i := range p.Cases {
				fmt.Fprintf(&s, "    %s\n", p.Cases[i].Sentence)
			}
		}
	}
	if len(d.Areas) == 0 {
		s.WriteString("没有共同的统筹区可比\n")
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// plusMinus shows a difference with its sign.
func plusMinus(yuan string) string {
	if strings.HasPrefix(yuan, "-") || strings.Trim(yuan, "0.") == "" {
		return yuan
	}
	return "+" + yuan
}

// JSON is the comparison for programs.
func (d *Diff) JSON() any {
	return map[string]any{
		"before": map[string]any{"run": d.Before.No, "month": d.Before.Month.String()},
		"after":  map[string]any{"run": d.After.No, "month": d.After.Month.String()},
		"areas":  d.Areas,
	}
}
