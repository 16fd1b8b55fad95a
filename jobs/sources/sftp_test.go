package sources

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs/sources/sshdtest"

	"golang.org/x/crypto/ssh"
)

// sshd is a real server with a folder to pull from, and a mirror to pull into.
type sshd struct {
	*sshdtest.Server
	remote, dir string
	conf        Config
}

func startSSHD(t *testing.T) *sshd {
	t.Helper()
	base := t.TempDir()
	srv, err := sshdtest.Start(filepath.Join(base, "sshd"))
	must(t, err)
	t.Cleanup(func() { must(t, srv.Stop()) })
	s := &sshd{Server: srv, remote: filepath.Join(base, "remote"), dir: filepath.Join(base, "inbox", "民政")}
	must(t, os.MkdirAll(s.remote, 0o755))
	s.conf = Config{Name: "民政", SFTP: &SFTP{Host: "127.0.0.1", Port: srv.Port, User: srv.User, Path: s.remote, Key: srv.UserKey, HostKey: srv.Fingerprint}}
	must(t, s.conf.Check())
	return s
}

func (s *sshd) put(t *testing.T, name, text string) { put(t, filepath.Join(s.remote, name), text) }

func (s *sshd) pull(t *testing.T, p *Puller) Report {
	t.Helper()
	return p.Mirror(context.Background(), s.conf, s.dir, s.dir)
}

func TestSFTP(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	s.put(t, "民政-2023-08.xlsx", "one")
	s.put(t, "2023-09/残联.csv", "two")
	s.put(t, "empty.csv", "")
	s.put(t, "\xc3\xf1\xd5\xfe.xls", "gbk") // 民政 in GBK
	for _, name := range []string{".hidden", "~$gone.xlsx", "a.csv.part", "b.TMP", "c.filepart", "d.partial", "e.download", "f.lock", "g.crdownload", ".git/x.csv", "Thumbs.db"} {
		s.put(t, name, "x")
	}
	s.put(t, "open.xlsx", "x")
	s.put(t, "~$open.xlsx", "x")
	s.put(t, "wps.et", "x")
	s.put(t, ".~wps.et", "x")
	s.put(t, "calc.ods", "x")
	s.put(t, ".~lock.calc.ods#", "x")
	s.put(t, "../secret.csv", "x")
	must(t, os.Symlink(filepath.Join(s.remote, "..", "secret.csv"), filepath.Join(s.remote, "link.csv")))
	must(t, os.Symlink(s.remote, filepath.Join(s.remote, "loop")))

	r := s.pull(t, p)
	wantReport(t, r, []string{"2023-09/残联.csv", "empty.csv", "民政-2023-08.xlsx", "民政.xls"}, 0, "open open.xlsx", "open wps.et", "open calc.ods")
	want := map[string]string{"民政-2023-08.xlsx": "one", "2023-09/残联.csv": "two", "empty.csv": "", "民政.xls": "gbk"}
	wantTree(t, s.dir, want)
	if len(sleeps.asked) != 1 || sleeps.asked[0] != quiet {
		t.Errorf("slept %v, want the quiet time once", sleeps.asked)
	}
	// The mirrored copy has the server's time.
	st, err := os.Stat(filepath.Join(s.dir, "民政-2023-08.xlsx"))
	must(t, err)
	if age := time.Since(st.ModTime()); age < 50*time.Minute {
		t.Errorf("the copy is %v old", age)
	}

	// Nothing new: nothing is fetched, and nobody waits.
	sleeps.asked = nil
	wantReport(t, s.pull(t, p), nil, 4, "open open.xlsx", "open wps.et", "open calc.ods")
	if len(sleeps.asked) != 0 {
		t.Errorf("slept %v for nothing", sleeps.asked)
	}

	// Changed, touched, closed in the editor, gone, and lost here.
	putAt(t, filepath.Join(s.remote, "民政-2023-08.xlsx"), "one, corrected", time.Now().Add(-time.Minute))
	putAt(t, filepath.Join(s.remote, "empty.csv"), "", time.Now().Add(-time.Minute))
	must(t, os.Remove(filepath.Join(s.remote, "~$open.xlsx")))
	must(t, os.Remove(filepath.Join(s.remote, "2023-09/残联.csv")))
	must(t, os.Remove(filepath.Join(s.dir, "民政.xls")))
	wantReport(t, s.pull(t, p), []string{"open.xlsx", "民政-2023-08.xlsx", "民政.xls"}, 1, "open wps.et", "open calc.ods")
	want["民政-2023-08.xlsx"], want["open.xlsx"] = "one, corrected", "x"
	wantTree(t, s.dir, want)
	// Cut short here.
	must(t, os.Truncate(filepath.Join(s.dir, "open.xlsx"), 0))
	wantReport(t, s.pull(t, p), []string{"open.xlsx"}, 3, "open wps.et", "open calc.ods")
	wantTree(t, s.dir, want)

	// What status and state say holds no more than it should.
	got := StatusOf(s.dir, s.conf)
	if got.Files != 5 || got.Pulled.IsZero() || got.Error != "" {
		t.Errorf("status %+v", got)
	}
	other := s.conf
	other.SFTP = &SFTP{Host: "elsewhere", User: "x", Path: s.remote, Key: "k"}
	if got := StatusOf(s.dir, other); got.Files != 0 {
		t.Errorf("another server's state counts: %+v", got)
	}
}

