package sources

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func paths(t *testing.T, root string, files []File) []string {
	t.Helper()
	var out []string
	for _, f := range files {
		rel, err := filepath.Rel(root, f.Path)
		must(t, err)
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

func codes(t *testing.T, root string, left []Left) []string {
	t.Helper()
	var out []string
	for _, l := range left {
		rel, err := filepath.Rel(root, l.Path)
		must(t, err)
		out = append(out, l.Code+" "+filepath.ToSlash(rel))
	}
	slices.Sort(out)
	return out
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"民政.xlsx", "~$gone.xlsx", ".hidden.xlsx", "写一半.csv.part", "a.tmp", "b.filepart", "c.download", "2023-08/残联.csv", "2023-09/残联.csv", "2022-12/old.csv",
		"Thumbs.db", "其他/x.csv", ".git/y.csv", "open.xlsx", "~$open.xlsx", "wps.xls", ".~wps.xls", "sub/calc.ods", "sub/.~lock.calc.ods#", "sub/~$民政.xlsx"} {
		put(t, filepath.Join(dir, filepath.FromSlash(name)), "x")
	}
	must(t, os.Symlink(filepath.Join(dir, "民政.xlsx"), filepath.Join(dir, "link.xlsx")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600))
	p, _ := newPuller()
	p.Later = func(name string) bool { return name == "2023-09" }
	check := func(root string) {
		t.Helper()
		files, left, err := p.List(root)
		must(t, err)
		if got, want := paths(t, root, files), []string{"2022-12/old.csv", "2023-08/残联.csv", "其他/x.csv", "民政.xlsx"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := codes(t, root, left), []string{"open open.xlsx", "open sub/calc.ods", "open wps.xls"}; !slices.Equal(got, want) {
			t.Errorf("left %q, want %q", got, want)
		}
	}
	check(dir)
	// An inbox that is a link to a share.
	link := filepath.Join(t.TempDir(), "inbox")
	must(t, os.Symlink(dir, link))
	check(link)
	if _, _, err := p.List(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	for i := range MaxFiles + 1 {
		must(t, os.WriteFile(filepath.Join(dir, "f"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+time.Duration(i).String()+".csv"), nil, 0o600))
	}
	_, _, err := p.List(dir)
	wantError(t, err, "超过 10000 个文件")
}

func TestRecent(t *testing.T) {
	now := time.Date(2023, 8, 31, 9, 0, 0, 0, time.UTC)
	p := &Puller{Now: func() time.Time { return now }, Quiet: quiet}
	for age, want := range map[time.Duration]bool{0: true, time.Second: true, quiet: false, time.Hour: false,
		-time.Second: true, -time.Hour: true /* a clock that is ahead */, -48 * time.Hour: false /* a wrong date */} {
		if got := p.Recent(File{Modified: now.Add(-age)}); got != want {
			t.Errorf("%v old: %v", age, got)
		}
	}
	p.Quiet = 0
	if p.Recent(File{Modified: now}) {
		t.Error("without a quiet time nothing is recent")
	}
}

// TestGrowing: a program writes on while we wait, in earnest; once it is done the
// file is taken, whole.
func TestGrowing(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "done.csv"), "done")
	f, err := os.Create(filepath.Join(dir, "growing.csv"))
	must(t, err)
	p := &Puller{Now: time.Now, Quiet: 300 * time.Millisecond}
	stop, stopped := make(chan bool), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				stopped <- n
				return
			case <-time.After(5 * time.Millisecond):
				if _, err := f.WriteString("0123456789"); err == nil {
					n++
				}
			}
		}
	}()
	files, _, err := p.List(dir)
	must(t, err)
	still, left, err := p.Watch(context.Background(), files)
	must(t, err)
	if got := paths(t, dir, still); !slices.Equal(got, []string{"done.csv"}) {
		t.Errorf("taken: %q", got)
	}
	if got := codes(t, dir, left); !slices.Equal(got, []string{"writing growing.csv"}) {
		t.Errorf("left: %q", got)
	}
	// Were it taken all the same, the copy would see it: it is made while the program writes.
	for _, f := range files {
		_, err := Snapshot(f, filepath.Join(dir, "copies", filepath.Base(f.Path)))
		if (err == nil) != (filepath.Base(f.Path) == "done.csv") {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
	wantTree(t, filepath.Join(dir, "copies"), map[string]string{"done.csv": "done"})
	must(t, os.RemoveAll(filepath.Join(dir, "copies")))
	close(stop)
	n := <-stopped
	must(t, f.Close())
	files, _, err = p.List(dir)
	must(t, err)
	still, left, err = p.Watch(context.Background(), files)
	must(t, err)
	if len(still) != 2 || len(left) != 0 || still[1].Size != int64(10*n) {
		t.Errorf("%v %v", still, left)
	}
}

// TestReplaced: a file that is replaced by a rename, again and again, is copied
// whole or not at all.
func TestReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	text := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 50_000+i%3) }
	put(t, path, text(0))
	done := make(chan error, 1)
	stop := make(chan bool)
	go func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			err := os.WriteFile(path+".tmp", []byte(text(i)), 0o600)
			if err = errors.Join(err, os.Rename(path+".tmp", path)); err != nil {
				done <- err
				return
			}
		}
	}()
	p, _ := newPuller()
	copied := 0
	for i := range 2000 {
		files, _, err := p.List(dir)
		must(t, err)
		if len(files) != 1 {
			continue // renamed while the folder was read
		}
		to := filepath.Join(t.TempDir(), "copy")
		if _, err = Snapshot(files[0], to); err != nil {
			if !errors.Is(err, ErrChanged) {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(to)
		must(t, err)
		if want := strings.Repeat(string(got[0]), len(got)); string(got) != want {
			t.Fatal("two versions in one copy")
		}
		if copied++; copied > 20 && i > 200 {
			break
		}
	}
	close(stop)
	must(t, <-done)
	t.Logf("%d whole copies", copied)
}

// writerFunc is a function as a writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestChangedWhileCopied: what changes in the middle of a copy is seen, even when
// the size stays.
func TestChangedWhileCopied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	old := strings.Repeat("old", 100_000)
	for name, change := range map[string]func() error{
		"written over": func() error { return os.WriteFile(path, []byte(strings.Repeat("new", 100_000)), 0o600) },
		"grown":        func() error { return os.WriteFile(path, []byte(old+"more"), 0o600) },
		"cut":          func() error { return os.Truncate(path, 10) },
		"replaced": func() error {
			return errors.Join(os.WriteFile(path+".tmp", []byte("another"), 0o600), os.Rename(path+".tmp", path))
		},
		"removed": func() error { return os.Remove(path) },
	} {
		put(t, path, old)
		info, err := os.Stat(path)
		must(t, err)
		var once error
		changed := false
		_, err = File{path, info.Size(), info.ModTime()}.copy(writerFunc(func(b []byte) (int, error) {
			if !changed {
				changed, once = true, change()
			}
			return len(b), once
		}))
		want := ErrChanged
		if name == "removed" {
			want = fs.ErrNotExist
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// asNobody does f without the rights of the superuser, whom no file refuses.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	must(t, syscall.Setfsuid(65534))
	defer func() { must(t, syscall.Setfsuid(0)) }()
	f()
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	put(t, filepath.Join(dir, "good.csv"), "x")
	put(t, filepath.Join(dir, "secret.csv"), "x")
	put(t, filepath.Join(dir, "closed", "x.csv"), "x")
	must(t, os.Chmod(filepath.Join(dir, "secret.csv"), 0))
	must(t, os.Chmod(filepath.Join(dir, "closed"), 0))
	p, _ := newPuller()
	asNobody(t, func() {
		files, left, err := p.List(dir)
		must(t, err)
		if got := paths(t, dir, files); !slices.Equal(got, []string{"good.csv", "secret.csv"}) {
			t.Errorf("%q", got)
		}
		if got := codes(t, dir, left); !slices.Equal(got, []string{"unreadable closed"}) || !left[0].Failed() || !strings.Contains(left[0].Reason, "没有读取权限") {
			t.Errorf("%+v", left)
		}
		_, err = Hash(files[1])
		l := LeftOf(files[1].Path, err)
		if l.Code != Unreadable || !strings.Contains(l.Reason, "没有读取权限") || strings.Contains(l.Reason, dir) {
			t.Errorf("%+v", l)
		}
	})
	must(t, os.Chmod(filepath.Join(dir, "closed"), 0o755))
}

// TestFolder: a folder source is read in place and never written to. What it had
// the last time need not be watched again.
func TestFolder(t *testing.T) {
	share, dir := t.TempDir(), filepath.Join(t.TempDir(), "inbox", "共享")
	put(t, filepath.Join(share, "a.csv"), "x")
	put(t, filepath.Join(share, "b.csv"), "y")
	before := tree(t, share)
	p, _ := newPuller()
	c := Config{Name: "共享", Folder: &Folder{Path: share}}
	sure, watch, r := p.Folder(c, dir)
	if len(sure) != 0 || len(watch) != 2 || r.Files != 2 || r.Failed() {
		t.Errorf("%v %v %+v", sure, watch, r)
	}
	must(t, p.Seen(c, dir, watch, r))
	put(t, filepath.Join(share, "b.csv"), "changed")
	rows, err := p.Check(context.Background(), c, dir)
	must(t, err)
	if len(rows) != 2 || rows[0].Status != "unchanged" || rows[1].Status != "changed" {
		t.Errorf("%+v", rows)
	}
	sure, watch, r = p.Folder(c, dir)
	if len(sure) != 1 || len(watch) != 1 || filepath.Base(watch[0].Path) != "b.csv" {
		t.Errorf("%v %v", sure, watch)
	}
	must(t, p.Seen(c, dir, append(sure, watch...), r))
	before["b.csv"] = "changed"
	wantTree(t, share, before)
	if st := StatusOf(dir, c); st.Files != 2 || st.Error != "" || st.Pulled.IsZero() {
		t.Errorf("%+v", st)
	}
	// The share is not mounted: what was known stays known.
	must(t, os.Rename(share, share+"x"))
	_, _, r = p.Folder(c, dir)
	wantError(t, r.Err, share, "没有这个文件或文件夹", "挂上")
	must(t, p.Seen(c, dir, nil, r))
	if st := StatusOf(dir, c); st.Files != 2 || st.Error == "" {
		t.Errorf("%+v", st)
	}
	_, err = p.Check(context.Background(), c, dir)
	wantError(t, err, "读不到")
	must(t, os.RemoveAll(share+"x"))
}

// TestState: a damaged state is none.
func TestState(t *testing.T) {
	dir := t.TempDir()
	c := Config{Name: "x", Folder: &Folder{Path: "/x"}}
	for _, text := range []string{"", "{", "[]", "null", `{"kind":"folder","where":"/y","files":{"a":{}}}`, `{"kind":"sftp","where":"/x","files":{"a":{}}}`} {
		must(t, os.WriteFile(filepath.Join(dir, stateFile), []byte(text), 0o600))
		if s := readState(dir, c); len(s.Files) != 0 || s.Files == nil || s.Where != "/x" {
			t.Errorf("%q: %+v", text, s)
		}
	}
}
