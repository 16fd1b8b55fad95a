package access

import (
	"encoding/base64"
	"strings"
	"testing"
)

var cheap = Params{Memory: 64, Time: 1, Threads: 1}

func TestHash(t *testing.T) {
	const password = "两只黄鹂鸣翠柳一行白鹭"
	a, b := Hash(password, cheap), Hash(password, cheap)
	if a == b {
		t.Error("two hashes have one salt")
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(a, "=$") || strings.HasSuffix(a, "=") {
		t.Errorf("not in PHC form: %s", a)
	}
	for p, want := range map[string]bool{password: true, password + "a": false, "": false, password[:len(password)-3]: false} {
		if ok, err := Verify(p, a); err != nil || ok != want {
			t.Errorf("%q: %t, %v", p, ok, err)
		}
	}
	// What an input method makes of the same keys.
	if ok, err := Verify("ｐassword-１２３é", Hash("password-123e\u0301", cheap)); err != nil || !ok {
		t.Errorf("full width: %t, %v", ok, err)
	}
	if Outdated(a, cheap) || !Outdated(a, Present) || !Outdated("x", cheap) || !Outdated(a, Params{64, 1, 2}) || !Outdated(a, Params{64, 2, 1}) {
		t.Error("outdated")
	}
	if Present.Memory < 64<<10 || Present.Time < 3 {
		t.Errorf("below RFC 9106: %+v", Present)
	}
}

// TestKnownHash: made by the reference program (argon2 20190702: echo -n password |
// argon2 somesalt -id -t 2 -m 16 -p 1), so that hashes are those of others.
func TestKnownHash(t *testing.T) {
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := Verify("password", known); err != nil || !ok {
		t.Errorf("%t, %v", ok, err)
	}
	if ok, err := Verify("Password", known); err != nil || ok {
		t.Errorf("another password: %t, %v", ok, err)
	}
}

// TestNoHash: what is stored is believed in nothing, least of all in what it costs.
func TestNoHash(t *testing.T) {
	salt, tag := base64.RawStdEncoding.EncodeToString(make([]byte, 16)), base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	for _, phc := range []string{"", "x", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + tag, "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + tag,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + tag, "$argon2id$v=19$m=64,t=17,p=1$" + salt + "$" + tag, "$argon2id$v=19$m=4,t=1,p=1$" + salt + "$" + tag,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + tag, "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + tag, "$argon2id$v=19$m=1024,t=1,p=17$" + salt + "$" + tag,
		"$argon2id$v=19$m=64,t=1,p=257$" + salt + "$" + tag, "$argon2id$v=19$m=64,t=1,p=1x$" + salt + "$" + tag, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", "$argon2id$v=19$m=64,t=1,p=1$$" + tag,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "=$" + tag, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + tag + "$x", "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + tag} {
		if ok, err := Verify("", phc); ok || err != ErrHash {
			t.Errorf("%q: %t, %v", phc, ok, err)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	u := &User{Name: "Zhang-San", Display: "青柳县民政局张三"}
	for p, want := range map[string]error{
		"correct horse battery": nil, "两只黄鹂鸣翠柳一行白鹭": nil, "7392058164": nil, "zhangsan loves tea": nil, "aaaaaaaaaabcd": nil, strings.Repeat("好天气呀", 32)[:3*127] + "x": nil,
		"": ErrShort, "short": ErrShort, "两只黄鹂鸣翠柳一行": ErrShort, "ｅｉｇｈｔ８８８８": ErrShort,
		strings.Repeat("ab cd", 26): ErrLong, "tab\tin the middle": ErrText, "nul\x00 in the middle": ErrText, "broken \xff text": ErrText,
		"zhangsan12": ErrIsName, "ZhangSan-2023": ErrIsName, "ｚｈａｎｇｓａｎ2023": ErrIsName, "zhangsanzhangsan": ErrIsName, "2023青柳县民政局张三!": ErrIsName,
		"password123": ErrCommon, "PassWord-123": ErrCommon, "qwertyuiop": ErrCommon, "Qwertyuiop[]": ErrCommon, "woaini1314": ErrCommon, "admin@123456": ErrCommon,
		"aaaaaaaaaa": ErrCommon, "1212121212": ErrCommon, "1234567890": ErrCommon, "0987654321": ErrCommon, "abcdefghijk": ErrCommon, "zyxwvutsrqp": ErrCommon,
		"12345123451234512345": ErrCommon, "abcd.abcd.abcd": ErrCommon,
	} {
		if got := CheckPassword(p, u); got != want {
			t.Errorf("%q: %v, want %v", p, got, want)
		}
	}
	if err := CheckPassword("zhangsan12", &User{Name: "lisi"}); err != nil {
		t.Errorf("another's name: %v", err)
	}
	if len(common) < 50 {
		t.Errorf("only %d common passwords", len(common))
	}
	for p := range common {
		if err := CheckPassword(p, &User{Name: "x"}); err != ErrCommon && err != ErrShort {
			t.Errorf("%q: %v", p, err)
		}
	}
}
