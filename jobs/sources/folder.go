package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is a file of a folder as it was when it was listed.
type File struct {
	Path     string
	Size     int64
	Modified time.Time
}

// ErrChanged: a file was not the same any more.
var ErrChanged = errors.New("文件仍在变化")

// changingReason is said of a file that did not keep still.
const changingReason = "仍在变化（大小或修改时间在变）；写完后再运行"

// List lists the files of a folder that a run may take, in a fixed order: all
// but those in folders that wait for a later month. Hidden files, unfinished
// ones, links and special files are passed over; a file that somebody has open is
// named. What can not be listed below the folder is named, too; an error is only
// the folder's own.
func (p *Puller) List(root string) ([]File, []Left, error) {
	// The folder itself may be a link to a share; WalkDir would see no folder.
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, nil, err
	}
	var files []File
	var left []Left
	beside := map[string]bool{} // all paths: locks are hidden files
	err = filepath.WalkDir(real, func(at string, d fs.DirEntry, err error) error {
		path := filepath.Join(root, strings.TrimPrefix(at, real))
		switch {
		case err != nil && at == real:
			return err
		case errors.Is(err, fs.ErrNotExist):
			return nil // went while we looked
		case err != nil:
			left = append(left, Left{path, Unreadable, reasonOf(err)})
			return nil
		}
		name := d.Name()
		if d.IsDir() {
			if at != real && (strings.HasPrefix(name, ".") || p.Later != nil && p.Later(name)) {
				return filepath.SkipDir
			}
			return nil
		}
		beside[path] = true
		if !d.Type().IsRegular() || ignored(name) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil // went while we looked
		}
		files = append(files, File{path, info.Size(), info.ModTime()})
		if len(files) > MaxFiles {
			return fmt.Errorf("%s 里超过 %d 个文件，不读；请移走旧文件", root, MaxFiles)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	files = slices.DeleteFunc(files, func(f File) bool {
		for _, lock := range locksOf(filepath.Base(f.Path)) {
			if beside[filepath.Join(filepath.Dir(f.Path), lock)] {
				left = append(left, Left{f.Path, Open, openReason(lock)})
				return true
			}
		}
		return false
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, left, nil
}

// Recent reports whether a file was modified within the quiet time. A clock that
// runs ahead a little, a server's, makes it recent as well; a time more than a day
// ahead is no clock but a wrong date, which writing would have replaced.
func (p *Puller) Recent(f File) bool {
	age := p.Now().Sub(f.Modified)
	return p.Quiet > 0 && age < p.Quiet && age > -24*time.Hour
}

// Watch waits for the quiet time, once for all files, and gives those that kept
// still.
func (p *Puller) Watch(ctx context.Context, files []File) (still []File, left []Left, err error) {
	if len(files) == 0 || p.Quiet <= 0 {
		return files, nil, nil
	}
	if err := p.sleep(ctx, p.Quiet); err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		switch err := unchanged(f); {
		case err == nil:
			still = append(still, f)
		case errors.Is(err, fs.ErrNotExist):
			left = append(left, goneAt(f.Path))
		case errors.Is(err, ErrChanged):
			left = append(left, Left{f.Path, Writing, changingReason})
		default:
			left = append(left, Left{f.Path, Unreadable, reasonOf(err)})
		}
	}
	return still, left, nil
}

func goneAt(path string) Left {
	return Left{path, Gone, "列出之后又不见了；如果是改了名，下次运行会读"}
}

// unchanged looks whether a file is as it was listed.
func unchanged(f File) error {
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	if info.Size() != f.Size || !info.ModTime().Equal(f.Modified) {
		return ErrChanged
	}
	return nil
}

// Hash gives the hash of a file, or ErrChanged if it is not as it was listed,
// before or after.
func Hash(f File) (string, error) { return f.copy(io.Discard) }

// Snapshot copies a file to a new place, where nobody else writes, and gives the
// copy's hash; or ErrChanged.
func Snapshot(f File, to string) (sha string, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	sha, err = f.copy(w)
	if err := errors.Join(err, w.Close()); err != nil {
		return "", errors.Join(err, os.Remove(to))
	}
	return sha, nil
}

func (f File) copy(w io.Writer) (string, error) {
	r, err := os.Open(f.Path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, w), r)
	if err != nil {
		return "", err
	}
	if n != f.Size {
		return "", ErrChanged
	}
	// By its path: it may have been replaced.
	if err := unchanged(f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// LeftOf says in people's words why a file could not be read.
func LeftOf(path string, err error) Left {
	switch {
	case errors.Is(err, ErrChanged):
		return Left{path, Writing, changingReason}
	case errors.Is(err, fs.ErrNotExist):
		return goneAt(path)
	}
	return Left{path, Unreadable, reasonOf(err)}
}

// Folder lists a folder source. A file that is not as it was when the state was
// written must keep still: the clock of a share need not be ours. watch are those,
// sure the others.
func (p *Puller) Folder(c Config, dir string) (sure, watch []File, r Report) {
	r = Report{Name: c.Name, Kind: c.Kind(), Where: c.Where()}
	files, left, err := p.List(c.Folder.Path)
	r.Left = left
	if err != nil {
		r.Err = fmt.Errorf("文件夹 %s 读不到：%s。请看共享是否已挂上、路径是否写对", c.Folder.Path, reasonOf(err))
		return nil, nil, r
	}
	was := readState(dir, c)
	for _, f := range files {
		e, ok := was.Files[p.below(c, f)]
		if f.Size > MaxSize {
			r.Left = append(r.Left, Left{f.Path, TooBig, tooBigReason})
			continue
		}
		r.Files++
		if ok && e.Size == f.Size && e.Modified.Equal(f.Modified) {
			sure = append(sure, f)
		} else {
			watch = append(watch, f)
		}
	}
	r.Unchanged = len(sure)
	return sure, watch, r
}

func (p *Puller) below(c Config, f File) string {
	rel, err := filepath.Rel(c.Folder.Path, f.Path)
	if err != nil {
		return f.Path
	}
	return filepath.ToSlash(rel)
}

// Seen notes the files of a folder source that kept still.
func (p *Puller) Seen(c Config, dir string, still []File, r Report) error {
	s := newState(c)
	for _, f := range still {
		rel := p.below(c, f)
		s.Files[rel] = entry{Path: rel, Size: f.Size, Modified: f.Modified}
	}
	if r.Err != nil {
		// What is known of the files is still true.
		old := readState(dir, c)
		s.Files, s.Pulled = old.Files, old.Pulled
	}
	s.note(p.Now(), r)
	return s.write(dir)
}
