package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"doudi/jobs/access"
)

var everywhere = []string{access.Everywhere}

// user is an administrator as one is first put on record.
func user(name string) access.User {
	return access.User{Name: name, Display: name + "（办公室）", Grants: []access.Grant{{Role: access.Admin, Areas: everywhere}}, Hash: "$argon2id$" + name, Created: noon, CreatedBy: "root", At: noon, By: "root"}
}

func (b *bench) putUser(u *access.User, what string) {
	b.Helper()
	b.ok(b.PutUser(b.ctx, u, what, func([]access.User) error { return nil }))
}

// users: as they stand since their last change, found by any writing of the name.
func users(b *bench) {
	one, two := user("Zhang-San"), user("李四")
	b.putUser(&one, "user Zhang-San: add")
	b.putUser(&two, "user 李四: add")
	b.same("numbered", [4]int64{1, 1, 2, 2}, [4]int64{one.Version, one.Since, two.Version, two.Since})
	for _, name := range []string{"Zhang-San", "zhangsan", "ＺＨＡＮＧ san", "zhang_san\u200b"} {
		got, err := b.User(b.ctx, name)
		b.ok(err)
		b.same(name, one, got)
	}
	_, err := b.User(b.ctx, "王五")
	b.is(err, access.ErrNoUser)
	_, err = b.User(b.ctx, "")
	b.is(err, access.ErrNoUser)

	// A change of roles leaves the sessions, another password ends them.
	roles := one
	roles.Grants = []access.Grant{{Role: access.Reader, Areas: []string{area, other}, Department: "民政"}}
	roles.At, roles.By = noon.Add(time.Hour), "李四"
	b.putUser(&roles, "user Zhang-San: roles")
	b.same("numbered", [2]int64{3, 1}, [2]int64{roles.Version, roles.Since})
	gone := roles
	gone.Hash, gone.Disabled, gone.Since = "$argon2id$other", true, 0
	b.putUser(&gone, "user Zhang-San: passwd, disable")
	b.same("numbered", [2]int64{4, 4}, [2]int64{gone.Version, gone.Since})
	got, err := b.User(b.ctx, one.Name)
	b.ok(err)
	b.same("as it stands", gone, got)
	all, err := b.Users(b.ctx)
	b.ok(err)
	b.same("all", []access.User{gone, two}, all)
}

// usersRefused: check sees all users as they stand; what it refuses is not there.
func usersRefused(b *bench) {
	one := user("张三")
	b.putUser(&one, "user 张三: add")
	no := errors.New("no")
	two := user("李四")
	var seen []access.User
	b.is(b.PutUser(b.ctx, &two, "user 李四: add", func(on []access.User) error { seen = on; return no }), no)
	b.same("seen", []access.User{one}, seen)
	b.same("not numbered", int64(0), two.Version)
	all, err := b.Users(b.ctx)
	b.ok(err)
	b.same("all", []access.User{one}, all)
}

// firstUser: of many who would all be the first user, one is.
func firstUser(b *bench) {
	const many = 8
	var wg sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		wg.Go(func() {
			u := user(fmt.Sprint("用户", i))
			errs[i] = b.PutUser(b.ctx, &u, "user 甲: add", func(on []access.User) error { return access.CanPut(&u, true, on) })
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			b.is(err, access.ErrNotFirst)
		}
	}
	all, err := b.Users(b.ctx)
	b.ok(err)
	b.same("first users", [2]int{1, 1}, [2]int{made, len(all)})
}
