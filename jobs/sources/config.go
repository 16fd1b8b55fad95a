package sources

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Config is one source as doudi.yaml has it: a name, and one of the three kinds.
// Secrets do not stand in it but in files and environment variables.
type Config struct {
	Name   string  `yaml:"name"`
	Folder *Folder `yaml:"folder"`
	SFTP   *SFTP   `yaml:"sftp"`
	HTTPS  *HTTPS  `yaml:"https"`
}

// Folder is a folder that is read in place.
type Folder struct {
	Path string `yaml:"path"`
}

// SFTP is a folder on an SFTP server.
type SFTP struct {
	Host        string `yaml:"host"`
	Port        int    `yaml:"port"` // default 22
	User        string `yaml:"user"`
	Path        string `yaml:"path"`
	Key         string `yaml:"key"`          // file with the private key
	PasswordEnv string `yaml:"password_env"` // or the password, in a variable
	KnownHosts  string `yaml:"known_hosts"`  // file
	HostKey     string `yaml:"host_key"`     // or the key or its fingerprint

	Inline `yaml:",inline"`
}

// HTTPS are addresses with a file each.
type HTTPS struct {
	URLs        []string          `yaml:"urls"`
	HeaderEnv   map[string]string `yaml:"header_env"` // header: variable
	BearerEnv   string            `yaml:"bearer_env"`
	User        string            `yaml:"user"`
	PasswordEnv string            `yaml:"password_env"`
	CA          string            `yaml:"ca"` // PEM file; then it alone is trusted

	Inline `yaml:",inline"`
}

// Inline are the secrets that people would like to write into doudi.yaml. They
// are known by name to be refused with a sentence that does not repeat them.
type Inline struct {
	Password   any `yaml:"password"`
	Passphrase any `yaml:"passphrase"`
	Bearer     any `yaml:"bearer"`
	Token      any `yaml:"token"`
	Secret     any `yaml:"secret"`
	Header     any `yaml:"header"`
	Headers    any `yaml:"headers"`
}

func (in *Inline) check() error {
	for _, v := range []struct {
		key     string
		value   any
		instead string
	}{
		{"password", in.Password, "password_env"}, {"passphrase", in.Passphrase, "password_env"}, {"bearer", in.Bearer, "bearer_env"},
		{"token", in.Token, "bearer_env"}, {"secret", in.Secret, "password_env"}, {"header", in.Header, "header_env"}, {"headers", in.Headers, "header_env"},
	} {
		if v.value != nil {
			return fmt.Errorf("不能把口令写在配置里（%s）；请放进环境变量，在这里用 %s 写变量名", v.key, v.instead)
		}
	}
	return nil
}

// Kind is folder, sftp or https.
func (c *Config) Kind() string {
	switch {
	case c.Folder != nil:
		return "folder"
	case c.SFTP != nil:
		return "sftp"
	}
	return "https"
}

// Where says where a source is, without anything secret.
func (c *Config) Where() string {
	switch {
	case c.Folder != nil:
		return c.Folder.Path
	case c.SFTP != nil:
		return fmt.Sprintf("%s@%s:%s", c.SFTP.User, c.SFTP.address(), c.SFTP.Path)
	}
	var at []string
	for _, u := range c.HTTPS.URLs {
		at = append(at, shown(u))
	}
	return strings.Join(at, " ")
}

// Resolve makes the paths of the configuration absolute.
func (c *Config) Resolve(rel func(string) string) {
	var files []*string
	switch {
	case c.Folder != nil:
		files = []*string{&c.Folder.Path}
	case c.SFTP != nil:
		files = []*string{&c.SFTP.Key, &c.SFTP.KnownHosts}
	case c.HTTPS != nil:
		files = []*string{&c.HTTPS.CA}
	}
	for _, f := range files {
		if *f != "" {
			*f = rel(*f)
		}
	}
}

var (
	envName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	headerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
)

// Check tells what is wrong with a source, in words for people.
func (c *Config) Check() error {
	if c.Name == "" {
		return errors.New("缺少 name（来源的名字，也是收件箱里它的文件夹名）")
	}
	if clean, err := Clean(c.Name); err != nil || clean != c.Name || strings.Contains(c.Name, "/") || ignored(c.Name) {
		return fmt.Errorf("name %q 不能作文件夹名；请不用 / \\ : * ? 等符号，也不以点开头", c.Name)
	}
	kinds := 0
	var err error
	if c.Folder != nil {
		kinds++
		err = c.Folder.check()
	}
	if c.SFTP != nil {
		kinds++
		err = c.SFTP.check()
	}
	if c.HTTPS != nil {
		kinds++
		err = c.HTTPS.check()
	}
	if kinds != 1 {
		return fmt.Errorf("应恰好写 folder、sftp、https 之一，写了 %d 个", kinds)
	}
	return err
}

