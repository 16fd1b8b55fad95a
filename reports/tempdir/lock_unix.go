//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package tempdir

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks an open file until it is closed. The lock is the opening's, not
// the process's: of two works of one process each lives for the other.
func tryLock(f *os.File) hold {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return held
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return busy
		default:
			return unknown
		}
	}
}
