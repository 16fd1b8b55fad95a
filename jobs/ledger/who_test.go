package ledger

import "testing"

func TestSamePerson(t *testing.T) {
	for _, s := range []string{"zhang san ", "ZHANG SAN", "Zhang　San", "ＺhangＳan", "zhang\u2003san", "zhang\u200csan", "\tzhangsan\n", "Zhang\u0301 San", "Zha\u034fng San"} {
		if !SamePerson("Zhang San", s) {
			t.Errorf("%q is somebody else", s)
		}
	}
	if SamePerson("张三", "李四") || SamePerson("张三", "") {
		t.Error("two people are one")
	}
	for _, s := range []string{"", "  ", "\u200b", "　"} {
		if FoldName(s) != "" {
			t.Errorf("%q is somebody", s)
		}
	}
}

// TestSamePersonUnseen: nobody becomes a second person by what can not be seen, or by
// another code for the same character.
func TestSamePersonUnseen(t *testing.T) {
	for _, r := range []rune{0xFE00, 0xFE0F, 0xE0100, 0x034F, 0x3164, 0x2800, 0x115F, 0x1160, 0xFFA0, 0x00AD, 0x200B, 0x2060, 0x180B, 0xE0041, 0x20DD, 0x17B4} {
		for _, s := range []string{"甲" + string(r), string(r) + "甲"} {
			if !SamePerson("甲", s) {
				t.Errorf("%+q is somebody else", s)
			}
		}
		if FoldName(string(r)) != "" {
			t.Errorf("%+q is somebody", r)
		}
	}
	for _, x := range [][2]string{{"Andr\u00e9", "Andre\u0301"}, {"Andr\u00e9", "Andre\u034f\u0301"}, {"凉", "\uf979"}, {"①", "1"}, {"ﬁ", "fi"}, {"\u212a", "k"}, {"가", "\u1100\u1161"}} {
		if !SamePerson(x[0], x[1]) {
			t.Errorf("%+q and %+q are two people", x[0], x[1])
		}
	}
	for _, x := range [][2]string{{"甲", "乙"}, {"가", "나"}, {"甲", "甲乙"}} {
		if SamePerson(x[0], x[1]) {
			t.Errorf("%s and %s are one person", x[0], x[1])
		}
	}
}