// TestSFTPDry: with another folder to put things into, the mirror is left as it is.
func TestSFTPDry(t *testing.T) {
	s := startSSHD(t)
	p, _ := newPuller()
	s.put(t, "a.csv", "old")
	s.put(t, "b.csv", "same")
	wantReport(t, s.pull(t, p), []string{"a.csv", "b.csv"}, 0)
	state, err := os.ReadFile(filepath.Join(s.dir, stateFile))
	must(t, err)
	putAt(t, filepath.Join(s.remote, "a.csv"), "new!", time.Now().Add(-time.Minute))
	into := t.TempDir()
	r := p.Mirror(context.Background(), s.conf, s.dir, into)
	wantReport(t, r, []string{"a.csv"}, 1)
	wantTree(t, into, map[string]string{"a.csv": "new!"})
	wantTree(t, s.dir, map[string]string{"a.csv": "old", "b.csv": "same"})
	if again, err := os.ReadFile(filepath.Join(s.dir, stateFile)); err != nil || string(again) != string(state) {
		t.Errorf("the state changed: %v", err)
	}
	// Check writes nothing at all and tells the same.
	rows, err := p.Check(context.Background(), s.conf, s.dir)
	must(t, err)
	if got := fmt.Sprint(rows[0].Path, rows[0].Status, rows[0].Size, rows[1].Path, rows[1].Status, len(rows)); got != "a.csvchanged4b.csvunchanged2" {
		t.Errorf("check says %s", got)
	}
}

