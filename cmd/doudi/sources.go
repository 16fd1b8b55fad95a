package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"doudi/jobs"
	"doudi/jobs/sources"

	"github.com/spf13/cobra"
)

// defaultQuiet: SFTP and many shares tell times in whole seconds; in two, a file
// that is being written shows it.
const defaultQuiet = 2 * time.Second

// readQuiet reads how long a file must not change.
func (w *workspace) readQuiet() error {
	w.quiet = defaultQuiet
	if w.conf.Quiet == "" {
		return nil
	}
	d, err := time.ParseDuration(w.conf.Quiet)
	if err != nil || d < 0 || d > 10*time.Minute {
		return &problem{code: exitUsage, msg: fmt.Sprintf("%s 的 quiet %q 有误，应在 0s 到 10m 之间，如 2s", configFile, w.conf.Quiet)}
	}
	w.quiet = d
	return nil
}

// sources checks the sources of an area and makes their paths absolute.
func (w *workspace) sources(a areaConfig, inbox string) ([]sources.Config, error) {
	seen := map[string]bool{}
	for i := range a.Sources {
		s := &a.Sources[i]
		wrong := func(err error) error {
			return &problem{code: exitUsage, msg: fmt.Sprintf("%s 中统筹区 %s 的第 %d 个来源%s有误", configFile, a.Code, i+1, quoted(s.Name)), err: err}
		}
		if err := s.Check(); err != nil {
			return nil, wrong(err)
		}
		if jobs.MonthOf(filepath.Join(s.Name, "x")) != 0 {
			return nil, wrong(errors.New("name 里不能有月份：收件箱里带月份的文件夹到那个月才读"))
		}
		if key := strings.ToLower(s.Name); seen[key] {
			return nil, wrong(errors.New("这个 name 写了两次"))
		} else {
			seen[key] = true
		}
		s.Resolve(w.rel)
		if s.Folder != nil && (within(s.Folder.Path, inbox) || within(inbox, s.Folder.Path)) {
			return nil, wrong(fmt.Errorf("文件夹 %s 与收件箱 %s 重叠；收件箱本来就会读", s.Folder.Path, inbox))
		}
	}
	return a.Sources, nil
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return "（" + name + "）"
}

// within reports whether a path is dir or lies below it.
func within(path, dir string) bool {
	p, err1 := filepath.Abs(path)
	d, err2 := filepath.Abs(dir)
	if err1 != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(d, p)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// secretLine is a line of doudi.yaml with a secret that should not stand there.
var secretLine = regexp.MustCompile(`(?i)\b(password|passphrase|bearer|token|secret|authorization)(["']?\s*:\s*).*`)

// withoutSecrets hides them in the lines that an error shows of the file.
func withoutSecrets(err error) error {
	return errors.New(secretLine.ReplaceAllString(err.Error(), "$1$2***"))
}

func (a *app) sourcesCmd() *cobra.Command {
	var area, format string
	var check bool
	c := &cobra.Command{
		Use:   "sources [--area 330100] [--check] [--format csv|json]",
		Short: "列出 doudi.yaml 里的来源；--check 连上去看一次运行会取什么",
		Long: "列出各统筹区的来源（文件夹、SFTP、HTTPS）：在哪里，上次取到是什么时候，有多少文件，上次出了什么错。\n" +
			"--check 真的连上去，逐个文件列出一次运行会取什么，但什么也不取、不改。status 一列：new 新文件，changed 有改动，\n" +
			"unchanged 已取过，open 正被编辑，其余为取不到的原因。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := &workspace{dir: a.dir}
			if err := w.configure(); err != nil {
				return err
			}
			areas := w.areas
			if area != "" {
				ar, err := w.area(area, "")
				if err != nil {
					return err
				}
				areas = []jobs.Area{*ar}
			}
			if check {
				return a.checkSources(cmd.Context(), w, areas, format)
			}
			return a.listSources(areas, format)
		},
	}
	c.Flags().StringVar(&area, "area", "", "只看这个统筹区")
	c.Flags().BoolVar(&check, "check", false, "连上去看一次运行会取什么")
	formatFlag(c, &format, "csv", "json")
	return c
}

