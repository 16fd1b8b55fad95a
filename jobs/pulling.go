package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/jobs/sources"
	"doudi/rules/civil"
)

// SourceOutcome is what became of a source of an area.
type SourceOutcome struct {
	Area string
	sources.Report
}

// Waiting is a file that a run left alone.
type Waiting struct {
	Area, Source string // Source is "" for the inbox itself
	sources.Left
}

// Missing reports whether the run had to do without something that it should
// have had, and that does not come by itself the next time.
func (o *Outcome) Missing() bool {
	return slices.ContainsFunc(o.Sources, func(s SourceOutcome) bool { return s.Err != nil }) ||
		slices.ContainsFunc(o.Waiting, func(w Waiting) bool { return w.Failed() })
}

// due is a file that a run is to read.
type due struct {
	area   *Area
	source string
	path   string // as people know it
	sources.File
	watch bool // it must keep still before it is taken
}

// waits puts a file aside for the next run.
func (o *Outcome) waits(area, source string, left ...sources.Left) {
	for _, l := range left {
		o.Waiting = append(o.Waiting, Waiting{area, source, l})
	}
}

// take pulls the files of all areas and imports them. A source that fails is an
// outcome, not an error: the rest of the month does not wait for it.
func (c *Cycle) take(ctx context.Context, run ledger.Run, o RunOptions, out *Outcome) (err error) {
	scratch, err := c.scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if !o.Dry {
		if out.GivenBack, err = c.payDebts(ctx, scratch); err != nil {
			return err
		}
	}
	var files []due
	err = c.alive(ctx, run, func(ctx context.Context) error {
		files, err = c.pull(ctx, filepath.Join(scratch, "dry"), o, out)
		return err
	})
	if err != nil {
		return err
	}
	for i, d := range files {
		f, err := c.importDue(ctx, d, filepath.Join(scratch, strconv.Itoa(i)), o.Month)
		switch left, ok := errors.AsType[*leftAlone](err); {
		case ok:
			out.waits(d.area.Code, d.source, left.Left)
		case err != nil:
			return err
		case f.Skipped:
			out.Known++
			out.KnownReturned += f.File.Returned
		default:
			out.Files = append(out.Files, f)
		}
		c.progress("读入", i+1, len(files))
		// While a file is being taken the write lock shows that we live.
		if err := c.Store.Beat(ctx, run, c.Now()); err != nil {
			return err
		}
	}
	return nil
}

// scratchName begins the names of the folders with copies of files at work.
const scratchName = ".incoming-"

// scratch makes a folder for copies. A run that was killed may have left its own:
// nobody else runs now, so they go.
func (c *Cycle) scratch() (string, error) {
	if c.Scratch != "" {
		old, err := filepath.Glob(filepath.Join(c.Scratch, scratchName+"*"))
		if err != nil {
			return "", err
		}
		for _, dir := range old {
			if err := os.RemoveAll(dir); err != nil {
				return "", err
			}
		}
		if err := os.MkdirAll(c.Scratch, 0o700); err != nil {
			return "", err
		}
	}
	return os.MkdirTemp(c.Scratch, scratchName+"*")
}

// beatEvery is well within the lease of a run.
var beatEvery = 15 * time.Second

// alive does f and shows meanwhile that the run lives: a download may take longer
// than its lease. It ends f when the run is no longer ours.
func (c *Cycle) alive(ctx context.Context, run ledger.Run, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	beaten := make(chan error, 1)
	go func() {
		t := time.NewTicker(beatEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				beaten <- nil
				return
			case <-t.C:
				if err := c.Store.Beat(ctx, run, c.Now()); err != nil && ctx.Err() == nil {
					cancel()
					beaten <- err
					return
				}
			}
		}
	}()
	err := f(ctx)
	cancel()
	if lost := <-beaten; lost != nil {
		return lost
	}
	return err
}

