package access

import (
	"fmt"
	"time"
)

// Refusal is a reason not to do what was asked: a code for machines, words for
// people.
type Refusal struct{ Code, Text string }

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// What is refused.
var (
	ErrNoUser     = &Refusal{"no-user", "没有这个用户"}
	ErrTaken      = &Refusal{"taken", "已有这个用户，或写法只差大小写、全半角、空格和标点的用户"}
	ErrName       = &Refusal{"name", "用户名应为 1 到 32 个汉字、英文字母或数字（中间可有 . - _ ·），不能是身份证号或长串数字"}
	ErrDisplay    = &Refusal{"display", "显示名不能超过 64 个字，不能有换行，不能有身份证号"}
	ErrLastAdmin  = &Refusal{"last-admin", "至少要有一个没有停用的管理员"}
	ErrFirstAdmin = &Refusal{"first-admin", "第一个用户必须是管理员"}
	ErrNotFirst   = &Refusal{"not-first", "已有用户，首次启动码不再有效"}
	ErrChanged    = &Refusal{"changed", "这个用户刚被别人改过，请看过再改"}
	ErrSame       = &Refusal{"same", "已经是这样，没有改动"}

	ErrNoRole     = &Refusal{"no-role", "至少要有一个角色"}
	ErrRole       = &Refusal{"role", "没有这个角色"}
	ErrTwice      = &Refusal{"twice", "同一角色写了两次"}
	ErrArea       = &Refusal{"area", "统筹区应为六位代码，或为全部"}
	ErrAdminArea  = &Refusal{"admin-area", "管理员管全部统筹区，不能只限其中几个"}
	ErrDepartment = &Refusal{"department", "部门和财政角色要写明部门；其他角色不写部门"}
	ErrAuditor    = &Refusal{"auditor", "审计只看不改，不能兼其他角色"}

	ErrShort     = &Refusal{"short", fmt.Sprintf("密码至少要有 %d 个字符", minPassword)}
	ErrLong      = &Refusal{"long", fmt.Sprintf("密码不能超过 %d 个字符", maxPassword)}
	ErrText      = &Refusal{"text", "密码里有不能输入的字符"}
	ErrIsName    = &Refusal{"is-name", "密码不能是用户名，也不能只比用户名多几个字符"}
	ErrCommon    = &Refusal{"common", "这个密码太常见，别人一猜就中"}
	ErrUnchanged = &Refusal{"unchanged", "新密码和原来的一样"}

	// One answer to a wrong name, a wrong password and a user who is disabled: nobody
	// learns which users there are.
	ErrDenied    = &Refusal{"denied", "用户名或密码不对，或用户已停用"}
	ErrCode      = &Refusal{"code", "首次启动码不对或已过期"}
	ErrNoSession = &Refusal{"no-session", "没有登录，或登录已过期"}
)

// Wait is a refusal for some time: there were too many failures.
type Wait struct{ For time.Duration }

// Error implements error.
func (w *Wait) Error() string {
	s := int64((w.For + time.Second - 1) / time.Second)
	if s > 90 {
		return fmt.Sprintf("失败次数太多，请过 %d 分钟再试", (s+59)/60)
	}
	return fmt.Sprintf("失败次数太多，请过 %d 秒再试", s)
}
