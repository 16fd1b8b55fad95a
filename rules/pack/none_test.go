package pack

import (
	"strings"
	"testing"
)

// TestNoneIsForCaps: a cap may be none; a threshold, a deductible or a budget that
// is not known is unset, for -1 would be reckoned with.
func TestNoneIsForCaps(t *testing.T) {
	if _, err := ParseOverlay("o.yaml", []byte("special: {cap: none}\nmajor: {cap: none}\n")); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"special: {threshold: none}\n", "tilt: {threshold: none}\n", "major: {deductible: none}\n", "budget: {assistance: none}\n", "premium: {standard: none}\n"} {
		if _, err := ParseOverlay("o.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "o.yaml:1:") || !strings.Contains(err.Error(), "不能写 none") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
