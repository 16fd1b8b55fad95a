package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs/access"
	"doudi/jobs/ledger"
	"doudi/jobs/store/sqlite"
	"doudi/reports"

	"github.com/spf13/cobra"
)

// doorFile has the console's sessions and the failed logins. It is no part of the
// ledger: without it everybody signs in again.
const doorFile = "doudi-door.db"

func (a *app) userCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "控制台的用户和角色",
		Long: "控制台的用户和角色。密码从标准输入读（在终端上不回显，要输两遍），从不写在命令行里。\n" +
			"用户不能删除、不能改名，只能停用：记录里有他的名字。每次改动都留在审计记录里。第一个用户必须是管理员。\n" +
			"有了用户之后，各命令的 --by 必须是没有停用的用户；不写 --by 时仍记操作系统用户（定时运行），\n但 post、close、reopen 要写。命令行不验证 --by 是谁：能动这些文件的人本来就什么都能做。\n\n" + exitHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("没有这个命令：user %s", args[0])
			}
			return cmd.Help()
		},
	}
	c.AddCommand(a.userAddCmd(), a.userPasswdCmd(), a.userDisableCmd(true), a.userDisableCmd(false), a.userListCmd(), a.userRolesCmd())
	return c
}

// withKeeper runs f with the workspace and who lets people in.
func (a *app) withKeeper(ctx context.Context, f func(w *workspace, k *access.Keeper) error) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	door, err := sqlite.OpenDoor(ctx, w.path(doorFile), w.vault)
	if err != nil {
		return err
	}
	defer door.Close()
	return userProblem(f(w, &access.Keeper{Users: w.store, Door: door, Params: access.Present}))
}

// userProblem gives a refusal its exit code.
func userProblem(err error) error {
	r, ok := errors.AsType[*access.Refusal](err)
	if !ok {
		return err
	}
	p := &problem{code: exitUsage, msg: r.Text}
	switch r {
	case access.ErrNoUser:
		p.code, p.hint = exitFailure, "用户名见 doudi user list"
	case access.ErrTaken, access.ErrChanged, access.ErrLastAdmin, access.ErrSame:
		p.code = exitConflict
	case access.ErrFirstAdmin:
		p.hint = "用 --role admin；他可以再有别的角色：--role admin --role handler"
	case access.ErrCommon, access.ErrIsName, access.ErrShort:
		p.hint = "不必有大小写和符号，长一点就好，如几个不相干的词连在一起"
	}
	return p
}

// grantFlags are roles with where they hold.
type grantFlags struct {
	roles, areas []string
	dept         string
}

func (g *grantFlags) flags(c *cobra.Command) {
	var names []string
	for _, r := range access.Roles() {
		names = append(names, string(r)+" "+r.Chinese())
	}
	c.Flags().StringSliceVar(&g.roles, "role", nil, "角色（可多次）："+strings.Join(names, "、"))
	c.Flags().StringSliceVar(&g.areas, "area", nil, "只在这些统筹区（可多次；默认全部，包括以后增加的）")
	c.Flags().StringVar(&g.dept, "dept", "", "部门，如 民政（部门角色必填；财政角色默认财政）")
}

