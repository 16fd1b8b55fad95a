package sources

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

const maxRedirects = 5

// httpsPlace are addresses with a file each.
type httpsPlace struct {
	conf   HTTPS
	tr     *http.Transport
	secret http.Header // goes to the addresses' own hosts alone
}

func (p *Puller) openHTTPS(h HTTPS) (place, error) {
	pl := &httpsPlace{conf: h, secret: http.Header{}}
	pl.tr = &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: idleTime,
		ForceAttemptHTTP2:     true,
		// A length that is announced is that of the file.
		DisableCompression:     true,
		MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if h.CA != "" {
		pem, err := os.ReadFile(h.CA)
		if err != nil {
			return nil, fmt.Errorf("CA 证书文件 %s 读不到：%s", h.CA, reasonOf(err))
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CA 证书文件 %s 里没有证书；应是 PEM 格式（-----BEGIN CERTIFICATE-----）", h.CA)
		}
		pl.tr.TLSClientConfig.RootCAs = pool
	}
	for name, env := range h.HeaderEnv {
		v, err := p.env(env)
		if err != nil {
			return nil, err
		}
		pl.secret.Set(name, v)
	}
	if h.BearerEnv != "" {
		v, err := p.env(h.BearerEnv)
		if err != nil {
			return nil, err
		}
		pl.secret.Set("Authorization", "Bearer "+v)
	}
	if h.User != "" {
		v, err := p.env(h.PasswordEnv)
		if err != nil {
			return nil, err
		}
		r := http.Request{Header: pl.secret}
		r.SetBasicAuth(h.User, v)
	}
	return pl, nil
}

func (h *httpsPlace) close() { h.tr.CloseIdleConnections() }

// list gives the addresses; what is behind them only an answer tells.
func (h *httpsPlace) list(context.Context) ([]item, []Left, error) {
	var items []item
	for _, u := range h.conf.URLs {
		items = append(items, item{key: keyOf(u), shown: shown(u), address: u})
	}
	return items, nil, nil
}

func (h *httpsPlace) look(context.Context, item) (*item, error) { return nil, nil }

// keyOf is the name of an address in the state: its query, which may be a token,
// is hashed.
func keyOf(address string) string {
	_, query, ok := strings.Cut(address, "?")
	if !ok {
		return shown(address)
	}
	sum := sha256.Sum256([]byte(query))
	return shown(address) + "?" + hex.EncodeToString(sum[:8])
}

func (h *httpsPlace) fetch(ctx context.Context, it item, was *entry, w io.Writer) (entry, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, e, err := h.get(ctx, it, was)
	if err != nil {
		return e, err
	}
	defer resp.Body.Close()
	// A body on which nothing comes ends.
	idle := time.AfterFunc(idleTime, cancel)
	defer idle.Stop()
	n, err := io.Copy(w, &ticking{resp.Body, idle})
	if err != nil {
		return e, &transient{fmt.Errorf("没有传完：%s%s", netReason(err), afterTries), true}
	}
	if resp.ContentLength >= 0 && n != resp.ContentLength {
		return e, &transient{fmt.Errorf("没有传完：应有 %d 字节，来了 %d 字节%s", resp.ContentLength, n, afterTries), true}
	}
	return e, nil
}

type ticking struct {
	r    io.Reader
	idle *time.Timer
}

func (t *ticking) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	if n > 0 {
		t.idle.Reset(idleTime)
	}
	return n, err
}

func (h *httpsPlace) ask(ctx context.Context, it item, was *entry) (entry, error) {
	resp, e, err := h.get(ctx, it, was)
	if err != nil {
		return e, err
	}
	e.Size = resp.ContentLength
	return e, resp.Body.Close()
}

