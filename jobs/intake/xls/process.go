package xls

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"doudi/jobs/intake/sheet"
)

// waitLimit is how long the parent waits for a child in all. The child's own
// limit of processor time comes first unless the machine is very busy.
var waitLimit = 2 * time.Minute

// process is a running child as its parent sees it.
type process struct {
	cmd     *exec.Cmd
	out     *os.File
	dec     *decoder
	errors  head
	waiting atomic.Bool   // the parent waits for the child
	late    atomic.Bool   // it has waited too long, and killed it
	done    chan struct{} // closed when the child is gone

	end   sync.Once
	state error // of cmd.Wait
}

// start starts a child that reads f.
func start(f *os.File, ask string) (*process, error) {
	exe, err := executable()
	if err != nil {
		return nil, fmt.Errorf("start a reader of .xls: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start a reader of .xls: %w", err)
	}
	p := &process{out: r, done: make(chan struct{})}
	p.dec = newDecoder(p)
	p.cmd = &exec.Cmd{
		Path: exe, Args: []string{"doudi", childArg, ask},
		// Two processors: one reads, one collects garbage. Nothing else of the
		// parent's environment is the child's business.
		Env:   []string{childEnv, "GOMAXPROCS=2"},
		Stdin: f, Stdout: w, Stderr: &p.errors,
		WaitDelay: time.Second, // should something else hold the pipe of errors
	}
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("start a reader of .xls: %w", err)
	}
	go p.watch(waitLimit)
	return p, nil
}

// Read reads what the child writes.
func (p *process) Read(b []byte) (int, error) {
	p.waiting.Store(true)
	defer p.waiting.Store(false)
	return p.out.Read(b)
}

// watch kills the child when the parent has waited for it too long. It counts
// ticks since only the time of waiting counts.
func (p *process) watch(limit time.Duration) {
	const perLimit = 100
	tick := max(limit/perLimit, time.Millisecond)
	t := time.NewTicker(tick)
	defer t.Stop()
	for left := limit; ; {
		select {
		case <-p.done:
			return
		case <-t.C:
			if !p.waiting.Load() {
				continue
			}
			if left -= tick; left <= 0 {
				p.late.Store(true)
				p.cmd.Process.Kill() // its error says that the child is gone
				return
			}
		}
	}
}

// wait waits for the end of a child that has no more to say.
func (p *process) wait() error {
	p.end.Do(func() {
		p.waiting.Store(true)
		p.state = p.cmd.Wait()
		close(p.done)
		p.out.Close()
	})
	return p.state
}

// stop ends the child. It is safe to call it in any state and more than once.
func (p *process) stop() {
	p.cmd.Process.Kill() // fails if the child is gone, which is what is wanted
	p.wait()             // that it was killed is no news
}

// fail ends the child and gives the error to report for what dec said.
func (p *process) fail(err error) error {
	switch {
	case sheet.CodeOf(err) != "":
		p.stop()
		return err
	case errors.Is(err, errNoEnd):
		return p.death(p.wait())
	}
	p.stop()
	return refuse(sheet.CodeFormat, err)
}

// finish makes sure that a child that gave its end mark ended well.
func (p *process) finish() error {
	if err := p.wait(); err != nil {
		return p.death(err)
	}
	return nil
}

// death says why a child ended before its end mark.
func (p *process) death(err error) error {
	detail := fmt.Errorf("the reading process: %w", errors.Join(err, p.errors.first()))
	why := causeOf(p.cmd.ProcessState)
	switch {
	case err == nil:
		return refuse(sheet.CodeTruncated, errNoEnd)
	case p.late.Load(), why == killed, p.errors.says(outOfMemory...):
		return refuse(sheet.CodeLimit, detail)
	case why == crashed:
		return refuse(sheet.CodeFormat, detail)
	}
	return detail
}

// cause is what ended a child.
type cause uint8

const (
	unknown cause = iota // ended from outside, or not even begun
	killed               // by a limit
	crashed
)

// exitCause is the cause of an exit code.
func exitCause(code int) cause {
	switch code {
	case exitMemory:
		return killed
	case exitConfine, exitWrite:
		return unknown
	}
	return crashed
}

// outOfMemory is what the Go runtime says when it gets no more; the last two come
// from the race detector.
var outOfMemory = []string{"out of memory", "cannot allocate memory", "cannot map pages", "failed to create new OS thread",
	"ThreadSanitizer failed to allocate", "too many address space collisions"}

// refuse says that the child could not read the file.
func refuse(code string, err error) error {
	switch code {
	case sheet.CodeLimit:
		return sheet.Refuse(code, "读取这个 .xls 文件所需的内存或时间超出限制。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", err)
	case sheet.CodeTruncated:
		return sheet.Refuse(code, "文件没有读完，可能不完整或已损坏。请重新导出或重新拷贝后再导入。", err)
	}
	return sheet.Refuse(code, "文件已损坏或不符合 .xls 规范，无法读取。请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再导入。", err)
}

// head keeps the beginning of what a child writes to standard error.
type head struct {
	mu sync.Mutex
	b  []byte
}

func (h *head) Write(b []byte) (int, error) {
	const keep = 4 << 10
	h.mu.Lock()
	defer h.mu.Unlock()
	h.b = append(h.b, b[:min(len(b), keep-len(h.b))]...)
	return len(b), nil
}

// first gives the first line as an error; the rest is a trace of the stack.
func (h *head) first() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	line, _, _ := bytes.Cut(h.b, []byte("\n"))
	if len(line) == 0 {
		return nil
	}
	return errors.New(string(line))
}

func (h *head) says(words ...string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range words {
		if bytes.Contains(h.b, []byte(s)) {
			return true
		}
	}
	return false
}
