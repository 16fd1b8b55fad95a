package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"doudi/jobs/ledger"
)

// Keeper lets people in. It is safe for concurrent use. Whether somebody may do what
// they ask for, say change another user, is the caller's to check, by Allowed.
type Keeper struct {
	Users Users
	Door  Door
	// Params are what new hashes cost: Present, but for tests.
	Params Params

	once  sync.Once
	slots chan struct{}
	dummy string // a hash of nobody's password
}

// hashing bounds how many hashes are made at a time, and thereby their memory, however
// many people, or programs, sign in at once.
const hashing = 2

// slot waits for leave to hash.
func (k *Keeper) slot(ctx context.Context) (done func(), err error) {
	k.once.Do(func() {
		k.slots = make(chan struct{}, hashing)
		k.dummy = Hash(string(NewToken()), k.Params)
	})
	select {
	case k.slots <- struct{}{}:
		return func() { <-k.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (k *Keeper) hash(ctx context.Context, password string) (string, error) {
	done, err := k.slot(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return Hash(password, k.Params), nil
}

// verify takes as long for nobody as for a user.
func (k *Keeper) verify(ctx context.Context, u *User, password string) (bool, error) {
	done, err := k.slot(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if len(password) > 4*maxPassword {
		return false, nil
	}
	if u == nil {
		_, err := Verify(password, k.dummy)
		return false, err
	}
	return Verify(password, u.Hash)
}

// gate is something that is tried, and how often it may fail.
type gate struct {
	key   string
	limit Limit
}

func gates(name, remote string) []gate {
	return []gate{{"user " + ledger.FoldName(name), PerUser}, {"address " + Address(remote), PerAddress}}
}

func keysOf(gs []gate) (out []string) {
	for _, g := range gs {
		out = append(out, g.key)
	}
	return out
}

// try counts a failure before anything is tried, so that a hundred guesses at once do
// not all pass; forgive takes it back. Who has to wait is not counted.
func (k *Keeper) try(ctx context.Context, gs []gate, now time.Time) error {
	var wait time.Duration
	err := k.Door.Count(ctx, keysOf(gs), func(ts []Tally) []Tally {
		wait = 0
		for i, g := range gs {
			ts[i] = g.limit.At(ts[i], now)
			wait = max(wait, g.limit.Wait(ts[i], now))
		}
		for i, g := range gs {
			if wait == 0 {
				ts[i] = g.limit.Failed(ts[i], now)
			}
		}
		return ts
	})
	if err == nil && wait > 0 {
		err = &Wait{wait}
	}
	return err
}

// forgive: the first gate is forgotten altogether; of the others the one try, so that
// who has a password of their own gets no further guesses at others'.
func (k *Keeper) forgive(ctx context.Context, gs []gate) error {
	return k.Door.Count(ctx, keysOf(gs), func(ts []Tally) []Tally {
		ts[0] = Tally{}
		for i := range ts[1:] {
			ts[i+1].Failures--
		}
		return ts
	})
}

// prove is whoever has the password of a user; ErrDenied is all that others are told.
func (k *Keeper) prove(ctx context.Context, name, password, remote string, now time.Time) (User, error) {
	gs := gates(name, remote)
	if err := k.try(ctx, gs, now); err != nil {
		return User{}, err
	}
	u, err := k.Users.User(ctx, name)
	who := &u
	if errors.Is(err, ErrNoUser) {
		who = nil
	} else if err != nil {
		return User{}, err
	}
	ok, err := k.verify(ctx, who, password)
	if err != nil {
		return User{}, err
	}
	if !ok || u.Disabled {
		return User{}, ErrDenied
	}
	return u, k.forgive(ctx, gs)
}

// Login is what somebody who signs in brings.
type Login struct {
	Name, Password string
	Remote         string // the address
	Old            Token  // of a session that they have; it ends
}

// Login begins a session, always with a new token.
func (k *Keeper) Login(ctx context.Context, in Login, now time.Time) (Token, User, error) {
	u, err := k.prove(ctx, in.Name, in.Password, in.Remote, now)
	if err != nil {
		return "", User{}, err
	}
	if in.Old != "" {
		if err := k.Logout(ctx, in.Old); err != nil {
			return "", User{}, err
		}
	}
	if Outdated(u.Hash, k.Params) {
		if err := k.rehash(ctx, &u, in.Password, now); err != nil {
			return "", User{}, err
		}
	}
	if err := k.Door.Sweep(ctx, now.Add(-Idle), now.Add(-max(PerUser.Forget, PerAddress.Forget, PerCode.Forget))); err != nil {
		return "", User{}, err
	}
	t, err := k.begin(ctx, &u, in.Remote, now)
	return t, u, err
}

func (k *Keeper) begin(ctx context.Context, u *User, remote string, now time.Time) (Token, error) {
	t, who := NewToken(), ledger.FoldName(u.Name)
	err := k.Door.PutSession(ctx, Session{Key: t.Key(), Who: who, From: Address(remote), Since: u.Since, Created: now, Seen: now})
	if err != nil {
		return "", err
	}
	return t, k.Door.SignedIn(ctx, who, now)
}

// rehash makes a hash of today's cost. The ledger may be busy with a run: then the
// next login does it.
func (k *Keeper) rehash(ctx context.Context, u *User, password string, now time.Time) error {
	was := *u
	var err error
	if u.Hash, err = k.hash(ctx, password); err != nil {
		return err
	}
	u.By, u.At = u.Name, now
	brief, cancel := context.WithTimeout(ctx, rehashWait)
	defer cancel()
	if err := k.Users.PutUser(brief, u, Describe(&was, u), func(on []User) error { return CanPut(u, false, on) }); err != nil {
		*u = was
	}
	return ctx.Err()
}

// rehashWait is how long somebody who signs in waits for the ledger.
const rehashWait = time.Second

// Session is whose a token is. It writes down that they were here now and then.
func (k *Keeper) Session(ctx context.Context, t Token, now time.Time) (User, Session, error) {
	if t == "" {
		return User{}, Session{}, ErrNoSession
	}
	s, ok, err := k.Door.Session(ctx, t.Key())
	if err != nil {
		return User{}, Session{}, err
	}
	if !ok {
		return User{}, Session{}, ErrNoSession
	}
	u, err := k.Users.User(ctx, s.Who)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, Session{}, err
	}
	if err != nil || !s.Live(&u, now) {
		return User{}, Session{}, errors.Join(ErrNoSession, k.Door.EndSession(ctx, s.Key))
	}
	if s.stale(now) {
		s.Seen = now
		if err := k.Door.SeenSession(ctx, s.Key, now); err != nil {
			return User{}, Session{}, err
		}
	}
	return u, s, nil
}

// Logout ends a session.
func (k *Keeper) Logout(ctx context.Context, t Token) error {
	return k.Door.EndSession(ctx, t.Key())
}

// Add puts a new user on record. first: only if it is the very first one.
func (k *Keeper) Add(ctx context.Context, u User, password string, first bool) (User, error) {
	u.Name, u.Display = strings.TrimSpace(u.Name), strings.TrimSpace(u.Display)
	u.Version, u.Since, u.Created, u.CreatedBy = 0, 0, u.At, u.By
	if err := errors.Join(CheckName(u.Name), checkDisplay(u.Display), CheckGrants(u.Grants), CheckPassword(password, &u)); err != nil {
		return u, firstOf(err)
	}
	var err error
	if u.Hash, err = k.hash(ctx, password); err != nil {
		return u, err
	}
	return u, k.Users.PutUser(ctx, &u, Describe(nil, &u), func(on []User) error { return CanPut(&u, first, on) })
}

// firstOf is the first of several refusals: people put one thing right at a time.
func firstOf(err error) error {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return err
}

// change puts a change of a user on record, by whom and when it says.
func (k *Keeper) change(ctx context.Context, name, by string, now time.Time, f func(u *User) error) (User, error) {
	u, err := k.Users.User(ctx, name)
	if err != nil {
		return u, err
	}
	was := u
	u.Grants = slices.Clone(u.Grants)
	u.By, u.At = by, now
	if err := f(&u); err != nil {
		return was, err
	}
	if err := k.Users.PutUser(ctx, &u, Describe(&was, &u), func(on []User) error { return CanPut(&u, false, on) }); err != nil {
		return was, err
	}
	return u, nil
}

// over tidies up after a change that ended a user's sessions. They are over without
// it: see Session.Since.
func (k *Keeper) over(ctx context.Context, u *User) error {
	who := ledger.FoldName(u.Name)
	return errors.Join(k.Door.EndSessionsOf(ctx, who),
		k.Door.Count(ctx, []string{gates(u.Name, "")[0].key}, func([]Tally) []Tally { return []Tally{{}} }))
}

// SetPassword gives a user another password. All sessions end, and so does the wait
// after failures.
func (k *Keeper) SetPassword(ctx context.Context, name, password, by string, now time.Time) (User, error) {
	u, err := k.change(ctx, name, by, now, func(u *User) (err error) {
		if err := CheckPassword(password, u); err != nil {
			return err
		}
		u.Since = 0
		u.Hash, err = k.hash(ctx, password)
		return err
	})
	if err != nil {
		return u, err
	}
	return u, k.over(ctx, &u)
}

// ChangePassword is SetPassword by the user, who proves to have the present one. The
// session in which it happens goes on under a new token, all others end.
func (k *Keeper) ChangePassword(ctx context.Context, in Login, password string, now time.Time) (Token, User, error) {
	u, err := k.prove(ctx, in.Name, in.Password, in.Remote, now)
	if err != nil {
		return "", u, err
	}
	if string(readable(password)) == string(readable(in.Password)) {
		return "", u, ErrUnchanged
	}
	if u, err = k.SetPassword(ctx, u.Name, password, u.Name, now); err != nil {
		return "", u, err
	}
	t, err := k.begin(ctx, &u, in.Remote, now)
	return t, u, err
}

// SetDisabled disables a user, whose sessions end, or enables one.
func (k *Keeper) SetDisabled(ctx context.Context, name string, disabled bool, by string, now time.Time) (User, error) {
	u, err := k.change(ctx, name, by, now, func(u *User) error {
		if u.Disabled == disabled {
			return ErrSame
		}
		u.Disabled, u.Since = disabled, 0
		return nil
	})
	if err != nil {
		return u, err
	}
	return u, k.over(ctx, &u)
}

// SetGrants gives a user other roles. Sessions go on: each request looks at the roles
// anew.
func (k *Keeper) SetGrants(ctx context.Context, name string, f func(was []Grant) []Grant, by string, now time.Time) (User, error) {
	return k.change(ctx, name, by, now, func(u *User) error {
		was := GrantsText(u.Grants)
		if u.Grants = f(u.Grants); GrantsText(u.Grants) == was {
			return ErrSame
		}
		return CheckGrants(u.Grants)
	})
}

// Waits is how long the name of a user has to wait after failures.
func (k *Keeper) Waits(ctx context.Context, name string, now time.Time) (wait time.Duration, failures int, err error) {
	g := gates(name, "")[0]
	err = k.Door.Count(ctx, []string{g.key}, func(ts []Tally) []Tally {
		wait, failures = g.limit.Wait(ts[0], now), g.limit.At(ts[0], now).Failures
		return ts
	})
	return wait, failures, err
}

// FirstCode makes the code of the first start, in the place of any other; ErrNotFirst
// where there is a user. It is for the terminal of who started the program.
func (k *Keeper) FirstCode(ctx context.Context, now time.Time) (string, error) {
	on, err := k.Users.Users(ctx)
	if err != nil {
		return "", err
	}
	if len(on) > 0 {
		return "", ErrNotFirst
	}
	text, c := NewCode(now)
	return text, k.Door.PutCode(ctx, c)
}

// First makes the first administrator by the code of the first start, and signs them
// in. That the code works once is certain even if two use it at once, or the program
// dies in between: it is void as soon as there is a user, and of two first users the
// ledger takes one.
func (k *Keeper) First(ctx context.Context, code string, u User, in Login, now time.Time) (Token, User, error) {
	on, err := k.Users.Users(ctx)
	if err != nil {
		return "", User{}, err
	}
	if len(on) > 0 {
		return "", User{}, ErrNotFirst
	}
	gs := []gate{{"first code", PerCode}, {"address " + Address(in.Remote), PerAddress}}
	if err := k.try(ctx, gs, now); err != nil {
		return "", User{}, err
	}
	c, ok, err := k.Door.Code(ctx)
	if err != nil {
		return "", User{}, err
	}
	if !ok || !c.Opens(code, now) {
		return "", User{}, ErrCode
	}
	if err := k.forgive(ctx, gs); err != nil {
		return "", User{}, err
	}
	u.Name, u.Disabled = in.Name, false
	u.Grants = []Grant{{Role: Admin, Areas: []string{Everywhere}}}
	u.At, u.By = now, strings.TrimSpace(in.Name)
	if u, err = k.Add(ctx, u, in.Password, true); err != nil {
		return "", User{}, err
	}
	if err := k.Door.DropCode(ctx); err != nil {
		return "", u, err
	}
	t, err := k.begin(ctx, &u, in.Remote, now)
	return t, u, err
}
