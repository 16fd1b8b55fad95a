package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CodeLife is how long the first code holds: long enough to walk from the terminal to
// a desk.
const CodeLife = 30 * time.Minute

// codeLetters are without those that are read for others (I, L, O) and U.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 10 // 50 bits, of which a few hundred can be tried while it holds
)

// Code is the one-time code of the first start as it is stored.
type Code struct {
	Hash    [sha256.Size]byte
	Expires time.Time
}

// NewCode makes a code for the terminal, and what is stored of it.
func NewCode(now time.Time) (string, Code) {
	var b [codeLength]byte
	rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = codeLetters[b[i]%byte(len(codeLetters))] // 256 is a multiple of 32
	}
	s := string(b[:])
	return s[:codeLength/2] + "-" + s[codeLength/2:], Code{sha256.Sum256(b[:]), now.Add(CodeLife)}
}

// typed is a code as somebody typed it: in any case and width, with any dashes, and
// with letters for the digits that they look like.
func typed(s string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		if !strings.ContainsRune(codeLetters, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// Opens reports whether what was typed is the code, and it still holds.
func (c *Code) Opens(input string, now time.Time) bool {
	h := sha256.Sum256([]byte(typed(input)))
	return subtle.ConstantTimeCompare(h[:], c.Hash[:]) == 1 && now.Before(c.Expires) && !now.Before(c.Expires.Add(-CodeLife))
}
