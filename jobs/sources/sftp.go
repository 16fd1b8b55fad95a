package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

func (s *SFTP) address() string {
	port := s.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(port))
}

// sftpPlace is a folder on an SFTP server.
type sftpPlace struct {
	conf   SFTP
	keys   hostKeys
	auth   []ssh.AuthMethod
	who    string // by what we log in, for people
	conn   *ssh.Client
	client *sftp.Client
	stop   func() bool
	root   string
}

func (p *Puller) openSFTP(s SFTP) (place, error) {
	pl := &sftpPlace{conf: s}
	var err error
	if pl.keys, err = s.hostKeys(); err != nil {
		return nil, err
	}
	if s.Key == "" {
		password, err := p.env(s.PasswordEnv)
		if err != nil {
			return nil, err
		}
		pl.who = "口令（环境变量 " + s.PasswordEnv + "）"
		// Many servers ask for the password as a question.
		ask := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			return slices.Repeat([]string{password}, len(questions)), nil
		}
		pl.auth = []ssh.AuthMethod{ssh.Password(password), ssh.KeyboardInteractive(ask)}
		return pl, nil
	}
	data, err := os.ReadFile(s.Key)
	if err != nil {
		return nil, fmt.Errorf("私钥文件 %s 读不到：%s", s.Key, reasonOf(err))
	}
	signer, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("私钥文件 %s 有口令；请为 doudi 另生成一个没有口令、只能用于这个来源的密钥（ssh-keygen -t ed25519）", s.Key)
	}
	if err != nil {
		return nil, fmt.Errorf("私钥文件 %s 看不懂；应是 OpenSSH 或 PEM 格式的私钥", s.Key)
	}
	pl.who = "密钥 " + ssh.FingerprintSHA256(signer.PublicKey()) + "（" + s.Key + "）"
	pl.auth = []ssh.AuthMethod{ssh.PublicKeys(signer)}
	return pl, nil
}

// connect connects and logs in, unless that is done.
func (s *sftpPlace) connect(ctx context.Context) error {
	if s.client != nil {
		return nil
	}
	var shown []string
	var refused, none error
	for _, kinds := range s.keys.rounds {
		key, no, err := s.login(ctx, kinds)
		if key != nil {
			if k := key.Type() + " " + ssh.FingerprintSHA256(key); !slices.Contains(shown, k) {
				shown = append(shown, k)
			}
		}
		var other *ssh.AlgorithmNegotiationError
		switch {
		case no != nil:
			refused = no
		case errors.As(err, &other): // it has no key of this kind
			none = err
		case err != nil:
			return err
		default:
			return s.begin(ctx)
		}
	}
	if refused == nil {
		return fmt.Errorf("%s 与本程序没有共同的加密方式（%w）；请对方升级 SSH 服务", s.conf.address(), none)
	}
	return s.keys.refuse(&s.conf, shown, refused)
}

// login makes one connection. It gives the key that the server showed, and why it
// was refused.
func (s *sftpPlace) login(ctx context.Context, kinds []string) (shown ssh.PublicKey, refused, err error) {
	at := s.conf.address()
	ctx2, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	raw, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx2, "tcp", at)
	if err != nil {
		return nil, nil, &transient{err: fmt.Errorf("连不上 %s：%s", at, netReason(err))}
	}
	conn := newIdleConn(raw)
	hello := context.AfterFunc(ctx2, func() { conn.Close() })
	conf := &ssh.ClientConfig{User: s.conf.User, Auth: s.auth, HostKeyAlgorithms: kinds, ClientVersion: "SSH-2.0-doudi",
		HostKeyCallback: func(host string, remote net.Addr, key ssh.PublicKey) error {
			shown = key
			refused = s.keys.match(host, remote, key)
			return refused
		}}
	c, chans, reqs, err := ssh.NewClientConn(conn, at, conf)
	hello()
	if err != nil {
		conn.Close()
		var none *ssh.AlgorithmNegotiationError
		switch {
		case refused != nil || errors.As(err, &none):
		case strings.Contains(err.Error(), "unable to authenticate"):
			err = fmt.Errorf("%s 不让用户 %s 登录，所用的是%s；请向对方管理员核对用户名，并请其登记", at, s.conf.User, s.who)
		default:
			err = &transient{err: fmt.Errorf("与 %s 握手失败：%s", at, netReason(err))}
		}
		return shown, refused, err
	}
	s.conn = ssh.NewClient(c, chans, reqs)
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return shown, nil, nil
}

// begin starts SFTP on the connection.
func (s *sftpPlace) begin(ctx context.Context) error {
	var err error
	if s.client, err = sftp.NewClient(s.conn); err != nil {
		return s.broken(err)
	}
	if s.root, err = s.client.RealPath(s.conf.Path); err == nil {
		var info fs.FileInfo
		if info, err = s.client.Stat(s.root); err == nil && !info.IsDir() {
			err = fs.ErrNotExist
		}
	}
	var status *sftp.StatusError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s 上没有文件夹 %s；请核对 path", s.conf.address(), s.conf.Path)
	case errors.Is(err, fs.ErrPermission), errors.As(err, &status):
		return fmt.Errorf("%s 不让用户 %s 读文件夹 %s；请向对方管理员要权限", s.conf.address(), s.conf.User, s.conf.Path)
	}
	return s.broken(err)
}

// broken ends a connection that failed; the next step makes a new one.
func (s *sftpPlace) broken(err error) error {
	s.close()
	return &transient{err: fmt.Errorf("与 %s 的连接断了：%s", s.conf.address(), netReason(err))}
}