func TestSFTPHostKey(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	s.put(t, "a.csv", "x")
	refused := func(parts ...string) {
		t.Helper()
		r := s.pull(t, p)
		wantError(t, r.Err, parts...)
		wantTree(t, s.dir, map[string]string{})
	}
	good := s.Fingerprint
	at := fmt.Sprintf("127.0.0.1:%d", s.Port)

	// Nobody told us the key: it is shown, and nobody logs in.
	s.conf.SFTP.HostKey = ""
	refused("没有登记过 "+at, good, `host_key: "`+good+`"`)
	// A file that does not have the host.
	known := filepath.Join(t.TempDir(), "known_hosts")
	must(t, os.WriteFile(known, []byte("other.example "+s.HostKey+"\n"), 0o600))
	s.conf.SFTP.KnownHosts = known
	refused("没有登记过", good)
	// A file that has another key for it, and one of another kind.
	pub, err := sshdtest.NewKey(filepath.Join(t.TempDir(), "k"))
	must(t, err)
	line := func(host string, pub ssh.PublicKey) string {
		return host + " " + string(ssh.MarshalAuthorizedKey(pub))
	}
	host := fmt.Sprintf("[127.0.0.1]:%d", s.Port)
	must(t, os.WriteFile(known, []byte(line(host, pub)), 0o600))
	refused("与登记的不符", good, known, ssh.FingerprintSHA256(pub), "第 1 行")
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	ecPub, err := ssh.NewPublicKey(ec.Public())
	must(t, err)
	must(t, os.WriteFile(known, []byte(line(host, ecPub)), 0o600))
	refused("与登记的不符", good, ssh.FingerprintSHA256(ecPub))
	// A revoked key.
	must(t, os.WriteFile(known, []byte(host+" "+s.HostKey+"\n@revoked "+host+" "+s.HostKey+"\n"), 0o600))
	refused("不可信", good)
	// No file, and nonsense.
	s.conf.SFTP.KnownHosts = known + "x"
	refused("known_hosts 文件读不了")
	s.conf.SFTP.KnownHosts = ""
	// Other fingerprint, other key line.
	s.conf.SFTP.HostKey = ssh.FingerprintSHA256(ecPub)
	refused("与登记的不符", good, ssh.FingerprintSHA256(ecPub))
	s.conf.SFTP.HostKey = string(ssh.MarshalAuthorizedKey(ecPub))
	refused("与登记的不符", good)
	if len(sleeps.asked) != 0 {
		t.Errorf("a refused key was tried again: %v", sleeps.asked)
	}

	// Each way to tell the key.
	text := "version "
	must(t, os.WriteFile(known, []byte(line(host, ecPub)+host+" "+s.HostKey+"\n"), 0o600))
	for i, set := range []func(){
		func() { s.conf.SFTP.HostKey = good },
		func() { s.conf.SFTP.HostKey = s.HostKey + " server" },
		func() { s.conf.SFTP.HostKey = host + " " + s.HostKey },
		func() { s.conf.SFTP.KnownHosts = known },
	} {
		s.conf.SFTP.HostKey, s.conf.SFTP.KnownHosts = "", ""
		set()
		text += strconv.Itoa(i)
		s.put(t, "a.csv", text)
		must(t, s.conf.Check())
		must(t, s.pull(t, p).Err)
		wantTree(t, s.dir, map[string]string{"a.csv": text})
	}

	// The server changes its key: nothing is fetched any more.
	s.conf.SFTP.HostKey, s.conf.SFTP.KnownHosts = good, ""
	must(t, s.Rekey())
	s.put(t, "a.csv", "from an impostor")
	r := s.pull(t, p)
	wantError(t, r.Err, "与登记的不符", good, s.Fingerprint)
	wantTree(t, s.dir, map[string]string{"a.csv": text})
	if st := StatusOf(s.dir, s.conf); st.Error == "" || st.Pulled.IsZero() || st.Files != 1 {
		t.Errorf("status %+v", st)
	}
}

