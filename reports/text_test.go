package reports

import (
	"testing"

	"doudi/rules/money"
)

func TestYuan(t *testing.T) {
	for f, want := range map[money.Fen]string{0: "0.00 元", 1: "0.01 元", 99999: "999.99 元", 100000: "1,000.00 元", 123456789: "1,234,567.89 元", -100001: "-1,000.01 元"} {
		if got := yuan(f); got != want {
			t.Errorf("%d: %s, want %s", f, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	if got := Mask("99000119600101001X"); got != "990001********001X" {
		t.Error(got)
	}
	if got := Mask("护照E1234") + Mask(""); got != "*******" {
		t.Error(got)
	}
	for name, want := range map[string]string{"张三": "张*", "欧阳小明": "欧***", "": "", "李": "李"} {
		if got := maskName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