// get asks for a file and gives the answer that begins it.
func (h *httpsPlace) get(ctx context.Context, it item, was *entry) (*http.Response, entry, error) {
	var e entry
	resp, err := h.follow(ctx, it, was)
	if err != nil {
		return nil, e, err
	}
	if err := accept(resp, was); err != nil {
		resp.Body.Close()
		return nil, e, err
	}
	e = entry{Path: nameOf(resp, it.address), ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
	if t, err := http.ParseTime(e.LastModified); err == nil {
		e.Modified = t
	}
	return resp, e, nil
}

// follow sends the request and follows where it leads: over https alone, and
// what is secret goes to the first host alone.
func (h *httpsPlace) follow(ctx context.Context, it item, was *entry) (*http.Response, error) {
	at, err := url.Parse(it.address)
	if err != nil {
		return nil, &leftError{Failed, "地址写法有误"}
	}
	host := at.Host
	for range maxRedirects + 1 {
		resp, err := h.tr.RoundTrip(h.request(ctx, at, at.Host == host, was))
		if err != nil {
			return nil, refusal(at.Host, err)
		}
		to := resp.Header.Get("Location")
		if !slices.Contains([]int{301, 302, 303, 307, 308}, resp.StatusCode) || to == "" {
			return resp, nil
		}
		resp.Body.Close()
		next, err := at.Parse(to)
		switch {
		case err != nil || next.Host == "":
			return nil, &leftError{Failed, "被转到一个写法有误的地址；请告诉对方管理员"}
		case next.Scheme != "https":
			return nil, &leftError{Failed, fmt.Sprintf("被转到不加密的地址（%s://%s），没有取；请用对方的 https 地址", next.Scheme, next.Host)}
		}
		next.User = nil
		at = next
	}
	return nil, &leftError{Failed, fmt.Sprintf("转了 %d 次还没有到；请核对地址", maxRedirects)}
}

func (h *httpsPlace) request(ctx context.Context, at *url.URL, own bool, was *entry) *http.Request {
	r := (&http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if own {
		r.Header = h.secret.Clone()
	}
	r.Header.Set("User-Agent", "doudi")
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Accept-Encoding", "identity")
	if was != nil && was.ETag != "" {
		r.Header.Set("If-None-Match", was.ETag)
	}
	if was != nil && was.LastModified != "" {
		r.Header.Set("If-Modified-Since", was.LastModified)
	}
	return r
}

// refusal says why there was no answer. A certificate that does not hold is no
// bad luck: it is not tried again.
func refusal(host string, err error) error {
	var cert *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &cert):
		return &leftError{Failed, fmt.Sprintf("%s 的证书不可信（%v），没有取；如果对方用自己的 CA，请向其管理员要 CA 证书，把文件名写在 ca", host, cert.Err)}
	case errors.As(err, &alert), errors.As(err, &record):
		return &leftError{Failed, fmt.Sprintf("与 %s 建不成加密连接（%v）；请核对地址和端口", host, err)}
	}
	return &transient{errors.New(netReason(err) + afterTries), true}
}

// accept looks whether an answer is the beginning of a file.
func accept(resp *http.Response, was *entry) error {
	status := resp.StatusCode
	switch {
	case status == http.StatusNotModified && was != nil:
		return errUnchanged
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &leftError{Failed, fmt.Sprintf("服务器不让取（%d）；请核对用户、口令或令牌是否还有效", status)}
	case status == http.StatusNotFound || status == http.StatusGone:
		return &leftError{Failed, fmt.Sprintf("服务器上没有这个文件（%d）；请核对地址", status)}
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return &transient{fmt.Errorf("服务器出错（%d）%s", status, afterTries), true}
	case status != http.StatusOK:
		return &leftError{Failed, fmt.Sprintf("服务器没有给出文件（%d）；请核对地址", status)}
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return &leftError{Failed, "服务器给的是压缩过的内容；请对方按原样给出文件"}
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case kind == "text/html" || kind == "application/xhtml+xml":
		return &leftError{Failed, "服务器给的是网页而不是文件，多半是登录页；请核对地址和口令"}
	case resp.ContentLength > maxSize:
		return &leftError{TooBig, tooBigReason}
	case resp.ContentLength < 0 && resp.ProtoMajor == 1 && !slices.Contains(resp.TransferEncoding, "chunked"):
		return &leftError{Failed, "服务器没有说文件有多长，断了也看不出来，不取；请对方给出 Content-Length"}
	}
	return nil
}

var (
	plainName = regexp.MustCompile(`(?i)filename\s*=\s*(?:"([^"]+)"|([^;]+))`)
	escaped   = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
)

// nameOf is the name of a file: as the server says, else as the address does.
func nameOf(resp *http.Response, address string) string {
	header := resp.Header.Get("Content-Disposition")
	said := ""
	if _, params, err := mime.ParseMediaType(header); err == nil {
		said = params["filename"]
	} else if m := plainName.FindStringSubmatch(header); m != nil {
		said = m[1] + strings.TrimSpace(m[2]) // names that are not ASCII, as many servers send them
	}
	if escaped.MatchString(said) {
		if s, err := url.PathUnescape(said); err == nil {
			said = s
		}
	}
	last := ""
	if u, err := url.Parse(address); err == nil {
		last = path.Base(u.Path)
	}
	for _, name := range []string{said, last} {
		name = name[strings.LastIndexAny(name, `/\`)+1:]
		if clean, err := Clean(name); err == nil && !ignored(clean) {
			return clean
		}
	}
	sum := sha256.Sum256([]byte(keyOf(address)))
	return "文件-" + hex.EncodeToString(sum[:4])
}
