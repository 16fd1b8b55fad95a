package reports

import (
	"context"
	"fmt"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/simulate"
	"doudi/rules"
	"doudi/rules/pack"
)

// Simulation tells people and programs what a policy that is being considered
// would have done in a year. It always masks IDs and names.
type Simulation struct {
	*simulate.Outcome
	people map[ledger.PersonNo]ledger.Person
}

// NewSimulation names the people of an outcome.
func NewSimulation(ctx context.Context, s interface {
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
}, o *simulate.Outcome) (*Simulation, error) {
	var who []ledger.PersonNo
	for _, c := range o.Top {
		who = append(who, c.Person)
	}
	people, err := s.Identities(ctx, who)
	return &Simulation{o, people}, err
}

// File is the name of the workbook.
func (s *Simulation) File() string { return fmt.Sprintf("模拟-%d-%s.xlsx", s.Year, s.Digest[:8]) }

var bucketNames = [simulate.NumBuckets][2]string{ // who pays, and what for
	simulate.Basic:      {"基本医保基金", "基本医保"},
	simulate.Other:      {"其他补助", "按平台记录"},
	simulate.Major:      {"大病保险资金", "大病保险"},
	simulate.Assist:     {"医疗救助基金", "医疗救助"},
	simulate.Tilt:       {"医疗救助基金", "倾斜救助"},
	simulate.Special:    {"医疗救助基金", "特殊救助"},
	simulate.Supplement: {"补充保险", "补充保险"},
	simulate.Hospital:   {"定点医院", "范围外费用"},
	simulate.Person:     {"个人", "个人负担"},
}

func groupName(g simulate.Group) string {
	switch {
	case g.Unlisted:
		return "未列入名单"
	case g.Category == rules.NoCategory:
		return "结算日无身份"
	}
	return g.Category.Chinese()
}

func townName(t string) string {
	if t == "" {
		return "（未填）"
	}
	return t
}

func monitorName(m *simulate.MonitorChange) string {
	if m.Level == ledger.LevelHousehold && !strings.Contains(m.Name, "按户") {
		return m.Name + "（按户）"
	}
	return m.Name
}

// Notes say how the figures are to be read.
func (s *Simulation) Notes() []string {
	notes := []string{
		fmt.Sprintf("“现行”按现在的政策包和本地参数，“测算”在其上叠加测算文件。两者都按第 %d 次运行（%s）所知的名单和结算，把 %d 年重算一遍；没有入账，没有改动任何数据。", s.Run.No, s.Run.Month, s.Year),
		"各项资金的差额是应付金额之差，不是已经或将要拨付的金额，与平台已付、已过账的金额无关。",
		"只含那次运行已读入的结算，年度未满的不推算全年；假定就医和名单同实际一样，不推测政策变动后就医的变化。",
		"每人一年计一次，归入变动最大的一笔结算的救助身份；该笔不予救助的，归入结算日持有的身份。",
	}
	if s.Same() {
		notes = append(notes, "测算结果与现行政策完全相同：全部差额为 0。")
	}
	return notes
}

// warnings are what the officer must know of one area.
func (s *Simulation) warnings(a *simulate.AreaOutcome) (out []string) {
	if !a.InForce {
		out = append(out, fmt.Sprintf("%d 年没有施行中的政策包，测算文件不起作用", s.Year))
	}
	if a.Moved {
		out = append(out, fmt.Sprintf("第 %d 次运行之后政策包或本地参数已改动；“现行”按现在的，可能与那次运行的结果不同", s.Run.No))
	}
	if a.Missing {
		out = append(out, fmt.Sprintf("第 %d 次运行时还没有这个统筹区", s.Run.No))
	}
	return out
}

func (s *Simulation) why(i simulate.Idle) string {
	switch i.Why {
	case simulate.AsNow:
		return "与现行规定相同"
	case simulate.Later:
		return fmt.Sprintf("%d 年之后才有不同", s.Year)
	case simulate.NotMoney:
		return "只用于参保资助、考核、预算等，不影响费用结算"
	case simulate.Reading:
		return "只在读入文件时起作用，不影响已读入的费用"
	case simulate.NoPack:
		return "当年没有施行中的政策包"
	}
	return "当年没有一笔费用或监测因此变动"
}

func keyName(path string) string {
	for i := range pack.Specs {
		if string(pack.Specs[i].Path) == path {
			return pack.Specs[i].Name
		}
	}
	kind, name, _ := strings.Cut(path, ".")
	switch kind {
	case "codes":
		return "代码表"
	case "lists":
		return "清单 " + pack.ListTitles[name]
	}
	return "监测线 " + name
}