// grants reads the flags: the areas are those of doudi.yaml, the department one that
// gets a workbook there, by the name that it has there.
func (g *grantFlags) grants(w *workspace) ([]access.Grant, error) {
	areas := []string{access.Everywhere}
	if len(g.areas) > 0 {
		areas = nil
		for _, code := range g.areas {
			ar, err := w.area(strings.TrimSpace(code), "")
			if err != nil {
				return nil, err
			}
			areas = append(areas, ar.Code)
		}
	}
	var out []access.Grant
	ofDepartment := false
	for _, s := range g.roles {
		r, ok := access.ParseRole(s)
		if !ok {
			return nil, usage("没有角色 %q；可用的见 doudi user roles", s)
		}
		if !r.OfDepartment() {
			out = append(out, access.Grant{Role: r, Areas: areas})
			continue
		}
		ofDepartment = true
		dept := g.dept
		if dept == "" && r == access.Finance {
			dept = access.Finance.Chinese()
		}
		if dept == "" {
			return nil, usage("角色 %s 要用 --dept 写明部门，如 --dept 民政", r.Chinese())
		}
		of, err := w.departmentGrants(r, dept, areas)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	if g.dept != "" && !ofDepartment {
		return nil, usage("--dept 只用于部门和财政角色")
	}
	return out, access.CheckGrants(out)
}

// departmentGrants is a role of a department, once for each name that the department
// has in the areas.
func (w *workspace) departmentGrants(r access.Role, dept string, areas []string) ([]access.Grant, error) {
	everywhere := slices.Contains(areas, access.Everywhere)
	var out []access.Grant
	var known []string
	for _, a := range w.areas {
		if !everywhere && !slices.Contains(areas, a.Code) {
			continue
		}
		found := false
		for _, x := range reports.Recipients(a, w.offices(a.Code)) {
			if !slices.Contains(known, x.Name) {
				known = append(known, x.Name)
			}
			if !x.Called(dept) {
				continue
			}
			found = true
			i := slices.IndexFunc(out, func(g access.Grant) bool { return g.Department == x.Name })
			if i < 0 {
				out, i = append(out, access.Grant{Role: r, Department: x.Name}), len(out)
			}
			if !slices.Contains(out[i].Areas, a.Code) {
				out[i].Areas = append(out[i].Areas, a.Code)
			}
		}
		if !found && !everywhere {
			return nil, usage("统筹区 %s 没有部门 %q，有的是：%s", a.Code, dept, strings.Join(known, "、"))
		}
	}
	switch {
	case len(out) == 0:
		return nil, usage("没有部门 %q，有的是：%s", dept, strings.Join(known, "、"))
	case everywhere && len(out) == 1: // one name wherever there is one
		out[0].Areas = areas
	}
	return out, nil
}

func (a *app) userAddCmd() *cobra.Command {
	var g grantFlags
	var display string
	c := &cobra.Command{
		Use:   "add 用户名 --role 角色… [--area 统筹区]… [--dept 部门]",
		Short: "添加用户（密码从标准输入读）",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(g.roles) == 0 {
				return usage("缺少 --role；可用的见 doudi user roles")
			}
			return a.withKeeper(cmd.Context(), func(w *workspace, k *access.Keeper) error {
				gs, err := g.grants(w)
				if err != nil {
					return err
				}
				u := access.User{Name: strings.TrimSpace(args[0]), Display: display, Grants: gs, At: a.now(), By: a.user()}
				if err := access.CheckName(u.Name); err != nil {
					return err // before anybody types a password
				}
				on, err := k.Users.Users(cmd.Context())
				if err != nil {
					return err
				}
				if err := access.CanPut(&u, false, on); err != nil {
					return err
				}
				password, err := a.password(cmd, "新用户的密码")
				if err != nil {
					return err
				}
				if u, err = k.Add(cmd.Context(), u, password, false); err != nil {
					return err
				}
				fmt.Fprintf(a.out, "已添加用户 %s：%s\n", u.Name, rolesText(u.Grants))
				return nil
			})
		},
	}
	g.flags(c)
	c.Flags().StringVar(&display, "name", "", "显示名，如 民政局张三")
	return c
}

func (a *app) userPasswdCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "passwd 用户名",
		Short: "换密码（从标准输入读）；他的登录全部失效",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withKeeper(cmd.Context(), func(w *workspace, k *access.Keeper) error {
				if _, err := k.Users.User(cmd.Context(), args[0]); err != nil {
					return err
				}
				password, err := a.password(cmd, "新密码")
				if err != nil {
					return err
				}
				u, err := k.SetPassword(cmd.Context(), args[0], password, a.user(), a.now())
				if err != nil {
					return err
				}
				fmt.Fprintf(a.out, "已换用户 %s 的密码，他此前的登录全部失效\n", u.Name)
				return nil
			})
		},
	}
}

func (a *app) userDisableCmd(disable bool) *cobra.Command {
	c := &cobra.Command{Use: "enable 用户名", Short: "恢复停用的用户", Args: cobra.ExactArgs(1)}
	done := "已恢复用户 %s\n"
	if disable {
		c.Use, c.Short, done = "disable 用户名", "停用用户；他的登录全部失效", "已停用用户 %s，他的登录全部失效\n"
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withKeeper(cmd.Context(), func(_ *workspace, k *access.Keeper) error {
			u, err := k.SetDisabled(cmd.Context(), args[0], disable, a.user(), a.now())
			if err == nil {
				fmt.Fprintf(a.out, done, u.Name)
			}
			return err
		})
	}
	return c
}