func (f *Folder) check() error {
	if f.Path == "" {
		return errors.New("folder 缺少 path（文件夹）")
	}
	return nil
}

func (s *SFTP) check() error {
	if err := s.Inline.check(); err != nil {
		return err
	}
	for _, need := range []struct{ key, value, what string }{{"host", s.Host, "主机名或地址"}, {"user", s.User, "用户名"}, {"path", s.Path, "服务器上的文件夹"}} {
		if need.value == "" {
			return fmt.Errorf("sftp 缺少 %s（%s）", need.key, need.what)
		}
	}
	if strings.ContainsAny(s.Host, "/@ \t") {
		return fmt.Errorf("sftp 的 host %q 应只是主机名或地址；端口写在 port，用户写在 user", s.Host)
	}
	if s.Port < 0 || s.Port > 65535 {
		return fmt.Errorf("sftp 的 port %d 有误，应在 1 到 65535 之间", s.Port)
	}
	if (s.Key == "") == (s.PasswordEnv == "") {
		return errors.New("sftp 应恰好写 key（私钥文件）和 password_env（存有口令的环境变量名）之一")
	}
	if s.KnownHosts != "" && s.HostKey != "" {
		return errors.New("sftp 的 known_hosts 和 host_key 只能写一个")
	}
	if s.HostKey != "" {
		if _, err := parseHostKey(s.HostKey); err != nil {
			return err
		}
	}
	return checkEnv("password_env", s.PasswordEnv)
}

func (h *HTTPS) check() error {
	if err := h.Inline.check(); err != nil {
		return err
	}
	if len(h.URLs) == 0 {
		return errors.New("https 缺少 urls（地址）")
	}
	if len(h.URLs) > MaxFiles {
		return fmt.Errorf("https 的 urls 有 %d 个，最多 %d 个", len(h.URLs), MaxFiles)
	}
	for i, s := range h.URLs {
		if err := checkURL(s); err != nil {
			return fmt.Errorf("https 的第 %d 个地址%w", i+1, err)
		}
		if slices.Contains(h.URLs[:i], s) {
			return fmt.Errorf("https 的地址 %s 写了两次", shown(s))
		}
	}
	if (h.User == "") != (h.PasswordEnv == "") {
		return errors.New("https 的 user 和 password_env 应同时写")
	}
	if h.BearerEnv != "" && h.User != "" {
		return errors.New("https 的 bearer_env 和 user 只能写一个")
	}
	for name, env := range h.HeaderEnv {
		if !headerName.MatchString(name) || slices.Contains(ownHeaders, strings.ToLower(name)) {
			return fmt.Errorf("https 的 header_env 里 %q 不能设", name)
		}
		if env == "" {
			return fmt.Errorf("https 的 header_env 里 %s 没有写环境变量名", name)
		}
		if err := checkEnv("header_env", env); err != nil {
			return err
		}
	}
	if err := checkEnv("bearer_env", h.BearerEnv); err != nil {
		return err
	}
	return checkEnv("password_env", h.PasswordEnv)
}

// ownHeaders are set by the program itself.
var ownHeaders = []string{"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "if-none-match", "if-modified-since", "range", "upgrade", "te", "trailer"}

// checkURL continues the sentence 第 n 个地址…; it never repeats the address,
// which may hold a password.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("写法有误，应如 https://files.example.gov.cn/2023-08/民政.xlsx")
	case u.Scheme != "https":
		return errors.New("应以 https:// 开头；不加密的地址不取")
	case u.Hostname() == "":
		return errors.New("没有主机名，应如 https://files.example.gov.cn/2023-08/民政.xlsx")
	case u.User != nil:
		return errors.New("里写了用户或口令；请改用 user 和 password_env")
	}
	return nil
}

// checkEnv: what looks like no variable's name may be the secret itself, so it is
// not repeated.
func checkEnv(key, name string) error {
	if name != "" && !envName.MatchString(name) {
		return errors.New(key + " 应是环境变量的名字（字母、数字、下划线），不是口令本身")
	}
	return nil
}

// shown is an address as it may be shown: its query may hold a token.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "地址"
	}
	p, err := url.PathUnescape(u.EscapedPath())
	if err != nil {
		p = u.EscapedPath()
	}
	return "https://" + u.Host + path.Clean("/"+p)
}
