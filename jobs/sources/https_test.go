package sources

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// web is a real TLS server with a certificate of its own CA.
type web struct {
	*httptest.Server
	http.Handler
	asked []*http.Request
	conf  Config
	dir   string
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.asked = append(w.asked, r)
	w.Handler.ServeHTTP(rw, r)
}

func startWeb(t *testing.T, h http.HandlerFunc, paths ...string) *web {
	t.Helper()
	w := &web{Handler: h, dir: filepath.Join(t.TempDir(), "inbox", "平台")}
	w.Server = httptest.NewUnstartedServer(w)
	w.Config.ErrorLog = log.New(io.Discard, "", 0)
	w.StartTLS()
	t.Cleanup(w.Close)
	w.conf = Config{Name: "平台", HTTPS: &HTTPS{CA: filepath.Join(t.TempDir(), "ca.pem")}}
	must(t, os.WriteFile(w.conf.HTTPS.CA, w.pem(), 0o600))
	for _, p := range paths {
		w.conf.HTTPS.URLs = append(w.conf.HTTPS.URLs, w.URL+p)
	}
	must(t, w.conf.Check())
	return w
}

func (w *web) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Certificate().Raw})
}

func (w *web) pull(p *Puller) Report {
	w.asked = nil
	return p.Mirror(context.Background(), w.conf, w.dir, w.dir)
}

func TestHTTPSTags(t *testing.T) {
	text, tag, modified := "one", `"v1"`, "Tue, 01 Aug 2023 08:00:00 GMT"
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		if tag != "" {
			rw.Header().Set("ETag", tag)
		}
		if modified != "" {
			rw.Header().Set("Last-Modified", modified)
		}
		if tag != "" && r.Header.Get("If-None-Match") == tag || tag == "" && modified != "" && r.Header.Get("If-Modified-Since") == modified {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(rw, text)
	}, "/2023/%E7%BB%93%E7%AE%97-2023-08.csv?token=hunter2")
	p, sleeps := newPuller()
	name := "结算-2023-08.csv"
	wantReport(t, w.pull(p), []string{name}, 0)
	wantTree(t, w.dir, map[string]string{name: "one"})
	st, err := os.Stat(filepath.Join(w.dir, name))
	must(t, err)
	if got := st.ModTime().UTC().Format(http.TimeFormat); got != modified {
		t.Errorf("the copy is of %s", got)
	}
	state, err := os.ReadFile(filepath.Join(w.dir, stateFile))
	must(t, err)
	if strings.Contains(string(state), "hunter2") {
		t.Error("the token stands in the state")
	}
	// The same tag: 304.
	text = "should not be sent"
	wantReport(t, w.pull(p), nil, 1)
	if got := w.asked[0].Header.Get("If-None-Match"); got != `"v1"` {
		t.Errorf("asked with %q", got)
	}
	// A new tag.
	text, tag = "two", `"v2"`
	wantReport(t, w.pull(p), []string{name}, 0)
	wantTree(t, w.dir, map[string]string{name: "two"})
	// No tag but a time.
	tag = ""
	wantReport(t, w.pull(p), nil, 1)
	// Neither: it is sent, and is the same or not.
	modified = ""
	wantReport(t, w.pull(p), nil, 1)
	text = "three"
	wantReport(t, w.pull(p), []string{name}, 0)
	wantTree(t, w.dir, map[string]string{name: "three"})
	// Lost here: asked for without conditions.
	must(t, os.Remove(filepath.Join(w.dir, name)))
	tag = `"v3"`
	wantReport(t, w.pull(p), []string{name}, 0)
	must(t, os.Remove(filepath.Join(w.dir, name)))
	wantReport(t, w.pull(p), []string{name}, 0)
	// Check tells and writes nothing.
	tag, text = `"v4"`, "four!"
	rows, err := p.Check(context.Background(), w.conf, w.dir)
	must(t, err)
	if len(rows) != 1 || rows[0].Status != "changed" || rows[0].Size != 5 || strings.Contains(rows[0].Path, "hunter2") {
		t.Errorf("%+v", rows)
	}
	wantTree(t, w.dir, map[string]string{name: "three"})
	if len(sleeps.asked) != 0 {
		t.Errorf("slept %v", sleeps.asked)
	}
}

