package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs/access"
	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
)

const hashed = "$argon2id$v=19$m=64,t=1,p=1$AAAA$BBBB"

func anAdmin(name string) access.User {
	return access.User{Name: name, Grants: []access.Grant{{Role: access.Admin, Areas: []string{access.Everywhere}}}, Hash: hashed, Created: noon, CreatedBy: "root", At: noon, By: "root"}
}

// fillUsers puts two users on record, one of them twice.
func fillUsers(t *testing.T, s *Store) {
	t.Helper()
	one, two := anAdmin("管理员甲"), anAdmin("lisi")
	off := func() access.User { x := two; x.Disabled, x.Since = true, 0; return x }
	put := func(u *access.User, what string) {
		t.Helper()
		must(t, s.PutUser(t.Context(), u, what, func([]access.User) error { return nil }))
	}
	put(&one, "user 管理员甲: add")
	put(&two, "user lisi: add")
	x := off()
	put(&x, "user lisi: disable")
}

// doors opens a door, and the same one again.
func doors(t *testing.T) (access.Door, func() access.Door) {
	path := filepath.Join(t.TempDir(), "门.db")
	open := func() access.Door {
		d, err := OpenDoor(t.Context(), path, testVault(t, "secret"))
		must(t, err)
		t.Cleanup(func() { must(t, d.Close()) })
		return d
	}
	return open(), open
}

func TestDoorSuite(t *testing.T) { storetest.RunDoor(t, doors) }

// TestTamperedUsers: somebody with the database in hand makes themselves an
// administrator, takes one away, or brings back who was disabled.
func TestTamperedUsers(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	s, err := Open(t.Context(), whole, testVault(t, "secret"))
	must(t, err)
	fillUsers(t, s)
	_, err = s.Verify(t.Context())
	must(t, err)
	must(t, s.Audit(t.Context(), noon, "张三", "results --reveal --run 1"))
	must(t, s.Close())
	data, err := os.ReadFile(whole)
	must(t, err)
	for name, c := range map[string]struct {
		do    string
		reads bool // the users are refused as soon as they are read
	}{
		"untouched":                  {`SELECT 1`, false},
		"enabled":                    {`UPDATE account SET disabled = 0 WHERE id = 3`, true},
		"another's password":         {`UPDATE account SET password = (SELECT password FROM account WHERE id = 1) WHERE id = 3`, true},
		"other roles":                {`UPDATE account SET grants = replace(grants, 'admin', 'auditor') WHERE id = 1`, true},
		"another name":               {`UPDATE account SET name = 'wangwu', who = 'wangwu' WHERE id = 3`, true},
		"found under another name":   {`UPDATE account SET who = 'wangwu' WHERE id = 3`, true},
		"sessions brought back":      {`UPDATE account SET since = 2 WHERE id = 3`, true},
		"the last change gone":       {`DELETE FROM account WHERE id = 3`, false},
		"a user gone":                {`DELETE FROM account WHERE id = 1`, false},
		"all gone":                   {`DELETE FROM account`, false},
		"an earlier state once more": {`INSERT INTO account SELECT 4, who, name, display, grants, password, disabled, since, created, created_by, at, by, 4, mac FROM account WHERE id = 2`, true},
		"a change with another line": {`UPDATE account SET line = 4 WHERE id = 3`, true},
		"who changed it":             {`UPDATE account SET by = 'lisi' WHERE id = 3`, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			must(t, os.WriteFile(path, data, 0o600))
			db := raw(t, path, "_foreign_keys=0")
			_, err := db.Exec(`DROP TRIGGER account_keep_u; DROP TRIGGER account_keep_d; ` + c.do)
			must(t, err)
			s := opened(t, path)
			_, err = s.Users(t.Context())
			if errors.Is(err, ledger.ErrIntegrity) != c.reads {
				t.Errorf("read: %v", err)
			}
			_, err = s.Verify(t.Context())
			if errors.Is(err, ledger.ErrIntegrity) != (name != "untouched") {
				t.Errorf("verified: %v", err)
			}
		})
	}
}

