package notify

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doudi/jobs/schedule"
)

var failure = schedule.Failure{Job: "月度", Kind: "run", Title: "月度运行", Month: "2023-07", Due: "2023-08-05T02:30:00+08:00", At: "2023-08-05T03:06:00+08:00",
	Attempts: 4, Code: "failure", Message: schedule.Reason("failure"), Run: 7}

func at() time.Time { return time.Date(2023, 8, 5, 3, 6, 0, 0, schedule.Zone) }

func same(p string) string { return p }

func tellers(t *testing.T, c Config) []schedule.Teller {
	t.Helper()
	out, err := c.Tellers(same, at)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// server is an HTTPS server, and the file with its certificate.
func server(t *testing.T, h http.HandlerFunc) (*httptest.Server, string) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, ca
}

// TestWebhook: one POST of JSON, signed with the secret; a redirect or an error is a
// failure, and no error shows the address.
func TestWebhook(t *testing.T) {
	status := 204
	var body []byte
	var head http.Header
	s, ca := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		head = r.Header
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	})
	t.Setenv("HOOK", "geheim")
	x := tellers(t, Config{Webhook: &Webhook{URL: s.URL + "/hook?token=abc", SecretEnv: "HOOK", CA: ca}})[0]
	if err := x.Tell(t.Context(), failure); err != nil {
		t.Fatal(err)
	}
	var got schedule.Failure
	if err := json.Unmarshal(body, &got); err != nil || got != failure {
		t.Errorf("%s, %v", body, err)
	}
	mac := hmac.New(sha256.New, []byte("geheim"))
	mac.Write(body)
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); head.Get("X-Doudi-Signature") != want {
		t.Errorf("signed %q, want %q", head.Get("X-Doudi-Signature"), want)
	}
	for _, status = range []int{302, 500} {
		if err := x.Tell(t.Context(), failure); err == nil || strings.Contains(err.Error(), "abc") {
			t.Errorf("%d: %v", status, err)
		}
	}
	t.Setenv("HOOK", "")
	if err := x.Tell(t.Context(), failure); err == nil {
		t.Error("sent without its signature")
	}
	untrusted := tellers(t, Config{Webhook: &Webhook{URL: s.URL + "/hook?token=abc"}})[0]
	if err := untrusted.Tell(t.Context(), failure); err == nil || strings.Contains(err.Error(), "abc") {
		t.Errorf("an unknown certificate: %v", err)
	}
}

// post is a mail server that speaks STARTTLS with the certificate, and what it got.
func post(t *testing.T, cert *tls.Config, offer bool) (port int, got chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got = make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { c.Close() }()
		r, secure := bufio.NewReader(c), false
		var all strings.Builder
		reply := func(s string) { io.WriteString(c, s+"\r\n") }
		reply("220 mx")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				got <- all.String()
				return
			}
			all.WriteString(line)
			switch verb := strings.ToUpper(strings.Fields(line)[0]); {
			case verb == "EHLO" && secure:
				reply("250-mx\r\n250 AUTH PLAIN")
			case verb == "EHLO" && offer:
				reply("250-mx\r\n250 STARTTLS")
			case verb == "STARTTLS":
				reply("220 go")
				c = tls.Server(c, cert)
				r, secure = bufio.NewReader(c), true
				all.WriteString("-- TLS --\n")
			case verb == "AUTH":
				reply("235 ok")
			case verb == "DATA":
				reply("354 go")
				for line != ".\r\n" {
					if line, err = r.ReadString('\n'); err != nil {
						return
					}
					all.WriteString(line)
				}
				reply("250 ok")
			case verb == "QUIT":
				reply("221 bye")
				got <- all.String()
				return
			default:
				reply("250 ok")
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, got
}

// TestMail: everything goes over TLS; a server that offers none gets nothing.
func TestMail(t *testing.T) {
	s, ca := server(t, nil)
	cert := &tls.Config{Certificates: s.TLS.Certificates}
	port, got := post(t, cert, true)
	t.Setenv("MAILPASS", "geheim")
	c := Mail{Host: "127.0.0.1", Port: port, From: "兜底 <doudi@yb.example.gov.cn>", To: []string{"a@yb.example.gov.cn", "李四 <b@yb.example.gov.cn>"}, User: "doudi", PasswordEnv: "MAILPASS", CA: ca}
	if err := tellers(t, Config{Mail: &c})[0].Tell(t.Context(), failure); err != nil {
		t.Fatal(err)
	}
	open, secret, ok := strings.Cut(<-got, "-- TLS --\n")
	if !ok || strings.Contains(open, "doudi") || !strings.Contains(secret, "AUTH PLAIN") || !strings.Contains(secret, "RCPT TO:<b@yb.example.gov.cn>") {
		t.Errorf("%s-- TLS --\n%s", open, secret)
	}
	_, data, _ := strings.Cut(secret, "DATA\r\n")
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimSuffix(data, ".\r\nQUIT\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "兜底：定时任务 月度运行（2023-07） 失败" {
		t.Errorf("%q, %v", subject, err)
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || !strings.Contains(string(text), "共做 4 次") || !strings.Contains(string(text), "doudi schedule now 月度") {
		t.Errorf("%s, %v", text, err)
	}
	port, got = post(t, cert, false)
	c.Port = port
	if err := tellers(t, Config{Mail: &c})[0].Tell(t.Context(), failure); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("without TLS: %v", err)
	}
	if all := <-got; strings.Contains(all, "AUTH") || strings.Contains(all, "MAIL") {
		t.Errorf("sent in the open: %s", all)
	}
}

func TestConfig(t *testing.T) {
	ok := Mail{Host: "mx", From: "a@b.cn", To: []string{"c@b.cn"}}
	mailed := func(f func(*Mail)) Config {
		m := ok
		f(&m)
		return Config{Mail: &m}
	}
	for want, c := range map[string]Config{
		"url 有误":           {Webhook: &Webhook{URL: "https://u:p@oa.cn/x"}},
		"以 https:// 开头":    {Webhook: &Webhook{URL: "http://oa.cn/x"}},
		"secret_env 应为":    {Webhook: &Webhook{URL: "https://oa.cn/x", SecretEnv: "a b"}},
		"ca none.pem 读不到":  {Webhook: &Webhook{URL: "https://oa.cn/x", CA: "none.pem"}},
		"不是邮件地址":           mailed(func(m *Mail) { m.From = "nobody" }),
		"to 里的":            mailed(func(m *Mail) { m.To = []string{"a@b.cn\r\nBcc: x@y.cn"} }),
		"没有写收件人":           mailed(func(m *Mail) { m.To = nil }),
		"端口写在 port":        mailed(func(m *Mail) { m.Host = "mx:25" }),
		"还应写 password_env": mailed(func(m *Mail) { m.User = "u" }),
	} {
		if _, err := c.Tellers(same, at); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if n := len(tellers(t, Config{})); n != 0 {
		t.Errorf("%d tellers of none", n)
	}
}
