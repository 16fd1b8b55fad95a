package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/intake"
	"doudi/jobs/schedule"
	"doudi/jobs/schedule/notify"
	"doudi/jobs/sources"
	"doudi/jobs/store/anchor"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
	"doudi/jobs/yearend"
	"doudi/reports/catalogue"
	"doudi/rules"
	"doudi/rules/pack"

	"github.com/goccy/go-yaml"
)

const (
	configFile = "doudi.yaml"
	ledgerFile = "doudi.db"
	keyFile    = "doudi.key"
	anchorFile = "doudi.anchor"
)

// config is doudi.yaml. Unknown keys are errors.
type config struct {
	Areas      []areaConfig        `yaml:"areas"`
	Out        string              `yaml:"out"` // where workbooks go; default out/
	Columns    map[string][]string `yaml:"columns"`
	Categories map[string][]string `yaml:"categories"`
	Quiet      string              `yaml:"quiet"` // how long a file must not change; default 2s
	Reconcile  finance.Config      `yaml:"reconcile"`
	Schedule   []schedule.Entry    `yaml:"schedule"`
	Notify     notify.Config       `yaml:"notify"` // who is told of a scheduled job that failed
	PDF        bool                `yaml:"pdf"`    // the leaders' page is printed too
}

type areaConfig struct {
	Code    string           `yaml:"code"`
	Name    string           `yaml:"name"`
	Inbox   string           `yaml:"inbox"`
	Sources []sources.Config `yaml:"sources"`
	Packs   []packConfig     `yaml:"packs"`
	// Insurers are the companies that run an insurance, by item.
	Insurers map[string]string `yaml:"insurers"`
	// Departments are who gets a workbook otherwise than the catalogue says.
	Departments []catalogue.Office `yaml:"departments"`
}

type packConfig struct {
	ID      string `yaml:"id"`
	File    string `yaml:"file"`
	Overlay string `yaml:"overlay"`
}

var areaCode = regexp.MustCompile(`^\d{6}$`)

// workspace is an open workspace.
type workspace struct {
	dir    string
	conf   config
	store  *sqlite.Store
	vault  *vault.Vault
	areas  []jobs.Area
	quiet  time.Duration
	jobs   []schedule.Job // by the clock
	copied string         // the copy that a dry run works on
}

