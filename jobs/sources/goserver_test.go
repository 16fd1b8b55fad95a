package sources

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// memory is an SFTP server over files in memory, for what OpenSSH does not do on
// demand: names that mean harm, passwords, refusals, changes in the middle of a read.
type memory struct {
	mu    sync.Mutex
	files map[string]*memFile // by full path
	// reading is called before each read of a file.
	reading func(path string)

	password string
	key      ssh.Signer
	listener net.Listener
	conns    []net.Conn
}

type memFile struct {
	name string // as it is listed; "": the path's own
	data string
	at   time.Time
	no   error // of opening it
	more int64 // by which it is listed larger than it is
}

func startMemory(t testing.TB) *memory {
	t.Helper()
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	m := &memory{files: map[string]*memFile{}, password: "芝麻 开门"}
	m.key, err = ssh.NewSignerFromKey(priv)
	must(t, err)
	m.listener, err = net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { m.listener.Close(); m.drop() })
	go func() {
		for {
			c, err := m.listener.Accept()
			if err != nil {
				return
			}
			m.mu.Lock()
			m.conns = append(m.conns, c)
			m.mu.Unlock()
			go m.serve(c)
		}
	}()
	return m
}

// drop ends all connections.
func (m *memory) drop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		c.Close()
	}
	m.conns = nil
}

func (m *memory) config(name string) Config {
	return Config{Name: name, SFTP: &SFTP{Host: "127.0.0.1", Port: m.listener.Addr().(*net.TCPAddr).Port, User: "doudi", Path: "/out",
		PasswordEnv: "PASSWORD", HostKey: ssh.FingerprintSHA256(m.key.PublicKey())}}
}

func (m *memory) puller() (*Puller, *sleeper) {
	p, s := newPuller()
	p.Getenv = func(name string) (string, bool) { return m.password, name == "PASSWORD" }
	return p, s
}

func (m *memory) serve(c net.Conn) {
	// Asked as a question, as many servers do.
	conf := &ssh.ServerConfig{KeyboardInteractiveCallback: func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		got, err := ask("", "", []string{"Password: "}, []bool{false})
		if err != nil || len(got) != 1 || got[0] != "芝麻 开门" {
			return nil, errors.New("no")
		}
		return nil, nil
	}}
	conf.AddHostKey(m.key)
	conn, chans, reqs, err := ssh.NewServerConn(c, conf)
	if err != nil {
		c.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	for ch := range chans {
		channel, reqs, err := ch.Accept()
		if err != nil {
			continue
		}
		go func() {
			for r := range reqs {
				if err := r.Reply(r.Type == "subsystem", nil); err != nil {
					return
				}
			}
		}()
		s := sftp.NewRequestServer(channel, sftp.Handlers{FileGet: m, FilePut: m, FileCmd: m, FileList: m})
		go func() { _ = s.Serve(); conn.Close() }() // it ends with the connection
	}
}

func (m *memory) Filewrite(*sftp.Request) (io.WriterAt, error) { return nil, os.ErrPermission }
func (m *memory) Filecmd(*sftp.Request) error                  { return os.ErrPermission }

func (m *memory) get(at string) (memFile, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.files[at]
	if !ok {
		return memFile{}, os.ErrNotExist
	}
	return *f, nil
}

func (m *memory) set(at, data string, when time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[at] = &memFile{data: data, at: when}
}

func (m *memory) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	f, err := m.get(r.Filepath)
	if err != nil {
		return nil, err
	}
	return &memReader{m, r.Filepath}, f.no
}

// memReader reads what the file holds at the moment of each read.
type memReader struct {
	m    *memory
	path string
}

func (r *memReader) ReadAt(b []byte, off int64) (int, error) {
	if r.m.reading != nil {
		r.m.reading(r.path)
	}
	f, err := r.m.get(r.path)
	if err != nil {
		return 0, err
	}
	return strings.NewReader(f.data).ReadAt(b, off)
}

type memInfo struct {
	name string
	size int64
	at   time.Time
	mode fs.FileMode
}

func (i memInfo) Name() string       { return i.name }
func (i memInfo) Size() int64        { return i.size }
func (i memInfo) Mode() fs.FileMode  { return i.mode }
func (i memInfo) ModTime() time.Time { return i.at }
func (i memInfo) IsDir() bool        { return i.mode.IsDir() }
func (i memInfo) Sys() any           { return nil }

type memList []os.FileInfo

