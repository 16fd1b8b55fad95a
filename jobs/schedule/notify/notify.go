// Package notify tells somebody of a scheduled job that failed: by a JSON POST to an
// address, or by mail. What is told names a job, a month and a code, and nobody.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/mail"
	"net/smtp"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"doudi/jobs/schedule"
)

// Config is doudi.yaml's notify.
type Config struct {
	Webhook *Webhook `yaml:"webhook"`
	Mail    *Mail    `yaml:"mail"`
}

// Webhook is an address that takes a POST.
type Webhook struct {
	URL       string `yaml:"url"`
	SecretEnv string `yaml:"secret_env"` // of the signature X-Doudi-Signature: sha256=…
	CA        string `yaml:"ca"`
}

// Mail is a mail server and who gets the mail.
type Mail struct {
	Host        string   `yaml:"host"`
	Port        int      `yaml:"port"` // 465: TLS from the start; else STARTTLS, which must be there
	From        string   `yaml:"from"`
	To          []string `yaml:"to"`
	User        string   `yaml:"user"`
	PasswordEnv string   `yaml:"password_env"`
	CA          string   `yaml:"ca"`
}

const timeout = 20 * time.Second

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Tellers checks the configuration. rel resolves its paths.
func (c Config) Tellers(rel func(string) string, now func() time.Time) ([]schedule.Teller, error) {
	var out []schedule.Teller
	if c.Webhook != nil {
		w, err := c.Webhook.teller(rel)
		if err != nil {
			return nil, fmt.Errorf("webhook：%w", err)
		}
		out = append(out, w)
	}
	if c.Mail != nil {
		m, err := c.Mail.teller(rel, now)
		if err != nil {
			return nil, fmt.Errorf("mail：%w", err)
		}
		out = append(out, m)
	}
	return out, nil
}

// secret is read when it is used: the program may be started before it is set.
func secret(env string) (string, error) {
	if env == "" {
		return "", nil
	}
	if v := os.Getenv(env); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("没有设置环境变量 %s", env)
}

func trust(path string, rel func(string) string) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if path == "" {
		return t, nil
	}
	data, err := os.ReadFile(rel(path))
	if err != nil {
		return nil, fmt.Errorf("ca %s 读不到：%w", path, err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("ca %s 里没有证书", path)
	}
	return t, nil
}

func checkEnv(key, v string) error {
	if v != "" && !variable.MatchString(v) {
		return fmt.Errorf("%s 应为环境变量的名字，密钥不要写在这里", key)
	}
	return nil
}

type webhook struct {
	url, env string
	client   *http.Client
}

func (w *Webhook) teller(rel func(string) string) (*webhook, error) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("url 有误，应如 https://oa.example.gov.cn/hook，且不含用户名和密码")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && !(u.Scheme == "http" && ip != nil && ip.IsLoopback()) {
		return nil, errors.New("url 应以 https:// 开头（只有本机 127.0.0.1 可用 http）")
	}
	if err := checkEnv("secret_env", w.SecretEnv); err != nil {
		return nil, err
	}
	t, err := trust(w.CA, rel)
	if err != nil {
		return nil, err
	}
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.TLSClientConfig, tr.DisableKeepAlives = t, true
	return &webhook{w.URL, w.SecretEnv, &http.Client{Timeout: timeout, Transport: tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// How implements schedule.Teller.
func (*webhook) How() string { return "webhook" }

// Tell implements schedule.Teller.
func (w *webhook) Tell(ctx context.Context, f schedule.Failure) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	key, err := secret(w.env)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("bad address")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if key != "" {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(body)
		req.Header.Set("X-Doudi-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the address, which may hold a token
		}
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}

type mailer struct {
	c    Mail
	from *mail.Address
	to   []*mail.Address
	tls  *tls.Config
	now  func() time.Time
}

func (m *Mail) teller(rel func(string) string, now func() time.Time) (*mailer, error) {
	out := &mailer{c: *m, now: now}
	var err error
	if out.from, err = mail.ParseAddress(m.From); err != nil {
		return nil, fmt.Errorf("from %q 不是邮件地址", m.From)
	}
	for _, t := range m.To {
		a, err := mail.ParseAddress(t)
		if err != nil {
			return nil, fmt.Errorf("to 里的 %q 不是邮件地址", t)
		}
		out.to = append(out.to, a)
	}
	switch {
	case len(out.to) == 0:
		return nil, errors.New("to 没有写收件人")
	case m.Host == "" || strings.ContainsAny(m.Host, " :/"):
		return nil, errors.New("host 应为邮件服务器的名字，端口写在 port")
	case m.Port < 0 || m.Port > 65535:
		return nil, fmt.Errorf("port %d 有误", m.Port)
	case m.User != "" && m.PasswordEnv == "":
		return nil, errors.New("写了 user，还应写 password_env：放密码的环境变量")
	}
	if out.c.Port == 0 {
		out.c.Port = 465
	}
	if err := checkEnv("password_env", m.PasswordEnv); err != nil {
		return nil, err
	}
	if out.tls, err = trust(m.CA, rel); err != nil {
		return nil, err
	}
	out.tls.ServerName = m.Host
	return out, nil
}

// How implements schedule.Teller.
func (*mailer) How() string { return "mail" }

// Tell implements schedule.Teller.
func (m *mailer) Tell(ctx context.Context, f schedule.Failure) (err error) {
	password, err := secret(m.c.PasswordEnv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(m.c.Host, strconv.Itoa(m.c.Port)))
	if err != nil {
		return err
	}
	// The conversation of net/smtp knows no context: it ends with the connection.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	if m.c.Port == 465 {
		conn = tls.Client(conn, m.tls)
	}
	c, err := smtp.NewClient(conn, m.c.Host)
	if err != nil {
		return err
	}
	if m.c.Port != 465 {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return errors.New("the mail server offers no STARTTLS")
		}
		if err := c.StartTLS(m.tls); err != nil {
			return err
		}
	}
	if m.c.User != "" {
		if err := c.Auth(smtp.PlainAuth("", m.c.User, password, m.c.Host)); err != nil {
			return err
		}
	}
	if err := c.Mail(m.from.Address); err != nil {
		return err
	}
	for _, t := range m.to {
		if err := c.Rcpt(t.Address); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(m.message(f)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

func (m *mailer) message(f schedule.Failure) []byte {
	var to []string
	for _, t := range m.to {
		to = append(to, t.String())
	}
	of := ""
	if f.Month != "" {
		of = "（" + f.Month + "）"
	}
	subject := "兜底：定时任务 " + f.Title + of + " 失败"
	text := fmt.Sprintf("定时任务 %s%s 失败，不再自动重试。\r\n\r\n任务：%s\r\n应做时间：%s\r\n失败时间：%s，共做 %d 次\r\n原因：%s（%s）\r\n",
		f.Title, of, f.Job, f.Due, f.At, f.Attempts, f.Message, f.Code)
	if f.Run != 0 {
		text += fmt.Sprintf("运行：第 %d 次\r\n", f.Run)
	}
	text += "\r\n查明原因后，用 doudi schedule now " + f.Job + " 重做。\r\n"
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		m.from.String(), strings.Join(to, ", "), mime.BEncoding.Encode("utf-8", subject), m.now().Format(time.RFC1123Z))
	for s := base64.StdEncoding.EncodeToString([]byte(text)); s != ""; {
		n := min(76, len(s))
		b.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return b.Bytes()
}
