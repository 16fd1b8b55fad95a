package access

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"doudi/jobs/ledger"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params is what a hash of a password costs.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// Present is what new hashes cost: the second recommended option of RFC 9106 §4, for
// where 2 GiB a hash are too much. 64 MiB make guessing on graphics cards dear, and
// even the two hashes at a time that Keeper makes leave an office's machine its memory.
// A hash of before is made anew at the next login.
var Present = Params{Memory: 64 << 10, Time: 3, Threads: 4}

const (
	saltBytes = 16 // RFC 9106 §4
	tagBytes  = 32

	// Nothing dearer is ever computed, whatever a stored hash asks for.
	mostMemory  = 1 << 20 // KiB
	mostTime    = 16
	mostThreads = 16
)

// ErrHash is what is no hash of a password.
var ErrHash = errors.New("access: not an argon2id hash in PHC form")

// readable is a password as it is hashed: what an input method makes of the same
// keys (full-width letters, composed accents) is the same password.
func readable(password string) []byte { return []byte(norm.NFKC.String(password)) }

// Hash makes the hash of a password, in PHC form, with a new salt.
func Hash(password string, p Params) string {
	var salt [saltBytes]byte
	rand.Read(salt[:]) // never fails
	tag := argon2.IDKey(readable(password), salt[:], p.Time, p.Memory, p.Threads, tagBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, b64(salt[:]), b64(tag))
}

type parsed struct {
	Params
	salt, tag []byte
}

func parse(phc string) (parsed, error) {
	var x parsed
	f := strings.Split(phc, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return x, ErrHash
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &x.Memory, &x.Time, &x.Threads); err != nil || f[3] != fmt.Sprintf("m=%d,t=%d,p=%d", x.Memory, x.Time, x.Threads) {
		return x, ErrHash
	}
	var err1, err2 error
	x.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(f[4])
	x.tag, err2 = base64.RawStdEncoding.Strict().DecodeString(f[5])
	if err1 != nil || err2 != nil || len(x.salt) < 8 || len(x.salt) > 64 || len(x.tag) < 16 || len(x.tag) > 64 ||
		x.Time < 1 || x.Time > mostTime || x.Threads < 1 || x.Threads > mostThreads || x.Memory < 8*uint32(x.Threads) || x.Memory > mostMemory {
		return x, ErrHash
	}
	return x, nil
}

// Verify reports whether a password is that of a hash. How long it takes does not
// depend on how much of it is right.
func Verify(password, phc string) (bool, error) {
	x, err := parse(phc)
	if err != nil {
		return false, err
	}
	tag := argon2.IDKey(readable(password), x.salt, x.Time, x.Memory, x.Threads, uint32(len(x.tag)))
	return subtle.ConstantTimeCompare(tag, x.tag) == 1, nil
}

// Outdated reports whether a hash is to be made anew with other costs.
func Outdated(phc string, p Params) bool {
	x, err := parse(phc)
	return err != nil || x.Params != p || len(x.salt) != saltBytes || len(x.tag) != tagBytes
}

const (
	minPassword = 10
	maxPassword = 128
	// A password that has the name in it must have so many characters beside it.
	besideName = 6
	// With fewer different characters it is a pattern.
	minDifferent = 4
)

//go:embed common.txt
var commonText string

// common are passwords that are tried first, folded, of those that are long enough.
var common = func() map[string]bool {
	out := map[string]bool{}
	for l := range strings.Lines(commonText) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			out[ledger.FoldName(l)] = true
		}
	}
	return out
}()

// CheckPassword says why a password is not taken. There are no rules on which kinds of
// characters it must have: they make people write Passw0rd! (NIST SP 800-63B §5.1.1.2).
func CheckPassword(password string, u *User) error {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return ErrText
	}
	p := string(readable(password))
	switch n := utf8.RuneCountInString(p); {
	case n < minPassword:
		return ErrShort
	case n > maxPassword:
		return ErrLong
	}
	p = ledger.FoldName(p) // capitals and dashes do not hide what it is
	for _, name := range []string{u.Name, u.Display} {
		if name = ledger.FoldName(name); name == "" || !strings.Contains(p, name) {
			continue
		}
		if utf8.RuneCountInString(strings.ReplaceAll(p, name, "")) < besideName {
			return ErrIsName
		}
	}
	if common[p] || pattern(p) {
		return ErrCommon
	}
	return nil
}

// pattern reports whether a password is a few characters again and again, or all of
// them in their order, one way or the other.
func pattern(p string) bool {
	rs := []rune(p)
	seen := map[rune]bool{}
	up, down := 0, 0
	for i, r := range rs {
		seen[r] = true
		if i > 0 {
			switch d := r - rs[i-1]; {
			case d == 1, d == -9 && r == '0': // 90
				up++
			case d == -1, d == 9 && r == '9':
				down++
			}
		}
	}
	if len(seen) < minDifferent || max(up, down) >= len(rs)-1 {
		return true
	}
	for n := 1; n <= len(rs)/2; n++ { // the same part again and again
		if len(rs)%n == 0 && n < besideName && strings.Repeat(string(rs[:n]), len(rs)/n) == p {
			return true
		}
	}
	return false
}
