package ledger

import "testing"

func TestSamePerson(t *testing.T) {
	for _, s := range []string{"zhang san ", "ZHANG SAN", "Zhang　San", "ＺhangＳan", "zhang\u2003san", "zhang\u200csan", "\tzhangsan\n"} {
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