func TestSFTPLogin(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	s.put(t, "a.csv", "x")
	right := *s.conf.SFTP
	other := filepath.Join(t.TempDir(), "other")
	pub, err := sshdtest.NewKey(other)
	must(t, err)
	locked := filepath.Join(t.TempDir(), "locked")
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(ec, "", []byte("open sesame"))
	must(t, err)
	must(t, os.WriteFile(locked, pem.EncodeToMemory(block), 0o600))
	for name, c := range map[string]struct {
		set  func(*SFTP)
		want []string
	}{
		"other key":   {func(c *SFTP) { c.Key = other }, []string{"不让用户 " + s.User + " 登录", ssh.FingerprintSHA256(pub), other}},
		"no key":      {func(c *SFTP) { c.Key = other + "x" }, []string{"读不到", other + "x"}},
		"locked key":  {func(c *SFTP) { c.Key = locked }, []string{"有口令"}},
		"not a key":   {func(c *SFTP) { c.Key = filepath.Join(s.remote, "a.csv") }, []string{"看不懂"}},
		"no password": {func(c *SFTP) { c.Key, c.PasswordEnv = "", "NOT_SET" }, []string{"环境变量 NOT_SET 没有设置"}},
		"no folder":   {func(c *SFTP) { c.Path += "/nowhere" }, []string{"没有文件夹 " + s.remote + "/nowhere"}},
		"a file":      {func(c *SFTP) { c.Path += "/a.csv" }, []string{"没有文件夹"}},
	} {
		conf := right
		c.set(&conf)
		s.conf.SFTP = &conf
		r := s.pull(t, p)
		t.Log(name, r.Err)
		wantError(t, r.Err, c.want...)
	}
	if len(sleeps.asked) != 0 {
		t.Errorf("what can not go well was tried again: %v", sleeps.asked)
	}
	wantTree(t, s.dir, map[string]string{})
	// Nobody there: tried four times.
	s.conf.SFTP = &right
	must(t, s.Stop())
	wantError(t, s.pull(t, p).Err, "连不上 127.0.0.1:", "拒绝连接")
	if len(sleeps.asked) != 3 {
		t.Errorf("tried again after %v", sleeps.asked)
	}
}

// cutter passes connections on to a server and acts when so many bytes came from it.
type cutter struct {
	net.Listener
	mu    sync.Mutex
	after int
	act   func()
}

func newCutter(t *testing.T, port int) (*cutter, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cutter{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				in.Close()
				continue
			}
			go func() { io.Copy(out, in); out.Close() }()
			go func() { io.Copy(&counted{c, in}, out); in.Close() }()
		}
	}()
	return c, l.Addr().(*net.TCPAddr).Port
}

type counted struct {
	c *cutter
	w io.Writer
}

func (c *counted) Write(b []byte) (int, error) {
	c.c.mu.Lock()
	c.c.after -= len(b)
	act := c.c.act
	if c.c.after > 0 {
		act = nil
	} else {
		c.c.act = nil
	}
	c.c.mu.Unlock()
	if act != nil {
		act()
	}
	return c.w.Write(b)
}

func (c *cutter) arm(after int, act func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after, c.act = after, act
}

// TestSFTPGrows: a file that grows or is replaced while it is fetched, or while we
// wait, is left for the next run.
func TestSFTPGrows(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	cut, port := newCutter(t, s.Port)
	s.conf.SFTP.Port = port
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	path := filepath.Join(s.remote, "big.csv")
	s.put(t, "small.csv", "x")
	for name, change := range map[string]func(){
		"grows": func() {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteString("more")
			must(t, err)
			must(t, f.Close())
		},
		"shrinks": func() { must(t, os.Truncate(path, 100)) },
		"is written over": func() {
			must(t, os.WriteFile(path, []byte(strings.ToUpper(big)), 0o644))
		},
		"is replaced": func() {
			put(t, path+".tmp", strings.ToUpper(big))
			must(t, os.Chtimes(path+".tmp", time.Time{}, time.Now().Add(-time.Minute)))
			must(t, os.Rename(path+".tmp", path))
		},
	} {
		for _, when := range []string{"while we wait", "while it is fetched"} {
			if when == "while we wait" && name != "grows" {
				continue // the look after the wait is one and the same
			}
			must(t, os.RemoveAll(s.dir))
			put(t, path, big)
			if when == "while we wait" {
				sleeps.during = func(time.Duration) { change(); sleeps.during = nil }
			} else {
				cut.arm(600_000, change)
			}
			wantReport(t, s.pull(t, p), []string{"small.csv"}, 0, "writing big.csv")
			wantTree(t, s.dir, map[string]string{"small.csv": "x"})
			now, err := os.ReadFile(path)
			must(t, err)
			wantReport(t, s.pull(t, p), []string{"big.csv"}, 1)
			wantTree(t, s.dir, map[string]string{"small.csv": "x", "big.csv": string(now)})
			if t.Failed() {
				t.Fatalf("%s %s", name, when)
			}
		}
	}
}

