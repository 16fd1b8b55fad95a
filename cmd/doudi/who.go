package main

import (
	"context"
	"errors"

	"doudi/jobs/access"

	"github.com/spf13/cobra"
)

// takesTwo are the commands that a second person confirms.
var takesTwo = map[string]bool{"post": true, "close": true, "reopen": true}

// knowActor makes sure that who acts is somebody, once the workspace has users. The
// command line is for who has the files anyway, and proves nobody's name: this is
// against mistakes. So --by must name a user who is not disabled. Without it the
// operating system's name is taken down, as before, since the system's own scheduler
// has nobody else; but what takes two people takes two users. The clock acts under its
// own name, which is no user's.
func (a *app) knowActor(ctx context.Context, w *workspace, command *cobra.Command) error {
	if a.clock {
		return nil
	}
	named := a.by != ""
	u, err := w.store.User(ctx, a.user())
	switch {
	case err == nil && u.Disabled:
		return &problem{code: exitUsage, msg: "经办人已停用，不能再经办", hint: "用 --by 写明另一个用户；用户名见 doudi user list"}
	case err == nil:
		a.by = u.Name // as it is registered, however it was written
		return nil
	case !errors.Is(err, access.ErrNoUser):
		return err
	}
	on, err := w.store.Users(ctx)
	if err != nil || len(on) == 0 {
		return err
	}
	if named {
		return &problem{code: exitUsage, msg: "--by 写的不是这个工作目录的用户", hint: "用户名见 doudi user list，新用户用 doudi user add 添加"}
	}
	if command != nil && takesTwo[command.Name()] {
		return &problem{code: exitUsage, msg: "已设有用户，这一步要用 --by 写明是哪个用户", hint: "用户名见 doudi user list"}
	}
	return nil
}
