//go:build unix

package xls

import (
	"os"
	"syscall"
)

// causeOf tells what ended a child.
func causeOf(s *os.ProcessState) cause {
	w, ok := s.Sys().(syscall.WaitStatus)
	if !ok || !w.Signaled() {
		return exitCause(s.ExitCode())
	}
	switch w.Signal() {
	case syscall.SIGKILL, syscall.SIGXCPU:
		return killed // by the limit of time, or by the system that is out of memory
	case syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT:
		return unknown
	}
	return crashed
}