// TestSFTPServerDies: killed in the middle of a transfer, it is asked again from
// the start; when it stays away, what was fetched before is kept.
func TestSFTPServerDies(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	cut, port := newCutter(t, s.Port)
	s.conf.SFTP.Port = port
	big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	s.put(t, "a.csv", "first")
	s.put(t, "big.csv", big)
	s.put(t, "z.csv", "last")
	sleeps.during = func(d time.Duration) {
		if d != quiet {
			must(t, s.Again())
		}
	}
	cut.arm(1_000_000, func() { must(t, s.Stop()) })
	wantReport(t, s.pull(t, p), []string{"a.csv", "big.csv", "z.csv"}, 0)
	want := map[string]string{"a.csv": "first", "big.csv": big, "z.csv": "last"}
	wantTree(t, s.dir, want)
	if len(sleeps.asked) != 2 { // the quiet time and one wait
		t.Errorf("slept %v", sleeps.asked)
	}

	sleeps.during = nil
	s.put(t, "b.csv", "second")
	putAt(t, filepath.Join(s.remote, "big.csv"), strings.ToUpper(big), time.Now().Add(-time.Minute))
	cut.arm(1_000_000, func() { must(t, s.Stop()) })
	r := s.pull(t, p)
	wantError(t, r.Err, "127.0.0.1:")
	want["b.csv"] = "second"
	wantTree(t, s.dir, want)
	must(t, s.Again())
	wantReport(t, s.pull(t, p), []string{"big.csv"}, 3)
}

// TestSFTPVanishes: a file that goes while we wait is named and nothing more.
func TestSFTPVanishes(t *testing.T) {
	s := startSSHD(t)
	p, sleeps := newPuller()
	s.put(t, "a.csv", "x")
	s.put(t, "b.csv", "y")
	sleeps.during = func(time.Duration) { must(t, os.Remove(filepath.Join(s.remote, "a.csv"))) }
	r := s.pull(t, p)
	wantReport(t, r, []string{"b.csv"}, 0, "gone a.csv")
	if r.Failed() {
		t.Error("a file that went is no failure")
	}
}

func TestSFTPLimits(t *testing.T) {
	s := startSSHD(t)
	p, _ := newPuller()
	defer func(was int64) { maxSize = was }(maxSize)
	maxSize = 10
	s.put(t, "fits.csv", "0123456789")
	s.put(t, "big.csv", "0123456789a")
	r := s.pull(t, p)
	wantReport(t, r, []string{"fits.csv"}, 0, "too_big big.csv")
	if !r.Failed() {
		t.Error("a file that is never taken must be told")
	}
	deep := strings.Repeat("d/", maxDepth)
	s.put(t, deep+"x.csv", "x")
	wantReport(t, s.pull(t, p), nil, 1, "too_big big.csv", "name "+strconv.Quote(strings.TrimSuffix(deep, "/")))
	for i := range MaxFiles + 1 {
		must(t, os.WriteFile(filepath.Join(s.remote, fmt.Sprintf("%05d.csv", i)), nil, 0o644))
	}
	wantError(t, s.pull(t, p).Err, "超过 10000 个文件")
}

// TestSFTPCancelled: the end of the context ends the pull at once.
func TestSFTPCancelled(t *testing.T) {
	s := startSSHD(t)
	p, _ := newPuller()
	cut, port := newCutter(t, s.Port)
	s.conf.SFTP.Port = port
	s.put(t, "big.csv", strings.Repeat("0123456789abcdef", 1<<17))
	ctx, cancel := context.WithCancel(context.Background())
	cut.arm(1_000_000, cancel)
	r := p.Mirror(ctx, s.conf, s.dir, s.dir)
	if r.Err != context.Canceled {
		t.Errorf("ended with %v", r.Err)
	}
	wantTree(t, s.dir, map[string]string{})
}
