package xls

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"doudi/jobs/intake/sheet"
)

var _ = func() bool {
	tricks["spin"] = func() int {
		// As under the real limit, but a test does not wait for that.
		if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: 1, Max: 1}); err != nil {
			return exitConfine
		}
		for n := 0; ; n++ {
		}
	}
	tricks["terminated"] = func() int {
		syscall.Kill(syscall.Getpid(), syscall.SIGTERM)
		select {}
	}
	return true
}()

// TestConfined: a child opens no file and no connection, writes nothing, and
// knows nothing of the parent's environment.
func TestConfined(t *testing.T) {
	t.Setenv("DOUDI_SECRET", "x")
	err := trick(t, "free")
	fe, ok := errors.AsType[*sheet.FileError](err)
	if !ok || fe.Message != "M "+childEnv+" GOMAXPROCS=2" {
		t.Errorf("the child is free to: %v", err)
	}
}

// TestNoZombies: nothing is left to wait for.
func TestNoZombies(t *testing.T) {
	for _, name := range []string{"panic", "rows", "endless"} {
		if err := trick(t, name); strings.Contains(err.Error(), "not waited") {
			t.Error(err)
		}
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		t.Errorf("child %d, %v", pid, err)
	}
}