func (l memList) ListAt(out []os.FileInfo, off int64) (int, error) {
	if off >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(out, l[off:])
	if n < len(out) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Method != "List" {
		if f, err := m.get(r.Filepath); err == nil {
			return memList{memInfo{path.Base(r.Filepath), int64(len(f.data)) + f.more, f.at, 0o644}}, nil
		}
		if r.Filepath == "/out" {
			return memList{memInfo{"out", 0, time.Time{}, fs.ModeDir | 0o755}}, nil
		}
		return nil, os.ErrNotExist
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out memList
	for at, f := range m.files {
		if path.Dir(at) == r.Filepath {
			name := f.name
			if name == "" {
				name = path.Base(at)
			}
			out = append(out, memInfo{name, int64(len(f.data)) + f.more, f.at, 0o644})
		}
	}
	return out, nil
}

func TestSFTPPassword(t *testing.T) {
	m := startMemory(t)
	p, _ := m.puller()
	dir := t.TempDir()
	m.set("/out/a.csv", "x", time.Unix(1700000000, 0))
	c := m.config("a")
	wantReport(t, p.Mirror(context.Background(), c, dir, dir), []string{"a.csv"}, 0)
	m.password = "hunter2!"
	r := p.Mirror(context.Background(), c, dir, dir)
	wantError(t, r.Err, "不让用户 doudi 登录", "口令（环境变量 PASSWORD）")
	if strings.Contains(r.Err.Error(), "hunter2!") {
		t.Error("the password is told")
	}
	state, err := os.ReadFile(filepath.Join(dir, stateFile))
	must(t, err)
	if strings.Contains(string(state), "hunter2!") {
		t.Error("the password stands in the state")
	}
}

// TestSFTPHostileNames: a server that lists names that mean harm.
func TestSFTPHostileNames(t *testing.T) {
	m := startMemory(t)
	p, _ := m.puller()
	base := t.TempDir()
	dir := filepath.Join(base, "inbox", "a")
	at := time.Unix(1700000000, 0)
	for i, name := range []string{"../../evil.csv", "/etc/evil.csv", "a/../../evil.csv", `..\..\evil.csv`, "a\x00.csv", ".doudi-source.json", " .doudi-source.json", ".doudi-fetch.part", "x.tmp ", "ok.csv"} {
		at := at.Add(time.Duration(i) * time.Second)
		m.files["/out/"+strings.ReplaceAll(name, "/", "_")] = &memFile{name: name, data: "x", at: at}
		m.files["/out/evil.csv"] = &memFile{name: "evil.csv", data: "evil", at: at}
	}
	m.files["/out/no.csv"] = &memFile{data: "x", at: at, no: os.ErrPermission}
	m.files["/out/broken.csv"] = &memFile{data: "x", at: at, no: errors.New("disk on fire")}
	r := p.Mirror(context.Background(), m.config("a"), dir, dir)
	must(t, r.Err)
	t.Logf("%+v", r)
	codes := map[string]string{}
	for _, l := range r.Left {
		codes[l.Path] = l.Code
	}
	if codes["no.csv"] != Unreadable || codes["broken.csv"] != Unreadable || !r.Failed() {
		t.Errorf("left %v", codes)
	}
	got := tree(t, base)
	for name := range got {
		if !strings.HasPrefix(name, "inbox/a/") || strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s was written", name)
		}
	}
	if got["inbox/a/ok.csv"] != "x" {
		t.Errorf("the good file is not there: %v", got)
	}
}

// TestSFTPShort: a file that ends before its size is no file; the others come.
func TestSFTPShort(t *testing.T) {
	m := startMemory(t)
	p, sleeps := m.puller()
	dir := t.TempDir()
	at := time.Unix(1700000000, 0)
	for _, n := range []int{10, 40_000, 400_000} {
		m.files["/out/short.csv"] = &memFile{data: strings.Repeat("x", n), at: at, more: 1}
		m.files["/out/z.csv"] = &memFile{data: strings.Repeat("z", n), at: at}
		sleeps.asked = nil
		wantReport(t, p.Mirror(context.Background(), m.config("a"), dir, dir), []string{"z.csv"}, 0, "failed short.csv")
		wantTree(t, dir, map[string]string{"z.csv": strings.Repeat("z", n)})
		if len(sleeps.asked) != 1+len(backoff) {
			t.Errorf("slept %v", sleeps.asked)
		}
	}
}
