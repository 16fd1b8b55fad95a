package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/store/anchor"
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
	if e, ok := errors.AsType[*anchor.Error](err); ok {
		msg, hint := notAnchored(e)
		return exitIntegrity, "账目完整性不符：" + msg, hint
	}
	if e, ok := errors.AsType[*jobs.Stale](err); ok {
		return exitConflict, fmt.Sprintf("方案已过期，没有过账：第 %d 次运行之后%s", e.Run, strings.Join(e.Since, "；")), "重新运行 doudi run，核对新的方案后再过账"
	}
	if e, ok := errors.AsType[*jobs.WrongDay](err); ok {
		return wrongDay(e)
	}
	switch {
	case errors.Is(err, ledger.ErrRunning), sqlite.IsBusy(err):
		return exitConflict, "另有一次运行或导入正在进行", "等它结束后再试；它若卡住了，结束那个进程后再次执行同一命令即可接着做"
	case errors.Is(err, ledger.ErrFenced):
		return exitConflict, "这次运行已被另一个进程接手，本进程停止", "查看另一个进程的结果"
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

// wrongDay explains why the clock is not believed.
func wrongDay(e *jobs.WrongDay) (code int, msg, hint string) {
	if e.Year != 0 {
		return exitConflict, fmt.Sprintf("没有过账：本机日期 %s 在已结的年度里（统筹区 %s 已结到 %d 年度），过账日期不能记在已结年度", e.Day, e.Area, e.Year),
			"请校正本机日期后再过账"
	}
	return exitConflict, fmt.Sprintf("没有过账：本机日期 %s 早于账里最后一笔入账的日期 %s", e.Day, e.Last),
		"请校正本机日期后再过账；本机日期不错、而账里那一笔的日期错了的，再运行一次 doudi run，核对新的方案后过账"
}

func report(w io.Writer, err error) int {
	code, msg, hint := explainError(err)
	fmt.Fprintln(w, "错误："+msg)
	if hint != "" {
		fmt.Fprintln(w, "提示："+hint)
	}
	return code
}