// TestNoPasswordsLieOpen: neither hashes nor what was typed as a name stand in the
// files, and others can not read those of the door.
func TestNoPasswordsLieOpen(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, filepath.Join(dir, "a.db"))
	fillUsers(t, s)
	path := filepath.Join(dir, "门.db")
	d, err := OpenDoor(t.Context(), path, testVault(t, "secret"))
	must(t, err)
	defer d.Close()
	token := access.NewToken()
	must(t, d.PutSession(t.Context(), access.Session{Key: token.Key(), Who: "lisi", Created: noon, Seen: noon}))
	must(t, d.Count(t.Context(), []string{"user typed-here-by-mistake"}, func([]access.Tally) []access.Tally { return []access.Tally{{Failures: 1, At: noon}} }))
	text, code := access.NewCode(noon)
	must(t, d.PutCode(t.Context(), code))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	control := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		must(t, err)
		control += bytes.Count(data, []byte("lisi"))
		for _, secret := range []string{"argon2id", string(token), "typed-here", text, strings.ReplaceAll(text, "-", "")} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%q lies open in %s", secret, filepath.Base(f))
			}
		}
		if info, err := os.Stat(f); strings.HasPrefix(filepath.Base(f), "门") && (err != nil || info.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v, %v", filepath.Base(f), info.Mode(), err)
		}
	}
	if control == 0 {
		t.Errorf("the files %v do not even hold what lies open", files)
	}
}

func keeper(t *testing.T, s *Store, d access.Door) *access.Keeper {
	t.Helper()
	return &access.Keeper{Users: s, Door: d, Params: access.Params{Memory: 64, Time: 1, Threads: 1}}
}

// TestLoginDuringRun: a run holds the ledger for as long as it calculates; who signs
// in, or has a hash of old costs, does not wait for it.
func TestLoginDuringRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s, ctx := moored(t, path), t.Context()
	d, _ := doors(t)
	k := keeper(t, s, d)
	u := anAdmin("lisi")
	_, err := k.Add(ctx, u, "两只黄鹂鸣翠柳一行白鹭", false)
	must(t, err)
	run, err := raw(t, path, "_txlock=immediate").Begin()
	must(t, err)
	defer func() { must(t, ignoreDone(run.Rollback())) }()
	_, err = run.Exec(`INSERT INTO meta (name, value) VALUES ('busy', x'01')`)
	must(t, err)
	k.Params.Time = 2 // other costs now
	start := time.Now()
	token, _, err := k.Login(ctx, access.Login{Name: "lisi", Password: "两只黄鹂鸣翠柳一行白鹭", Remote: "10.0.0.7"}, noon)
	must(t, err)
	_, _, err = k.Session(ctx, token, noon.Add(5*time.Minute))
	must(t, err)
	if took := time.Since(start); took > busyTimeout/2 {
		t.Errorf("signing in took %s", took)
	}
	must(t, run.Rollback())
	// The next login makes the hash anew, once, and the first session goes on.
	for range 2 {
		_, _, err = k.Login(ctx, access.Login{Name: "lisi", Password: "两只黄鹂鸣翠柳一行白鹭", Remote: "10.0.0.7"}, noon.Add(6*time.Minute))
		must(t, err)
	}
	_, _, err = k.Session(ctx, token, noon.Add(7*time.Minute))
	must(t, err)
	is, err := s.User(ctx, "lisi")
	must(t, err)
	if is.Version != 2 || is.Since != 1 || access.Outdated(is.Hash, k.Params) {
		t.Errorf("change %d since %d", is.Version, is.Since)
	}
	_, err = s.Verify(ctx)
	must(t, err)
}

// TestFirstAtOnce: two with the same code, each in a process of their own.
func TestFirstAtOnce(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "a.db"), t.Context()
	d, again := doors(t)
	ks := []*access.Keeper{keeper(t, opened(t, path), d), keeper(t, opened(t, path), again())}
	code, err := ks[0].FirstCode(ctx, noon)
	must(t, err)
	var wg sync.WaitGroup
	errs := make([]error, len(ks))
	for i, k := range ks {
		wg.Go(func() {
			_, _, errs[i] = k.First(ctx, code, access.User{}, access.Login{Name: []string{"甲", "乙"}[i], Password: "两只黄鹂鸣翠柳一行白鹭", Remote: "10.0.0.7"}, noon)
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), access.ErrNotFirst) && !errors.Is(errors.Join(errs...), access.ErrCode) {
		t.Errorf("%v; %v", errs[0], errs[1])
	}
	on, err := ks[0].Users.Users(ctx)
	must(t, err)
	if len(on) != 1 || !on[0].Has(access.Admin) {
		t.Errorf("%d users", len(on))
	}
}
