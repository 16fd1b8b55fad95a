//go:build !unix

package xls

import "os"

// causeOf tells what ended a child.
func causeOf(s *os.ProcessState) cause { return exitCause(s.ExitCode()) }
