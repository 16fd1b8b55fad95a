//go:build unix

package soffice

import (
	"os/exec"
	"syscall"
	"time"
)

// group lets the program and what it starts end together: soffice is a script
// whose child does the work.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
}
