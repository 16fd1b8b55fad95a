package access_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"doudi/jobs/access"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
)

var noon = time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC)

const (
	right = "两只黄鹂鸣翠柳一行白鹭"
	wrong = "一行白鹭上青天两只黄鹂"
)

// house is a keeper over a ledger and a door that can be closed and opened again.
type house struct {
	*testing.T
	*access.Keeper
	ctx   context.Context
	store *sqlite.Store
	dir   string
	v     *vault.Vault
}

func newHouse(t *testing.T) *house {
	t.Helper()
	key := sha256.Sum256([]byte("secret"))
	v, err := vault.New(key[:])
	h := &house{T: t, ctx: t.Context(), dir: t.TempDir(), v: v}
	h.ok(err)
	h.store, err = sqlite.Open(h.ctx, filepath.Join(h.dir, "a.db"), v)
	h.ok(err)
	t.Cleanup(func() {
		last, err := h.store.Verify(context.WithoutCancel(h.ctx))
		if err != nil {
			t.Errorf("verified up to %d: %v", last.Seq, err)
		}
		h.ok(h.store.Close())
	})
	h.restart()
	return h
}

// restart is another process on the same files.
func (h *house) restart() {
	h.Helper()
	d, err := sqlite.OpenDoor(h.ctx, filepath.Join(h.dir, "door.db"), h.v)
	h.ok(err)
	h.Cleanup(func() { h.ok(d.Close()) })
	h.Keeper = &access.Keeper{Users: h.store, Door: d, Params: access.Params{Memory: 64, Time: 1, Threads: 1}}
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) is(err, want error) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("error %v, want %v", err, want)
	}
}

func grant(r access.Role) []access.Grant {
	return []access.Grant{{Role: r, Areas: []string{access.Everywhere}}}
}

func (h *house) add(name string, r access.Role) {
	h.Helper()
	_, err := h.Add(h.ctx, access.User{Name: name, Grants: grant(r), At: noon, By: "root"}, right, false)
	h.ok(err)
}

func (h *house) login(name, password, from string, at time.Time) (access.Token, error) {
	h.Helper()
	t, _, err := h.Login(h.ctx, access.Login{Name: name, Password: password, Remote: from + ":4711"}, at)
	return t, err
}

func (h *house) here(t access.Token, at time.Time, want error) {
	h.Helper()
	u, _, err := h.Session(h.ctx, t, at)
	h.is(err, want)
	if err != nil && u.Name != "" {
		h.Errorf("refused, and yet %q", u.Name)
	}
}

func TestLogin(t *testing.T) {
	h := newHouse(t)
	h.add("Zhang-San", access.Admin)
	token, err := h.login("ｚｈａｎｇｓａｎ", right, "10.0.0.7", noon)
	h.ok(err)
	u, s, err := h.Session(h.ctx, token, noon.Add(time.Minute))
	h.ok(err)
	if u.Name != "Zhang-San" || !s.Created.Equal(noon) || !s.Seen.Equal(noon.Add(time.Minute)) || s.From != "10.0.0.7" {
		t.Errorf("%q, %+v", u.Name, s)
	}
	for _, bad := range []access.Token{"", "x", token + "x", access.NewToken()} {
		h.here(bad, noon, access.ErrNoSession)
	}
	// What there is and what there is not is answered alike.
	_, err = h.login("Zhang-San", wrong, "10.0.0.7", noon)
	h.is(err, access.ErrDenied)
	_, err = h.login("lisi", right, "10.0.0.7", noon)
	h.is(err, access.ErrDenied)
	_, err = h.login("", "", "10.0.0.7", noon)
	h.is(err, access.ErrDenied)
	// A token of before ends when its holder signs in anew; another's does not.
	h.restart()
	second, _, err := h.Login(h.ctx, access.Login{Name: "Zhang-San", Password: right, Remote: "10.0.0.8:1", Old: token}, noon.Add(time.Minute))
	h.ok(err)
	if second == token {
		t.Error("the token was not renewed")
	}
	h.here(token, noon.Add(time.Minute), access.ErrNoSession)
	h.here(second, noon.Add(time.Minute), nil)
	h.ok(h.Logout(h.ctx, second))
	h.here(second, noon.Add(time.Minute), access.ErrNoSession)
	at, err := h.Door.SignIns(h.ctx)
	h.ok(err)
	if !at["zhangsan"].Equal(noon.Add(time.Minute)) || len(at) != 1 {
		t.Errorf("signed in %v", at)
	}
}

