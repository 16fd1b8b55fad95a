package xls

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// reserved is what the Go runtime reserves of the address space without using
// it: 64 MiB for each piece of the heap, and its tables.
const reserved = 1 << 30

// confine takes from this process what reading a file on standard input and
// writing to standard output do not need. The memory is limited by what it has
// now and hardMemory more, not by a fixed number: a Go program starts with 1.2
// GiB of address space or more, one with the race detector with terabytes.
func confine() error {
	type limit struct {
		name string
		what int
		max  uint64
	}
	limits := []limit{
		{"core", syscall.RLIMIT_CORE, 0},
		{"file size", syscall.RLIMIT_FSIZE, 0},
		{"CPU", syscall.RLIMIT_CPU, cpuSeconds},
		{"files", syscall.RLIMIT_NOFILE, 0}, // those that are open stay open
	}
	if space, data, err := memory(); err == nil {
		limits = append(limits,
			limit{"data", syscall.RLIMIT_DATA, data + hardMemory},
			limit{"address space", syscall.RLIMIT_AS, space + hardMemory + reserved})
	}
	for _, l := range limits {
		var old syscall.Rlimit
		if err := syscall.Getrlimit(l.what, &old); err != nil {
			return fmt.Errorf("limit of %s: %w", l.name, err)
		}
		m := min(l.max, old.Max)
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: m, Max: m}); err != nil {
			return fmt.Errorf("limit of %s: %w", l.name, err)
		}
	}
	return nil
}

// memory gives the address space and the data of this process in bytes. Where
// there is no /proc, watchMemory must do.
func memory() (space, data uint64, err error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0, err
	}
	f := bytes.Fields(b)
	if len(f) < 6 {
		return 0, 0, fmt.Errorf("statm %q", b)
	}
	page := uint64(os.Getpagesize())
	if space, err = strconv.ParseUint(string(f[0]), 10, 64); err != nil {
		return 0, 0, err
	}
	data, err = strconv.ParseUint(string(f[5]), 10, 64)
	return space * page, data * page, err
}

// executable is this program itself, even if the file that it was started from
// has since been replaced by another version.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}
