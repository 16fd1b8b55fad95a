package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// place is where the files of a source lie, over a connection that is made when
// it is first needed and again when it broke.
type place interface {
	// list lists the files that may be taken.
	list(ctx context.Context) ([]item, []Left, error)
	// look gives a file as it is now; nil where the place has no such question.
	look(ctx context.Context, it item) (*item, error)
	// fetch writes a file to w and tells what it is; errUnchanged if it is as it was.
	fetch(ctx context.Context, it item, was *entry, w io.Writer) (entry, error)
	// ask tells whether fetch would give something new.
	ask(ctx context.Context, it item, was *entry) (entry, error)
	close()
}

// item is a file of a place.
type item struct {
	key      string // its name in the state
	shown    string // its name for people
	address  string // by which it is asked for
	path     string // below our folder; "" where only the answer tells
	size     int64
	modified time.Time
}

var errUnchanged = errors.New("unchanged")

const tooBigReason = "超过 512 MiB，不取；请拆成几个文件，或移出这个文件夹"

// fetchName is the hidden name under which a file is fetched.
const fetchName = ".doudi-fetch.part"

// mirror is one pull of a remote source.
type mirror struct {
	p         *Puller
	place     place
	dir, into string   // the mirror as it is; where what is fetched goes
	root      *os.Root // of into
	state     state
	used      map[string]string // path in lower case: whose it is
	r         *Report
}

// Mirror brings what is new at a remote source into dir. Where into is another
// folder, dir is left as it was and into gets what is new.
func (p *Puller) Mirror(ctx context.Context, c Config, dir, into string) Report {
	r := Report{Name: c.Name, Kind: c.Kind(), Where: c.Where()}
	m := &mirror{p: p, dir: dir, into: into, state: readState(dir, c), r: &r}
	r.Err = m.pull(ctx, c)
	m.state.note(p.Now(), r)
	// Even when the pull failed: what was fetched is there.
	if err := m.state.write(into); err != nil {
		r.Err = errors.Join(r.Err, fmt.Errorf("写不了 %s：%w", into, err))
	}
	return r
}

func (m *mirror) pull(ctx context.Context, c Config) (err error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, pullTime)
	defer cancel()
	defer func() {
		switch {
		case err == nil:
		case outer.Err() != nil:
			err = outer.Err()
		case ctx.Err() != nil:
			err = errors.New("两小时还没有取完，停下了；已取到的留着，下次接着取")
		}
	}()
	if m.place, err = m.p.open(c); err != nil {
		return err
	}
	defer m.place.close()
	if err := os.MkdirAll(m.into, 0o700); err != nil {
		return err
	}
	if m.root, err = os.OpenRoot(m.into); err != nil {
		return err
	}
	defer m.root.Close()
	items, err := m.list(ctx)
	if err != nil {
		return err
	}
	if items, err = m.still(ctx, items); err != nil {
		return err
	}
	for _, it := range items {
		if err := m.take(ctx, it); err != nil {
			return err
		}
	}
	slices.Sort(m.r.Fetched)
	return nil
}

// open makes a place of a configuration; it reads secrets but connects to
// nobody.
func (p *Puller) open(c Config) (place, error) {
	if c.SFTP != nil {
		return p.openSFTP(*c.SFTP)
	}
	return p.openHTTPS(*c.HTTPS)
}

// list gives what is new at the place, by name.
func (m *mirror) list(ctx context.Context) ([]item, error) {
	var items []item
	var left []Left
	err := m.p.retry(ctx, func() (err error) {
		items, left, err = m.place.list(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	m.r.Left = append(m.r.Left, left...)
	m.r.Files = len(items)
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.key, b.key) })
	m.used = map[string]string{}
	for key, e := range m.state.Files {
		m.used[strings.ToLower(e.Path)] = key
	}
	return slices.DeleteFunc(items, func(it item) bool {
		same := it.path != "" && m.same(it)
		if same {
			m.r.Unchanged++
		}
		return same
	}), nil
}

// same reports whether a file is as it was when it was fetched.
func (m *mirror) same(it item) bool {
	e := m.known(it.key)
	return e != nil && e.Size == it.size && e.Modified.Equal(it.modified)
}

