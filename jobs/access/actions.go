package access

// Action is something that a page shows or does.
type Action string

// The actions.
const (
	ViewOverview    Action = "overview"
	ViewRuns        Action = "runs.view"
	ViewResults     Action = "results.view"
	ViewCases       Action = "cases.view"
	ViewPeople      Action = "people.view"
	Reveal          Action = "people.reveal"
	ViewReconcile   Action = "reconcile.view"
	ViewIndicators  Action = "indicators.view"
	Simulate        Action = "simulate"
	ViewYear        Action = "year.view"
	ViewPacks       Action = "packs.view"
	ViewSchedule    Action = "schedule.view"
	ViewUsers       Action = "users.view"
	ViewAudit       Action = "audit.view"
	Download        Action = "workbook.download"
	DownloadReturns Action = "returned.download"

	Upload       Action = "upload"
	Run          Action = "run"
	Rerun        Action = "rerun"
	Merge        Action = "merge"
	Post         Action = "post"
	Match        Action = "match"
	CloseYear    Action = "year.close"
	ReopenYear   Action = "year.reopen"
	EditPacks    Action = "packs.edit"
	EditSchedule Action = "schedule.edit"
	EditUsers    Action = "users.edit"
)

// Scope is what an action is asked for.
type Scope int

// The scopes.
const (
	Area       Scope = iota // in an area
	Department              // for a department of an area
	Office                  // for all: only who has the role everywhere
)

// Rule is a row of the table.
type Rule struct {
	Action  Action
	Chinese string
	Scope   Scope
	Changes bool // something is on record otherwise afterwards
	By      []Role
}

// table is who may do what, and the only place that says so. Who is in no row's By
// may do nothing.
var table = []Rule{
	{ViewOverview, "首页", Area, false, []Role{Handler, Reviewer, Finance, Admin, Auditor}},
	{ViewRuns, "运行记录和进度", Area, false, []Role{Handler, Reviewer, Admin, Auditor}},
	{ViewResults, "逐笔结果、补发追回方案", Area, false, []Role{Handler, Reviewer, Auditor}},
	{ViewCases, "监测帮扶清零", Area, false, []Role{Handler, Reviewer, Auditor}},
	{ViewPeople, "查人", Area, false, []Role{Handler, Reviewer, Auditor}},
	{Reveal, "看完整身份证号", Area, false, []Role{Handler, Reviewer, Auditor}},
	{ViewReconcile, "看财政对账", Area, false, []Role{Handler, Reviewer, Finance, Auditor}},
	{ViewIndicators, "指标", Area, false, []Role{Handler, Reviewer, Finance, Auditor}},
	{Simulate, "政策试算", Area, false, []Role{Handler, Reviewer, Auditor}},
	{ViewYear, "看年度清算", Area, false, []Role{Handler, Reviewer, Finance, Auditor}},
	{ViewPacks, "看政策包", Area, false, []Role{Handler, Reviewer, Finance, Admin, Auditor}},
	{ViewSchedule, "看计划任务", Area, false, []Role{Handler, Admin, Auditor}},
	{ViewUsers, "看用户", Office, false, []Role{Admin, Auditor}},
	{ViewAudit, "看审计记录", Office, false, []Role{Admin, Auditor}},
	{Download, "下载部门工作簿", Department, false, []Role{Handler, Reviewer, Finance, Reader, Auditor}},
	{DownloadReturns, "下载退回的行", Area, false, []Role{Handler, Reviewer, Auditor}},

	{Upload, "上传和导入", Area, true, []Role{Handler}},
	{Run, "运行、停止、接着运行", Area, true, []Role{Handler}},
	{Rerun, "重算", Area, true, []Role{Handler}},
	{Merge, "身份证号更正", Area, true, []Role{Handler}},
	{Post, "复核并过账", Area, true, []Role{Reviewer}},
	{Match, "手工对账", Area, true, []Role{Handler, Finance}},
	// Both signatures are of the same action; that they are of two people is checked where years are closed.
	{CloseYear, "年度结账签字", Area, true, []Role{Handler, Reviewer}},
	{ReopenYear, "年度重开签字", Area, true, []Role{Handler, Reviewer}},
	{EditPacks, "改政策包和本地参数", Area, true, []Role{Admin}},
	{EditSchedule, "改计划任务", Area, true, []Role{Admin}},
	{EditUsers, "管理用户", Office, true, []Role{Admin}},
}

// Table is who may do what, row by row.
func Table() []Rule {
	out := make([]Rule, len(table))
	for i, r := range table {
		r.By = append([]Role(nil), r.By...)
		out[i] = r
	}
	return out
}

func (a Action) rule() *Rule {
	for i := range table {
		if table[i].Action == a {
			return &table[i]
		}
	}
	return nil
}

// Chinese is what people call the action.
func (a Action) Chinese() string {
	if r := a.rule(); r != nil {
		return r.Chinese
	}
	return string(a)
}