func (s *sftpPlace) close() {
	if s.stop != nil {
		s.stop()
	}
	if s.client != nil {
		s.client.Close()
	}
	if s.conn != nil {
		s.conn.Close()
	}
	s.client, s.conn, s.stop = nil, nil, nil
}

// about tells an error of a file from one of the connection.
func (s *sftpPlace) about(err error) error {
	var status *sftp.StatusError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &leftError{Gone, goneAt("").Reason}
	case errors.Is(err, fs.ErrPermission):
		return &leftError{Unreadable, "服务器不让读；请让对方给用户 " + s.conf.User + " 读取权限"}
	case errors.As(err, &status):
		return &leftError{Unreadable, "服务器读不出它；请告诉对方管理员"}
	}
	return s.broken(err)
}

func (s *sftpPlace) list(ctx context.Context) ([]item, []Left, error) {
	if err := s.connect(ctx); err != nil {
		return nil, nil, err
	}
	var items []item
	var left []Left
	for todo := []string{""}; len(todo) > 0; {
		dir := todo[0]
		todo = todo[1:]
		infos, err := s.client.ReadDirContext(ctx, path.Join(s.root, dir))
		if err != nil {
			err = s.about(err)
			l, ok := errors.AsType[*leftError](err)
			switch {
			case !ok:
				return nil, nil, err
			case dir == "":
				return nil, nil, fmt.Errorf("文件夹 %s：%s", s.conf.Path, l.reason)
			case l.code != Gone:
				left = append(left, Left{dir, l.code, l.reason})
			}
			continue
		}
		files, dirs, leave := sortOut(dir, infos)
		items, todo, left = append(items, files...), append(todo, dirs...), append(left, leave...)
		if len(items)+len(todo)+len(left) > MaxFiles {
			return nil, nil, fmt.Errorf("文件夹 %s 里超过 %d 个文件，不取；请对方移走旧文件，或把 path 指到更小的文件夹", s.conf.Path, MaxFiles)
		}
	}
	return items, left, nil
}

// sortOut says of the entries of a folder which are files to take, which are
// folders to go on with, and which are left. Links are passed over: what they point
// to is taken under its own name, if it lies here.
func sortOut(dir string, infos []fs.FileInfo) (files []item, dirs []string, left []Left) {
	beside := map[string]bool{}
	for _, i := range infos {
		beside[i.Name()] = true
	}
	for _, i := range infos {
		name := i.Name()
		at := path.Join(dir, name)
		switch {
		case i.IsDir() && strings.HasPrefix(name, "."), !i.IsDir() && (ignored(name) || !i.Mode().IsRegular()):
			continue
		case strings.Contains(name, "/") || name == "..":
			left = append(left, Left{strconv.Quote(at), BadName, "服务器给出的文件名有误，不取；请告诉对方管理员"})
			continue
		case i.IsDir():
			if strings.Count(at, "/") < maxDepth-1 {
				dirs = append(dirs, at)
			} else {
				left = append(left, Left{strconv.Quote(at), BadName, "文件夹套得太深，不取；请对方放浅些"})
			}
			continue
		}
		clean, err := Clean(at)
		lock, open := locked(name, beside)
		it := item{key: inJSON(at), address: at, shown: clean, path: clean, size: i.Size(), modified: i.ModTime()}
		switch {
		case err != nil || ignored(path.Base(clean)) || strings.HasPrefix(clean, ".") || strings.Contains(clean, "/."):
			left = append(left, Left{strconv.Quote(at), BadName, "文件名不能用；请对方改名"})
		case open:
			left = append(left, Left{clean, Open, openReason(lock)})
		case i.Size() > maxSize:
			left = append(left, Left{clean, TooBig, tooBigReason})
		default:
			files = append(files, it)
		}
	}
	return files, dirs, left
}

// inJSON is a path that JSON holds as it is, however the server writes its names.
func inJSON(at string) string {
	if utf8.ValidString(at) {
		return at
	}
	return strconv.QuoteToASCII(at)
}

func (s *sftpPlace) look(ctx context.Context, it item) (*item, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	info, err := s.client.Lstat(path.Join(s.root, it.address))
	if err != nil {
		return nil, s.about(err)
	}
	if !info.Mode().IsRegular() {
		return nil, &leftError{Writing, changingReason}
	}
	it.size, it.modified = info.Size(), info.ModTime()
	return &it, nil
}

func (s *sftpPlace) fetch(ctx context.Context, it item, _ *entry, w io.Writer) (entry, error) {
	e := entry{Path: it.path, Modified: it.modified}
	if err := s.connect(ctx); err != nil {
		return e, err
	}
	f, err := s.client.Open(path.Join(s.root, it.address))
	if err != nil {
		return e, s.about(err)
	}
	n, err := f.WriteTo(w)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return e, s.about(err)
	}
	if n != it.size {
		// It may have changed, or the connection may be dying: a look tells. Else it is
		// the server's fault, and the other files need not wait for it.
		now, err := s.look(ctx, it)
		if err != nil {
			return e, err
		}
		if now.size != it.size || !now.modified.Equal(it.modified) {
			return e, &leftError{Writing, changingReason}
		}
		return e, &transient{fmt.Errorf("没有传完：应有 %d 字节，来了 %d 字节%s", it.size, n, afterTries), true}
	}
	return e, nil
}

func (s *sftpPlace) ask(_ context.Context, it item, was *entry) (entry, error) {
	if was != nil && was.Size == it.size && was.Modified.Equal(it.modified) {
		return *was, errUnchanged
	}
	return entry{Path: it.path, Size: it.size, Modified: it.modified}, nil
}
