package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs/sources/sshdtest"

	"github.com/rogpeppe/go-internal/testscript"
)

// servers are the scripts' own, by their folders.
var servers sync.Map

// sshd start: a real OpenSSH server; sshd rekey: it gets another host key; sshd
// stop: it is killed. The environment tells how to reach it.
func sshd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sshd start|rekey|stop")
	}
	if args[0] == "start" {
		s, err := sshdtest.Start(ts.MkAbs("sshd"))
		ts.Check(err)
		servers.Store(ts.Getenv("WORK"), s)
		ts.Defer(func() { ts.Check(s.Stop()) })
	}
	v, ok := servers.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("sshd start comes first")
	}
	s := v.(*sshdtest.Server)
	switch args[0] {
	case "rekey":
		ts.Check(s.Rekey())
	case "stop":
		ts.Check(s.Stop())
	}
	ts.Setenv("SSH_PORT", fmt.Sprint(s.Port))
	ts.Setenv("SSH_USER", s.User)
	ts.Setenv("SSH_KEY", s.UserKey)
	ts.Setenv("SSH_HOSTKEY", s.Fingerprint)
}

// web DIR: a real TLS server of a folder, for whoever brings the token.
func web(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: web dir")
	}
	dir := ts.MkAbs(args[0])
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.Base(r.URL.Path)))
		switch {
		case r.Header.Get("Authorization") != "Bearer hunter2":
			w.WriteHeader(http.StatusForbidden)
		case err != nil:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(data)))
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	ts.Defer(s.Close)
	ca := ts.MkAbs("ca.pem")
	ts.Check(os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	ts.Setenv("WEB", s.URL)
	ts.Setenv("WEB_CA", ca)
}

// expand FROM TO: copies a file and puts in the environment.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: expand from to")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

const rosterHead = "变动类型,姓名,身份证号,困难类别,致困原因,认定日期\n"

const rosterText = rosterHead + "新增,张三,99000119600101001X,低保,因病,2023-08-31\n"

// newSmall makes a workspace with one area in this process.
func newSmall(t *testing.T, more string) (ws, inbox string) {
	t.Helper()
	ws = filepath.Join(t.TempDir(), "ws")
	doudi(t, t.TempDir(), []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	conf := filepath.Join(ws, configFile)
	data, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, append(data, more...), 0o644); err != nil {
		t.Fatal(err)
	}
	return ws, filepath.Join(ws, "inbox", "330100")
}

// runNow runs a month by the real clock, by which files are recent.
func runNow(t *testing.T, ws string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	a := newApp(&out, &errOut)
	a.now = func() time.Time { return time.Now().In(shanghai) }
	code = a.execute(context.Background(), append([]string{"-C", ws}, args...))
	return out.String(), errOut.String(), code
}

// TestRunWhileFilesAreWritten: a file that a program writes while the run looks
// is left for the next one, and named; a list that is done is taken.
func TestRunWhileFilesAreWritten(t *testing.T) {
	ws, inbox := newSmall(t, "quiet: 400ms\n")
	if err := os.WriteFile(filepath.Join(inbox, "民政.csv"), []byte(rosterText), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(inbox, "残联.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(rosterHead); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan bool), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			case <-time.After(10 * time.Millisecond):
				if _, err := f.WriteString("新增,李四,99000119700202002X,低边,,2023-01-01\n"); err != nil {
					stopped <- err
					return
				}
			}
		}
	}()
	if err := os.WriteFile(filepath.Join(inbox, "乡村振兴.xlsx"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(inbox, "~$乡村振兴.xlsx"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := runNow(t, ws, "run", "--month", "2023-08", "--format", "json")
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Files   []struct{ File string }
		Waiting []waitingFileJSON
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitDone {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if len(got.Files) != 1 || got.Files[0].File != filepath.Join(inbox, "民政.csv") {
		t.Errorf("taken: %+v", got.Files)
	}
	if len(got.Waiting) != 2 || got.Waiting[0].Code != "open" || got.Waiting[1].Code != "writing" || got.Waiting[1].File != filepath.Join(inbox, "残联.csv") || got.Waiting[1].Failed {
		t.Errorf("waiting: %+v", got.Waiting)
	}
	stdout, stderr, code = runNow(t, ws, "run", "--month", "2023-08")
	if code != exitDone || !strings.Contains(stdout, "新文件 1 个") || !strings.Contains(stdout, "留待下次 330100 "+filepath.Join(inbox, "乡村振兴.xlsx")+"：正在被编辑") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	// What is archived is what was read, and no copy is left lying about.
	old, err := filepath.Glob(filepath.Join(ws, "archive", ".*"))
	if err != nil || len(old) != 0 {
		t.Errorf("left behind: %q %v", old, err)
	}
	files, err := filepath.Glob(filepath.Join(ws, "archive", "*", "*.csv"))
	if err != nil || len(files) != 2 {
		t.Fatalf("archived: %q %v", files, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if sum := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || sum+".csv" != filepath.Base(path) {
			t.Errorf("%s holds %s (%v)", path, sum, err)
		}
	}
}

// TestRunWithoutSecretsInErrors: what stands in doudi.yaml though it should not is
// not repeated, not even in the lines that an error shows.
func TestRunWithoutSecretsInErrors(t *testing.T) {
	for _, text := range []string{
		"    sources:\n      - name: a\n        sftp: {host: h, user: u, path: p, password: hunter2}\n",
		"    sources:\n      - name: a\n        sftp:\n          host: h\n          password: hunter2\n          colour: red\n",
		"    sources:\n      - name: a\n        https:\n          urls: ['https://u:hunter2@h/x']\n",
		"    sources:\n      - name: a\n        https:\n          urls: ['https://h/x']\n          bearer: hunter2\n",
	} {
		ws, _ := newSmall(t, "")
		conf := filepath.Join(ws, configFile)
		data, err := os.ReadFile(conf)
		if err != nil {
			t.Fatal(err)
		}
		with := strings.Replace(string(data), "    packs:\n", text+"    packs:\n", 1)
		if err := os.WriteFile(conf, []byte(with), 0o644); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := runNow(t, ws, "sources")
		if code != exitUsage || strings.Contains(stdout+stderr, "hunter2") {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	}
}