// pull brings in what remote sources have and lists the files to read, in a fixed
// order: area by area, the inbox and then the folders. dry is where a dry run puts
// what it fetches.
func (c *Cycle) pull(ctx context.Context, dry string, o RunOptions, out *Outcome) ([]due, error) {
	p := &sources.Puller{Now: c.Now, Sleep: c.Sleep, Quiet: c.Quiet, Later: func(folder string) bool {
		m := monthInPath.FindStringSubmatch(folder) // 2023-09, 2023-9, 2023年9月, 202309
		return m != nil && monthOf(m) > o.Month
	}}
	for i := range c.Areas {
		if err := c.fetch(ctx, p, &c.Areas[i], dry, o, out); err != nil {
			return nil, err
		}
	}
	var all []due
	for i := range c.Areas {
		a := &c.Areas[i]
		inbox, err := c.inbox(p, a, dry, o, out)
		if err != nil {
			return nil, err
		}
		all = append(all, inbox...)
		for _, s := range a.Sources {
			if s.Folder != nil {
				all = append(all, folder(p, a, s, out)...)
			}
		}
	}
	all, err := c.still(ctx, p, all, out)
	if err != nil || o.Dry {
		return all, err
	}
	return all, c.seen(p, all, out)
}

// fetch mirrors the remote sources of an area.
func (c *Cycle) fetch(ctx context.Context, p *sources.Puller, a *Area, dry string, o RunOptions, out *Outcome) error {
	for i, s := range a.Sources {
		if s.Folder != nil {
			continue
		}
		dir := sources.Dir(a.Inbox, s.Name)
		into := dir
		if o.Dry {
			into = filepath.Join(dry, a.Code, s.Name)
		}
		r := p.Mirror(ctx, s, dir, into)
		if err := ctx.Err(); err != nil {
			return err
		}
		out.waits(a.Code, s.Name, r.Left...)
		out.Sources = append(out.Sources, SourceOutcome{a.Code, r})
		c.progress("取来源 "+a.Name, i+1, len(a.Sources))
	}
	return nil
}

// inbox lists an area's inbox with its mirrors. In a dry run what was fetched just
// now stands in for the mirror's own.
func (c *Cycle) inbox(p *sources.Puller, a *Area, dry string, o RunOptions, out *Outcome) ([]due, error) {
	files, left, err := p.List(a.Inbox)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // an inbox that is not there yet is empty
	}
	if err != nil {
		return nil, err
	}
	out.waits(a.Code, "", left...)
	var all []due
	for _, f := range files {
		all = append(all, due{area: a, path: f.Path, File: f, watch: p.Recent(f)})
	}
	for _, s := range a.Sources {
		if s.Folder != nil {
			continue
		}
		dir := sources.Dir(a.Inbox, s.Name)
		for i := range all {
			if strings.HasPrefix(all[i].path, dir+string(filepath.Separator)) {
				// We put it there, whole.
				all[i].source, all[i].watch = s.Name, false
			}
		}
		if o.Dry {
			if all, err = stand(p, all, a, s.Name, dir, filepath.Join(dry, a.Code, s.Name)); err != nil {
				return nil, err
			}
		}
	}
	// A correction comes after what it may correct, whatever their names.
	slices.SortFunc(all, func(x, y due) int {
		late := func(d due) int {
			if intake.IsCorrection(filepath.Base(d.path)) {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(late(x), late(y)), strings.Compare(x.path, y.path))
	})
	return all, nil
}

// stand puts the files of into in the place of those of the same names in dir.
func stand(p *sources.Puller, all []due, a *Area, source, dir, into string) ([]due, error) {
	fetched, _, err := p.List(into)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range fetched {
		path := filepath.Join(dir, strings.TrimPrefix(f.Path, into))
		all = slices.DeleteFunc(all, func(d due) bool { return d.path == path })
		all = append(all, due{area: a, source: source, path: path, File: f})
	}
	return all, nil
}

