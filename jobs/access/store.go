package access

import (
	"context"
	"time"
)

// Users is the ledger, as far as users go: each change is on record for ever, with a
// line in the audit log.
type Users interface {
	// User finds a user by any writing of the name; ErrNoUser if there is none.
	User(ctx context.Context, name string) (User, error)
	Users(ctx context.Context) ([]User, error)
	// PutUser puts a user, or a change, on record and gives it its number; what is the
	// line of the audit log. check sees all users as they are at that moment, and no
	// two are ever put at once.
	PutUser(ctx context.Context, u *User, what string, check func(on []User) error) error
}

// Door is what passes: sessions, failures, the first code. It is no part of the
// ledger: it may be lost (everybody signs in again), and must never wait for a run,
// which writes to the ledger for as long as it takes.
type Door interface {
	PutSession(ctx context.Context, s Session) error
	// Session is false where there is none.
	Session(ctx context.Context, k Key) (Session, bool, error)
	SeenSession(ctx context.Context, k Key, at time.Time) error
	EndSession(ctx context.Context, k Key) error
	// EndSessionsOf ends all of a user.
	EndSessionsOf(ctx context.Context, who string) error
	// Sweep forgets sessions that nobody has used since, and tallies without a failure since.
	Sweep(ctx context.Context, seen, failed time.Time) error

	// Count changes tallies in one step; those that come back are stored, empty ones
	// forgotten. Keys are kept so that they can not be read: people type passwords
	// where their name should be.
	Count(ctx context.Context, keys []string, f func([]Tally) []Tally) error

	SignedIn(ctx context.Context, who string, at time.Time) error
	SignIns(ctx context.Context) (map[string]time.Time, error)

	// PutCode keeps a code in the place of any other.
	PutCode(ctx context.Context, c Code) error
	Code(ctx context.Context) (Code, bool, error)
	DropCode(ctx context.Context) error
}