func (a *app) listSources(areas []jobs.Area, format string) error {
	t, err := newTable(a.out, format, "area", "name", "kind", "where", "last_pulled", "files", "last_tried", "error")
	if err != nil {
		return err
	}
	for _, ar := range areas {
		for _, s := range ar.Sources {
			st := sources.StatusOf(sources.Dir(ar.Inbox, s.Name), s)
			if err := t.row(ar.Code, s.Name, s.Kind(), s.Where(), moment(st.Pulled), strconv.Itoa(st.Files), moment(st.Tried), st.Error); err != nil {
				return err
			}
		}
	}
	return t.close()
}

// checkSources connects to each source. One that fails is told on standard error,
// and the others are asked all the same.
func (a *app) checkSources(ctx context.Context, w *workspace, areas []jobs.Area, format string) error {
	t, err := newTable(a.out, format, "area", "name", "kind", "file", "size", "modified", "status", "note")
	if err != nil {
		return err
	}
	p := &sources.Puller{Now: a.now, Quiet: w.quiet}
	for _, ar := range areas {
		for _, s := range ar.Sources {
			rows, err := p.Check(ctx, s, sources.Dir(ar.Inbox, s.Name))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				a.code = exitFailure
				fmt.Fprintf(a.err, "错误：%s 来源 %s：%v\n", ar.Code, s.Name, err)
				continue
			}
			for _, r := range rows {
				size := ""
				if r.Size >= 0 {
					size = strconv.FormatInt(r.Size, 10)
				}
				if (sources.Left{Code: r.Status}).Failed() && r.Note != "" {
					a.code = exitFailure
				}
				if err := t.row(ar.Code, s.Name, s.Kind(), r.Path, size, moment(r.Modified), r.Status, r.Note); err != nil {
					return err
				}
			}
		}
	}
	return t.close()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(shanghai).Format("2006-01-02 15:04:05")
}

// saySources tells what became of the sources and which files were left alone.
func (a *app) saySources(o jobs.Outcome) {
	for _, s := range o.Sources {
		if s.Err != nil {
			fmt.Fprintf(a.out, "  来源 %s %s 没有取全：%v\n", s.Area, s.Name, s.Err)
			continue
		}
		fmt.Fprintf(a.out, "  来源 %s %s：新取 %d 个文件，未变 %d 个\n", s.Area, s.Name, len(s.Fetched), s.Unchanged)
	}
	for _, w := range o.Waiting {
		what := "留待下次"
		if w.Failed() {
			what = "没有取到"
		}
		from := ""
		if w.Source != "" {
			from = "来源 " + w.Source + " 的 "
		}
		fmt.Fprintf(a.out, "  %s %s %s%s：%s\n", what, w.Area, from, w.Path, w.Reason)
	}
}

type sourceJSON struct {
	Area      string   `json:"area"`
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Where     string   `json:"where"`
	Files     int      `json:"files"`
	Fetched   []string `json:"fetched"`
	Unchanged int      `json:"unchanged"`
	Error     string   `json:"error"`
}

func sourcesJSON(all []jobs.SourceOutcome) []sourceJSON {
	out := []sourceJSON{}
	for _, s := range all {
		j := sourceJSON{s.Area, s.Name, s.Kind, s.Where, s.Files, append([]string{}, s.Fetched...), s.Unchanged, ""}
		if s.Err != nil {
			j.Error = s.Err.Error()
		}
		out = append(out, j)
	}
	return out
}

type waitingFileJSON struct {
	Area   string `json:"area"`
	Source string `json:"source"`
	File   string `json:"file"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Failed bool   `json:"failed"` // it does not come by itself the next time
}

func waitingJSON(all []jobs.Waiting) []waitingFileJSON {
	out := []waitingFileJSON{}
	for _, w := range all {
		out = append(out, waitingFileJSON{w.Area, w.Source, w.Path, w.Code, w.Reason, w.Failed()})
	}
	return out
}
