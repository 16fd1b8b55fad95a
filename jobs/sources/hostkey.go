package sources

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys is what is known of a server's keys.
type hostKeys struct {
	match func(address string, remote net.Addr, key ssh.PublicKey) error
	// rounds are the kinds of key to ask for, one connection each: a server shows
	// one key per connection, and must be asked for the one that we know.
	rounds [][]string
	known  bool // something is registered for this server
	want   []string
	where  string // where it is registered, for people
}

// kindsOf are the signature algorithms of a kind of key.
func kindsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

var allKinds = [][]string{{ssh.KeyAlgoED25519}, {ssh.KeyAlgoECDSA256}, {ssh.KeyAlgoECDSA384}, {ssh.KeyAlgoECDSA521}, kindsOf(ssh.KeyAlgoRSA)}

var fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`)

var errHostKey = errors.New("sftp 的 host_key 看不懂；应是指纹（SHA256: 加 43 个字符），或一行公钥（如 ssh-ed25519 AAAA…）")

// parseHostKey reads what stands in host_key: a fingerprint, a public key, or a
// line of known_hosts.
func parseHostKey(s string) (hostKeys, error) {
	s = strings.TrimSpace(s)
	h := hostKeys{known: true, where: "doudi.yaml 的 host_key"}
	if fp := strings.TrimRight(s, "="); strings.HasPrefix(fp, "SHA256:") {
		if !fingerprint.MatchString(fp) {
			return h, errHostKey
		}
		h.want, h.rounds = []string{fp}, allKinds
		h.match = func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if ssh.FingerprintSHA256(key) != fp {
				return errMismatch
			}
			return nil
		}
		return h, nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s))
	if err != nil {
		if _, _, key, _, _, err = ssh.ParseKnownHosts([]byte(s)); err != nil {
			return h, errHostKey
		}
	}
	h.want = []string{key.Type() + " " + ssh.FingerprintSHA256(key)}
	h.rounds = [][]string{kindsOf(key.Type()), nil}
	h.match = func(_ string, _ net.Addr, got ssh.PublicKey) error {
		if string(got.Marshal()) != string(key.Marshal()) {
			return errMismatch
		}
		return nil
	}
	return h, nil
}

var (
	errMismatch = errors.New("host key mismatch")
	errUnknown  = errors.New("host key unknown")
)

// hostKeys gives what the configuration knows of the server.
func (s *SFTP) hostKeys() (hostKeys, error) {
	switch {
	case s.HostKey != "":
		return parseHostKey(s.HostKey)
	case s.KnownHosts == "":
		return hostKeys{rounds: [][]string{slices.Concat(allKinds...)}, match: func(string, net.Addr, ssh.PublicKey) error { return errUnknown }}, nil
	}
	h := hostKeys{where: s.KnownHosts}
	check, err := knownhosts.New(s.KnownHosts)
	if err != nil {
		return h, fmt.Errorf("known_hosts 文件读不了：%w", err)
	}
	h.match = func(address string, remote net.Addr, key ssh.PublicKey) error {
		err := check(address, remote, key)
		var ke *knownhosts.KeyError
		if errors.As(err, &ke) {
			if len(ke.Want) == 0 {
				return errUnknown
			}
			return errMismatch
		}
		return err // revoked, or a certificate that does not hold
	}
	// A key that nobody has makes the file tell which it holds for this server.
	nobody, err := ssh.NewPublicKey(make(ed25519.PublicKey, ed25519.PublicKeySize))
	if err != nil {
		return h, err
	}
	var ke *knownhosts.KeyError
	var kinds []string
	if errors.As(check(s.address(), &net.TCPAddr{}, nobody), &ke) {
		for _, k := range ke.Want {
			h.known = true
			h.want = append(h.want, fmt.Sprintf("%s %s（第 %d 行）", k.Key.Type(), ssh.FingerprintSHA256(k.Key), k.Line))
			for _, a := range kindsOf(k.Key.Type()) {
				if !slices.Contains(kinds, a) {
					kinds = append(kinds, a)
				}
			}
		}
	}
	if len(kinds) > 0 {
		h.rounds = append(h.rounds, kinds)
	}
	h.rounds = append(h.rounds, nil)
	return h, nil
}

// refuse says that the server is not who it should be, what it showed and what to
// do.
func (h *hostKeys) refuse(s *SFTP, shown []string, err error) error {
	keys := strings.Join(shown, "、")
	switch {
	case errors.Is(err, errUnknown):
		return fmt.Errorf("没有登记过 %s 的主机密钥，没有登录。它出示的是 %s。请向对方管理员核对这个指纹，无误后在 doudi.yaml 该来源的 sftp 下写 host_key: \"%s\"",
			s.address(), keys, fingerprintIn(shown))
	case errors.Is(err, errMismatch):
		return fmt.Errorf("%s 的主机密钥与登记的不符，没有登录：它出示的是 %s，%s 里登记的是 %s。可能有人冒充这台服务器；请向对方管理员核对指纹，确实换过密钥才更新登记",
			s.address(), keys, h.where, strings.Join(h.want, "、"))
	}
	return fmt.Errorf("%s 的主机密钥不可信，没有登录：它出示的是 %s（%w）", s.address(), keys, err)
}

func fingerprintIn(shown []string) string {
	if len(shown) == 0 {
		return ""
	}
	_, fp, _ := strings.Cut(shown[0], " ")
	return fp
}
