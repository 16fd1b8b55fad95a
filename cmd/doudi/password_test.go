package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal: what is written to keyboard is typed, shown is what
// the terminal shows of it.
type terminal struct {
	keyboard, line *os.File
	mu             sync.Mutex
	shown          bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	m, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(m.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(m.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	s, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{keyboard: m, line: s}
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := m.Read(buf)
			x.mu.Lock()
			x.shown.Write(buf[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { s.Close(); m.Close() })
	return x
}

func (x *terminal) echoes(t *testing.T) bool {
	t.Helper()
	a, err := unix.IoctlGetTermios(int(x.line.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return a.Lflag&unix.ECHO != 0
}

func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shown.String()
}

// until waits for something that comes soon.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: never", what)
}

// TestPasswordNotShown: what is typed is not on the screen, and the terminal shows
// again what is typed afterwards, even if Ctrl-C ends it.
func TestPasswordNotShown(t *testing.T) {
	ws := filepath.Join(t.TempDir(), "ws")
	if code := newApp(io.Discard, io.Discard).execute(t.Context(), []string{"init", ws, "--area", "330100", "--pack", "hangzhou-2022-70"}); code != exitDone {
		t.Fatalf("init: %d", code)
	}
	const password = "correct horse battery"
	start := func(x *terminal) (*exec.Cmd, *strings.Builder, func() string) {
		c := exec.Command(os.Args[0], "-C", ws, "user", "add", "甲", "--role", "admin", "--by", "root")
		c.Env = append(os.Environ(), asCommand+"=1")
		c.Stdin = x.line
		var out strings.Builder
		c.Stdout = &out
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stderr = w
		var mu sync.Mutex
		var said bytes.Buffer
		go func() {
			buf := make([]byte, 1024)
			for {
				n, err := r.Read(buf)
				mu.Lock()
				said.Write(buf[:n])
				mu.Unlock()
				if err != nil {
					r.Close()
					return
				}
			}
		}()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		return c, &out, func() string { mu.Lock(); defer mu.Unlock(); return said.String() }
	}

	// Ctrl-C.
	x := newTerminal(t)
	c, _, said := start(x)
	until(t, "asked", func() bool { return strings.Contains(said(), "密码：") && !x.echoes(t) })
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != exitFailure {
		t.Errorf("after Ctrl-C: %v, %s", err, said())
	}
	if !x.echoes(t) {
		t.Error("after Ctrl-C the terminal shows nothing")
	}

	x = newTerminal(t)
	c, out, said := start(x)
	for _, prompt := range []string{"新用户的密码：", "再输一遍："} {
		until(t, prompt, func() bool { return strings.HasSuffix(said(), prompt) && !x.echoes(t) })
		if _, err := x.keyboard.WriteString(password + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said())
	}
	if !strings.Contains(out.String(), "已添加用户 甲") {
		t.Errorf("said %q", out)
	}
	if !x.echoes(t) {
		t.Error("afterwards the terminal shows nothing")
	}
	// What is typed now is shown: the screen is looked at, and in its order.
	if _, err := x.keyboard.WriteString("shown\n"); err != nil {
		t.Fatal(err)
	}
	until(t, "shown", func() bool { return strings.Contains(x.screen(), "shown") })
	if strings.Contains(x.screen(), "horse") || strings.Contains(said(), "horse") {
		t.Errorf("the screen shows %q", x.screen())
	}
}
