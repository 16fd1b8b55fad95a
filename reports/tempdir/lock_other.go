//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package tempdir

import "os"

// tryLock: without locks nobody can be told from the dead.
func tryLock(*os.File) hold { return unknown }
