package sources

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Bounds. A county's month has some dozens of files; its largest, the claims of
// a year, has some 100 MB.
const (
	MaxSize  = 512 << 20 // bytes of a file
	MaxFiles = 10000     // of a source
	maxDepth = 16        // folders below each other
)

// Why a file was left alone.
const (
	Writing    = "writing"    // it changes, or has a name that says so
	Open       = "open"       // somebody's editor has it open
	Gone       = "gone"       // it was listed and then was not there
	Unreadable = "unreadable" // no permission, or the disk fails
	TooBig     = "too_big"
	BadName    = "name"   // a name that no file here can have
	Failed     = "failed" // an address that gave no file
)

// Left is a file that was left alone.
type Left struct {
	Path   string // as people know it
	Code   string
	Reason string // for people: what is wrong and what to do
}

// Failed reports whether somebody must act before the file can be taken; else
// the next run takes it by itself.
func (l Left) Failed() bool { return l.Code != Writing && l.Code != Open && l.Code != Gone }

// Report is what became of a source.
type Report struct {
	Name, Kind, Where string
	Files             int      // in the source, as far as they can be taken
	Fetched           []string // below the source's folder, in order
	Unchanged         int
	Left              []Left
	Err               error // what ended the pull; what was fetched before stays
}

// Failed reports whether something of the source is missing that a run should
// have had.
func (r *Report) Failed() bool {
	for _, l := range r.Left {
		if l.Failed() {
			return true
		}
	}
	return r.Err != nil
}

// Puller pulls sources.
type Puller struct {
	Now func() time.Time
	// Sleep waits, unless the context ends; nil: Sleep of this package.
	Sleep func(context.Context, time.Duration) error
	// Getenv looks up an environment variable; nil: os.LookupEnv.
	Getenv func(string) (string, bool)
	// Quiet is how long a file must not change before it is taken.
	Quiet time.Duration
	// Later reports whether the folder of this name waits for a later month; nil: none does.
	Later func(folder string) bool
}

// Sleep waits for d or for the end of the context.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (p *Puller) sleep(ctx context.Context, d time.Duration) error {
	if p.Sleep != nil {
		return p.Sleep(ctx, d)
	}
	return Sleep(ctx, d)
}

func (p *Puller) env(name string) (string, error) {
	get := p.Getenv
	if get == nil {
		get = os.LookupEnv
	}
	v, ok := get(name)
	if !ok || v == "" {
		return "", errors.New("环境变量 " + name + " 没有设置；请在运行 doudi 的环境里设好它")
	}
	return v, nil
}

// Dir is where the files of an area's source are kept: below the area's inbox.
func Dir(inbox, source string) string { return filepath.Join(inbox, source) }

// reasonOf says in Chinese why the system refused a file, without its path: that
// may be one that people do not know.
func reasonOf(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "没有读取权限；请让运行 doudi 的用户可以读它"
	case errors.Is(err, fs.ErrNotExist):
		return "没有这个文件或文件夹"
	case errors.As(err, &pe):
		return "读取出错：" + pe.Err.Error()
	}
	return "读取出错：" + err.Error()
}