func TestHTTPSNames(t *testing.T) {
	headers := map[string]string{
		"/1": `attachment; filename="a.csv"`,
		"/2": `attachment; filename*=UTF-8''%E6%B0%91%E6%94%BF.xlsx`,
		"/3": "attachment; filename=\"残联.xlsx\"",
		"/4": `attachment; filename=%E5%8C%BB%E4%BF%9D.csv`,
		"/5": `attachment; filename="../../evil.csv"`,
		"/6": `attachment; filename="..\\..\\bad.csv"`,
		"/7": `attachment; filename=".doudi-source.json"`,
		"/8": "attachment; filename=\"\xc3\xf1\xd5\xfe.xls\"", // GBK
		"/":  "",
	}
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header()["Content-Disposition"] = []string{headers[r.URL.Path]}
		fmt.Fprint(rw, r.URL.Path)
	}, "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/", "/x/1?a=a.csv", "/y/a.csv")
	headers["/x/1"] = `attachment; filename="A.CSV"`
	p, _ := newPuller()
	r := w.pull(p)
	must(t, r.Err)
	got := tree(t, filepath.Dir(filepath.Dir(w.dir)))
	for name, text := range map[string]string{"a.csv": "/1", "民政.xlsx": "/2", "残联.xlsx": "/3", "医保.csv": "/4", "evil.csv": "/5", "bad.csv": "/6", "7": "/7", "民政.xls": "/8"} {
		if got["inbox/平台/"+name] != text {
			t.Errorf("%s holds %q, want %q", name, got["inbox/平台/"+name], text)
		}
	}
	if len(got) != 11 || len(r.Fetched) != 11 {
		t.Errorf("%d files: %v", len(got), got)
	}
	if again := w.pull(p); len(again.Fetched) != 0 || again.Unchanged != 11 {
		t.Errorf("again: %+v", again)
	}
}

func TestHTTPSBroken(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<12)
	mode, failures := "", 0
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		if failures > 0 {
			failures--
			switch mode {
			case "truncated":
				rw.Header().Set("Content-Length", fmt.Sprint(len(big)))
				fallthrough
			case "truncated chunks":
				fmt.Fprint(rw, big[:1000])
				rw.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			case "longer before":
				rw.Header().Set("Content-Length", fmt.Sprint(3*len(big)))
				fmt.Fprint(rw, big, big)
				rw.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			case "no length":
				c, buf, err := rw.(http.Hijacker).Hijack()
				must(t, err)
				fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s", big[:1000])
				buf.Flush()
				c.Close()
				return
			case "hangs up":
				panic(http.ErrAbortHandler)
			case "503", "429":
				rw.WriteHeader(map[string]int{"503": 503, "429": 429}[mode])
				return
			}
		}
		switch mode {
		case "401", "404", "418":
			rw.WriteHeader(map[string]int{"401": 401, "404": 404, "418": 418}[mode])
		case "page":
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(rw, "<form>")
		case "zipped":
			rw.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(rw, "x")
		case "too big":
			rw.Header().Set("Content-Length", fmt.Sprint(len(big)))
			fmt.Fprint(rw, big)
		case "too big in chunks":
			rw.(http.Flusher).Flush()
			fmt.Fprint(rw, big)
		case "304":
			rw.WriteHeader(304)
		default:
			fmt.Fprint(rw, big)
		}
	}, "/a.csv")
	p, sleeps := newPuller()
	try := func(m string, n int) Report {
		t.Helper()
		mode, failures, sleeps.asked = m, n, nil
		must(t, os.RemoveAll(w.dir))
		return w.pull(p)
	}
	// What may pass is tried four times in all.
	for _, m := range []string{"truncated", "truncated chunks", "longer before", "hangs up", "503", "429"} {
		wantReport(t, try(m, 3), []string{"a.csv"}, 0)
		wantTree(t, w.dir, map[string]string{"a.csv": big})
		if !slices.Equal(sleeps.asked, backoff) {
			t.Errorf("%s: slept %v", m, sleeps.asked)
		}
		r := try(m, 99)
		wantReport(t, r, nil, 0, "failed "+w.URL+"/a.csv")
		wantTree(t, w.dir, map[string]string{})
		t.Log(m, r.Left[0].Reason)
		if !r.Failed() || StatusOf(w.dir, w.conf).Error == "" {
			t.Errorf("%s: no failure", m)
		}
	}
	defer func(was int64) { maxSize = was }(maxSize)
	maxSize = 1000
	for m, want := range map[string]string{"no length": "没有说文件有多长", "401": "不让取（401）", "404": "没有这个文件（404）", "418": "没有给出文件（418）", "304": "没有给出文件（304）",
		"page": "登录页", "zipped": "压缩", "too big": "512 MiB", "too big in chunks": "512 MiB"} {
		r := try(m, 99)
		must(t, r.Err)
		if len(r.Left) != 1 || !strings.Contains(r.Left[0].Reason, want) || !r.Failed() {
			t.Errorf("%s: %+v", m, r)
		}
		if len(sleeps.asked) != 0 {
			t.Errorf("%s: tried again", m)
		}
		wantTree(t, w.dir, map[string]string{})
	}
	w.Close()
	r := try("", 0)
	wantReport(t, r, nil, 0, "failed "+w.URL+"/a.csv")
	if !strings.Contains(r.Left[0].Reason, "拒绝连接") {
		t.Errorf("%+v", r.Left)
	}
}