func (a *app) userListCmd() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "列出用户",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withKeeper(ctx, func(_ *workspace, k *access.Keeper) error {
				on, err := k.Users.Users(ctx)
				if err != nil {
					return err
				}
				seen, err := k.Door.SignIns(ctx)
				if err != nil {
					return err
				}
				t, err := newTable(a.out, format, "name", "display", "roles", "disabled", "created_at", "created_by", "last_login", "failures", "wait_seconds")
				if err != nil {
					return err
				}
				for _, u := range on {
					wait, failures, err := k.Waits(ctx, u.Name, a.now())
					if err != nil {
						return err
					}
					last := ""
					if at := seen[ledger.FoldName(u.Name)]; !at.IsZero() {
						last = at.In(shanghai).Format("2006-01-02T15:04:05")
					}
					if err := t.row(u.Name, u.Display, access.GrantsText(u.Grants), strconv.FormatBool(u.Disabled), u.Created.In(shanghai).Format("2006-01-02T15:04:05"), u.CreatedBy,
						last, strconv.Itoa(failures), strconv.Itoa(int(wait.Seconds()))); err != nil {
						return err
					}
				}
				return t.close()
			})
		},
	}
	formatFlag(c, &format, "csv", "json")
	return c
}

func (a *app) userRolesCmd() *cobra.Command {
	var g grantFlags
	var add bool
	var drop []string
	c := &cobra.Command{
		Use:   "roles [用户名 --role 角色… [--area 统筹区]… [--dept 部门] [--add] | 用户名 --drop 角色…]",
		Short: "给用户换角色；不写用户名时列出各角色能做什么",
		Long: "给用户换角色：--role 写的代替原有的全部角色，加上 --add 则保留原有的（同一角色以新写的为准）；--drop 去掉角色。\n" +
			"不写用户名时列出各角色能做什么。审计不能兼其他角色；管理员管全部统筹区。",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if len(g.roles)+len(drop) > 0 {
					return usage("缺少用户名：doudi user roles 用户名 --role 角色")
				}
				a.sayRoles()
				return nil
			}
			if (len(g.roles) == 0) == (len(drop) == 0) {
				return usage("请写 --role 或 --drop 其中之一")
			}
			return a.withKeeper(cmd.Context(), func(w *workspace, k *access.Keeper) error {
				gs, err := []access.Grant(nil), error(nil)
				if len(g.roles) > 0 {
					if gs, err = g.grants(w); err != nil {
						return err
					}
				}
				for _, s := range drop {
					if _, ok := access.ParseRole(s); !ok {
						return usage("没有角色 %q；可用的见 doudi user roles", s)
					}
				}
				u, err := k.SetGrants(cmd.Context(), args[0], func(was []access.Grant) []access.Grant { return regrant(was, gs, add, drop) }, a.user(), a.now())
				if err == nil {
					fmt.Fprintf(a.out, "用户 %s：%s\n", u.Name, rolesText(u.Grants))
				}
				return err
			})
		},
	}
	g.flags(c)
	c.Flags().BoolVar(&add, "add", false, "保留原有的角色")
	c.Flags().StringSliceVar(&drop, "drop", nil, "去掉角色（可多次）")
	return c
}

// regrant is what becomes of roles: dropped ones go, new ones take the place of all, or
// of the same role for the same department.
func regrant(was, gs []access.Grant, add bool, drop []string) []access.Grant {
	var out []access.Grant
	if add || len(drop) > 0 {
		for _, g := range was {
			again := slices.ContainsFunc(gs, func(x access.Grant) bool { return x.Role == g.Role && x.Department == g.Department })
			gone := slices.ContainsFunc(drop, func(s string) bool { r, _ := access.ParseRole(s); return r == g.Role })
			if !again && !gone {
				out = append(out, g)
			}
		}
	}
	return append(out, gs...)
}

// sayRoles prints the table of who may do what.
func (a *app) sayRoles() {
	for _, r := range access.Roles() {
		fmt.Fprintf(a.out, "%s（%s）：%s\n", r.Chinese(), r, r.Does())
		for _, x := range access.Table() {
			if slices.Contains(x.By, r) {
				what := x.Chinese
				if x.Scope == access.Department && r.OfDepartment() {
					what += "（本部门的）"
				}
				fmt.Fprintf(a.out, "    %-20s %s\n", x.Action, what)
			}
		}
	}
}

func rolesText(gs []access.Grant) string {
	var out []string
	for _, g := range gs {
		s := g.Role.Chinese()
		if g.Department != "" && g.Department != s {
			s += "（" + g.Department + "）"
		}
		if slices.Contains(g.Areas, access.Everywhere) {
			s += "，全部统筹区"
		} else {
			s += "，" + strings.Join(g.Areas, "、")
		}
		out = append(out, s)
	}
	return strings.Join(out, "；")
}