// folder lists a folder source.
func folder(p *sources.Puller, a *Area, s sources.Config, out *Outcome) []due {
	sure, watch, r := p.Folder(s, sources.Dir(a.Inbox, s.Name))
	out.waits(a.Code, s.Name, r.Left...)
	out.Sources = append(out.Sources, SourceOutcome{a.Code, r})
	var all []due
	for _, f := range sure {
		all = append(all, due{area: a, source: s.Name, path: f.Path, File: f})
	}
	for _, f := range watch {
		all = append(all, due{area: a, source: s.Name, path: f.Path, File: f, watch: true})
	}
	slices.SortFunc(all, func(x, y due) int { return strings.Compare(x.path, y.path) })
	return all
}

// still waits once for all files that may still be written and leaves out those
// that change.
func (c *Cycle) still(ctx context.Context, p *sources.Puller, all []due, out *Outcome) ([]due, error) {
	var watch []sources.File
	for _, d := range all {
		if d.watch {
			watch = append(watch, d.File)
		}
	}
	_, left, err := p.Watch(ctx, watch)
	if err != nil {
		return nil, err
	}
	moving := map[string]sources.Left{}
	for _, l := range left {
		moving[l.Path] = l
	}
	return slices.DeleteFunc(all, func(d due) bool {
		l, ok := moving[d.Path]
		if ok {
			out.waits(d.area.Code, d.source, l)
		}
		return ok
	}), nil
}

// seen notes for each folder source what it had.
func (c *Cycle) seen(p *sources.Puller, all []due, out *Outcome) error {
	for i := range c.Areas {
		a := &c.Areas[i]
		for _, s := range a.Sources {
			if s.Folder == nil {
				continue
			}
			var files []sources.File
			var fresh []string
			for _, d := range all {
				if d.area == a && d.source == s.Name {
					files = append(files, d.File)
					if d.watch {
						fresh = append(fresh, d.path)
					}
				}
			}
			k := slices.IndexFunc(out.Sources, func(x SourceOutcome) bool { return x.Area == a.Code && x.Name == s.Name })
			out.Sources[k].Fetched = fresh
			if err := p.Seen(s, sources.Dir(a.Inbox, s.Name), files, out.Sources[k].Report); err != nil {
				return err
			}
		}
	}
	return nil
}

// leftAlone says that a file was not taken after all.
type leftAlone struct{ sources.Left }

func (l *leftAlone) Error() string { return l.Path + " " + l.Reason }

// importDue imports a file from a copy of it, so that what is hashed, read, given
// back and archived are the same bytes whoever writes to the file meanwhile.
func (c *Cycle) importDue(ctx context.Context, d due, scratch string, month civil.Month) (FileOutcome, error) {
	out := FileOutcome{Path: d.path}
	sha, err := sources.Hash(d.File)
	if err != nil {
		return out, &leftAlone{sources.LeftOf(d.path, err)}
	}
	f, known, err := c.known(ctx, d.area, d.path, sha)
	if err != nil {
		return out, err
	}
	if known && f.Returned == 0 {
		// Whatever ImportFile has to say of the others, it has nothing to do here.
		out.File, out.Skipped = f, true
		return out, nil
	}
	// The names of the file and of its folder tell month and sender.
	at := filepath.Join(scratch, filepath.Base(filepath.Dir(d.path)), filepath.Base(d.path))
	copied, err := sources.Snapshot(d.File, at)
	if err == nil && copied != sha {
		err = sources.ErrChanged
	}
	if err != nil {
		return out, &leftAlone{sources.LeftOf(d.path, err)}
	}
	out, err = c.ImportFile(ctx, d.area, at, ImportOptions{Kind: intake.Auto, FallbackMonth: month, SkipKnown: true})
	out.Path = d.path
	if err != nil {
		return out, fmt.Errorf("%s：%w", intake.HideIDs(d.path), err)
	}
	return out, os.RemoveAll(scratch)
}
