package pack

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
)

// ListTitles are the lists that a document may make a duty, by name, with their
// Chinese titles.
var ListTitles = map[string]string{
	"roster_changes":     "名单变动",
	"premium":            "参保与资助",
	"enrolment_rates":    "参保率",
	"risk_enrolment":     "风险潜在对象参保",
	"risk_library":       "风险潜在对象库",
	"huiminbao":          "惠民保参保与资助",
	"clearance":          "监测清零",
	"burden_caps":        "个人和家庭负担",
	"monitored_map":      "监测人员分布",
	"hot_spots":          "高频高额病种",
	"own_expense":        "医院自费占比",
	"hospital_share":     "医院承担",
	"budget":             "基金预算执行",
	"special_limit":      "门诊特病旧限额",
	"maternity":          "生育津贴补付",
	"flexible_maternity": "灵活就业生育保险",
	"child_prices":       "儿童项目价格",
	"indicators":         "保障指标",
	"assessment":         "考核清单",
	"feedback":           "负担仍重反馈",
	"risk_review":        "风险排查",
	"enrolment_ledger":   "参保台账",
	"county_report":      "分区县报表",
	"applications":       "待申请救助",
}

// ListNames are the names of all lists, in alphabetical order.
func ListNames() []string {
	var out []string
	for name := range ListTitles {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// List is a list that the document wants made, and for which departments.
type List struct {
	Name        string // one of ListTitles
	Clause      string
	From, To    civil.Date // To does not count, Forever if open
	Departments []string   // who gets it
	Choice      string     // where the text is silent: what was chosen and why
	inherited   bool
	key         place
}

// Title is the Chinese title of the list.
func (l List) Title() string { return ListTitles[l.Name] }

func (r *reader) lists(n *node) {
	if n.kind != mapping {
		r.add(n.errorf("此处应为 清单名: {clause: 条款, from: 日期, departments: [部门]}"))
		return
	}
	for i, name := range n.keys {
		if ListTitles[name] == "" {
			r.add(unknownList(n.keyAt[i], name))
			continue
		}
		r.list(name, n.values[i], n.keyAt[i])
	}
}

func unknownList(at place, name string) error {
	return at.errorf("没有清单 %q，可用的有：%s", name, strings.Join(ListNames(), "、"))
}

func (r *reader) list(name string, x *node, key place) {
	if err := x.only("clause", "from", "to", "departments", "choice"); err != nil {
		r.add(err)
		return
	}
	what := fmt.Sprintf("清单 %s ", name)
	l := List{Name: name, key: key, Clause: r.cited(x, what)}
	var err error
	l.From, l.To, err = period(x, "何时起编制")
	r.add(err)
	l.Choice, err = x.optional("choice")
	r.add(err)
	if d := x.get("departments"); d == nil {
		r.add(x.errorf("%s没有 departments（送哪些部门）", what))
	} else {
		l.Departments, err = departments(d)
		r.add(err)
	}
	r.Lists = put(r.Lists, func(l List) string { return l.Name }, l)
}

func departments(n *node) ([]string, error) {
	var out []string
	err := each(n, func(x *node, t string) error {
		if t == "" || slices.Contains(out, t) {
			return x.errorf("部门 %q 为空或重复", t)
		}
		out = append(out, t)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = n.errorf("departments 至少写一个部门")
	}
	return out, err
}

// overList is what an overlay says of a list.
type overList struct {
	at          place
	departments []string
}

func parseOverList(x *node, at place) (*overList, error) {
	l := &overList{at: at}
	if err := x.only("departments"); err != nil {
		return l, err
	}
	d := x.get("departments")
	if d == nil {
		return l, x.errorf("缺少 departments（送哪些部门）")
	}
	var err error
	l.departments, err = departments(d)
	return l, err
}

// ListsOn are the lists that are in force on a day, with the departments that
// the office chose.
func (l Layered) ListsOn(d civil.Date) []List {
	var out []List
	if d < l.From || d >= l.To {
		return nil
	}
	for _, x := range l.allLists() {
		if x.From <= d && d < x.To {
			out = append(out, x)
		}
	}
	return out
}

// allLists are the pack's lists with the departments of the overlay.
func (l Layered) allLists() []List {
	out := slices.Clone(l.Pack.Lists)
	for i := range out {
		for _, o := range l.Overlay.layers() {
			if x := o.lists[out[i].Name]; x != nil {
				out[i].Departments = x.departments
			}
		}
	}
	return out
}
