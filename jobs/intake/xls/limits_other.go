//go:build !linux

package xls

import "os"

// confine does nothing here: what limits the child is watchMemory in itself and
// the time that the parent waits. On a Mac the system keeps no limit of memory
// that Go would feel; on Windows it would be a job object.
func confine() error { return nil }

func executable() (string, error) { return os.Executable() }
