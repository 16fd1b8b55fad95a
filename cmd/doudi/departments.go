package main

import (
	"fmt"
	"os"
	"strings"

	"doudi/jobs"
	"doudi/reports"
	"doudi/reports/catalogue"
)

// checkDepartments reads what doudi.yaml says of an area's departments; text is
// the file, i the area's place in it.
func (w *workspace) checkDepartments(text []byte, i int, area *jobs.Area) error {
	offices := w.conf.Areas[i].Departments
	where, err := catalogue.Default().CheckOffices(offices, reports.Orders(*area))
	if err != nil {
		at := configFile
		if n := catalogue.LineOf(text, fmt.Sprintf("$.areas[%d].departments%s", i, where)); n > 0 {
			at += fmt.Sprintf(" 第 %d 行", n)
		}
		return &problem{code: exitUsage, msg: fmt.Sprintf("%s：统筹区 %s 的 departments 有误", at, area.Code), err: err}
	}
	return nil
}

// offices are the departments of an area as doudi.yaml has them.
func (w *workspace) offices(area string) []catalogue.Office {
	for _, a := range w.conf.Areas {
		if a.Code == area {
			return a.Departments
		}
	}
	return nil
}

// reportOptions says which workbooks are written, with their passwords from where
// they stand. dept names one department; "" is all.
func (w *workspace) reportOptions(dept string) (reports.Options, error) {
	o := reports.Options{Dir: w.out(), Dept: dept, Offices: map[string][]catalogue.Office{}, PDF: w.conf.PDF}
	for _, a := range w.conf.Areas {
		for _, x := range a.Departments {
			if x.Password.Set() {
				var err error
				if x.Open, err = w.secret(x.Password); err != nil {
					return o, &problem{code: exitUsage, msg: fmt.Sprintf("统筹区 %s 部门 %s 的工作簿密码读不到", a.Code, x.Name), err: err,
						hint: "密码写在 " + configFile + " 的 password 所指的环境变量或文件里"}
				}
			}
			o.Offices[a.Code] = append(o.Offices[a.Code], x)
		}
	}
	return o, nil
}

// secret reads a password from its place.
func (w *workspace) secret(s catalogue.Secret) (string, error) {
	if s.Env != "" {
		if v := os.Getenv(s.Env); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("没有设置环境变量 %s", s.Env)
	}
	data, err := os.ReadFile(w.rel(s.File))
	if err != nil {
		return "", err
	}
	v := strings.TrimRight(string(data), "\r\n")
	if v == "" {
		return "", fmt.Errorf("文件 %s 是空的", s.File)
	}
	return v, nil
}