// openWorkspace reads the configuration and opens the ledger.
func openWorkspace(ctx context.Context, dir string) (*workspace, error) {
	w := &workspace{dir: dir}
	if err := w.configure(); err != nil {
		return nil, err
	}
	v, err := vault.Open(w.path(keyFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &problem{code: exitFailure, msg: "找不到密钥文件 " + keyFile, hint: "没有它就读不出账里的身份信息；请从备份取回，放在工作目录里"}
	}
	if err != nil {
		return nil, err
	}
	if w.store, err = sqlite.Open(ctx, w.path(ledgerFile), v); err != nil {
		return nil, err
	}
	w.vault = v
	if err := w.store.AnchorTo(ctx, w.anchorAt(w.path(anchorFile))); err != nil {
		return nil, errors.Join(err, w.store.Close())
	}
	return w, nil
}

// anchorAt is an anchor file of this workspace's ledger.
func (w *workspace) anchorAt(path string) *anchor.File {
	return anchor.New(path, func(text string) [16]byte { return w.vault.Lookup("anchor", text) })
}

func (w *workspace) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// out is a place in the output folder.
func (w *workspace) out(parts ...string) string {
	base := w.path("out")
	if w.conf.Out != "" {
		base = w.rel(w.conf.Out)
	}
	return filepath.Join(append([]string{base}, parts...)...)
}

// rel resolves a path of the configuration.
func (w *workspace) rel(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return w.path(filepath.FromSlash(p))
}

// configure reads doudi.yaml with its packs and overlays.
func (w *workspace) configure() error {
	data, err := os.ReadFile(w.path(configFile))
	if errors.Is(err, os.ErrNotExist) {
		return &problem{code: exitUsage, msg: fmt.Sprintf("%s 不是工作目录（没有 %s）", w.dir, configFile),
			hint: "用 doudi init 目录 --area 330100 --pack hangzhou-2022-70 建一个，或用 -C 指明工作目录"}
	}
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)), yaml.Strict(), yaml.DisallowUnknownField())
	if err := dec.Decode(&w.conf); err != nil && !errors.Is(err, io.EOF) {
		return &problem{code: exitUsage, msg: configFile + " 有误", err: withoutSecrets(err)}
	}
	if err := w.readQuiet(); err != nil {
		return err
	}
	for f := range w.conf.Columns {
		if !intake.IsField(f) {
			return &problem{code: exitUsage, msg: fmt.Sprintf("%s 的 columns 里没有字段 %q", configFile, f), hint: "可用的字段：" + strings.Join(intake.Fields(), "、")}
		}
	}
	for c := range w.conf.Categories {
		if k, err := rules.ParseCategory(c); err != nil || k == rules.NoCategory {
			var all []string
			for _, k := range rules.Categories() {
				all = append(all, k.String()+" "+k.Chinese())
			}
			return &problem{code: exitUsage, msg: fmt.Sprintf("%s 的 categories 里没有困难类别代码 %q", configFile, c), hint: "可用的代码：" + strings.Join(all, "、")}
		}
	}
	if err := intake.CheckNames(w.conf.Columns, w.conf.Categories); err != nil {
		return &problem{code: exitUsage, msg: configFile + " 有误", err: err}
	}
	payments, err := w.conf.Reconcile.Options()
	if err != nil {
		return &problem{code: exitUsage, msg: configFile + " 的 reconcile 有误", err: err}
	}
	if len(w.conf.Areas) == 0 {
		return &problem{code: exitUsage, msg: configFile + " 没有 areas（统筹区）"}
	}
	seen := map[string]bool{}
	for i, a := range w.conf.Areas {
		if !areaCode.MatchString(a.Code) || seen[a.Code] {
			return &problem{code: exitUsage, msg: fmt.Sprintf("%s 中统筹区代码 %q 有误或重复，应为六位数字", configFile, a.Code)}
		}
		seen[a.Code] = true
		area := jobs.Area{Code: a.Code, Name: a.Name, Inbox: w.rel(a.Inbox), Columns: w.conf.Columns, Reconcile: payments, Insurers: a.Insurers}
		for item := range a.Insurers {
			if !slices.Contains(yearend.Insured(), item) {
				return &problem{code: exitUsage, msg: fmt.Sprintf("%s 中统筹区 %s 的 insurers 里没有项目 %q", configFile, a.Code, item), hint: "可用的项目：" + strings.Join(yearend.Insured(), "、")}
			}
		}
		if a.Inbox == "" {
			area.Inbox = w.path("inbox", a.Code)
		}
		var err error
		if area.Sources, err = w.sources(a, area.Inbox); err != nil {
			return err
		}
		for _, pc := range a.Packs {
			l, err := w.layer(pc)
			if err != nil {
				return err
			}
			area.Layers = append(area.Layers, l)
			if area.Codes, err = l.CodeTable(); err != nil {
				return &problem{code: exitUsage, err: err}
			}
		}
		area.Categories = wordsOf(w.conf.Categories, area.Codes.Words())
		if len(area.Layers) == 0 {
			return &problem{code: exitUsage, msg: fmt.Sprintf("%s 中统筹区 %s 没有 packs（政策包）", configFile, a.Code)}
		}
		if area.Name == "" {
			area.Name = area.Layers[0].AreaName
		}
		area.Reading = readingDigest(&area)
		if area.Policy, err = pack.Compile(a.Code, area.Layers); err != nil {
			return &problem{code: exitUsage, msg: "政策有误", err: err}
		}
		area.Policy.In(area.Name) // an area that is itself a county
		if err := w.checkDepartments(data, i, &area); err != nil {
			return err
		}
		w.areas = append(w.areas, area)
	}
	return w.readSchedule(data)
}