// TestHTTPSOneFails: one address that fails does not keep the others back.
func TestHTTPSOneFails(t *testing.T) {
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/b.csv" {
			rw.WriteHeader(500)
		}
		fmt.Fprint(rw, "x")
	}, "/a.csv", "/b.csv", "/c.csv")
	p, _ := newPuller()
	wantReport(t, w.pull(p), []string{"a.csv", "c.csv"}, 0, "failed "+w.URL+"/b.csv")
}

func TestHTTPSCertificates(t *testing.T) {
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, "x") }, "/a.csv?token=hunter2")
	p, sleeps := newPuller()
	right := w.conf.HTTPS.CA
	check := func(ca, want string) {
		t.Helper()
		w.conf.HTTPS.CA = ca
		r := w.pull(p)
		text := fmt.Sprint(r.Err, r.Left)
		if !strings.Contains(text, want) || !r.Failed() {
			t.Errorf("%s: %s", want, text)
		}
		if strings.Contains(text, "hunter2") {
			t.Error("the token is told: " + text)
		}
		wantTree(t, w.dir, map[string]string{})
	}
	check("", "证书不可信") // the system's CAs do not know it
	wrong := filepath.Join(t.TempDir(), "wrong.pem")
	must(t, os.WriteFile(wrong, []byte(otherCA), 0o600))
	check(wrong, "证书不可信")
	check(right+"x", "读不到")
	must(t, os.WriteFile(wrong, []byte("no certificate"), 0o600))
	check(wrong, "没有证书")
	if len(sleeps.asked) != 0 {
		t.Errorf("a certificate that does not hold was tried again: %v", sleeps.asked)
	}
	w.conf.HTTPS.CA = right
	// The right CA, but for another name.
	_, port, err := net.SplitHostPort(w.Listener.Addr().String())
	must(t, err)
	w.conf.HTTPS.URLs = []string{"https://localhost:" + port + "/a.csv"}
	check(right, "证书不可信")
	// A server without TLS.
	plain := httptest.NewServer(w)
	defer plain.Close()
	w.conf.HTTPS.URLs = []string{strings.Replace(plain.URL, "http:", "https:", 1) + "/a.csv"}
	check(right, "建不成加密连接")
}

