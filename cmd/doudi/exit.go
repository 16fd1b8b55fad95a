package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/yearend"
)

// Exit codes. They stand in --help and never change their meaning.
const (
	exitDone      = 0 // done
	exitFailure   = 1 // failure
	exitUsage     = 2 // usage
	exitReturned  = 3 // done, but rows were returned
	exitRefused   = 4 // input refused, nothing taken
	exitConflict  = 5 // closed year, another run, stale proposal
	exitIntegrity = 6 // the ledger does not agree with itself
)

const exitHelp = `退出码：0 完成；1 失败；2 用法错误；3 完成，但有退回的行；4 文件被拒收，未采纳任何内容；
5 冲突（年度已结、另有运行、方案已过期）；6 账目完整性不符`

// problem is an error with its exit code and a hint for the person.
type problem struct {
	code int
	msg  string
	hint string
	err  error
}

func (p *problem) Error() string {
	if p.err != nil && p.msg == "" {
		return p.err.Error()
	}
	if p.err != nil {
		return p.msg + "：" + p.err.Error()
	}
	return p.msg
}

func (p *problem) Unwrap() error { return p.err }

func usage(format string, args ...any) error {
	return &problem{code: exitUsage, msg: fmt.Sprintf(format, args...)}
}

// explainError gives what to print and the exit code of an error.
func explainError(err error) (code int, msg, hint string) {
	if p, ok := errors.AsType[*problem](err); ok {
		return p.code, p.Error(), p.hint
	}
	switch {
	case errors.Is(err, ledger.ErrRunning), sqlite.IsBusy(err):
		return exitConflict, "另有一次运行或导入正在进行", "等它结束后再试；如果它是意外中断的，一分钟后重试即可接着做"
	case errors.Is(err, ledger.ErrFenced):
		return exitConflict, "这次运行已被另一个进程接手，本进程停止", "查看另一个进程的结果"
	case errors.Is(err, ledger.ErrStale):
		return exitConflict, "方案已过期：那次运行之后又有名单、结算、帮扶读入或过账，或政策、叠加文件已改动", "重新运行 doudi run，核对新的方案后再过账"
	case errors.Is(err, jobs.ErrProposal):
		return exitConflict, "校验码与该次运行的方案不符", "校验码在 doudi run 的输出里，也在该次运行每本工作簿的封面上"
	case errors.Is(err, jobs.ErrSelfApproval):
		return exitConflict, "不能由运行人自己过账", "请复核人用 --by 姓名 过账"
	case errors.Is(err, yearend.ErrClosed):
		return exitConflict, "该年度已结账，不能再运行该年度的月份", "迟到的数据请照常导入，运行未结年度的月份，差额作为以前年度调整；确要改动已结年度的，由两人用 doudi reopen 重开"
	case errors.Is(err, ledger.ErrWrongKey):
		return exitFailure, "密钥文件 doudi.key 不是这本账的密钥，未作任何改动", "是不是拷错了别的工作目录的？请从备份取回这本账自己的 doudi.key"
	case errors.Is(err, ledger.ErrNoRun):
		return exitFailure, "没有这一次运行", "先用 doudi run --month 2023-08 运行"
	case errors.Is(err, ledger.ErrIntegrity):
		return exitIntegrity, "账目完整性不符：" + err.Error(), "不要继续操作，保留现场并从备份核对"
	case errors.Is(err, context.Canceled):
		return exitFailure, "已中断", "再次执行同一命令即可接着做"
	case errors.Is(err, os.ErrPermission):
		return exitFailure, "没有权限：" + err.Error(), ""
	}
	return exitFailure, err.Error(), ""
}

func report(w io.Writer, err error) int {
	code, msg, hint := explainError(err)
	fmt.Fprintln(w, "错误："+msg)
	if hint != "" {
		fmt.Fprintln(w, "提示："+hint)
	}
	return code
}