// wordsOf are the words for categories that an area reads: the office's own, and
// those of its documents that the office does not read otherwise.
func wordsOf(office, documents map[string][]string) map[string][]string {
	own := map[string]bool{}
	out := map[string][]string{}
	for code, words := range office {
		out[code] = slices.Clone(words)
		for _, w := range words {
			own[rules.Fold(w)] = true
		}
	}
	for code, words := range documents {
		for _, w := range words {
			if !own[rules.Fold(w)] {
				out[code] = append(out[code], w)
			}
		}
	}
	return out
}

// readingDigest is over what decides how a cell is read: rows that came back
// under one may be taken under another.
func readingDigest(a *jobs.Area) string {
	h := sha256.New()
	for _, l := range a.Layers {
		fmt.Fprintln(h, l.ID, l.Digest)
		if l.Overlay != nil {
			fmt.Fprintln(h, l.Overlay.Digest)
		}
	}
	j, err := json.Marshal([]any{a.Columns, a.Categories, intake.ReadingVersion}) // sorted keys
	if err != nil {
		panic(err) // strings
	}
	h.Write(j)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func (w *workspace) layer(pc packConfig) (pack.Layered, error) {
	var l pack.Layered
	var err error
	switch {
	case pc.File != "":
		data, rerr := os.ReadFile(w.rel(pc.File))
		if rerr != nil {
			return l, rerr
		}
		l.Pack, err = pack.Parse(pc.File, data)
	default:
		l.Pack, err = pack.Load(pc.ID)
	}
	if err != nil {
		return l, &problem{code: exitUsage, msg: "政策包有误", err: err}
	}
	if pc.Overlay != "" {
		data, rerr := os.ReadFile(w.rel(pc.Overlay))
		if rerr != nil {
			return l, &problem{code: exitUsage, msg: fmt.Sprintf("%s 里写了叠加文件 %s，但读不到它", configFile, pc.Overlay), hint: "建好这个文件，或从 " + configFile + " 里去掉 overlay 一行", err: rerr}
		}
		if l.Overlay, err = pack.ParseOverlay(pc.Overlay, data); err != nil {
			return l, &problem{code: exitUsage, msg: "叠加文件有误", err: err}
		}
	}
	return l, nil
}

func (w *workspace) close() error {
	if w.store == nil {
		return nil
	}
	return w.store.Close()
}

// area finds the area that a command means: the one named, the only one, or the
// one in whose inbox a file lies.
func (w *workspace) area(code, path string) (*jobs.Area, error) {
	if code == "" && len(w.areas) == 1 {
		return &w.areas[0], nil
	}
	abs, _ := filepath.Abs(path)
	for i := range w.areas {
		a := &w.areas[i]
		if a.Code == code {
			return a, nil
		}
		inbox, _ := filepath.Abs(a.Inbox)
		if code == "" && path != "" && strings.HasPrefix(abs, inbox+string(filepath.Separator)) {
			return a, nil
		}
	}
	var codes []string
	for _, a := range w.areas {
		codes = append(codes, a.Code+" "+a.Name)
	}
	if code == "" {
		return nil, usage("有几个统筹区，请用 --area 指明其中之一：%s", strings.Join(codes, "、"))
	}
	return nil, usage("没有统筹区 %s，可用的有：%s", code, strings.Join(codes, "、"))
}

// archive keeps a file as it was received, under its hash, readable by the
// owner alone.
func (w *workspace) archive(path, sha string) error {
	dir := w.path("archive", sha[:2])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	to := filepath.Join(dir, sha+strings.ToLower(filepath.Ext(path)))
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	tmp, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, in)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), to)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