// TestSessionEnds: idle, after a day's work, and with what happens to the user.
func TestSessionEnds(t *testing.T) {
	h := newHouse(t)
	h.add("甲", access.Admin)
	h.add("乙", access.Handler)
	begin := func(at time.Time) access.Token {
		h.Helper()
		s, err := h.login("乙", right, "10.0.0.7", at)
		h.ok(err)
		return s
	}
	idle := begin(noon)
	h.here(idle, noon.Add(29*time.Minute), nil)
	h.here(idle, noon.Add(58*time.Minute), nil) // was here at 29
	h.here(idle, noon.Add(88*time.Minute), access.ErrNoSession)
	h.here(idle, noon.Add(58*time.Minute), access.ErrNoSession) // and does not come back
	busy := begin(noon)
	for m := 20; m < 12*60; m += 20 {
		h.here(busy, noon.Add(time.Duration(m)*time.Minute), nil)
	}
	h.here(busy, noon.Add(12*time.Hour), access.ErrNoSession)

	for what, change := range map[string]func() error{
		"disabled": func() error { _, err := h.SetDisabled(h.ctx, "乙", true, "甲", noon); return err },
		"password": func() error { _, err := h.SetPassword(h.ctx, "乙", right+"!", "甲", noon); return err },
		"own password": func() error {
			_, _, err := h.ChangePassword(h.ctx, access.Login{Name: "乙", Password: right, Remote: "10.0.0.9"}, right+"?", noon)
			return err
		},
		// By a process that dies before it can take the sessions away.
		"disabled by another process": func() error {
			k := &access.Keeper{Users: h.store, Door: blind{h.Door}, Params: h.Params}
			_, err := k.SetDisabled(h.ctx, "乙", true, "甲", noon)
			if !errors.Is(err, errBlind) {
				h.Errorf("%s: %v", "the door is blind", err)
			}
			return nil
		},
	} {
		s := begin(noon)
		h.here(s, noon, nil)
		if err := change(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		h.here(s, noon, access.ErrNoSession)
		if u, err := h.Users.User(h.ctx, "乙"); err != nil || u.Disabled {
			h.ok(err)
			_, err := h.login("乙", right, "10.0.0.7", noon)
			h.is(err, access.ErrDenied)
			_, err = h.SetDisabled(h.ctx, "乙", false, "甲", noon)
			h.ok(err)
		} else {
			_, err := h.login("乙", right, "10.0.0.7", noon)
			h.is(err, access.ErrDenied)
			_, err = h.SetPassword(h.ctx, "乙", right, "甲", noon)
			h.ok(err)
		}
		h.here(s, noon, access.ErrNoSession) // does not revive
	}

	// Other roles hold at once, in the session that there is.
	s := begin(noon)
	_, err := h.SetGrants(h.ctx, "乙", func([]access.Grant) []access.Grant { return grant(access.Auditor) }, "甲", noon)
	h.ok(err)
	u, _, err := h.Session(h.ctx, s, noon)
	h.ok(err)
	if access.Allowed(&u, access.Upload, "330100", "") || !access.Allowed(&u, access.ViewAudit, "", "") {
		t.Errorf("roles %v", u.Grants)
	}
}

var errBlind = errors.New("blind")

// blind is a door that takes no session away.
type blind struct{ access.Door }

func (blind) EndSessionsOf(context.Context, string) error { return errBlind }

// TestThrottle: of a user, after 5 failures; a right password does not help while one
// waits, a restart does not shorten it, and another user does not wait.
func TestThrottle(t *testing.T) {
	h := newHouse(t)
	h.add("甲", access.Admin)
	h.add("乙", access.Handler)
	for range 5 {
		_, err := h.login("乙", wrong, "10.0.0.7", noon)
		h.is(err, access.ErrDenied)
	}
	h.restart()
	waits := func(name, password string, at time.Time, want time.Duration) {
		h.Helper()
		_, err := h.login(name, password, "10.0.0.8", at)
		w, _ := errors.AsType[*access.Wait](err)
		if w == nil && want != 0 || w != nil && w.For != want {
			h.Errorf("%v, want to wait %s", err, want)
		}
	}
	waits("乙", right, noon, 30*time.Second)
	waits("乙", right, noon.Add(20*time.Second), 10*time.Second) // asking does not prolong it
	waits("甲", right, noon, 0)
	waits("乙", wrong, noon.Add(30*time.Second), 0)
	waits("乙", right, noon.Add(30*time.Second), time.Minute)
	if w, n, err := h.Waits(h.ctx, "乙", noon.Add(30*time.Second)); err != nil || w != time.Minute || n != 6 {
		t.Errorf("waits %s after %d, %v", w, n, err)
	}
	waits("乙", right, noon.Add(90*time.Second), 0) // and all is forgiven
	if w, n, err := h.Waits(h.ctx, "乙", noon.Add(90*time.Second)); err != nil || w != 0 || n != 0 {
		t.Errorf("waits %s after %d, %v", w, n, err)
	}
	// Names that are nobody's wait alike.
	for range 5 {
		waits("王五", wrong, noon, 0)
	}
	waits("王五", wrong, noon, 30*time.Second)
	// Who is given another password need not wait.
	for range 5 {
		waits("乙", wrong, noon, 0)
	}
	waits("乙", right, noon, 30*time.Second)
	_, err := h.SetPassword(h.ctx, "乙", right, "甲", noon)
	h.ok(err)
	waits("乙", right, noon, 0)
}

// TestThrottleAddress: one address that tries many names; who has a password of their
// own gets no further guesses by it.
func TestThrottleAddress(t *testing.T) {
	h := newHouse(t)
	h.add("甲", access.Admin)
	for i := range access.PerAddress.Free {
		_, err := h.login(fmt.Sprint("用户", i), wrong, "10.0.0.7", noon)
		h.is(err, access.ErrDenied)
		if i%4 == 0 && i < access.PerAddress.Free-1 {
			_, err = h.login("甲", right, "10.0.0.7", noon)
			h.ok(err)
		}
	}
	_, err := h.login("甲", right, "10.0.0.7", noon)
	if _, ok := errors.AsType[*access.Wait](err); !ok {
		t.Errorf("from that address: %v", err)
	}
	_, err = h.login("甲", right, "10.0.0.8", noon)
	h.ok(err)
}

// TestGuessesAtOnce: a hundred at once are no more than one after another.
func TestGuessesAtOnce(t *testing.T) {
	h := newHouse(t)
	h.add("甲", access.Admin)
	var wg sync.WaitGroup
	var mu sync.Mutex
	denied, waited := 0, 0
	for i := range 40 {
		wg.Go(func() {
			_, err := h.login("甲", wrong, fmt.Sprint("10.0.1.", i), noon)
			_, wait := errors.AsType[*access.Wait](err)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case wait:
				waited++
			case errors.Is(err, access.ErrDenied):
				denied++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if denied != 5 || waited != 35 {
		t.Errorf("%d were tried, %d had to wait", denied, waited)
	}
}

func TestFirst(t *testing.T) {
	h := newHouse(t)
	in := access.Login{Name: "甲", Password: right, Remote: "10.0.0.7"}
	first := func(code string, in access.Login, at time.Time, want error) access.Token {
		h.Helper()
		s, _, err := h.First(h.ctx, code, access.User{Display: "张三", Grants: grant(access.Auditor), Disabled: true, By: "nobody"}, in, at)
		h.is(err, want)
		return s
	}
	first("", in, noon, access.ErrCode) // none was made
	old, err := h.FirstCode(h.ctx, noon)
	h.ok(err)
	code, err := h.FirstCode(h.ctx, noon)
	h.ok(err)
	first(old, in, noon, access.ErrCode)
	first(code, in, noon.Add(30*time.Minute), access.ErrCode)
	// What is wrong with the user does not use the code up.
	first(code, access.Login{Name: "甲", Password: "short", Remote: "10.0.0.7"}, noon.Add(time.Minute), access.ErrShort)
	first(code, access.Login{Name: "甲/乙", Password: right, Remote: "10.0.0.7"}, noon.Add(time.Minute), access.ErrName)
	h.restart()
	s := first(code, in, noon.Add(2*time.Minute), nil)
	u, _, err := h.Session(h.ctx, s, noon.Add(2*time.Minute))
	h.ok(err)
	if !access.Allowed(&u, access.EditUsers, "", "") || u.Display != "张三" || u.By != "甲" || !u.Created.Equal(noon.Add(2*time.Minute)) || len(u.Grants) != 1 {
		t.Errorf("%+v", u.Grants)
	}
	first(code, access.Login{Name: "乙", Password: right, Remote: "10.0.0.7"}, noon.Add(2*time.Minute), access.ErrNotFirst)
	_, err = h.FirstCode(h.ctx, noon)
	h.is(err, access.ErrNotFirst)
	if _, ok, err := h.Door.Code(h.ctx); ok || err != nil {
		t.Errorf("the code is still there: %v", err)
	}
}

// TestFirstThrottled: the code is guessed no more often than a password, from wherever.
func TestFirstThrottled(t *testing.T) {
	h := newHouse(t)
	code, err := h.FirstCode(h.ctx, noon)
	h.ok(err)
	for i := range 5 {
		_, _, err := h.First(h.ctx, "AAAAA-AAAAA", access.User{}, access.Login{Name: "甲", Password: right, Remote: fmt.Sprint("10.0.0.", i)}, noon)
		h.is(err, access.ErrCode)
	}
	h.restart()
	in := access.Login{Name: "甲", Password: right, Remote: "10.0.0.99"}
	_, _, err = h.First(h.ctx, code, access.User{}, in, noon)
	if w, ok := errors.AsType[*access.Wait](err); !ok || w.For != 30*time.Second {
		t.Errorf("%v", err)
	}
	_, _, err = h.First(h.ctx, code, access.User{}, in, noon.Add(30*time.Second))
	h.ok(err)
}

func TestChanges(t *testing.T) {
	h := newHouse(t)
	add := func(name, password string, g []access.Grant, want error) {
		h.Helper()
		_, err := h.Add(h.ctx, access.User{Name: name, Grants: g, At: noon, By: "root"}, password, false)
		h.is(err, want)
	}
	add("甲", right, grant(access.Handler), access.ErrFirstAdmin)
	add(" 甲 ", right, grant(access.Admin), nil)
	add("甲", right, grant(access.Admin), access.ErrTaken)
	add("乙", "short", grant(access.Handler), access.ErrShort)
	add("乙", right, nil, access.ErrNoRole)
	add("乙", right, grant(access.Handler), nil)
	_, err := h.SetDisabled(h.ctx, "甲", true, "乙", noon)
	h.is(err, access.ErrLastAdmin)
	_, err = h.SetDisabled(h.ctx, "甲", false, "乙", noon)
	h.is(err, access.ErrSame)
	_, err = h.SetDisabled(h.ctx, "丙", true, "乙", noon)
	h.is(err, access.ErrNoUser)
	_, err = h.SetGrants(h.ctx, "甲", func([]access.Grant) []access.Grant { return grant(access.Handler) }, "乙", noon)
	h.is(err, access.ErrLastAdmin)
	_, err = h.SetGrants(h.ctx, "乙", func(was []access.Grant) []access.Grant { return was }, "甲", noon)
	h.is(err, access.ErrSame)
	_, err = h.SetGrants(h.ctx, "乙", func(was []access.Grant) []access.Grant { return append(was, grant(access.Auditor)...) }, "甲", noon)
	h.is(err, access.ErrAuditor)
	_, err = h.SetPassword(h.ctx, "乙", "password123", "甲", noon)
	h.is(err, access.ErrCommon)
	_, _, err = h.ChangePassword(h.ctx, access.Login{Name: "乙", Password: wrong}, right+"!", noon)
	h.is(err, access.ErrDenied)
	_, _, err = h.ChangePassword(h.ctx, access.Login{Name: "乙", Password: right}, right, noon)
	h.is(err, access.ErrUnchanged)
	token, _, err := h.ChangePassword(h.ctx, access.Login{Name: "乙", Password: right}, right+"!", noon)
	h.ok(err)
	h.here(token, noon, nil)
	_, err = h.login("乙", right, "10.0.0.7", noon)
	h.is(err, access.ErrDenied)
	on, err := h.Users.Users(h.ctx)
	h.ok(err)
	if len(on) != 2 || on[0].Version+on[1].Version != 4 { // what was refused left nothing
		t.Errorf("%d users, %d changes", len(on), on[0].Version+on[1].Version)
	}
}
