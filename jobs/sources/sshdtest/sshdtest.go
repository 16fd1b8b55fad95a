//go:build linux

package sshdtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// Server is an OpenSSH server.
type Server struct {
	Port        int
	User        string // whose login the server takes
	UserKey     string // file with the private key for it
	Fingerprint string // of the host key
	HostKey     string // the host key as one line

	dir  string
	cmd  *exec.Cmd
	log  *bytes.Buffer
	done chan struct{}
}

// Start starts a server that keeps its files in dir.
func Start(dir string) (*Server, error) {
	if os.Getuid() == 0 {
		// Its separation of privileges wants this folder, which the system's own start makes.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return nil, err
		}
	}
	u, err := user.Current()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Server{dir: dir, User: u.Username, UserKey: filepath.Join(dir, "user_key")}
	pub, err := NewKey(s.UserKey)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.file("authorized_keys"), ssh.MarshalAuthorizedKey(pub), 0o600); err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	return s, s.Rekey()
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

// Rekey gives the server a new host key and starts it anew.
func (s *Server) Rekey() error {
	pub, err := NewKey(s.file("host_key"))
	if err != nil {
		return err
	}
	s.Fingerprint = ssh.FingerprintSHA256(pub)
	s.HostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Again()
}

// Again starts the server on the same port with the same keys.
func (s *Server) Again() error {
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd" // where a user's path does not lead
	}
	conf := fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nMaxStartups 100\nLogLevel INFO\n",
		s.Port, s.file("host_key"), s.file("authorized_keys"))
	if err := os.WriteFile(s.file("sshd_config"), []byte(conf), 0o600); err != nil {
		return err
	}
	s.log = &bytes.Buffer{}
	s.cmd = exec.Command(sshd, "-D", "-e", "-f", s.file("sshd_config"))
	s.cmd.Stderr = s.log
	// Should the test die, the server must not stay.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("sshd does not start (.ci/setup installs openssh-server): %w", err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // it is killed
		close(done)
	}(s.cmd, s.done)
	for range 500 {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), time.Second); err == nil {
			return c.Close()
		}
		select {
		case <-s.done:
			return errors.New("sshd ended: " + s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return errors.New("sshd does not answer")
}

// Stop kills the server with its sessions, in the middle of whatever they do.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	// Sessions are children that leave the server's process group.
	for _, pid := range append(children(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	<-s.done
	s.cmd = nil
	return nil
}

// children gives the processes below one, from /proc.
func children(of int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	below := map[int][]int{}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		// pid (name) state parent …; a name may hold spaces
		f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if err != nil || len(f) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(f[1]); err == nil {
			below[parent] = append(below[parent], pid)
		}
	}
	var out []int
	for todo := []int{of}; len(todo) > 0; todo = todo[1:] {
		out = append(out, below[todo[0]]...)
		todo = append(todo, below[todo[0]]...)
	}
	return out
}

// NewKey writes a new private key to a file and gives its public half.
func NewKey(path string) (ssh.PublicKey, error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(priv, "")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return ssh.NewPublicKey(pub)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