// known is what was fetched of a file, if that is still there.
func (m *mirror) known(key string) *entry {
	e, ok := m.state.Files[key]
	if !ok {
		return nil
	}
	info, err := os.Stat(filepath.Join(m.dir, filepath.FromSlash(e.Path)))
	if err != nil || !info.Mode().IsRegular() || info.Size() != e.Size {
		return nil
	}
	return &e
}

// still waits once and gives the files that are as they were listed. Whatever is
// new is watched, however old it says it is: the server's clock need not be ours.
func (m *mirror) still(ctx context.Context, items []item) ([]item, error) {
	if len(items) == 0 || m.p.Quiet <= 0 || items[0].path == "" {
		return items, nil
	}
	if err := m.p.sleep(ctx, m.p.Quiet); err != nil {
		return nil, err
	}
	var out []item
	for _, it := range items {
		err := m.asListed(ctx, it)
		if err == nil {
			out = append(out, it)
		} else if err := m.leave(it, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// asListed looks whether a file is as it was listed.
func (m *mirror) asListed(ctx context.Context, it item) error {
	var now *item
	err := m.p.retry(ctx, func() (err error) {
		now, err = m.place.look(ctx, it)
		return err
	})
	if err == nil && now != nil && (now.size != it.size || !now.modified.Equal(it.modified)) {
		return &leftError{Writing, changingReason}
	}
	return err
}

// leave notes a file that is left alone; any other error ends the pull.
func (m *mirror) leave(it item, err error) error {
	if l, ok := errors.AsType[*leftError](err); ok {
		m.r.Left = append(m.r.Left, Left{it.shown, l.code, l.reason})
		return nil
	}
	if t, ok := errors.AsType[*transient](err); ok && t.file {
		m.r.Left = append(m.r.Left, Left{it.shown, Failed, t.Error()})
		return nil
	}
	return err
}

// take fetches one file and puts it in its place.
func (m *mirror) take(ctx context.Context, it item) error {
	was := m.known(it.key)
	defer m.root.Remove(fetchName) // not there where all went well
	got, err := m.fetch(ctx, it, was)
	if err == nil && it.path != "" {
		err = m.asListed(ctx, it)
	}
	if errors.Is(err, errUnchanged) {
		m.r.Unchanged++
		return nil
	}
	if err != nil {
		return m.leave(it, err)
	}
	got.Path = m.pathOf(it.key, got.Path)
	got.Fetched = m.p.Now()
	if was != nil && was.SHA256 == got.SHA256 && was.Path == got.Path {
		// Touched, or sent again: the bytes are the same.
		got.Fetched = was.Fetched
		m.r.Unchanged++
	} else {
		if err := m.put(got); err != nil {
			return m.leave(it, err)
		}
		m.r.Fetched = append(m.r.Fetched, got.Path)
	}
	m.state.Files[it.key] = got
	return nil
}

// fetch fetches a file under its hidden name, whole and on the disk.
func (m *mirror) fetch(ctx context.Context, it item, was *entry) (got entry, err error) {
	f, err := m.root.OpenFile(fetchName, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := &measured{f: f, hash: sha256.New()}
	err = m.p.retry(ctx, func() error {
		if err := w.restart(); err != nil {
			return err
		}
		e, err := m.place.fetch(ctx, it, was, w)
		if w.err != nil {
			return w.err // rather than what the connection made of it
		}
		got = e
		return err
	})
	if err != nil {
		return got, err
	}
	got.Size, got.SHA256 = w.n, hex.EncodeToString(w.hash.Sum(nil))
	return got, f.Sync()
}

// pathOf is where a file goes. Two files whose names become the same, on this
// system or on one that does not tell A from a, stay two.
func (m *mirror) pathOf(key, want string) string {
	if e, ok := m.state.Files[key]; ok && (e.Path == want || e.Path == marked(want, key)) {
		return e.Path
	}
	if by, ok := m.used[strings.ToLower(want)]; ok && by != key {
		want = marked(want, key)
	}
	m.used[strings.ToLower(want)] = key
	return want
}

// put gives what was fetched its name.
func (m *mirror) put(e entry) error {
	at := filepath.FromSlash(e.Path)
	blocked := func(err error) error {
		if errors.Is(err, fs.ErrExist) || strings.Contains(err.Error(), "directory") { // ENOTDIR and EISDIR, whatever the system calls them
			return &leftError{BadName, "收件箱里已有同名的文件夹或文件，放不下；请移走它"}
		}
		return fmt.Errorf("写不进 %s：%w", m.into, err)
	}
	if dir := path.Dir(e.Path); dir != "." {
		if err := m.root.MkdirAll(filepath.FromSlash(dir), 0o700); err != nil {
			return blocked(err)
		}
	}
	if !e.Modified.IsZero() {
		if err := m.root.Chtimes(fetchName, e.Modified, e.Modified); err != nil {
			return err
		}
	}
	if err := m.root.Rename(fetchName, at); err != nil {
		return blocked(err)
	}
	// The name must be on the disk before the state says so.
	d, err := m.root.Open(filepath.Dir(at))
	if err != nil {
		return err
	}
	_ = d.Sync() // not every system can
	return d.Close()
}

// measured writes to a file and keeps count, hash and bound.
type measured struct {
	f    *os.File
	hash hash.Hash
	n    int64
	err  error
}

func (w *measured) restart() error {
	w.hash.Reset()
	w.n, w.err = 0, nil
	if err := w.f.Truncate(0); err != nil {
		return err
	}
	_, err := w.f.Seek(0, io.SeekStart)
	return err
}

func (w *measured) Write(b []byte) (int, error) {
	if w.n+int64(len(b)) > maxSize {
		w.err = &leftError{TooBig, tooBigReason}
		return 0, w.err
	}
	n, err := w.f.Write(b)
	w.n += int64(n)
	w.hash.Write(b[:n])
	if err != nil {
		w.err = fmt.Errorf("写不进收件箱：%w", err)
	}
	return n, err
}

// maxSize is MaxSize, smaller in tests.
var maxSize int64 = MaxSize

// Row is a file that a source has.
type Row struct {
	Path     string
	Size     int64 // -1: not told
	Modified time.Time
	Status   string // new, changed, unchanged, or why it is left alone
	Note     string
}

// Check connects to a source and tells what a run would fetch. It writes nothing
// and does not wait for files to keep still.
func (p *Puller) Check(ctx context.Context, c Config, dir string) ([]Row, error) {
	if c.Folder != nil {
		return p.checkFolder(c, dir)
	}
	pl, err := p.open(c)
	if err != nil {
		return nil, err
	}
	defer pl.close()
	r := Report{}
	m := &mirror{p: p, place: pl, dir: dir, state: readState(dir, c), r: &r}
	var items []item
	err = p.retry(ctx, func() (err error) {
		items, r.Left, err = pl.list(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, it := range items {
		was := m.known(it.key)
		var e entry
		err := p.retry(ctx, func() (err error) {
			e, err = pl.ask(ctx, it, was)
			return err
		})
		row := Row{Path: it.shown, Size: e.Size, Modified: e.Modified, Status: "new"}
		switch {
		case errors.Is(err, errUnchanged):
			row.Status, row.Size, row.Modified = "unchanged", was.Size, was.Modified
		case err != nil:
			if err := m.leave(it, err); err != nil {
				return nil, err
			}
			continue
		case was != nil:
			row.Status = "changed"
		}
		rows = append(rows, row)
	}
	return append(rows, leftRows(r.Left)...), nil
}

func (p *Puller) checkFolder(c Config, dir string) ([]Row, error) {
	sure, watch, r := p.Folder(c, dir)
	if r.Err != nil {
		return nil, r.Err
	}
	was := readState(dir, c)
	var rows []Row
	for _, f := range sure {
		rows = append(rows, Row{p.below(c, f), f.Size, f.Modified, "unchanged", ""})
	}
	for _, f := range watch {
		status := "new"
		if _, ok := was.Files[p.below(c, f)]; ok {
			status = "changed"
		}
		rows = append(rows, Row{p.below(c, f), f.Size, f.Modified, status, ""})
	}
	return append(rows, leftRows(r.Left)...), nil
}

func leftRows(left []Left) []Row {
	var rows []Row
	for _, l := range left {
		rows = append(rows, Row{l.Path, -1, time.Time{}, l.Code, l.Reason})
	}
	return rows
}
