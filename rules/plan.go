package rules

import "fmt"

// Plan is the insurance that an enrolment is for (semantics §8).
type Plan uint8

// The plans.
const (
	NoPlan        Plan = iota // not given
	PlanResidents             // 城乡居民基本医疗保险
	PlanEmployees             // 职工基本医疗保险
	PlanHuiminbao             // 惠民型商业补充医疗保险
	numPlans
)

var planNames = [numPlans]struct{ code, zh string }{
	{"", ""}, {"residents", "居民医保"}, {"employees", "职工医保"}, {"huiminbao", "惠民保"},
}

// String is the code: "residents".
func (p Plan) String() string { return planNames[p].code }

// Chinese is the name that people read.
func (p Plan) Chinese() string { return planNames[p].zh }

// ParsePlan reads a code.
func ParsePlan(s string) (Plan, error) {
	for p := NoPlan + 1; p < numPlans; p++ {
		if planNames[p].code == s {
			return p, nil
		}
	}
	return 0, fmt.Errorf("rules: unknown plan %q", s)
}

// Plans lists all of them.
func Plans() []Plan { return []Plan{PlanResidents, PlanEmployees, PlanHuiminbao} }
