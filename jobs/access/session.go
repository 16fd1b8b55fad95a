package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// How long a session lives.
const (
	Idle = 30 * time.Minute // without a request
	Life = 12 * time.Hour   // at all: a day in the office
	// It is written down that somebody was here once a minute, not at each request.
	seenEvery = time.Minute
)

// Token is what the browser holds. It is never stored.
type Token string

// Key is a token as it is stored: who reads the store can not sign in with it. The
// token is random and long, so a plain hash is enough.
type Key [sha256.Size]byte

// NewToken is a token that nobody can guess: 256 bits.
func NewToken() Token {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return Token(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Key hashes the token.
func (t Token) Key() Key { return sha256.Sum256([]byte(t)) }

// Session is somebody who signed in.
type Session struct {
	Key  Key
	Who  string // folded name
	From string // the address
	// Since is that of the user when they signed in: any session of before is over,
	// whether or not somebody took it away.
	Since         int64
	Created, Seen time.Time
}

// Expired reports whether the session's time is over. One of a moment to come is: the
// clock was set back, and nothing tells how old it is.
func (s *Session) Expired(now time.Time) bool {
	return now.Before(s.Created) || now.Sub(s.Created) >= Life ||
		now.Sub(s.Seen) >= Idle || s.Seen.Sub(now) > seenEvery
}

// Live reports whether the session is still one of the user as they stand.
func (s *Session) Live(u *User, now time.Time) bool {
	return !s.Expired(now) && !u.Disabled && u.Is(s.Who) && s.Since == u.Since
}

// stale reports whether it is time to write down that somebody was here.
func (s *Session) stale(now time.Time) bool { return now.Sub(s.Seen) >= seenEvery }