func TestHTTPSSecrets(t *testing.T) {
	var other *web
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(rw, r, other.URL+"/there.csv", http.StatusFound)
		case "/here":
			http.Redirect(rw, r, "/b.csv", http.StatusFound)
		case "/plain":
			http.Redirect(rw, r, "http://"+r.Host+"/b.csv?token=hunter2", http.StatusFound)
		case "/round":
			http.Redirect(rw, r, "/round", http.StatusFound)
		case "/bad":
			rw.Header().Set("Location", "https://%zz")
			rw.WriteHeader(302)
		default:
			fmt.Fprint(rw, "x")
		}
	}, "/a.csv")
	other = startWeb(t, func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, "y") }, "/a.csv")
	// Both have the same certificate: httptest's.
	env := map[string]string{"TOKEN": "hunter2", "KEY": "hunter3"}
	p, _ := newPuller()
	p.Getenv = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	w.conf.HTTPS.BearerEnv, w.conf.HTTPS.HeaderEnv = "TOKEN", map[string]string{"X-Api-Key": "KEY"}
	sent := func(r *http.Request) string { return r.Header.Get("Authorization") + " " + r.Header.Get("X-Api-Key") }
	must(t, w.pull(p).Err)
	if got := sent(w.asked[0]); got != "Bearer hunter2 hunter3" {
		t.Errorf("sent %q", got)
	}
	// To the same host the secrets go along, to another one they do not.
	w.conf.HTTPS.URLs = []string{w.URL + "/here"}
	wantReport(t, w.pull(p), []string{"here"}, 0)
	if got := sent(w.asked[1]); got != "Bearer hunter2 hunter3" {
		t.Errorf("sent %q", got)
	}
	w.conf.HTTPS.URLs = []string{w.URL + "/away?token=hunter2"}
	wantReport(t, w.pull(p), []string{"away"}, 0)
	if got := sent(other.asked[0]); got != " " || other.asked[0].Header.Get("Referer") != "" {
		t.Errorf("another host got %v", other.asked[0].Header)
	}
	for path, want := range map[string]string{"/plain": "不加密的地址", "/round": "转了 5 次", "/bad": "写法有误"} {
		w.conf.HTTPS.URLs = []string{w.URL + path}
		r := w.pull(p)
		if len(r.Left) != 1 || !strings.Contains(r.Left[0].Reason, want) || strings.Contains(fmt.Sprint(r), "hunter2") {
			t.Errorf("%s: %+v", path, r)
		}
	}
	// User and password.
	w.conf.HTTPS = &HTTPS{URLs: []string{w.URL + "/a.csv"}, User: "county", PasswordEnv: "TOKEN", CA: w.conf.HTTPS.CA}
	must(t, w.pull(p).Err)
	if u, pw, _ := w.asked[0].BasicAuth(); u != "county" || pw != "hunter2" {
		t.Errorf("%s %s", u, pw)
	}
	w.conf.HTTPS.PasswordEnv = "UNSET"
	wantError(t, w.pull(p).Err, "环境变量 UNSET 没有设置")
}

func TestHTTPSCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Length", "10")
		fmt.Fprint(rw, "12345")
		rw.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}, "/a.csv")
	p, _ := newPuller()
	p.Sleep = nil // in earnest
	start := time.Now()
	if r := p.Mirror(ctx, w.conf, w.dir, w.dir); r.Err != context.Canceled {
		t.Errorf("ended with %v", r.Err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	wantTree(t, w.dir, map[string]string{})
}

// otherCA is a CA that signed nothing here.
const otherCA = `-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIUdvy4KiRxX1tC7NlXDD9wZEQD7hUwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKYW5vdGhlciBDQTAgFw0yNjExMjUwNzU4NTFaGA8yMTI2MTEw
MTA3NTg1MVowFTETMBEGA1UEAwwKYW5vdGhlciBDQTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABFtD9UIrmqqv5eCMB4Bx2NlKyUgFMKI6qK0MdPEZyn+YOpAiI4X2
3E6WIPZlvI5iICZnLX5qzGigTC8v4i8VvOujUzBRMB0GA1UdDgQWBBSN/DVFcfey
M7Cwuo1hSlDIm+IgbDAfBgNVHSMEGDAWgBSN/DVFcfeyM7Cwuo1hSlDIm+IgbDAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFLPEJrsJ7USaz/024sq
qDUvfmVpXF6NkfWtM1XhXrLxAiAh/8uY4hFrfaoiqmeubXfLBmrr30iyZOhEz193
3H8Xrg==
-----END CERTIFICATE-----
`
